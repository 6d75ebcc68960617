/** What a task sees of the files that it and the tasks it depends on changed. */
import type { RunState } from '../run-state.ts';
import type { MergedFiles } from './merged-files.ts';
import type { Overlay, SeenText } from './overlay.ts';
import { overlayOf } from './overlay.ts';
import { RunEdits } from './run-edits.ts';

export interface OverlayView {
  /** Undefined: nobody touched it, it is as in the workspace. */
  lookup(path: string): SeenText | undefined;
  /** What is otherwise than in the workspace, also by a task's dependencies; null: not there. A renamed file is both. */
  changed(): ReadonlyMap<string, string | null>;
}

/**
 * A task's own overlay over the merged overlays of all tasks that it depends on, directly or not; its siblings' edits are not in
 * it. Where dependencies clash it sees the markers that name both, and may settle them. Merges anew at each call: cheap unless
 * several dependencies changed the same large file.
 */
export function viewOf(state: Pick<RunState, 'tasks'>, taskId: string): OverlayView {
  const edits = new RunEdits(state);
  const task = state.tasks.get(taskId);
  const own = task === undefined ? undefined : overlayOf(task);
  return layered(edits, taskId, own);
}

/** What a task sees before its own edits. */
export function viewBelow(state: Pick<RunState, 'tasks'>, taskId: string): OverlayView {
  return layered(new RunEdits(state), taskId, undefined);
}

function layered(edits: RunEdits, taskId: string, own: Overlay | undefined): OverlayView {
  const [why] = edits.missing(edits.ancestors(taskId));
  if (why !== undefined) return missingView(why);
  const below = edits.below(taskId);
  return {
    lookup: (path) => own?.lookup(path) ?? lookupBelow(below, path),
    changed: () => changedIn(below, own),
  };
}

function missingView(why: string): OverlayView {
  return { lookup: () => ({ kind: 'missing', why }), changed: () => new Map() };
}

function lookupBelow(below: MergedFiles, path: string): SeenText | undefined {
  let isGone = false;
  for (const file of below.all.values()) {
    if (file.path === path && file.text !== null) return { kind: 'text', text: file.text };
    if (file.origin === path) isGone = true;
  }
  return isGone ? { kind: 'deleted' } : undefined;
}

function changedIn(below: MergedFiles, own: Overlay | undefined): ReadonlyMap<string, string | null> {
  const changed = new Map<string, string | null>();
  for (const { origin } of below.all.values()) if (origin !== null) changed.set(origin, null);
  for (const { path, text } of below.all.values()) if (path !== null) changed.set(path, text);
  for (const { origin } of own?.changes ?? []) if (origin !== null) changed.set(origin, null);
  for (const { path, text } of own?.changes ?? []) if (path !== null) changed.set(path, text);
  return changed;
}
