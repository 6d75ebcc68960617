/**
 * A reply while it arrives: whole blocks are drawn as markdown as soon as they are complete, what follows stands as it is.
 *
 * 1. Text that was added is never drawn twice: the cost of a delta does not grow with the reply.
 * 2. A block that is not complete, an open code fence among them, is not drawn as markdown.
 */
import { showHidden } from '../../base/hidden-characters.ts';
import { make } from '../shared/dom.ts';
import { drawMarkdown } from '../shared/markdown-view.ts';
import { completeBlocks } from './complete-blocks.ts';

export class LiveText {
  readonly #place: HTMLElement;
  readonly #body = make('div', { class: 'markdown' });
  readonly #tail = make('div', { class: 'plain tail' });
  #text = '';

  constructor(place: HTMLElement) {
    this.#place = place;
    place.append(this.#body, this.#tail);
    place.hidden = true;
  }

  add(text: string, restart: boolean): void {
    if (restart) this.clear();
    this.#text += text;
    const whole = completeBlocks(this.#text);
    if (whole > 0) {
      this.#body.append(drawMarkdown(this.#text.slice(0, whole)));
      this.#text = this.#text.slice(whole);
    }
    this.#tail.textContent = showHidden(this.#text);
    this.#place.hidden = this.#text === '' && this.#body.childElementCount === 0;
  }

  clear(): void {
    this.#text = '';
    this.#body.replaceChildren();
    this.#tail.textContent = '';
    this.#place.hidden = true;
  }
}
