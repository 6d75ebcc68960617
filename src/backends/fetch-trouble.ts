import type { BodyKind } from './line-watch.ts';

/** Why a guarded fetch did not give the client what it asked for. Texts in it are already cut and redacted. */
export type FetchTrouble =
  | { readonly kind: 'refused-url'; readonly why: string }
  | { readonly kind: 'other-origin'; readonly host: string }
  | { readonly kind: 'bad-header'; readonly name: string }
  /** `code` is the operating system's or undici's, e.g. ECONNREFUSED. */
  | { readonly kind: 'network'; readonly code: string | undefined; readonly phase: 'before-response' | 'in-response' }
  | { readonly kind: 'deadline'; readonly which: DeadlineName; readonly afterMs: number }
  | { readonly kind: 'status'; readonly status: number; readonly body: string }
  /** `to` is the host it pointed to, where it said so. */
  | { readonly kind: 'redirect'; readonly status: number; readonly to: string | undefined }
  /** A success whose body is of another kind than was asked for. */
  | { readonly kind: 'bad-body'; readonly expected: BodyKind; readonly contentType: string; readonly body: string }
  | { readonly kind: 'bad-line'; readonly excerpt: string }
  /** The body ended in the middle of a line. */
  | { readonly kind: 'cut' }
  /** An error object where a part of the reply should be. */
  | { readonly kind: 'stream-error'; readonly body: string }
  | { readonly kind: 'too-large'; readonly what: 'response' | 'line'; readonly limitBytes: number }
  | { readonly kind: 'aborted' };

export type DeadlineName = 'connect' | 'first byte' | 'idle' | 'total';

/** What a guarded fetch rejects with. The clients wrap it, so the call's record, not the exception, is what to look at. */
export class FetchStopped extends Error {
  readonly trouble: FetchTrouble;

  constructor(trouble: FetchTrouble) {
    super(`Guarded fetch stopped: ${trouble.kind}`);
    this.name = 'FetchStopped';
    this.trouble = trouble;
  }
}
