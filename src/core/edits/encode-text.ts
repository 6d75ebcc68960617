/** Texts to bytes and bytes to base64, with what every platform has. */
import { countLines } from '../../base/count-lines.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { TextFormat } from '../text-format.ts';

/** The bytes of a text in its file, with the byte order mark that its encoding has; the error says what does not fit, for a person. */
export function encodeText(text: string, format: Pick<TextFormat, 'encoding'>): Result<Uint8Array, string> {
  switch (format.encoding) {
    case 'utf8':
      return utf8(text, []);
    case 'utf8-bom':
      return utf8(text, [0xef, 0xbb, 0xbf]);
    case 'utf16le':
      return ok(utf16(text, true));
    case 'utf16be':
      return ok(utf16(text, false));
    case 'latin1':
      return latin1(text);
  }
}

function utf8(text: string, mark: readonly number[]): Result<Uint8Array, string> {
  if (!text.isWellFormed())
    return err('The text has half a character (a lone surrogate) in it, which UTF-8 cannot hold.');
  const bytes = new TextEncoder().encode(text);
  if (mark.length === 0) return ok(bytes);
  const marked = new Uint8Array(bytes.length + mark.length);
  marked.set(mark);
  marked.set(bytes, mark.length);
  return ok(marked);
}

function utf16(text: string, isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * text.length + 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, isLittleEndian);
  for (let index = 0; index < text.length; index++)
    view.setUint16(2 * index + 2, text.charCodeAt(index), isLittleEndian);
  return bytes;
}

/** ISO 8859-1: every byte is the character of the same number. */
function latin1(text: string): Result<Uint8Array, string> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) {
      const character = String.fromCodePoint(text.codePointAt(index) ?? code);
      const line = countLines(text.slice(0, index));
      return err(
        `The file is encoded as Latin-1, which has no ${JSON.stringify(character)} (line ${line}); save it as UTF-8 first.`,
      );
    }
    bytes[index] = code;
  }
  return ok(bytes);
}

/** As many bytes as `String.fromCharCode` takes as arguments without trouble. */
const CHUNK = 8192;

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK)
    parts.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)));
  return btoa(parts.join(''));
}

/** Throws for text that is no base64. */
export function fromBase64(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
