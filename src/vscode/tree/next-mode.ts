/**
 * A double click goes to a task's next mode. VS Code runs a row's command once for a click and twice for a double click, and
 * says nothing of which it was.
 */
import { MODES, type Mode } from '../../core/plan/plan.ts';
import type { SubtaskAddress } from '../documents/subtask-uri.ts';
import type { TreeNode } from './tree-nodes.ts';

/** Two clicks on the same row within it are a double click. */
const DOUBLE_CLICK_MS = 400;
/** A window that has much to draw takes its time from a key to the command of the row that the key selects. */
const KEY_MS = 10_000;

export function nextMode(mode: Mode): Mode {
  return MODES[(MODES.indexOf(mode) + 1) % MODES.length] ?? mode;
}

/**
 * Remembers the last click, and the row that a key acts on.
 *
 * A key that acts on the focused row selects it first, for an extension is told of nothing else; and to VS Code a row that is
 * selected by a key is one that was clicked. That names the row also when the selection is lost because rows are drawn anew.
 * Selecting it ends the selection of several rows, which the key is about when the row is one of them.
 * The order, by a keybinding of package.json: `selectingByKey`, the row's command (`isOfKey`), the key's command (`takeRowsOfKey`).
 */
export class Clicks {
  #key: { readonly atMs: number; readonly row?: SubtaskAddress; readonly selection: readonly TreeNode[] } | undefined;
  #last: { readonly row: string; readonly atMs: number } | undefined;

  /** `selection`: before the key. */
  selectingByKey(nowMs: number, selection: readonly TreeNode[]): void {
    this.#key = { atMs: nowMs, selection };
  }

  /** Is this no click, but what a key brought about? `row` undefined: one that is neither run nor task. */
  isOfKey(row: SubtaskAddress | undefined, nowMs: number): boolean {
    if (this.#key === undefined || nowMs - this.#key.atMs > KEY_MS) return false;
    if (row !== undefined) this.#key = { ...this.#key, row };
    return true;
  }

  /** As a command takes them: the row, then all that were selected with it. Empty: no key has selected a row. */
  takeRowsOfKey(): readonly unknown[] {
    const { row, selection = [] } = this.#key ?? {};
    this.#key = undefined;
    if (row === undefined) return [];
    const selected = selection.find((one) => isAt(one, row));
    return selected === undefined ? [row.run, row.task] : [selected, selection];
  }

  /** Is this the second click of two? A third one is a first again. */
  isDouble(row: string, nowMs: number): boolean {
    const isSecond = this.#last?.row === row && nowMs - this.#last.atMs <= DOUBLE_CLICK_MS;
    this.#last = isSecond ? undefined : { row, atMs: nowMs };
    return isSecond;
  }
}

function isAt(node: TreeNode, { run, task }: SubtaskAddress): boolean {
  if (node.kind === 'task') return node.run === run && node.task === task;
  return node.kind === 'run' && node.run === run && task === undefined;
}
