/**
 * Owns: the step from a path's segments to the one file that they mean on disk, or to the place where it would be.
 * Does not own: what may be read there (data-rules.ts), what may be written (writable-path.ts), and how.
 * 1. Every segment is looked at by itself; each link on the way must lead to something inside a workspace folder.
 * 2. A link that leads to nothing is refused like one that leads out: whoever fills the gap decides where it goes.
 * 3. Inside is decided by segments, never by the beginning of a text (`/ws-evil` is not in `/ws`).
 * 4. What is found is named as the disk has it stored, whatever spelling of it was asked for.
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

/** How a disk finds names: some take `A.ts` and `a.ts` for one file, others do not. */
export interface FileLookup {
  /** Of the entry itself, also when it is a link. */
  lstat(path: string): Promise<Stats>;
  /** Links resolved, every name as it is stored. */
  realpath(path: string): Promise<string>;
}

const DISK: FileLookup = { lstat: (path) => lstat(path), realpath: (path) => realpath(path) };

/** The folders in which a path may end. */
export interface Ground {
  readonly roots: readonly Root[];
  readonly lookup?: FileLookup;
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

/** How far a path leads. */
interface Reached {
  readonly last: Located;
  /** The segments after `last`, of which nothing is there. */
  readonly rest: readonly string[];
}

export async function locate(
  from: Root,
  segments: readonly string[],
  ground: Ground,
): Promise<Result<Located, ReadRefusal>> {
  const reached = await reach(from, segments, ground);
  if (!reached.ok) return reached;
  return reached.value.rest.length === 0 ? ok(reached.value.last) : err(MISSING);
}

/** Goes along the segments as far as there is something. */
export async function reach(
  from: Root,
  segments: readonly string[],
  ground: Ground,
): Promise<Result<Reached, ReadRefusal>> {
  const lookup = ground.lookup ?? DISK;
  try {
    let current = from.real;
    let done = 0;
    for (const segment of segments) {
      const next = await step(join(current, segment), ground.roots, lookup);
      if (!next.ok) return next;
      if (next.value === undefined) break;
      current = next.value;
      done++;
    }
    const real = await lookup.realpath(current);
    const root = rootOf(real, ground.roots);
    if (root === undefined) return err(OUTSIDE);
    const last = { real, root, segments: segmentsBetween(root.real, real), stats: await lookup.lstat(real) };
    return ok({ last, rest: segments.slice(done) });
  } catch (error) {
    return err(refusalOf(error));
  }
}

const MISSING: ReadRefusal = { kind: 'missing', why: 'There is no such file.' };
const OUTSIDE: ReadRefusal = {
  kind: 'outside',
  why: 'A link in it leads out of the workspace; name a file inside it.',
};
const DANGLING: ReadRefusal = { kind: 'outside', why: 'A link in it leads to nothing; name a file that is there.' };

/** Where one entry leads; undefined when there is none. */
async function step(
  path: string,
  roots: readonly Root[],
  lookup: FileLookup,
): Promise<Result<string | undefined, ReadRefusal>> {
  const stats = await lookup.lstat(path).catch(unlessMissing);
  if (stats === undefined) return ok(undefined);
  if (!stats.isSymbolicLink()) return ok(path);
  const target = await lookup.realpath(path).catch(unlessMissing);
  if (target === undefined) return err(DANGLING);
  return rootOf(target, roots) === undefined ? err(OUTSIDE) : ok(target);
}

/** For `catch`: undefined when the error says that nothing is there. */
function unlessMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

function rootOf(real: string, roots: readonly Root[]): Root | undefined {
  return roots.filter((root) => isInside(root.real, real)).sort((a, b) => b.real.length - a.real.length)[0];
}

/** Is the path the folder, or below it? Both absolute. */
export function isInside(folder: string, path: string): boolean {
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
  if (isMissing(error)) return MISSING;
  if (code === 'ENAMETOOLONG')
    return { kind: 'missing', why: 'There is no such file: the name is too long for this system.' };
  if (code === 'EACCES' || code === 'EPERM')
    return { kind: 'unreadable', why: 'This user may not read it; change its permissions.' };
  if (code === 'ELOOP') return { kind: 'unreadable', why: 'Its links lead in a circle; name the file itself.' };
  return { kind: 'unreadable', why: `It could not be read (${code}); try again.` };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
