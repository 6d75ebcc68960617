import type { Clock } from '../base/clock.ts';
import type { BoundSecret } from './guarded-headers.ts';
import type { BodyKind } from './line-watch.ts';
import type { Redactor } from '../base/redact.ts';

export interface Deadlines {
  /** Until there is a connection, with https also the handshake; unknown, and so not kept, where the host replaces fetch. */
  readonly connectMs: number;
  /** From the start of the request to the first content of the reply; pings and comments are no content. */
  readonly firstByteMs: number;
  /** Between two pieces of content. */
  readonly idleMs: number;
  /** For the whole call. */
  readonly totalMs: number;
}

export interface ByteCaps {
  readonly responseBytes: number;
  readonly lineBytes: number;
}

export const DEFAULT_DEADLINES: Omit<Deadlines, 'totalMs'> = {
  connectMs: 10_000,
  firstByteMs: 180_000,
  idleMs: 60_000,
};
export const DEFAULT_CAPS: ByteCaps = { responseBytes: 8 * 2 ** 20, lineBytes: 2 ** 20 };

export interface GuardedFetchOptions {
  /** Scheme, host and port that every request must go to, as `URL.origin` writes it. */
  readonly origin: string;
  readonly allowPlainHttp: boolean;
  readonly secret?: BoundSecret;
  /** Extra headers of the roster entry. */
  readonly headers: Readonly<Record<string, string>>;
  readonly deadlines: Deadlines;
  readonly caps: ByteCaps;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

export interface CallPlan {
  readonly signal: AbortSignal;
  readonly expect: BodyKind;
  /** Of the total deadline, what is left for this call. */
  readonly totalMs?: number;
}
