import type { FromPanel } from './conversation-messages.ts';
import type { Folds } from './folds.ts';

/** What the parts of the page share. */
export interface Page {
  readonly folds: Folds;
  /** The whole of a text that was shown in part; null: it cannot be read. */
  readonly load: (key: string) => Promise<string | null>;
  readonly post: (message: FromPanel) => void;
}
