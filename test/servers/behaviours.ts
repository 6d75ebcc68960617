/**
 * What a server may do other than answer well, as data. A request gets none, one, or several, applied in their order
 * (fragmenting always last). "Chunks" are content frames: after `afterChunks: 0` nothing but the opening has gone out; a
 * reply with fewer chunks comes to the point just before its finish. A reply that is not streamed counts as three chunks.
 */
import type { Gate } from './gate.ts';
import type { RequestRecord } from './records.ts';

/** Happens in place of a reply: the model is not asked. */
export type InsteadOfReply =
  /** TCP RST as soon as the connection stands; over a kept connection, as soon as the request comes. */
  | { readonly kind: 'resetOnAccept' }
  /** TCP RST when the request has been read. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'hangBeforeHeaders' }
  | { readonly kind: 'hangAfterHeaders' }
  /** An error in the protocol's own shape. Retry-After goes out as it is written here. */
  | ({ readonly kind: 'status'; readonly status: number } & StatusDetails)
  /** Sends the Authorization header back: in the message of a 401, or in the HTML page of a 503. */
  | { readonly kind: 'echoKey'; readonly status: 401 | 503 }
  /** Any body: `htmlPage`, `emptyBody`, `nullBody`, … */
  | { readonly kind: 'body'; readonly status?: number; readonly contentType?: string; readonly body: string }
  | { readonly kind: 'contextOverflow'; readonly shape?: 'openai' | 'llama-server'; readonly contextTokens?: number }
  /** To the same path at another origin. */
  | { readonly kind: 'redirect'; readonly status: 301 | 302 | 303 | 307 | 308; readonly toOrigin: string };

interface StatusDetails {
  readonly message?: string;
  readonly type?: string;
  readonly code?: string;
  readonly retryAfter?: string;
  readonly retryAfterMs?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Changes what the reply says. */
export type ReplyFault =
  /** The whole reply, however long, with `stop`. */
  | { readonly kind: 'ignoreMaxTokens' }
  /** Lets the brain answer free text where JSON was asked for; the brain is told of no schema. */
  | { readonly kind: 'ignoreFormat' }
  /** The brain is told of no tools. */
  | { readonly kind: 'ignoreTools' }
  /** Cut after so many tokens, with `length`, whatever the request allows. */
  | { readonly kind: 'cutReply'; readonly tokens: number }
  | { readonly kind: 'lyingUsage'; readonly usage: UsageLie };

/** `'NaN'` goes out as a string, as JSON has no such number. */
export type UsageLie = 'missing' | 'zero' | 'negative' | 'NaN' | '1e308';

/** Changes how the reply goes out. */
export type DeliveryFault =
  | { readonly kind: 'delay'; readonly beforeHeadersMs?: number; readonly betweenChunksMs?: number }
  /** Waits at a gate of the test. */
  | { readonly kind: 'hold'; readonly at: HoldPoint; readonly gate: Gate }
  | { readonly kind: 'stall'; readonly afterChunks: number }
  /** Nothing but `: ping` comments (Ollama: empty lines), for ever. */
  | { readonly kind: 'pingForever'; readonly afterChunks: number; readonly everyMs?: number }
  | { readonly kind: 'slowLoris'; readonly bytes?: number; readonly everyMs: number }
  | { readonly kind: 'resetMidStream'; readonly afterChunks: number }
  /** The HTTP body ends as if all were well. */
  | { readonly kind: 'endWithoutFinish'; readonly afterChunks: number }
  /** The TCP connection ends in the middle of the HTTP body. */
  | { readonly kind: 'cutMidStream'; readonly afterChunks: number }
  /** No usage and no `[DONE]`, but the finish was said. */
  | { readonly kind: 'endAfterFinish' }
  /** One chunk is no JSON; the rest follows. */
  | { readonly kind: 'badJson'; readonly afterChunks: number }
  /** The body ends inside a line. */
  | { readonly kind: 'halfLine'; readonly afterChunks: number }
  | {
      readonly kind: 'errorInStream';
      readonly afterChunks: number;
      readonly form?: 'data' | 'event';
      readonly message?: string;
      readonly type?: string;
    }
  /** Legal oddities: a reader gets the same text. */
  | { readonly kind: 'dress'; readonly styles: readonly Dress[] }
  | { readonly kind: 'fragments'; readonly bytes: number }
  /** Bytes that are no UTF-8 inside a string. */
  | { readonly kind: 'invalidUtf8'; readonly afterChunks: number }
  /** An escaped half of a surrogate pair inside a string. */
  | { readonly kind: 'loneSurrogate'; readonly afterChunks: number }
  /** Text without end, whatever the limit, until the client closes. */
  | { readonly kind: 'endless'; readonly everyMs?: number }
  /** One chunk with a text of this length, in one line. */
  | { readonly kind: 'giantLine'; readonly bytes: number }
  | { readonly kind: 'manyChunks'; readonly count: number }
  /** One JSON body where a stream was asked for. */
  | { readonly kind: 'wholeForStream' };

/** All but `crlf`, `blankLines` and `bom` are of SSE only. */
export type Dress =
  | 'crlf'
  | 'bom'
  | 'comments'
  | 'ids'
  | 'noSpace'
  | 'nullData'
  | 'emptyChoices'
  | 'noChoices'
  | 'blankLines'
  | 'dataAfterDone';

export type HoldPoint = 'headers' | 'finish' | { readonly afterChunks: number };

export type Behaviour = InsteadOfReply | ReplyFault | DeliveryFault;

/** What applies to one request. */
export type Behaviours = Behaviour | readonly Behaviour[];

/** Chooses by the request, which has been read but not answered. */
export type BehaviourChooser = (record: RequestRecord) => Behaviours | undefined;

/** An ordinary answer, to stand in a queue. */
export const ok: readonly Behaviour[] = [];

export const htmlPage: Behaviour = {
  kind: 'body',
  contentType: 'text/html; charset=utf-8',
  body: '<!doctype html><title>Sign in</title><p>Please sign in to the network.',
};
export const emptyBody: Behaviour = { kind: 'body', body: '' };
export const nullBody: Behaviour = { kind: 'body', contentType: 'application/json', body: 'null' };

/** A Retry-After date, `ms` from now, to whole seconds as HTTP has them. */
export function httpDateIn(ms: number): string {
  return new Date(Date.now() + ms).toUTCString();
}

export function listOf(behaviours: Behaviours | undefined): readonly Behaviour[] {
  if (behaviours === undefined) return [];
  return 'kind' in behaviours ? [behaviours] : behaviours;
}

const INSTEAD: Readonly<Record<InsteadOfReply['kind'], true>> = {
  resetOnAccept: true,
  reset: true,
  hangBeforeHeaders: true,
  hangAfterHeaders: true,
  status: true,
  echoKey: true,
  body: true,
  contextOverflow: true,
  redirect: true,
};

export function isInsteadOfReply(behaviour: Behaviour): behaviour is InsteadOfReply {
  return behaviour.kind in INSTEAD;
}

export function find<K extends Behaviour['kind']>(
  behaviours: readonly Behaviour[],
  kind: K,
): Extract<Behaviour, { readonly kind: K }> | undefined {
  return behaviours.find((behaviour): behaviour is Extract<Behaviour, { readonly kind: K }> => behaviour.kind === kind);
}
