/** What a command is told of its surroundings: enough to find programs and a place for its files, and no keys. */
import path from 'node:path';

const KEPT = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'];
/** Without these, programs of Windows do not start or do not find their files. */
const KEPT_ON_WINDOWS = [
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'USERNAME', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'NUMBER_OF_PROCESSORS'],
];

type Environment = Readonly<Record<string, string | undefined>>;

/** `temp`: where it is to put what it needs for a while. */
export function commandEnvironment(own: Environment, temp: string): Readonly<Record<string, string>> {
  const isWindows = process.platform === 'win32';
  const kept: ReadonlySet<string> = new Set(isWindows ? [...KEPT, ...KEPT_ON_WINDOWS] : KEPT);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    const plain = isWindows ? name.toUpperCase() : name;
    if (value !== undefined && kept.has(plain)) env[name] = value;
    // A folder that is not absolute would be one of the files that the work may have written.
    if (value !== undefined && plain === 'PATH')
      env[name] = value
        .split(path.delimiter)
        .filter((folder) => path.isAbsolute(folder))
        .join(path.delimiter);
  }
  return { ...env, TMPDIR: temp, TEMP: temp, TMP: temp };
}
