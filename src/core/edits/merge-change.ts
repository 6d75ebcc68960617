/**
 * One task's change of one file, merged with what other tasks did to it.
 *
 * 1. A change on top of what is there is taken as it is; so is one that came to the same.
 * 2. Everything else is merged three-way over what the task itself saw. What clashes keeps both versions whole, with their tasks
 *    named; nobody wins by coming later.
 * 3. An edit follows a rename. Where two tasks move a file to two places, or two files to one place, or one moves what another
 *    deletes, the rename is taken apart: each path is then a file of its own that is there in one version and not in another.
 */
import { conflictText, hasMarkers } from './conflict-text.ts';
import { mergedText } from './merge-texts.ts';
import type { Contribution, FileKey, FilesSoFar, MergedFile, TaskEdits } from './merged-file.ts';
import type { OverlayChange } from './overlay.ts';
import type { ConflictSide } from './proposal.ts';

type Updates = readonly (readonly [FileKey, MergedFile])[];

interface Version {
  readonly path: string | null;
  readonly text: string | null;
}

interface Step {
  readonly edits: TaskEdits;
  readonly change: OverlayChange;
  readonly key: FileKey;
  /** The file as all tasks so far have it, this one not. */
  readonly file: MergedFile;
  /** The file as the task saw it before. */
  readonly before: Version;
  readonly contribution: Contribution;
}

/** The files that are now otherwise. */
export function mergeChange(files: FilesSoFar, edits: TaskEdits, change: OverlayChange): Updates {
  const step = stepOf(files, edits, change);
  if (step.file.sides.length > 0) return [[step.key, mergeIntoConflict(step)]];
  const other = isOtherPlace(step) ? files.keyAt(change.path ?? '') : undefined;
  if (other !== undefined && other !== step.key && !isMovedByItself(files, edits, other))
    return collide(files, step, other);
  return renamesClash(step) ? takeRenameApart(step) : [[step.key, mergeInPlace(step)]];
}

function stepOf(files: FilesSoFar, edits: TaskEdits, change: OverlayChange): Step {
  const key = keyOf(files, edits, change);
  const seen = edits.below.all.get(key);
  const isThere = change.origin !== null;
  const before = { path: change.origin, text: isThere ? textOf(change) : null };
  const file = files.all.get(key) ?? {
    origin: key.startsWith('=') ? key.slice(1) : null,
    base: seen?.base ?? change.base,
    ...before,
    contributions: [],
    sides: [],
  };
  const { task, title } = edits;
  return { edits, change, key, file, before, contribution: { task, title, before: before.text, after: change.text } };
}

/** Overlays with missing texts are refused before anything is merged. */
function textOf({ base }: OverlayChange): string {
  return typeof base.text === 'string' ? base.text : '';
}

function keyOf(files: FilesSoFar, { below }: TaskEdits, { origin, path }: OverlayChange): FileKey {
  if (origin === null) {
    // A file that an earlier task deleted is the same file again.
    return path !== null && below.all.get(`=${path}`)?.path === null ? `=${path}` : `+${path}`;
  }
  const key = below.keyAt(origin) ?? `=${origin}`;
  // A rename that was taken apart since left a file of its own at the path.
  return files.all.get(key)?.path === null ? (files.keyAt(origin) ?? key) : key;
}

function isOtherPlace({ change, file, before }: Step): boolean {
  return change.path !== null && change.path !== before.path && change.path !== file.path;
}

/** The task itself takes that file away from where it is. */
function isMovedByItself(files: FilesSoFar, edits: TaskEdits, key: FileKey): boolean {
  return edits.overlay.changes.some(
    (change) => change.origin !== null && change.origin !== change.path && keyOf(files, edits, change) === key,
  );
}

/** Either this change or the others moved it, and they don't agree where it is. */
function renamesClash({ change, file, before }: Step): boolean {
  if (before.path === null || file.path === before.path || file.path === change.path) return false;
  return change.path !== before.path;
}

function mergeInPlace(step: Step): MergedFile {
  const { file, before, change, contribution } = step;
  const contributions = [...file.contributions, contribution];
  const text = mergedText(file.text, contribution);
  if (text !== undefined) {
    const path = change.path === before.path ? file.path : change.path;
    return { ...file, contributions, text, path: text === null ? null : (path ?? change.path) };
  }
  const sides = [sideOfFile(file, contribution), sideOf(contribution)];
  const path = change.path === before.path || change.path === null ? file.path : change.path;
  return withSides({ ...file, contributions, path: path ?? change.path ?? before.path }, sides);
}

function withSides(file: MergedFile, sides: readonly ConflictSide[]): MergedFile {
  return { ...file, sides, text: conflictText(file.contributions[0]?.before ?? null, sides) };
}

function sideOf({ task, title, after }: Contribution): ConflictSide {
  return { task, title, text: after };
}

