/**
 * Makes a model's streaming markdown safe to show. Owns: what may be a link, an image or HTML, and code fences. Does not
 * own: what the host does with markdown (it is told to trust nothing).
 *
 * 1. The output has no image, no HTML, no reference definition, and links only to http(s) with the host shown.
 * 2. Code fences are written at the left margin after an empty line, so that every reader of markdown agrees where code
 *    begins and ends, whatever list or quotation the model put them in.
 * 3. How the text was cut into deltas makes no difference to the output as a whole.
 * 4. After `end()` no fence is open: what is written behind it is read as text.
 */
import { scanInline, withoutHostTags } from './safe-inline.ts';
import { PartList, stripHidden, type IsFile, type SafePart } from './safe-part.ts';

interface Fence {
  readonly mark: string;
  /** Columns that the container took; stripped from each line of code. */
  readonly indent: number;
  readonly isQuoted: boolean;
}

const CONTAINERS = /^(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*/;

export class SafeMarkdown {
  readonly #isFile: IsFile;
  readonly #parts = new PartList();
  /** Input that was not written yet. */
  #held = '';
  /** What of the current line was read and written. */
  #line = '';
  #isLineBegun = false;
  /** Is the line before one that an empty line must part from a fence? */
  #isAfterText = false;
  #fence: Fence | undefined;

  constructor(isFile: IsFile) {
    this.#isFile = isFile;
  }

  push(delta: string): readonly SafePart[] {
    const text = this.#held + delta;
    // Half of a surrogate pair, or of a line break, says nothing yet.
    const whole = /[\ud800-\udbff\r]$/.test(text) ? text.length - 1 : text.length;
    this.#held = clean(text.slice(0, whole));
    this.#takeLines();
    this.#held = this.#held.slice(this.#takeBeginning(this.#held)) + text.slice(whole);
    return this.#parts.take();
  }

  end(): readonly SafePart[] {
    this.#held = clean(this.#held);
    this.#takeLines();
    if (this.#held !== '') this.#takeRest(this.#held);
    if (this.#fence !== undefined) this.#parts.markdown(`${this.#isLineBegun ? '\n' : ''}${this.#fence.mark}`);
    this.#held = '';
    this.#fence = undefined;
    return this.#parts.take();
  }

  #takeLines(): void {
    for (let newline = this.#held.indexOf('\n'); newline >= 0; newline = this.#held.indexOf('\n')) {
      const line = this.#held.slice(0, newline);
      this.#held = this.#held.slice(newline + 1);
      this.#takeRest(line);
      this.#parts.markdown('\n');
      this.#line = '';
      this.#isLineBegun = false;
    }
  }

  /** Writes what is certain of a line that goes on; how many characters that was. Code is written by whole lines. */
  #takeBeginning(text: string): number {
    if (this.#fence !== undefined || (!this.#isLineBegun && mayBeFence(text))) return 0;
    const used = scanInline(text, this.#parts, { isComplete: false, before: this.#line, isFile: this.#isFile });
    this.#line += text.slice(0, used);
    this.#isLineBegun ||= used > 0;
    return used;
  }

  /** Writes what remains of a line. */
  #takeRest(text: string): void {
    if (this.#fence !== undefined) return this.#takeCode(text, this.#fence);
    const fence = this.#isLineBegun ? undefined : fenceOf(text);
    if (fence === undefined) return this.#takeText(text);
    this.#parts.markdown(`${this.#isAfterText ? '\n' : ''}${fence.mark}${fence.language}`);
    this.#fence = fence;
    this.#isLineBegun = true;
  }

  #takeText(text: string): void {
    scanInline(text, this.#parts, { isComplete: true, before: this.#line, isFile: this.#isFile });
    this.#line += text;
    this.#isLineBegun = true;
    this.#isAfterText = this.#line.trim() !== '';
  }

  #takeCode(text: string, fence: Fence): void {
    this.#isLineBegun = true;
    if (fence.isQuoted && !/^\s*>/.test(text)) {
      this.#parts.markdown(`${fence.mark}\n`);
      this.#closeFence();
      return this.#takeRest(text);
    }
    const code = uncontained(text, fence);
    if (!isClosing(code, fence.mark)) return this.#parts.markdown(withoutHostTags(code));
    this.#parts.markdown(fence.mark);
    this.#closeFence();
  }

  #closeFence(): void {
    this.#fence = undefined;
    this.#isAfterText = false;
    this.#line = '';
    this.#isLineBegun = false;
  }
}

/** The whole of a text at once. */
export function safeMarkdown(text: string, isFile: IsFile): readonly SafePart[] {
  const safe = new SafeMarkdown(isFile);
  return [...safe.push(text), ...safe.end()];
}

function clean(text: string): string {
  return stripHidden(text.replaceAll(/\r\n?/g, '\n'));
}

function fenceOf(line: string): (Fence & { readonly language: string }) | undefined {
  const container = CONTAINERS.exec(line)?.[0] ?? '';
  const match = /^(?<mark>`{3,}|~{3,})(?<info>.*)$/.exec(line.slice(container.length));
  const mark = match?.groups?.['mark'];
  const info = match?.groups?.['info'] ?? '';
  if (mark === undefined || (mark.startsWith('`') && info.includes('`'))) return undefined;
  const language = /^\s*([\w+#.-]{1,30})/.exec(info)?.[1] ?? '';
  return {
    mark,
    indent: container.length,
    isQuoted: container.includes('>'),
    // VS Code makes more than code of blocks with a language of its own.
    language: /^vscode/i.test(language) ? '' : language,
  };
}

/** May the line, of which this is the beginning, open a fence? */
function mayBeFence(text: string): boolean {
  const rest = text.slice((CONTAINERS.exec(text)?.[0] ?? '').length);
  return /^(?:[-*+]|\d{1,9}[.)]?|`{1,2}|~{1,2}|`{3,}[^`]*|~{3,}.*)?$/.test(rest);
}

function uncontained(line: string, fence: Fence): string {
  const unquoted = fence.isQuoted ? line.replace(/^\s*(?:>[ \t]?)+/, '') : line;
  if (fence.isQuoted) return unquoted;
  const blanks = /^[ \t]*/.exec(unquoted)?.[0].length ?? 0;
  return unquoted.slice(Math.min(blanks, fence.indent));
}

function isClosing(line: string, mark: string): boolean {
  const text = line.trim();
  return /^ {0,3}\S/.test(line) && text.startsWith(mark) && /^[`~]+$/.test(text);
}
