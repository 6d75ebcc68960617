/** What the journal does to an event's body on its way in and out. Both journals use it, so they give back the same. */
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import { PAYLOAD_FIELDS, type BlobRef, type RunEventBody } from '../core/run-event.ts';
import { journalFailure } from './journal-failure.ts';

/** Payloads with more UTF-8 bytes than this are stored by content; shorter ones stay in the event and are always read as text. */
const INLINE_BYTES = 256;

/** Prompts with more UTF-8 bytes than this are not given back as texts by an append. */
const PROMPT_BYTES = 64 * 1024;

export interface StoredText extends BlobRef {
  readonly text: string;
}

/** An event's body as it is stored: long payloads are references. */
export type StoredBody = Readonly<Record<string, unknown>>;

/** Whole milliseconds, as events carry them. */
export function wallMs(clock: Clock): number {
  return Math.trunc(clock.wallMs());
}

/** Clean bodies, or a failure for one that JSON cannot hold (a cycle, say). */
export function cleanBodies(bodies: readonly RunEventBody[]): Result<readonly RunEventBody[], Failure> {
  try {
    return ok(bodies.map(cleanBody));
  } catch (error) {
    return err(
      journalFailure(
        `An event of type ${bodies[0]?.type ?? '?'} cannot be recorded: ${String(error)}.`,
        'Report this as a bug, with the message.',
      ),
    );
  }
}

/**
 * The body as JSON will give it back: lone surrogates become U+FFFD, undefined members go, numbers that JSON does not
 * have become null. Shares everything that needs no change.
 */
function cleanBody(body: RunEventBody): RunEventBody {
  return cleanValue(body) as RunEventBody;
}

function cleanValue(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : value.toWellFormed();
    case 'number':
      return Number.isFinite(value) ? (value === 0 ? 0 : value) : null;
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? cleanArray(value) : cleanObject(value);
    case 'undefined':
      return null;
    default:
      throw new TypeError(`A ${typeof value} cannot be recorded in an event.`);
  }
}

function cleanArray(items: readonly unknown[]): readonly unknown[] {
  const cleaned = items.map(cleanValue);
  return cleaned.every((item, index) => Object.is(item, items[index])) ? items : cleaned;
}

function cleanObject(object: object): object {
  const before = Object.entries(object);
  const after = before
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, unknown] => [name.toWellFormed(), cleanValue(value)]);
  const isSame =
    after.length === before.length &&
    after.every(([name, value], index) => name === before[index]?.[0] && Object.is(value, before[index]?.[1]));
  return isSame ? object : Object.fromEntries(after);
}

/** Takes the long payloads out of a clean body. */
export function splitBody(body: RunEventBody): { readonly stored: StoredBody; readonly texts: readonly StoredText[] } {
  const stored: Record<string, unknown> = { ...body };
  const texts: StoredText[] = [];
  for (const field of PAYLOAD_FIELDS[body.type] ?? []) {
    const text = stored[field];
    if (typeof text !== 'string') continue;
    if (Buffer.byteLength(text, 'utf8') <= INLINE_BYTES) continue;
    const ref = refTo(text);
    texts.push({ ...ref, text });
    stored[field] = ref;
  }
  return { stored, texts };
}

/**
 * What an append gives back of an event: a long prompt as a reference. Whoever folds a run while it goes on keeps what is
 * given back, and the prompts of a long reading are all of the text that is read.
 */
export function withoutLongPrompt(body: RunEventBody): RunEventBody {
  if (body.type !== 'call.started' || typeof body.prompt !== 'string') return body;
  return Buffer.byteLength(body.prompt, 'utf8') <= PROMPT_BYTES ? body : { ...body, prompt: refTo(body.prompt) };
}

function refTo(text: string): BlobRef {
  return {
    hash: createHash('sha256').update(text, 'utf8').digest('hex'),
    bytes: Buffer.byteLength(text, 'utf8'),
  };
}

/** References in a stored body; events may also be appended with references that were read before. */
export function blobRefs(stored: StoredBody): readonly { readonly field: string; readonly ref: BlobRef }[] {
  const fields =
    typeof stored['type'] === 'string' && Object.hasOwn(PAYLOAD_FIELDS, stored['type'])
      ? PAYLOAD_FIELDS[stored['type'] as RunEventBody['type']]
      : undefined;
  return (fields ?? []).flatMap((field) => {
    const value = stored[field];
    return isBlobRef(value) ? [{ field, ref: value }] : [];
  });
}

function isBlobRef(value: unknown): value is BlobRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    'hash' in value &&
    typeof value.hash === 'string' &&
    'bytes' in value &&
    typeof value.bytes === 'number'
  );
}

/** Puts texts of up to `textsUpToBytes` back in; a text that is not found stays a reference. */
export function inlineTexts(
  stored: StoredBody,
  textsUpToBytes: number,
  lookUp: (ref: BlobRef) => string | undefined,
): StoredBody {
  const inlined: Record<string, unknown> = { ...stored };
  for (const { field, ref } of blobRefs(stored)) {
    if (ref.bytes <= textsUpToBytes) inlined[field] = lookUp(ref) ?? ref;
  }
  return inlined;
}
