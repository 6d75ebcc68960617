/** What a command is told of its surroundings: enough to find programs and a place for its files, and no keys. */
import path from 'node:path';
import { isInside } from '../locate.ts';

const KEPT = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'];
/** Without these, programs of Windows do not start or do not find their files. */
const KEPT_ON_WINDOWS = [
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'USERNAME', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'NUMBER_OF_PROCESSORS'],
];

type Environment = Readonly<Record<string, string | undefined>>;

/** Where programs are on most systems, when nothing else says. */
const PLAIN_PATH = '/usr/local/bin:/usr/bin:/bin';

/** `temp`: where it is to put what it needs for a while. `roots`: the workspace's folders, whose own programs the work may have written. */
export function commandEnvironment(
  own: Environment,
  temp: string,
  roots: readonly string[] = [],
): Readonly<Record<string, string>> {
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
        .filter((folder) => path.isAbsolute(folder) && !roots.some((root) => isInside(root, path.resolve(folder))))
        .join(path.delimiter);
  }
  // An empty one means the folder that it runs in.
  const named = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH');
  if (!isWindows && (named === undefined || named[1] === '')) env['PATH'] = PLAIN_PATH;
  // Tools look for their settings upwards, and stop there.
  return { ...env, TMPDIR: temp, TEMP: temp, TMP: temp, GIT_CEILING_DIRECTORIES: path.dirname(temp) };
}