/** What the others have so far, under the names of those whose own changes clash with this one. */
function sideOfFile(file: MergedFile, { before, after }: Contribution): ConflictSide {
  const clashing = file.contributions.filter((other) => mergedText(other.after, { before, after }) === undefined);
  const named = clashing.length > 0 ? clashing : file.contributions;
  return {
    task: named.at(-1)?.task ?? '',
    title: [...new Set(named.map(({ title }) => title))].join(' + '),
    text: file.text,
  };
}

/** The file clashes already: the change goes into every side that it fits, else it is one more side. */
function mergeIntoConflict(step: Step): MergedFile {
  const { file, before, change, contribution, edits } = step;
  const isRename = change.path !== before.path && change.path !== null;
  const path = isRename && file.path === before.path ? change.path : file.path;
  const next = { ...file, path, contributions: [...file.contributions, contribution] };
  const sawConflict = (edits.below.all.get(step.key)?.sides.length ?? 0) > 0;
  if (sawConflict) return mergeSettled(step, next);
  const merged = file.sides.map((side) => ({
    side,
    text: mergedText(side.text, contribution),
    isBelow: edits.ancestors.has(side.task),
  }));
  const isNewSide = merged.some(({ text }) => text === undefined) && !merged.some(({ isBelow }) => isBelow);
  const sides = merged.map(({ side, text, isBelow }) => {
    if (isBelow) return { ...sideOf(contribution), text: text === undefined ? contribution.after : text };
    return isNewSide || text === undefined ? side : { ...side, text };
  });
  return settled(next, isNewSide ? [...sides, sideOf(contribution)] : sides);
}

/** The task saw the markers: where it left none, the conflict is its to settle, and it did. */
function mergeSettled({ file, edits, contribution }: Step, next: MergedFile): MergedFile {
  const text = mergedText(file.text, contribution);
  if (text === undefined)
    return settled(next, [...file.sides.filter(({ task }) => !edits.ancestors.has(task)), sideOf(contribution)]);
  const isSettled = text === null || !hasMarkers(text, file.sides);
  return { ...next, text, path: text === null ? null : next.path, sides: isSettled ? [] : file.sides };
}

function settled(file: MergedFile, sides: readonly ConflictSide[]): MergedFile {
  const [first] = sides;
  if (first === undefined || sides.some(({ text }) => text !== first.text)) return withSides(file, sides);
  return { ...file, sides: [], text: first.text, path: first.text === null ? null : file.path };
}

/** Moved to two places, or moved and deleted: the old path is free either way; each new path is there in one version only. */
function takeRenameApart({ key, file, change, contribution }: Step): Updates {
  const contributions = [...file.contributions, contribution];
  const others = sideOfFile(file, { ...contribution, before: null });
  const gone: MergedFile = { ...file, path: null, text: null, contributions, sides: [] };
  const updates: (readonly [FileKey, MergedFile])[] = [[key, gone]];
  const add = (path: string | null, sides: readonly ConflictSide[]): void => {
    if (path !== null) updates.push([`+${path}`, fileThere({ ...gone, path }, sides)]);
  };
  add(file.path, [others, { ...sideOf(contribution), text: null }]);
  add(change.path, [{ ...others, text: null }, sideOf(contribution)]);
  return updates;
}

/** Two files at one place: whoever moved one there has it taken apart, and the place has both versions. */
function collide(files: FilesSoFar, { key, file, change, contribution }: Step, otherKey: FileKey): Updates {
  const other = files.all.get(otherKey);
  if (other === undefined || change.path === null) return [];
  const place = `+${change.path}`;
  const contributions = [...other.contributions, contribution];
  const theirs = sideOfFile(other, { ...contribution, before: null });
  const mine = sideOf(contribution);
  const updates = new Map<FileKey, MergedFile>();
  const add = (moved: FileKey, was: MergedFile, sides: readonly ConflictSide[]): void => {
    if (moved !== place) updates.set(moved, stayingOrGone({ ...was, contributions }, sides));
  };
  add(otherKey, other, [
    { ...theirs, text: null },
    { ...mine, text: other.text },
  ]);
  add(key, file, [
    { ...theirs, text: file.text },
    { ...mine, text: null },
  ]);
  updates.set(place, fileThere({ ...other, path: change.path, contributions }, [theirs, mine]));
  return [...updates];
}

/** A file of the workspace that is moved in one version only: there it is gone, in the other it stays where it was. */
function stayingOrGone(file: MergedFile, sides: readonly ConflictSide[]): MergedFile {
  if (file.origin === null) return { ...file, path: null, text: null, sides: [] };
  return fileThere({ ...file, path: file.origin }, sides);
}

function fileThere(file: MergedFile, sides: readonly ConflictSide[]): MergedFile {
  return { ...file, origin: file.path === file.origin ? file.origin : null, sides, text: conflictText(null, sides) };
}
