/**
 * Tells who listens what is new, in few words.
 *
 * 1. What one message brings is said together: a live region says what stands in it at the end.
 * 2. Nothing is said twice, and never each piece of a text that arrives.
 * 3. A question is said when it begins to wait for its answer, not when it takes its place above the answer.
 */
import { showHidden } from '../../base/hidden-characters.ts';
import type { Box, CheckShown, ConversationView, Head, Item } from './conversation-view.ts';

/** Characters of a question; the rest can be read above the box. */
const MOST_SAID = 300;

/** What is new; null: as it was. */
interface Change {
  readonly put: readonly Item[];
  readonly head: Pick<Head, 'status'> | null;
  readonly box: Pick<Box, 'question' | 'asks'> | null;
}

/** An element that is a live region. */
interface Place {
  textContent: string | null;
}

export class Announcer {
  readonly #place: Place;
  readonly #said = new Set<string>();
  #status: string | undefined;
  #question = '';

  constructor(place: Place) {
    this.#place = place;
  }

  /** What stands there when the page begins is read, not said; but for what waits for an answer. */
  begin({ items, head, box }: Pick<ConversationView, 'items' | 'head' | 'box'>): void {
    for (const item of items) this.#newWords(item);
    this.#status = head.status.words;
    this.#say(this.#questionWords(box));
  }

  changed({ put, head, box }: Change): void {
    this.#say([
      ...put.flatMap((item) => this.#newWords(item)),
      ...(head === null ? [] : this.#statusWords(head)),
      ...(box === null ? [] : this.#questionWords(box)),
    ]);
  }

  #say(words: readonly string[]): void {
    if (words.length === 0) return;
    this.#place.textContent = words.map((one) => (/[.?!…]$/.test(one) ? one : `${one}.`)).join(' ');
  }

  #newWords(item: Item): readonly string[] {
    const words = wordsFor(item);
    const what = `${item.key} ${words}`;
    if (words === undefined || this.#said.has(what)) return [];
    this.#said.add(what);
    return [words];
  }

  #statusWords({ status: { words } }: Pick<Head, 'status'>): readonly string[] {
    if (words === this.#status) return [];
    this.#status = words;
    return [`The task: ${words}`];
  }

  #questionWords({ question, asks }: Pick<Box, 'question' | 'asks'>): readonly string[] {
    const text = question?.text ?? '';
    if (text === this.#question) return [];
    this.#question = text;
    if (text === '') return [];
    const beginning = text.length <= MOST_SAID ? text : `${text.slice(0, MOST_SAID).toWellFormed()}…`;
    return [`It asks ${asks}: ${showHidden(beginning)}`];
  }
}

function wordsFor(item: Item): string | undefined {
  switch (item.kind) {
    case 'message':
      return item.by === 'user' || item.asks !== null || item.text.text === '' ? undefined : `${item.name} replied`;
    case 'failure':
      return item.title;
    case 'result':
      return 'The result is there';
    case 'edits':
      return 'It proposed edits';
    case 'checks':
      return `Checks: ${countOf(item.checks)}. ${item.verdict}`;
    default:
      return undefined;
  }
}

function countOf(checks: readonly CheckShown[]): string {
  const counts = (['passed', 'failed', 'broken'] as const).map(
    (outcome) => [checks.filter((one) => one.outcome === outcome).length, outcome] as const,
  );
  return counts.flatMap(([count, outcome]) => (count === 0 ? [] : [`${count} ${outcome}`])).join(', ');
}
