import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextFormat } from '../core/text-format.ts';

export interface DecodedText {
  /** Without its byte order mark. */
  readonly text: string;
  readonly format: TextFormat;
}

/**
 * Up to this a text is decoded in one go: some 25 ms for 25 MB, and the text is held outside of V8's heap. Put together from
 * slices it would take twice the memory, and as long when it is first used.
 */
const AT_ONCE_BYTES = 32 * 1024 * 1024;

/** What is worked on in one turn of the event loop. */
export const SLICE_BYTES = 512 * 1024;

const SNIFFED_BYTES = 8192;
/** Above this share of bytes that are no UTF-8 a file is taken for binary, below it for an older 8-bit encoding. */
const MOST_INVALID = 0.1;

/**
 * Reads UTF-8, UTF-16 with a mark, and Latin-1, so that encoding the text again gives the same bytes; undefined for a
 * binary file and for broken UTF-16. A large file is decoded in slices, with a turn of the event loop after each.
 */
export async function decodeText(bytes: Buffer, atOnceBytes = AT_ONCE_BYTES): Promise<DecodedText | undefined> {
  const whole: Slicing = { bytes, sliceBytes: bytes.length <= atOnceBytes ? Math.max(1, bytes.length) : SLICE_BYTES };
  const marked = markedEncoding(bytes);
  if (marked === 'utf16le' || marked === 'utf16be') return unlessNul(await decodeStrictly(whole, marked));
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) return undefined;
  const strict = await decodeStrictly(whole, marked ?? 'utf8');
  if (strict !== undefined) return strict;
  const sample = new TextDecoder().decode(bytes.subarray(0, SNIFFED_BYTES));
  const invalid = sample.split('\ufffd').length - 1;
  return invalid / sample.length > MOST_INVALID ? undefined : decodeLatin1(whole);
}

/** Bytes, and how many of them are decoded in one turn. */
interface Slicing {
  readonly bytes: Buffer;
  readonly sliceBytes: number;
}

function markedEncoding(bytes: Buffer): 'utf8-bom' | 'utf16le' | 'utf16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf16be';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf8-bom' : undefined;
}

const LABELS = { utf16le: 'utf-16le', utf16be: 'utf-16be' } as const;

async function decodeStrictly(
  whole: Slicing,
  encoding: 'utf8' | 'utf8-bom' | keyof typeof LABELS,
): Promise<DecodedText | undefined> {
  const isUtf8 = encoding === 'utf8' || encoding === 'utf8-bom';
  try {
    const decoded = await (isUtf8 ? decodeUtf8(whole) : decodeUtf16(whole, encoding));
    return { text: decoded.text, format: { encoding, eol: decoded.eol } };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Slices end between characters, so that none needs to know of the one before. */
function decodeUtf8({ bytes, sliceBytes }: Slicing): Promise<SlicedText> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const bom = markedEncoding(bytes) === 'utf8-bom' ? 3 : 0;
  return inSlices({ bytes: bytes.subarray(bom), sliceBytes }, (slice) => decoder.decode(slice), beforeCharacter);
}

async function decodeUtf16(whole: Slicing, encoding: keyof typeof LABELS): Promise<SlicedText> {
  const decoder = new TextDecoder(LABELS[encoding], { fatal: true });
  const decoded = await inSlices(whole, (slice) => decoder.decode(slice, { stream: true }));
  decoder.decode();
  return decoded;
}

/** The last place up to `end` where no UTF-8 character is cut. */
function beforeCharacter(bytes: Buffer, end: number): number {
  let at = end;
  while (at > end - 4 && at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}

async function decodeLatin1(whole: Slicing): Promise<DecodedText> {
  const { text, eol } = await inSlices(whole, (slice) => slice.toString('latin1'));
  return { text, format: { encoding: 'latin1', eol } };
}

interface SlicedText {
  readonly text: string;
  readonly eol: TextFormat['eol'];
}

async function inSlices(
  { bytes, sliceBytes }: Slicing,
  decode: (slice: Buffer) => string,
  endOf: (bytes: Buffer, end: number) => number = (_bytes, end) => end,
): Promise<SlicedText> {
  const ends = new LineEnds();
  let text = '';
  for (let start = 0; start < bytes.length;) {
    if (start > 0) await nextTurn();
    const end = Math.min(bytes.length, endOf(bytes, start + sliceBytes));
    const part = decode(bytes.subarray(start, end));
    ends.add(part);
    text += part;
    start = end;
  }
  return { text, eol: ends.kind };
}

function unlessNul(decoded: DecodedText | undefined): DecodedText | undefined {
  return decoded?.text.slice(0, SNIFFED_BYTES).includes('\0') === true ? undefined : decoded;
}

/** Which line ends a text has; it comes in parts. A lone carriage return is none. */
class LineEnds {
  #hasLf = false;
  #hasCrlf = false;
  #last = '';

  add(part: string): void {
    for (let at = part.indexOf('\n'); at !== -1 && !(this.#hasLf && this.#hasCrlf); at = part.indexOf('\n', at + 1)) {
      if ((at === 0 ? this.#last : part[at - 1]) === '\r') this.#hasCrlf = true;
      else this.#hasLf = true;
    }
    this.#last = part.at(-1) ?? this.#last;
  }

  get kind(): TextFormat['eol'] {
    if (this.#hasLf && this.#hasCrlf) return 'mixed';
    if (this.#hasCrlf) return 'crlf';
    return this.#hasLf ? 'lf' : 'none';
  }
}
