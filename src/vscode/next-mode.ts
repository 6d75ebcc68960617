/**
 * A double click goes to a task's next mode. VS Code runs a row's command once for a click and twice for a double click, and
 * says nothing of which it was.
 */
import { MODES, type Mode } from '../core/plan.ts';

/** Two clicks on the same row within it are a double click. Longer ones take a click and a key for one. */
const DOUBLE_CLICK_MS = 400;

export function nextMode(mode: Mode): Mode {
  return MODES[(MODES.indexOf(mode) + 1) % MODES.length] ?? mode;
}

/**
 * Remembers the last click.
 *
 * A key that acts on the focused row selects it first, for an extension is told of nothing else; and to VS Code a row that is
 * selected by a key is one that was clicked.
 */
export class Clicks {
  #selectedByKeyMs = Number.NEGATIVE_INFINITY;
  #last: { readonly row: string; readonly atMs: number } | undefined;

  selectingByKey(nowMs: number): void {
    this.#selectedByKeyMs = nowMs;
  }

  /** Is this no click, but what a key brought about? */
  isOfKey(nowMs: number): boolean {
    const isOfKey = nowMs - this.#selectedByKeyMs <= DOUBLE_CLICK_MS;
    this.#selectedByKeyMs = Number.NEGATIVE_INFINITY;
    return isOfKey;
  }

  /** Is this the second click of two? A third one is a first again. */
  isDouble(row: string, nowMs: number): boolean {
    const isSecond = this.#last?.row === row && nowMs - this.#last.atMs <= DOUBLE_CLICK_MS;
    this.#last = isSecond ? undefined : { row, atMs: nowMs };
    return isSecond;
  }
}
