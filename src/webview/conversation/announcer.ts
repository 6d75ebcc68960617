import type { Item } from './conversation-view.ts';

/** Tells who listens what is new, in few words: never each piece of a text that arrives. */
export class Announcer {
  readonly #place: HTMLElement;
  readonly #said = new Set<string>();

  constructor(place: HTMLElement) {
    this.#place = place;
  }

  say(words: string): void {
    this.#place.textContent = words;
  }

  /** A piece of the conversation that is new or has changed. */
  item(item: Item): void {
    const words = wordsFor(item);
    if (words === undefined) return;
    const what = `${item.key} ${words}`;
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.say(words);
  }
}

function wordsFor(item: Item): string | undefined {
  switch (item.kind) {
    case 'message':
      if (item.by === 'user') return undefined;
      if (item.asks !== null) return `It asks ${item.asks}: ${item.text.text.slice(0, 300)}`;
      return item.text.text === '' ? undefined : `${item.name} replied`;
    case 'failure':
      return item.title;
    case 'result':
      return 'The result is there';
    case 'edits':
      return 'It proposed edits';
    default:
      return undefined;
  }
}
