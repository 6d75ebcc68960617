import { cutAt } from '../../app/safe-text.ts';
import type { Payload } from '../../core/run-event.ts';
import type { ShownText } from '../../webview/conversation/conversation-view.ts';

/** UTF-16 units of a text that are handed over unasked. */
const SENT = 20_000;

/** Texts of a conversation that the panel may ask for, by key. */
export class ConversationTexts {
  readonly #known = new Map<string, Payload | (() => string)>();

  /** Remembers a text for `take`; returns its key. */
  put(key: string, text: Payload | (() => string)): string {
    this.#known.set(key, text);
    return key;
  }

  /** The text, or its beginning and how to get the rest. */
  shown(key: string, text: Payload): ShownText {
    if (typeof text !== 'string') return { text: '', more: { key: this.put(key, text), bytes: text.bytes } };
    if (text.length <= SENT) return { text };
    return { text: cutAt(text, SENT), more: { key: this.put(key, text), bytes: text.length } };
  }

  /** Undefined: no such text was ever shown. */
  take(key: string): Payload | undefined {
    const found = this.#known.get(key);
    return typeof found === 'function' ? found() : found;
  }
}
