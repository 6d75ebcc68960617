/**
 * Runs this command again under the project's own Node when the one it was started with is too old.
 *
 * Owns: the other process, until it ends. Does not own: what it does.
 *
 * 1. stdin, stdout and stderr are the same; SIGINT and SIGTERM are passed on; the exit code, or the signal that ended it, is handed back.
 * 2. When this process is killed the other one ends, too: it notices that the channel between them has closed.
 *
 * Imports nothing that needs a newer Node.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const NEEDED_MAJOR = 24;
/** Tells the other process that it was started from here, and by which script. */
const MARK = 'ORCHESTRATOR_STARTED_BY_OLDER_NODE';
const BAD_USAGE = 2;
const KILLED = 137;

export function isNodeNewEnough(): boolean {
  return Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR;
}

/**
 * To be called by a process that is new enough: ends it when the one that started it for this reason is gone. The script that
 * the person started; undefined: nothing started this process but they.
 */
export function endWithStarter(): string | undefined {
  const script = process.env[MARK];
  if (script === undefined) return undefined;
  delete process.env[MARK];
  process.on('disconnect', () => process.exit(KILLED));
  process.channel?.unref();
  return script;
}

/** Exit code of the other process; it says what to install when there is no newer Node. */
export async function runUnderOwnNode(script: string, argv: readonly string[]): Promise<number> {
  const program = path.join(
    path.dirname(path.dirname(script)),
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (process.env[MARK] !== undefined || !existsSync(program)) {
    process.stderr.write(
      `orchestrator needs Node ${NEEDED_MAJOR} or newer and runs under ${process.versions.node}: install Node ${NEEDED_MAJOR} (https://nodejs.org), or run "npm ci" in ${path.dirname(path.dirname(script))}.\n`,
    );
    return BAD_USAGE;
  }
  const child = spawn(program, [script, ...argv], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: process.argv[1] ?? script },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return ended(child, program);
}

function ended(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(
        `${program} could not be started (${error.message}): install Node ${NEEDED_MAJOR} (https://nodejs.org).\n`,
      );
      resolve(BAD_USAGE);
    });
    child.once('exit', (code, signal) => {
      if (signal === null) return resolve(code ?? BAD_USAGE);
      for (const name of ['SIGINT', 'SIGTERM']) process.removeAllListeners(name);
      process.kill(process.pid, signal);
    });
  });
}
