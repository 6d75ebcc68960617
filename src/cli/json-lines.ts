/** NDJSON: what a program reads. */
import { createHash } from 'node:crypto';
import { PAYLOAD_FIELDS, type RunEvent } from '../core/run-event.ts';

/** Payloads up to this many UTF-8 bytes stand in the event, longer ones as `{hash, bytes}`. The answer always stands in it. */
export const INLINED_BYTES = 64 * 1024;

/** One event, as journaled. */
export function eventLine(event: RunEvent): string {
  const line: Record<string, unknown> = { ...event };
  for (const field of PAYLOAD_FIELDS[event.type] ?? []) {
    const text = line[field];
    if (typeof text !== 'string') continue;
    const bytes = Buffer.byteLength(text, 'utf8');
    if (bytes > INLINED_BYTES) line[field] = { hash: createHash('sha256').update(text, 'utf8').digest('hex'), bytes };
  }
  return jsonLine(line);
}

/** U+2028 and U+2029 are escaped, because some readers take them for line ends. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}
