/**
 * What Enter does is settled when the person begins to write. A task can end, or ask something, while they do: then Enter would
 * make a new run, which spends, or answer what was not read. So the first Enter after such a change only says so. The next page
 * goes on with the draft and with what Enter meant for it, for a page that is hidden is thrown away.
 */
import type { Box } from './conversation-view.ts';

type Meant = Pick<Box, 'send' | 'question'>;

export class EnterMeaning {
  #settled = '';

  /** What is kept with the draft; empty: nothing is settled. */
  get settled(): string {
    return this.#settled;
  }

  /** A draft that was begun on a page before. */
  goOn(settled: string): void {
    if (settled !== '') this.#settled = settled;
  }

  /** The first box of a page: it settles what no draft has settled before. */
  begin(box: Meant): void {
    if (this.#settled === '') this.settle(box);
  }

  /** The person begins: what Enter does now is what they see. */
  settle(box: Meant): void {
    this.#settled = meaningOf(box);
  }

  /** What to say instead of doing it; undefined: it is as it was. Another Enter is meant for what it does now. */
  changed(box: Meant): string | undefined {
    const before = this.#settled;
    this.settle(box);
    if (box.send === null || before === '' || before === this.#settled) return undefined;
    const { label, hint } = box.send;
    return `Nothing was sent: since you began to write, Enter has become "${label}". ${hint} Press it again if you want that.`;
  }
}

/** Words are words, whether the task has begun or not; an answer is one to its question. */
function meaningOf({ send, question }: Meant): string {
  return JSON.stringify([send?.act, question?.text]);
}
