/**
 * The foot: what the task asks, the box to write in, and what can be done.
 *
 * 1. Nothing that was typed is lost: the box is emptied only when the extension says that the words were taken.
 * 2. While one wish is on its way no other is sent.
 */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { byId, make } from '../shared/dom.ts';
import type { Act, ActButton, Box } from './conversation-view.ts';
import type { Page } from './page.ts';
import { longText } from './text-view.ts';

/** These send what stands in the box. */
const WITH_WORDS: ReadonlySet<Act> = new Set(['say', 'continue', 'mark-done']);

export class BoxView {
  readonly #page: Page;
  readonly #input: HTMLTextAreaElement;
  readonly #buttons = byId('buttons');
  readonly #outcome = byId('outcome');
  readonly #problem = byId('problem');
  readonly #onDraft: (text: string) => void;
  #box: Box | undefined;
  #drawn = '';
  /** It had the focus when it was hidden; it takes it back unless the person has gone elsewhere meanwhile. */
  #isToFocus = false;
  #sent: { readonly id: number; readonly act: Act; readonly text: string } | undefined;
  #lastId = 0;

  /** `onLeft`: the box has lost the focus. */
  constructor(
    page: Page,
    options: { readonly draft: string; readonly onDraft: (text: string) => void; readonly onLeft: () => void },
  ) {
    this.#page = page;
    this.#onDraft = options.onDraft;
    const input = byId('words');
    if (!(input instanceof HTMLTextAreaElement)) throw new Error('#words is no box to write in');
    this.#input = input;
    input.value = options.draft;
    input.addEventListener('input', () => options.onDraft(input.value));
    input.addEventListener('blur', () => options.onLeft());
    input.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(box: Box): void {
    this.#box = box;
    const question = byId('question');
    question.hidden = box.question === null;
    question.setAttribute('aria-label', `It asks ${box.asks}`);
    question.replaceChildren(
      ...(box.question === null
        ? []
        : [
            make('h2', { text: `It asks ${box.asks}` }),
            longText(this.#page, box.question, { key: 'question', style: 'markdown' }),
          ]),
    );
    this.#showWriting(box.send !== null);
    byId('why-not').textContent = box.send === null ? box.whyNot : '';
    this.#input.placeholder = box.send?.placeholder ?? '';
    this.#input.setAttribute('aria-label', box.send === null ? '' : `${box.send.label}: ${box.send.placeholder}`);
    this.#drawButtons();
  }

  focus(): void {
    this.#input.focus();
  }

  #showWriting(isShown: boolean): void {
    const isFocused = document.activeElement === this.#input;
    byId('writing').hidden = !isShown;
    if (!isShown) {
      if (isFocused) byId('conversation').focus();
      this.#isToFocus ||= isFocused;
    } else if (this.#isToFocus) {
      this.#isToFocus = false;
      if (document.activeElement === byId('conversation')) this.#input.focus();
    }
  }

  /** Not over what has been written since. */
  draft(text: string): void {
    if (this.#input.value !== '') return;
    this.#input.value = text;
    this.#onDraft(text);
  }

  done(id: number, what: string): void {
    const sent = this.#take(id);
    if (sent === undefined) return;
    this.taken(WITH_WORDS.has(sent.act) ? sent.text : '', what);
  }

  /** The words leave the box, if it has no others now. */
  taken(text: string, what: string): void {
    if (text !== '' && this.#input.value === text) {
      this.#input.value = '';
      this.#onDraft('');
    }
    this.#problem.textContent = '';
    this.#outcome.textContent = what;
  }

  failed(id: number | null, what: string): void {
    if (id !== null && this.#take(id) === undefined) return;
    this.#outcome.textContent = '';
    this.#problem.textContent = what;
  }

  #take(id: number): { readonly act: Act; readonly text: string } | undefined {
    const sent = this.#sent;
    if (sent?.id !== id) return undefined;
    this.#sent = undefined;
    this.#drawButtons();
    return sent;
  }

  #drawButtons(): void {
    const box = this.#box;
    if (box === undefined) return;
    const all: readonly ActButton[] = [...(box.send === null ? [] : [box.send]), ...box.buttons];
    const drawn = JSON.stringify([all, this.#sent?.id]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['act'] : undefined;
    this.#buttons.replaceChildren(
      ...all.map((button, index) => this.#button(button, index === 0 && box.send !== null)),
    );
    if (focused === undefined) return;
    (this.#buttons.querySelector<HTMLElement>(`[data-act="${focused}"]`) ?? byId('conversation')).focus();
  }

  #button({ act, label, hint }: ActButton, isPrimary: boolean): HTMLElement {
    const button = make('vscode-button', {
      text: label,
      attributes: { title: hint, 'data-act': act },
      onClick: () => this.#send(act),
    });
    button.secondary = !isPrimary;
    button.disabled = this.#sent !== undefined;
    button.ariaDisabled = String(button.disabled);
    return button;
  }

  #send(act: Act): void {
    if (this.#sent !== undefined) return;
    const text = WITH_WORDS.has(act) ? this.#input.value : '';
    if (act === 'say' && text.trim() === '') {
      this.#outcome.textContent = '';
      this.#problem.textContent = 'Write what you want to say first.';
      this.#input.focus();
      return;
    }
    this.#lastId += 1;
    this.#sent = { id: this.#lastId, act, text };
    this.#problem.textContent = '';
    this.#outcome.textContent = '';
    this.#drawButtons();
    this.#page.post({ type: 'act', id: this.#lastId, act, text });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      byId('conversation').focus();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      const act = this.#box?.send?.act;
      if (act !== undefined) this.#send(act);
    }
  }
}
