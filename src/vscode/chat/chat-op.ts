import type { FileRef } from '../markdown/safe-part.ts';

/** One thing to do to the chat answer; `chat-stream.ts` does it. Markdown here is safe to show as it is. */
export type ChatOp =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'markdown'; readonly text: string }
  /** A link inside the text. */
  | ({ readonly kind: 'file' } & FileRef)
  /** An entry of the "Used n references" list. */
  | { readonly kind: 'reference'; readonly path: string }
  /** A row that works until `row-end`. */
  | { readonly kind: 'row'; readonly key: string; readonly text: string }
  | { readonly kind: 'row-end'; readonly key: string }
  /** The final markdown begins: rows must be there before it, nothing but markdown and files follows, then buttons. */
  | { readonly kind: 'answer' }
  | {
      readonly kind: 'button';
      readonly title: string;
      readonly command: string;
      readonly arguments?: readonly unknown[];
    };

/** Command of a button that shows the task tree; VS Code makes one for each view. */
export function focusCommand(view: string): string {
  return `${view}.focus`;
}
