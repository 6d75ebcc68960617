/** Which files of a workspace folder a copy is made of: those that git tracks, or, without git, those that the workspace lists. */
import { tmpdir } from 'node:os';
import { listFiles } from '../list-files.ts';
import type { Root } from '../locate.ts';
import { splitPath } from '../path-text.ts';
import type { Scan } from '../scan.ts';
import { commandEnvironment } from './command-environment.ts';
import { runProgram } from './run-program.ts';

const WITHIN_MS = 30_000;
const MOST_BYTES = 32_000_000;

export interface TrackedFiles {
  /** Segments below the folder. */
  readonly files: readonly (readonly string[])[];
  /** Names that no path of a workspace can have. */
  readonly odd: number;
  /** There are more than `limit`. */
  readonly isCut: boolean;
}

/** `root` is trusted: git reads its configuration. */
export async function trackedFiles(
  root: Root,
  how: {
    readonly limit: number;
    readonly scan: Scan;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Promise<TrackedFiles> {
  const { limit, scan, env } = how;
  const names = await namesFromGit(root, env, scan.signal);
  if (names !== undefined) {
    const files = names.flatMap((name) => {
      const segments = splitPath(name);
      return segments.ok ? [segments.value] : [];
    });
    return { files, odd: names.length - files.length, isCut: files.length > limit };
  }
  const found = await listFiles([root], limit, scan);
  return { files: found.map(({ segments }) => segments), odd: 0, isCut: found.length > limit || scan.isCut };
}

/** Undefined: git does not track this folder, or cannot say. */
async function namesFromGit(
  { real }: Root,
  own: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const enough = new AbortController();
  const end = await runProgram({
    // A monitor that its configuration names would be a program of its own.
    argv: ['git', '-c', 'core.fsmonitor=false', '-C', real, 'ls-files', '-z'],
    cwd: tmpdir(),
    env: { ...commandEnvironment(own, tmpdir()), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    timeoutMs: WITHIN_MS,
    signal: AbortSignal.any([signal, enough.signal]),
    onOutput: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_BYTES) enough.abort();
    },
    withErrors: false,
  });
  signal.throwIfAborted();
  if (end.kind !== 'exited' || end.code !== 0) return undefined;
  const names = Buffer.concat(chunks).toString().split('\0');
  // A file in conflict is listed once for each side.
  return [...new Set(names)].filter((name) => name !== '');
}
