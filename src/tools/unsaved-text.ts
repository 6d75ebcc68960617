import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import { encodeText } from '../core/edits/encode-text.ts';
import { eolOf } from '../core/edits/line-ends.ts';
import type { ReadRefusal } from '../core/ports.ts';
import type { TextFormat } from '../core/text-format.ts';
import { tooLarge, type TextOfFile } from './read-text.ts';
import { SLICE_BYTES } from './text-format.ts';

/**
 * What an editor shows instead of what is on disk, with size and hash of the bytes that saving it would give; `unsaved`
 * undefined or the same text: what is on disk. A text that no longer fits the file's encoding counts as UTF-8.
 */
export async function withUnsavedText(
  onDisk: TextOfFile,
  unsaved: string | undefined,
  maxBytes: number,
): Promise<Result<TextOfFile & { readonly unsaved?: true }, ReadRefusal>> {
  if (unsaved === undefined || unsaved === onDisk.text) return ok(onDisk);
  const text = unsaved.toWellFormed();
  const { encoding } = onDisk.format;
  const own = await measure(text, encoding);
  const { bytes, hash } = own ?? (await measure(text, 'utf8')) ?? { bytes: Infinity, hash: '' };
  if (bytes > maxBytes) return err(tooLarge(bytes, maxBytes));
  const format = { encoding: own === undefined ? 'utf8' : encoding, eol: eolOf(text) } as const;
  return ok({ text, bytes, hash, format, unsaved: true });
}

/** Size and SHA-256 of the bytes of a text, in slices with a turn of the event loop after each; undefined when they cannot be encoded so. */
async function measure(
  text: string,
  encoding: TextFormat['encoding'],
): Promise<{ readonly bytes: number; readonly hash: string } | undefined> {
  const hash = createHash('sha256');
  const mark = encodeText('', { encoding });
  const markBytes = mark.ok ? mark.value.length : 0;
  let bytes = 0;
  let start = 0;
  do {
    const end = endOfSlice(text, start);
    const encoded = encodeText(text.slice(start, end), { encoding });
    if (!encoded.ok) return undefined;
    const part = start === 0 ? encoded.value : encoded.value.subarray(markBytes);
    hash.update(part);
    bytes += part.length;
    start = end;
    if (start < text.length) await nextTurn();
  } while (start < text.length);
  return { bytes, hash: hash.digest('hex') };
}

/** Never between the halves of a character. */
function endOfSlice(text: string, start: number): number {
  const end = Math.min(start + SLICE_BYTES, text.length);
  const isHalf = end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return isHalf ? end + 1 : end;
}
