import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { ReadRefusal } from '../core/ports.ts';
import { refusalOf, type Located } from './locate.ts';

export interface TextOfFile {
  readonly text: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
}

/** Reads the file that was located, and no other: one that was put in its place meanwhile is refused. */
export async function readText(
  file: Located,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result<TextOfFile, ReadRefusal>> {
  signal.throwIfAborted();
  const read = await readBytes(file, maxBytes, signal);
  if (!read.ok) return read;
  const text = decodeText(read.value);
  if (text === undefined) return err({ kind: 'binary', why: 'It is not a text file.' });
  return ok({ text, bytes: read.value.length, hash: createHash('sha256').update(read.value).digest('hex') });
}

async function readBytes(file: Located, maxBytes: number, signal: AbortSignal): Promise<Result<Buffer, ReadRefusal>> {
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
    const bytes = await handle.readFile({ signal });
    return bytes.length > maxBytes ? err(tooLarge(bytes.length, maxBytes)) : ok(bytes);
  } catch (error) {
    signal.throwIfAborted();
    return err(refusalOf(error));
  }
}

function tooLarge(bytes: number, maxBytes: number): ReadRefusal {
  return {
    kind: 'too-large',
    why: `It has ${bytes.toLocaleString('en-US')} bytes, and at most ${maxBytes.toLocaleString('en-US')} are read; name a smaller file.`,
  };
}

const SNIFFED_BYTES = 8192;
/** Above this share of bytes that are no UTF-8 a file is taken for binary, below it for an older 8-bit encoding. */
const MOST_INVALID = 0.1;

/** Text without its byte order mark; undefined for a binary file. Reads UTF-8, UTF-16 with a mark, and Latin-1. */
function decodeText(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return unlessNul(decode('utf-16le', bytes));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return unlessNul(decode('utf-16be', bytes));
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) return undefined;
  const strict = decodeStrictly(bytes);
  if (strict !== undefined) return strict;
  const sample = decode('utf-8', bytes.subarray(0, SNIFFED_BYTES));
  const invalid = sample.split('\ufffd').length - 1;
  return invalid / sample.length > MOST_INVALID ? undefined : bytes.toString('latin1');
}

function decode(encoding: string, bytes: Buffer): string {
  return new TextDecoder(encoding).decode(bytes);
}

function decodeStrictly(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function unlessNul(text: string): string | undefined {
  return text.slice(0, SNIFFED_BYTES).includes('\0') ? undefined : text;
}
