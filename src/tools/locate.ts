/**
 * Owns: the step from a path's segments to the one file that they mean on disk.
 * Does not own: what may be read there (data-rules.ts) and how (read-text.ts).
 * 1. Every segment is looked at by itself; each link on the way must lead to something inside a workspace folder.
 * 2. A link that leads to nothing is refused like one that leads out: whoever fills the gap decides where it goes.
 * 3. Inside is decided by segments, never by the beginning of a text (`/ws-evil` is not in `/ws`).
 */
import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { ReadRefusal } from '../core/ports.ts';

/** A workspace folder, resolved. */
export interface Root {
  /** The first segment of its paths in a multi-root workspace. */
  readonly label: string;
  /** Absolute, links resolved. */
  readonly real: string;
}

export interface Located {
  /** Absolute, links resolved. */
  readonly real: string;
  /** The folder that holds the real file: another one than was named, when a link leads there. */
  readonly root: Root;
  /** From `root` to the real file. */
  readonly segments: readonly string[];
  readonly stats: Stats;
}

export async function locate(
  from: Root,
  segments: readonly string[],
  roots: readonly Root[],
): Promise<Result<Located, ReadRefusal>> {
  try {
    let current = from.real;
    for (const segment of segments) {
      const next = await step(join(current, segment), roots);
      if (!next.ok) return next;
      current = next.value;
    }
    const real = await realpath(current);
    const root = rootOf(real, roots);
    if (root === undefined) return err(OUTSIDE);
    return ok({ real, root, segments: segmentsBetween(root.real, real), stats: await lstat(real) });
  } catch (error) {
    return err(refusalOf(error));
  }
}

const OUTSIDE: ReadRefusal = {
  kind: 'outside',
  why: 'A link in it leads out of the workspace; name a file inside it.',
};
const DANGLING: ReadRefusal = { kind: 'outside', why: 'A link in it leads to nothing; name a file that is there.' };

async function step(path: string, roots: readonly Root[]): Promise<Result<string, ReadRefusal>> {
  const stats = await lstat(path);
  if (!stats.isSymbolicLink()) return ok(path);
  const target = await realpath(path).catch((error: unknown) =>
    codeOf(error) === 'ENOENT' ? undefined : Promise.reject(error),
  );
  if (target === undefined) return err(DANGLING);
  return rootOf(target, roots) === undefined ? err(OUTSIDE) : ok(target);
}

function rootOf(real: string, roots: readonly Root[]): Root | undefined {
  return roots.filter((root) => isInside(root.real, real)).sort((a, b) => b.real.length - a.real.length)[0];
}

function isInside(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between === '' || (between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between));
}

export function segmentsBetween(folder: string, path: string): readonly string[] {
  return relative(folder, path)
    .split(sep)
    .filter((segment) => segment !== '');
}

/** What the file system said, for a person. Never the absolute path, which models need not know. */
export function refusalOf(error: unknown): ReadRefusal {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing', why: 'There is no such file.' };
  if (code === 'ENAMETOOLONG')
    return { kind: 'missing', why: 'There is no such file: the name is too long for this system.' };
  if (code === 'EACCES' || code === 'EPERM')
    return { kind: 'unreadable', why: 'This user may not read it; change its permissions.' };
  if (code === 'ELOOP') return { kind: 'unreadable', why: 'Its links lead in a circle; name the file itself.' };
  return { kind: 'unreadable', why: `It could not be read (${code}); try again.` };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
