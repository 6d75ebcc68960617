import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { ReadRefusal } from '../core/ports.ts';
import { refusalOf, type Located } from './locate.ts';
import { decodeText, SLICE_BYTES, type DecodedText } from './text-format.ts';

export interface TextOfFile extends DecodedText {
  readonly bytes: number;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
}

export interface BytesOfFile {
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
}

/** Reads the file that was located, and no other: one that was put in its place meanwhile is refused. */
export async function readText(
  file: Pick<Located, 'real' | 'stats'>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result<TextOfFile, ReadRefusal>> {
  const read = await readBytes(file, maxBytes, signal);
  if (!read.ok) return read;
  const { bytes, hash } = read.value;
  const decoded = await decodeText(bytes);
  signal.throwIfAborted();
  if (decoded === undefined) return err({ kind: 'binary', why: 'It is not a text file.' });
  return ok({ ...decoded, bytes: bytes.length, hash });
}

/** Like `readText`, of any file. */
export async function readBytes(
  file: Pick<Located, 'real' | 'stats'>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result<BytesOfFile, ReadRefusal>> {
  signal.throwIfAborted();
  if (!file.stats.isFile()) return err({ kind: 'unreadable', why: 'It is not a file; name a file.' });
  if (file.stats.size > maxBytes) return err(tooLarge(file.stats.size, maxBytes));
  try {
    // A pipe put in the file's place would else wait for its writer, and a link would be followed.
    await using handle = await open(
      file.real,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    const now = await handle.stat();
    const isSame =
      now.isFile() &&
      now.ino === file.stats.ino &&
      now.dev === file.stats.dev &&
      (await realpath(file.real)) === file.real;
    if (!isSame) return err({ kind: 'unreadable', why: 'It was replaced while it was being read; try again.' });
    const read = await readSlices(handle, { size: now.size, maxBytes, signal });
    return read.bytes.length > maxBytes ? err(tooLarge(read.bytes.length, maxBytes)) : ok(read);
  } catch (error) {
    signal.throwIfAborted();
    return err(refusalOf(error));
  }
}

/** To the end, which may be further on than `size` by now; at most one byte more than `maxBytes`. */
async function readSlices(
  handle: FileHandle,
  limits: { readonly size: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<BytesOfFile> {
  const hash = createHash('sha256');
  let buffer = Buffer.allocUnsafe(Math.min(limits.size, limits.maxBytes) + 1);
  let length = 0;
  while (length <= limits.maxBytes) {
    limits.signal.throwIfAborted();
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length, limits.maxBytes + 1));
    const { bytesRead } = await handle.read(buffer, length, Math.min(SLICE_BYTES, buffer.length - length), null);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(length, length + bytesRead));
    length += bytesRead;
    if (length >= SLICE_BYTES) await nextTurn();
  }
  return { bytes: buffer.subarray(0, length), hash: hash.digest('hex') };
}

export function tooLarge(bytes: number, maxBytes: number): ReadRefusal {
  return {
    kind: 'too-large',
    why: `It has ${bytes.toLocaleString('en-US')} bytes, and at most ${maxBytes.toLocaleString('en-US')} are read; name a smaller file.`,
  };
}
