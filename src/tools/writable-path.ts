/**
 * Owns: where an edit of a path would go, and whether it may.
 * Does not own: the walk along the segments (locate.ts), the rules (data-rules.ts), the writing (disk-edit-target.ts).
 * 1. The path need not exist; what of it does is walked as for reading, and the last of that must be a folder.
 * 2. A file has one name here: of the real file, or of a new one below the real folder. Two edits of one file meet.
 * 3. A file goes by the stricter of two verdicts: of the path that was asked for, and of the file that it means.
 * 4. It is protected when any name by which it is known is, or when our settings are read from it.
 */
import type { Stats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { ReadRefusal } from '../core/ports.ts';
import { stricter, whyWithheld } from './data-rules.ts';
import type { Asked } from './folders.ts';
import { findRepositoryTop } from './git-ignore.ts';
import { reach, segmentsBetween, type FileLookup, type Root } from './locate.ts';
import { aliasesOf } from './protected-aliases.ts';
import { foldName, whyProtected } from './protected-paths.ts';
import type { Scan } from './scan.ts';

/** Where a file is or would be. */
export interface Place {
  /** Absolute, links resolved. */
  readonly real: string;
  readonly root: Root;
  /** From `root`, never empty. */
  readonly segments: readonly string[];
  /** Undefined: there is no such file. */
  readonly stats: Stats | undefined;
  /** The deepest folder on the way that is there; absolute, links resolved. */
  readonly folder: string;
}

export interface Writable {
  readonly place: Place;
  /** All names by which programs may know it, as segments from a folder at or above the workspace's. */
  readonly names: readonly (readonly string[])[];
  readonly protectedBecause: string | undefined;
}

export async function findWritable(
  asked: Asked,
  how: { readonly scan: Scan; readonly lookup?: FileLookup; readonly settingsFile?: string },
): Promise<Result<Writable, ReadRefusal>> {
  const place = await findPlace(asked, how.lookup);
  if (!place.ok) return place;
  const { root, segments, stats } = place.value;
  const ofPath = await how.scan.verdict(asked.root, asked.segments, false);
  const verdict = stricter(ofPath, await how.scan.verdict(root, segments, false));
  if (verdict.allow === 'nowhere') return err({ kind: 'withheld', why: whyWithheld(verdict, segments.join('/')) });
  const names = await namesOf(asked, place.value);
  const byName = names.map(whyProtected).find((why) => why !== undefined);
  const own = (await isSame(place.value.real, how.settingsFile)) ? OWN_SETTINGS : undefined;
  const protectedBecause = byName ?? own ?? (stats !== undefined && stats.nlink > 1 ? HARD_LINKED : undefined);
  return ok({ place: place.value, names, protectedBecause });
}

const OWN_SETTINGS = 'It says which models Orchestrator calls here, and what they may see and spend.';
const HARD_LINKED = 'It has another name elsewhere (a hard link), perhaps outside the workspace.';

/** `real`: links resolved. */
async function isSame(real: string, file: string | undefined): Promise<boolean> {
  if (file === undefined) return false;
  const other = await realpath(file).catch(() => file);
  return foldName(real) === foldName(other);
}

async function findPlace(asked: Asked, lookup: FileLookup | undefined): Promise<Result<Place, ReadRefusal>> {
  const ground = { roots: asked.roots, ...(lookup === undefined ? {} : { lookup }) };
  const reached = await reach(asked.root, asked.segments, ground);
  if (!reached.ok) return reached;
  const { last, rest } = reached.value;
  const real = join(last.real, ...rest);
  const base = { real, root: last.root, segments: [...last.segments, ...rest] };
  if (rest.length > 0)
    return last.stats.isDirectory()
      ? ok({ ...base, stats: undefined, folder: last.real })
      : err({ kind: 'unreadable', why: 'A file stands where a folder of it would be; name another path.' });
  if (last.stats.isDirectory()) return err({ kind: 'unreadable', why: 'It is a folder; name a file.' });
  if (!last.stats.isFile()) return err({ kind: 'unreadable', why: 'It is not a plain file; name another one.' });
  return ok({ ...base, stats: last.stats, folder: dirname(real) });
}

async function namesOf(asked: Asked, place: Place): Promise<readonly (readonly string[])[]> {
  const above = await namesAbove(place.root);
  const own = await aliasesOf(place.root.real, place.real);
  const others = asked.root.real === place.root.real ? [] : await aliasesOf(asked.root.real, place.real);
  return [
    [...above, ...place.segments],
    [...(await namesAbove(asked.root)), ...asked.segments],
    ...[...own, ...others].map((alias) => [...above, ...alias]),
  ];
}

/** A workspace folder may itself be `.vscode`, or lie in the `.github` of its repository. */
async function namesAbove(root: Root): Promise<readonly string[]> {
  const between = segmentsBetween(await findRepositoryTop(root.real), root.real);
  return between.length > 0 ? between : [basename(root.real)];
}
