/**
 * What the person wished on this page, or on one before it, and what has not been answered yet.
 *
 * 1. While one wish is on its way no other is sent.
 * 2. The numbers of wishes go up over the pages of a panel: an answer to an old one is not taken for one to a new one.
 */
import type { Act, Wish } from './conversation-view.ts';

export class PageWishes {
  #open: Wish | undefined;
  #lastId = 0;

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Undefined: another one is on its way. */
  begin(act: Act, text: string): Wish | undefined {
    if (this.#open !== undefined) return undefined;
    this.#lastId += 1;
    this.#open = { id: this.#lastId, act, text };
    return this.#open;
  }

  /** One of a page before this one. */
  goOn(wish: Wish): void {
    this.#lastId = Math.max(this.#lastId, wish.id);
    this.#open = wish;
  }

  /** Undefined: no such wish is on its way. */
  end(id: number): Wish | undefined {
    const open = this.#open;
    if (open?.id !== id) return undefined;
    this.#open = undefined;
    return open;
  }
}
