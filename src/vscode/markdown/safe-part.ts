import { escapeMarkdown } from '../../app/safe-text.ts';

/** Lines of a file, 1-based; `endLine` is inclusive. */
export interface FileRef {
  readonly path: string;
  readonly startLine?: number;
  readonly endLine?: number;
}

/** What text of a model becomes in the Chat view: markdown that can do no harm, and links to files of the workspace. */
export type SafePart = { readonly kind: 'markdown'; readonly text: string } | ({ readonly kind: 'file' } & FileRef);

/** Is this a file of the workspace? Paths are relative with `/`. */
export type IsFile = (path: string) => boolean;

/** Collects parts; markdown that follows markdown is joined. */
export class PartList {
  readonly #parts: SafePart[] = [];
  #text = '';

  markdown(text: string): void {
    this.#text += text;
  }

  file(ref: FileRef): void {
    this.#close();
    this.#parts.push({ kind: 'file', ...ref });
  }

  take(): readonly SafePart[] {
    this.#close();
    return this.#parts.splice(0);
  }

  #close(): void {
    if (this.#text !== '') this.#parts.push({ kind: 'markdown', text: this.#text });
    this.#text = '';
  }
}

/**
 * Characters that are not seen but read by a model or change what is seen: controls, soft hyphen, zero-width space and
 * joins of words, directions, tags. The joiners that emoji and some scripts need stay.
 */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

export function stripHidden(text: string): string {
  return text.replaceAll(HIDDEN, '');
}

/** One line of text as markdown that shows exactly it: no link, image, emphasis, formula. Whatever follows is not touched. */
export function asText(text: string, maxChars = 2_000): string {
  return escapeMarkdown(text, maxChars).replaceAll(/\\[\s\S]|[!$]/g, (match) =>
    match.length > 1 ? match : `\\${match}`,
  );
}
