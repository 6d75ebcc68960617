/** What is known of the node or bar under the mouse or the keys. */
import { byId, make } from '../shared/dom.ts';
import type { GraphFact } from './graph-view.ts';

const GAP = 8;

export class TipView {
  readonly #tip = byId('tip');
  #owner: HTMLElement | undefined;

  get owner(): HTMLElement | undefined {
    return this.#owner;
  }

  show(owner: HTMLElement, title: string, facts: readonly GraphFact[]): void {
    if (this.#owner !== owner) this.#owner?.removeAttribute('aria-describedby');
    this.#owner = owner;
    owner.setAttribute('aria-describedby', 'tip');
    const rows = facts.flatMap(({ name, value }) => [make('dt', { text: name }), make('dd', { text: value })]);
    this.#tip.replaceChildren(
      make('p', { class: 'tip-title', text: title, attributes: { dir: 'auto' } }),
      make('dl', {}, rows),
    );
    this.#tip.hidden = false;
    this.#place(owner.getBoundingClientRect());
  }

  hide(): void {
    this.#owner?.removeAttribute('aria-describedby');
    this.#owner = undefined;
    this.#tip.hidden = true;
  }

  /** Below what it is about, or above where there is no room. */
  #place(about: DOMRect): void {
    const { offsetWidth, offsetHeight } = this.#tip;
    const below = about.bottom + GAP;
    const top = below + offsetHeight <= window.innerHeight ? below : Math.max(0, about.top - GAP - offsetHeight);
    const left = Math.max(GAP, Math.min(about.left, window.innerWidth - offsetWidth - GAP));
    this.#tip.style.top = `${top}px`;
    this.#tip.style.left = `${left}px`;
  }
}
