/** Where the lines of a text are, and how many bytes they take. */
import { CHARACTERS_AT_ONCE } from './pace.ts';

const LF = 10;
const CR = 13;

/**
 * Lines end at `\n`; a `\r` before it belongs to the line end, any other `\r` to the line. A `\n` at the end of the text
 * begins no further line; the empty text has none. Lines count from 0 here. 4 bytes a line, 8 where the text is not all ASCII.
 */
export class LineIndex {
  readonly count: number;
  readonly #text: string;
  /** `count` + 1 offsets, the last one is the text's length. */
  readonly #starts: Uint32Array;
  /** UTF-8 bytes before each start; the same array when every character is one byte. */
  readonly #bytes: Uint32Array;

  /** Made by `indexLines`. */
  constructor(text: string, starts: Uint32Array, bytes: Uint32Array) {
    this.#text = text;
    this.#starts = starts;
    this.#bytes = bytes;
    this.count = starts.length - 1;
  }

  /** Offset of the line's first character; the text's length for a line behind the last. */
  start(line: number): number {
    return this.#starts[Math.max(0, Math.min(line, this.count))] ?? 0;
  }

  /** Offset behind the line's last character, its line end not counted. */
  end(line: number): number {
    const start = this.start(line);
    let end = this.start(line + 1);
    if (end > start && this.#text.charCodeAt(end - 1) === LF) end -= 1;
    if (end > start && this.#text.charCodeAt(end - 1) === CR) end -= 1;
    return end;
  }

  /** The line that holds the character at `offset`, its line end included; the last line for offsets behind the text. */
  lineAt(offset: number): number {
    let low = 0;
    let high = Math.max(0, this.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** UTF-8 bytes of the lines `from` (inclusive) to `to` (exclusive), line ends included. */
  bytes(from: number, to: number): number {
    return (this.#bytes[to] ?? 0) - (this.#bytes[from] ?? 0);
  }

  /** The lines `from` (inclusive) to `to` (exclusive) as they are in the text, line ends included. */
  slice(from: number, to: number): string {
    return this.#text.slice(this.start(from), this.start(to));
  }
}

/** Pauses between pieces of large texts. */
export async function indexLines(text: string, pause: () => Promise<void>): Promise<LineIndex> {
  const scan = new LineScan(text);
  for (let at = 0; at < text.length; at += CHARACTERS_AT_ONCE) {
    if (at > 0) await pause();
    scan.read(at, Math.min(text.length, at + CHARACTERS_AT_ONCE));
  }
  return scan.end();
}

class LineScan {
  readonly #text: string;
  #starts: Uint32Array;
  /** Undefined as long as all was ASCII. */
  #bytes: Uint32Array | undefined;
  #count = 1;
  /** UTF-8 bytes beyond one for each UTF-16 unit so far. */
  #extra = 0;

  constructor(text: string) {
    this.#text = text;
    this.#starts = new Uint32Array(Math.ceil(text.length / 32) + 2);
  }

  read(from: number, to: number): void {
    const text = this.#text;
    for (let at = from; at < to; at++) {
      const unit = text.charCodeAt(at);
      if (unit === LF) this.#begin(at + 1);
      else if (unit >= 0x80) {
        this.#bytes ??= this.#starts.slice();
        // A surrogate pair is two units and four bytes, any other unit above U+07FF is three.
        this.#extra += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
      }
    }
  }

  #begin(start: number): void {
    if (this.#count + 1 >= this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    if (this.#bytes !== undefined) this.#bytes[this.#count] = start + this.#extra;
    this.#count += 1;
  }

  #grow(): void {
    this.#starts = grown(this.#starts);
    if (this.#bytes !== undefined) this.#bytes = grown(this.#bytes);
  }

  end(): LineIndex {
    const { length } = this.#text;
    if (this.#starts[this.#count - 1] !== length) this.#begin(length);
    const starts = this.#starts.slice(0, this.#count);
    return new LineIndex(this.#text, starts, this.#bytes?.slice(0, this.#count) ?? starts);
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
