/** Follows the lines of a streamed body as its bytes pass. */

export type BodyKind = 'sse' | 'ndjson' | 'json';

export interface LineCaps {
  readonly lineBytes: number;
}

const LF = 10;
const CR = 13;
const UTF8_MARK = '\uFEFF';
/** Enough to tell `data:` with something after it from a comment or a blank line. */
const HEAD_BYTES = 32;

export interface Passed {
  readonly bytes: Uint8Array;
  readonly stop?: 'bad-line' | 'line-too-large';
}

/**
 * Counts as content: a finished `data:` line that carries something (SSE), a finished line that is not blank (NDJSON).
 * Comments, pings, blank lines and half lines are no content: they keep no stalled stream alive.
 */
export class LineWatch {
  readonly #kind: BodyKind;
  readonly #caps: LineCaps;
  readonly #onLine: (line: string) => boolean;
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  #lineBytes = 0;
  #parts: Uint8Array[] = [];
  #contentLines = 0;
  #strangeLines = 0;

  /** `onLine` sees each NDJSON line and says whether it may pass. */
  constructor(kind: BodyKind, caps: LineCaps, onLine: (line: string) => boolean) {
    this.#kind = kind;
    this.#caps = caps;
    this.#onLine = onLine;
  }

  get contentLines(): number {
    return this.#contentLines;
  }

  /** Lines that an event stream does not have, such as HTML. */
  get strangeLines(): number {
    return this.#strangeLines;
  }

  /** Bytes since the last line end: not 0 at the end of a body that was cut inside a line. */
  get unfinishedBytes(): number {
    return this.#lineBytes;
  }

  /** What may be handed on now, and why no more may, if so. NDJSON is handed on in whole lines, without blank ones. */
  push(chunk: Uint8Array): Passed {
    if (this.#kind === 'json') {
      if (chunk.length > 0) this.#contentLines += 1;
      return { bytes: chunk };
    }
    const lines: string[] = [];
    let start = 0;
    for (let end = nextLineEnd(chunk, start); end !== -1; end = nextLineEnd(chunk, start)) {
      if (!this.#add(chunk.subarray(start, end)))
        return { bytes: this.#passed(chunk.subarray(0, start), lines), stop: 'line-too-large' };
      const line = this.#takeLine();
      if (!this.#judge(line)) return { bytes: this.#passed(chunk.subarray(0, start), lines), stop: 'bad-line' };
      lines.push(line);
      start = end + 1;
    }
    if (this.#add(chunk.subarray(start))) return { bytes: this.#passed(chunk, lines) };
    return { bytes: this.#passed(chunk.subarray(0, start), lines), stop: 'line-too-large' };
  }

  /** At the end of the body: the last NDJSON line needs no line end. */
  finish(): Passed {
    if (this.#kind !== 'ndjson' || this.#lineBytes === 0) return { bytes: new Uint8Array(0) };
    const line = this.#takeLine();
    return this.#judge(line)
      ? { bytes: this.#passed(new Uint8Array(0), [line]) }
      : { bytes: new Uint8Array(0), stop: 'bad-line' };
  }

  #passed(raw: Uint8Array, lines: readonly string[]): Uint8Array {
    if (this.#kind !== 'ndjson') return raw;
    return this.#encoder.encode(
      lines
        .filter((line) => line.trim() !== '')
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  #add(bytes: Uint8Array): boolean {
    if (this.#kind === 'ndjson') this.#parts.push(bytes);
    else if (this.#lineBytes < HEAD_BYTES) this.#parts.push(bytes.subarray(0, HEAD_BYTES));
    this.#lineBytes += bytes.length;
    return this.#lineBytes <= this.#caps.lineBytes;
  }

  #takeLine(): string {
    const line =
      this.#parts.map((part) => this.#decoder.decode(part, { stream: true })).join('') + this.#decoder.decode();
    this.#parts = [];
    this.#lineBytes = 0;
    return line;
  }

  #judge(line: string): boolean {
    return this.#kind === 'sse' ? this.#judgeSse(line) : this.#judgeNdjson(line);
  }

  #judgeSse(text: string): boolean {
    const line = text.startsWith(UTF8_MARK) ? text.slice(1) : text;
    if (/^data: ?\s*\S/.test(line)) this.#contentLines += 1;
    else if (!/^(:|$|(data|event|id|retry)(:|$))/.test(line)) this.#strangeLines += 1;
    return true;
  }

  #judgeNdjson(line: string): boolean {
    if (line.trim() === '') return true;
    this.#contentLines += 1;
    return this.#onLine(line);
  }
}

function nextLineEnd(chunk: Uint8Array, from: number): number {
  const lf = chunk.indexOf(LF, from);
  const cr = chunk.subarray(from, lf === -1 ? chunk.length : lf).indexOf(CR);
  return cr === -1 ? lf : from + cr;
}
