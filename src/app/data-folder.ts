import path from 'node:path';

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `$ORCHESTRATOR_DB` if set, else `orchestrator/journal.db` in the user's data folder. The same for every shell, so that they share one history. */
export function journalFile(machine: Machine): string {
  const named = machine.env['ORCHESTRATOR_DB'];
  if (named !== undefined && named !== '') return named;
  const paths = machine.platform === 'win32' ? path.win32 : path.posix;
  return paths.join(dataFolder(machine), 'orchestrator', 'journal.db');
}

function dataFolder({ platform, homeDir, env }: Machine): string {
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? path.win32.join(homeDir, 'AppData', 'Local');
  if (platform === 'darwin') return path.posix.join(homeDir, 'Library', 'Application Support');
  const xdg = env['XDG_DATA_HOME'];
  // The XDG base directory specification says to ignore relative paths.
  return xdg !== undefined && path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeDir, '.local', 'share');
}
