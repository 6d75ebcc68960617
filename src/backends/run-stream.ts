/**
 * One streamed call, the same for both HTTP providers.
 *
 * Owns: the guarded call from `open` to `close`. Does not own: retrying, the meaning of a piece (`take`), the verdict
 * (settle-stream).
 *
 * 1. Never rejects for anything a server or network does; an exception of `onText` is passed on, after the call was closed.
 * 2. When it returns, nothing is read any more and the socket is closed or back in its pool.
 */
import type { ChatOptions, ChatOutcome, ChatRequest } from '../core/backend.ts';
import type { CallRecord } from './guarded-call.ts';
import type { BodyKind } from './line-watch.ts';
import { ReplyCollector } from './reply-collector.ts';
import { settleStream } from './settle-stream.ts';
import { NOTHING_USED } from './settle-usage.ts';
import type { OpenedCall, Transport } from './transport.ts';

/** After the finish mark only usage and the end are still to come; a server that sends neither is not waited for longer. */
const END_GRACE_MS = 2_000;

export interface StreamClient {
  readonly expect: BodyKind;
  /** Sends the request through the client library and gives its pieces. */
  readonly ask: (opened: OpenedCall) => Promise<AsyncIterable<unknown>>;
  readonly take: (reply: ReplyCollector, piece: unknown) => void;
  /** The error object, as JSON, when the library threw one that came inside the reply. */
  readonly errorInReply: (thrown: unknown) => string | undefined;
}

export interface StreamPlan {
  readonly request: ChatRequest;
  readonly options: ChatOptions;
  readonly totalMs: number;
}

export interface StreamResult {
  readonly outcome: ChatOutcome;
  /** Undefined when the call was not even begun. */
  readonly record: CallRecord | undefined;
}

export async function runStream(transport: Transport, client: StreamClient, plan: StreamPlan): Promise<StreamResult> {
  const { signal, onText } = plan.options;
  const opened = await transport.open({ signal, expect: client.expect, totalMs: plan.totalMs });
  if (!opened.ok)
    return {
      outcome: { kind: 'failed', failure: opened.error, partialText: '', usage: NOTHING_USED },
      record: undefined,
    };
  const { call, redactor } = opened.value;
  const caller = watchErrors(onText);
  const reply = new ReplyCollector({ redactor, maxOutputTokens: plan.request.maxOutputTokens, onText: caller.onText });
  try {
    const thrown = await readPieces({ client, opened: opened.value, reply, signal });
    caller.rethrow();
    const inReply = thrown === undefined ? undefined : client.errorInReply(thrown.error);
    const collected = reply.collect();
    const { record } = call;
    const outcome = settleStream({
      site: transport.site,
      request: plan.request,
      reply: collected,
      record,
      isAborted: signal.aborted,
      isCutByUs: reply.isOverLimit,
      streamError: inReply === undefined ? undefined : redactor.redact(inReply.toWellFormed()),
      // Lines of NDJSON were judged before the client saw them; what it throws then is that the end mark never came.
      isUnreadable: thrown !== undefined && client.expect === 'sse',
    });
    return { outcome, record };
  } finally {
    call.close();
  }
}

interface Reading {
  readonly client: StreamClient;
  readonly opened: OpenedCall;
  readonly reply: ReplyCollector;
  readonly signal: AbortSignal;
}

/** Returns what was thrown on the way, if anything. */
async function readPieces({
  client,
  opened,
  reply,
  signal,
}: Reading): Promise<{ readonly error: unknown } | undefined> {
  try {
    for await (const piece of await client.ask(opened)) {
      if (signal.aborted) break;
      client.take(reply, piece);
      if (reply.isOverLimit) break;
      if (reply.isFinished) opened.call.expectEnd(END_GRACE_MS);
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}

interface WatchedText {
  readonly onText: (delta: string) => void;
  readonly rethrow: () => void;
}

/** Tells an exception of our caller from one of the client library. */
function watchErrors(onText: (delta: string) => void): WatchedText {
  let thrown: { readonly error: unknown } | undefined;
  return {
    onText(delta) {
      try {
        onText(delta);
      } catch (error) {
        thrown ??= { error };
        throw error;
      }
    },
    rethrow() {
      if (thrown !== undefined) throw thrown.error;
    },
  };
}
