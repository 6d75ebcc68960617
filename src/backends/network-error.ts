import type { FetchTrouble } from './fetch-trouble.ts';
import { FetchStopped } from './fetch-trouble.ts';

/** undici's own limits, which hold where ours are longer. Their values are its defaults. */
const UNDICI_DEADLINES: ReadonlyMap<string, FetchTrouble> = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', { kind: 'deadline', which: 'connect', afterMs: 10_000 }],
  ['UND_ERR_HEADERS_TIMEOUT', { kind: 'deadline', which: 'first byte', afterMs: 300_000 }],
  ['UND_ERR_BODY_TIMEOUT', { kind: 'deadline', which: 'idle', afterMs: 300_000 }],
  ['ETIMEDOUT', { kind: 'deadline', which: 'connect', afterMs: 0 }],
]);

/** What fetch, or reading its body, rejected with. */
export function troubleOfNetworkError(error: unknown, phase: 'before-response' | 'in-response'): FetchTrouble {
  if (error instanceof FetchStopped) return error.trouble;
  const code = codeOf(error);
  return (code === undefined ? undefined : UNDICI_DEADLINES.get(code)) ?? { kind: 'network', code, phase };
}

/** The code of the innermost cause that has one. */
function codeOf(error: unknown): string | undefined {
  let code: string | undefined;
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    if ('code' in current && typeof current.code === 'string') code = current.code;
    current = 'cause' in current ? current.cause : undefined;
  }
  return code;
}
