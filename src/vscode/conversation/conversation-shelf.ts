import type { RunLiveness } from '../../core/ports.ts';
import type { RunState } from '../../core/run-state.ts';
import type { Asked, Item, ItemBody, TaskLink } from '../../webview/conversation/conversation-view.ts';
import type { ConversationTexts } from './conversation-texts.ts';

/** Where pieces are made, and kept while their sources stay the same. */
export interface Shelf {
  readonly state: RunState;
  readonly liveness: RunLiveness;
  readonly texts: ConversationTexts;
  readonly link: (task: string) => TaskLink | undefined;
  readonly keep: (key: string, sources: readonly unknown[], make: () => ItemBody) => Item;
}

export interface AttemptShelf extends Shelf {
  /** Before the keys of its pieces. */
  readonly prefix: string;
  readonly isLatest: boolean;
  /** Whom it asks. */
  readonly asks: Asked;
}
