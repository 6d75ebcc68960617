const LONGEST_MS = 24 * 3_600_000;

/**
 * Milliseconds that the server asked us to wait, at most a day: `retry-after-ms`, else `Retry-After` in seconds or as
 * an HTTP date (RFC 9110, 10.2.3; measured against the wall clock, where a past date is 0). Undefined when absent,
 * negative or unreadable.
 */
export function readRetryAfter(headers: Headers, wallMs: number): number | undefined {
  const inMs = readNumber(headers.get('retry-after-ms'));
  if (inMs !== undefined) return Math.min(inMs, LONGEST_MS);
  const text = headers.get('retry-after');
  const inSeconds = readNumber(text);
  if (inSeconds !== undefined) return Math.min(inSeconds * 1000, LONGEST_MS);
  // Date.parse takes much that is no date at all, such as "-1".
  if (text === null || !/^[A-Za-z]{3,9},? /.test(text.trim())) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(0, atMs - wallMs), LONGEST_MS);
}

function readNumber(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d+(\.\d+)?$/.test(trimmed) ? Math.ceil(Number(trimmed)) : undefined;
}
