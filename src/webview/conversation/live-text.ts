/**
 * A reply while it arrives: whole blocks are drawn as markdown as soon as they are complete, what follows stands as it is.
 *
 * 1. Text that was added is drawn once as it is and once in its block: the cost of a delta grows neither with the reply nor with
 *    the block that it belongs to.
 * 2. A block that is not complete, an open code fence among them, is not drawn as markdown.
 */
import { showHidden } from '../../base/hidden-characters.ts';
import { make } from '../shared/dom.ts';
import { drawMarkdown } from '../shared/markdown-view.ts';
import { BlockReader } from './block-reader.ts';

export class LiveText {
  readonly #place: HTMLElement;
  readonly #body = make('div', { class: 'markdown' });
  readonly #tail = make('div', { class: 'plain tail' });
  #reader = new BlockReader();
  /** The first half of a character whose second has not arrived. */
  #half = '';

  constructor(place: HTMLElement) {
    this.#place = place;
    place.append(this.#body, this.#tail);
    place.hidden = true;
  }

  add(text: string, restart: boolean): void {
    if (restart) this.clear();
    const arrived = this.#half + text;
    this.#half = /[\uD800-\uDBFF]$/.exec(arrived)?.[0] ?? '';
    this.#add(arrived.slice(0, arrived.length - this.#half.length));
    this.#place.hidden = this.#tail.firstChild === null && this.#body.firstChild === null;
  }

  #add(text: string): void {
    const complete = this.#reader.add(text);
    if (complete === '') {
      if (text !== '') this.#tail.append(showHidden(text));
      return;
    }
    this.#body.append(drawMarkdown(complete));
    this.#tail.textContent = showHidden(this.#reader.rest);
  }

  clear(): void {
    this.#reader = new BlockReader();
    this.#half = '';
    this.#body.replaceChildren();
    this.#tail.textContent = '';
    this.#place.hidden = true;
  }
}
