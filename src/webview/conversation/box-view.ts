/**
 * The foot: what the task asks, the box to write in, and what can be done.
 *
 * 1. Nothing that was typed is lost: the box is emptied only when the extension says that the words were taken.
 * 2. While one wish is on its way no other is sent (page-wishes.ts).
 * 3. Enter does what it did when the person began to write, or says what it would do now (enter-meaning.ts).
 * 4. What did not change is not drawn anew: who reads the question, or selects something of it, goes on.
 */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { byId, make } from '../shared/dom.ts';
import type { Act, ActButton, Box, Wish } from './conversation-view.ts';
import type { Draft } from './conversation-messages.ts';
import { EnterMeaning } from './enter-meaning.ts';
import { PageWishes } from './page-wishes.ts';
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
  readonly #onDraft: (draft: Draft) => void;
  #box: Box | undefined;
  readonly #wishes = new PageWishes();
  readonly #enter = new EnterMeaning();
  #drawn = '';
  #drawnQuestion = '';
  #wasEmpty: boolean;
  /** It had the focus when it was hidden; it takes it back unless the person has gone elsewhere meanwhile. */
  #isToFocus = false;

  /** `onLeft`: the box has lost the focus. */
  constructor(
    page: Page,
    options: { readonly kept: Draft; readonly onDraft: (draft: Draft) => void; readonly onLeft: () => void },
  ) {
    this.#page = page;
    this.#onDraft = options.onDraft;
    const input = byId('words');
    if (!(input instanceof HTMLTextAreaElement)) throw new Error('#words is no box to write in');
    this.#input = input;
    input.value = options.kept.draft;
    this.#wasEmpty = input.value === '';
    if (!this.#wasEmpty) this.#enter.goOn(options.kept.meaning);
    input.addEventListener('input', () => this.#onInput());
    input.addEventListener('focus', () => {
      if (input.value === '' && this.#box !== undefined) this.#enter.settle(this.#box);
    });
    input.addEventListener('blur', () => options.onLeft());
    input.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(box: Box): void {
    if (this.#box === undefined) this.#enter.begin(box);
    this.#box = box;
    this.#drawQuestion(box);
    this.#showWriting(box.send !== null);
    byId('why-not').textContent = box.send === null ? box.whyNot : '';
    this.#input.placeholder = box.send?.placeholder ?? '';
    this.#input.setAttribute('aria-label', box.send === null ? '' : `${box.send.label}: ${box.send.placeholder}`);
    this.#drawButtons();
  }

  focus(): void {
    this.#input.focus();
  }

  #drawQuestion({ question, asks }: Box): void {
    const drawn = JSON.stringify([question, asks]);
    if (drawn === this.#drawnQuestion) return;
    this.#drawnQuestion = drawn;
    const place = byId('question');
    place.hidden = question === null;
    place.setAttribute('aria-label', `It asks ${asks}`);
    place.replaceChildren(
      ...(question === null
        ? []
        : [
            make('h2', { text: `It asks ${asks}` }),
            longText(this.#page, question, { key: 'question', style: 'markdown' }),
          ]),
    );
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
  draft({ draft, meaning }: Draft): void {
    if (this.#input.value !== '') return;
    this.#enter.goOn(meaning);
    this.#write(draft);
  }

  /** The page before this one wished something. */
  goOn(wish: Wish): void {
    this.#wishes.goOn(wish);
    this.#drawButtons();
  }

  /** The words leave the box, if it has no others now. */
  done(id: number, what: string): void {
    const wish = this.#ended(id);
    if (wish === undefined) return;
    if (wish.text !== '' && this.#input.value === wish.text) this.#write('');
    this.#tell('', what);
  }

  failed(id: number | null, what: string): void {
    if (id !== null && this.#ended(id) === undefined) return;
    this.#tell(what);
  }

  #ended(id: number): Wish | undefined {
    const wish = this.#wishes.end(id);
    if (wish === undefined) return undefined;
    this.#page.post({ type: 'heard', id });
    this.#drawButtons();
    return wish;
  }

  #write(text: string): void {
    this.#input.value = text;
    this.#wasEmpty = text === '';
    this.#keep();
  }

  #keep(): void {
    this.#onDraft({ draft: this.#input.value, meaning: this.#enter.settled });
  }

  #tell(problem: string, outcome = ''): void {
    this.#outcome.textContent = outcome;
    this.#problem.textContent = problem;
  }

  #drawButtons(): void {
    const box = this.#box;
    if (box === undefined) return;
    const all: readonly ActButton[] = [...(box.send === null ? [] : [box.send]), ...box.buttons];
    const drawn = JSON.stringify([all, this.#wishes.isOpen]);
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
    button.disabled = this.#wishes.isOpen;
    button.ariaDisabled = String(button.disabled);
    return button;
  }

  #send(act: Act): void {
    if (this.#wishes.isOpen) return;
    const text = WITH_WORDS.has(act) ? this.#input.value : '';
    if (act === 'say' && text.trim() === '') {
      this.#tell('Write what you want to say first.');
      this.#input.focus();
      return;
    }
    const wish = this.#wishes.begin(act, text);
    if (wish === undefined) return;
    this.#tell('');
    this.#drawButtons();
    this.#page.post({ type: 'act', ...wish });
  }

  #onInput(): void {
    const { value } = this.#input;
    if (this.#wasEmpty && this.#box !== undefined) this.#enter.settle(this.#box);
    this.#wasEmpty = value === '';
    this.#keep();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      byId('conversation').focus();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (!event.repeat) this.#onEnter();
    }
  }

  #onEnter(): void {
    const box = this.#box;
    if (box === undefined || box.send === null || this.#wishes.isOpen) return;
    const changed = this.#enter.changed(box);
    if (changed === undefined) return this.#send(box.send.act);
    this.#tell(changed);
    this.#keep();
  }
}
