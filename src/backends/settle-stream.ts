/**
 * The only place that says a call succeeded: its finish mark was seen, nobody called it off, nothing of it was cut
 * that is useless in part, and there is something in it. That a stream ended says nothing: both client libraries end
 * their loop in the same way when it was aborted, cut, or never held a reply.
 */
import type { ChatOutcome, ChatRequest, ToolCall } from '../core/backend.ts';
import type { Failure } from '../core/failure.ts';
import type { Usage } from '../core/spend.ts';
import { badResponse, cancelled, classifyStreamError, classifyTrouble, cutOff, failureAt } from './classify-error.ts';
import type { CallSite } from './classify-error.ts';
import type { CallRecord } from './guarded-call.ts';
import { parseJson } from './json-value.ts';
import { readableText } from './error-body.ts';
import { NOTHING_USED, estimatedUsage, settleUsage } from './settle-usage.ts';
import type { ReportedUsage } from './settle-usage.ts';

export interface RawToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, without our secrets; empty for none. */
  readonly argumentsText: string;
}

/** What was collected from the pieces of a reply. */
export interface CollectedReply {
  readonly text: string;
  readonly hasReasoning: boolean;
  readonly refusal: string;
  readonly toolCalls: readonly RawToolCall[];
  /** The server's finish mark in its own word; undefined when it never came. */
  readonly finish: string | undefined;
  readonly reported: ReportedUsage | undefined;
  /** Estimated tokens of everything received, reasoning included. */
  readonly outputTokens: number;
}

export interface EndedStream {
  readonly site: CallSite;
  readonly request: ChatRequest;
  readonly reply: CollectedReply;
  readonly record: CallRecord;
  readonly isAborted: boolean;
  /** We stopped it, because it ran on beyond its limit. */
  readonly isCutByUs: boolean;
  /** An error object inside the reply, as JSON text, already redacted. */
  readonly streamError?: string | undefined;
  /** The client library could not read what came. */
  readonly isUnreadable: boolean;
}

export function settleStream(ended: EndedStream): ChatOutcome {
  if (ended.isAborted) return fail(ended, cancelled(ended.site));
  if (ended.isCutByUs) return settleCut(ended, 'length');
  if (ended.reply.finish === undefined) return fail(ended, whyUnfinished(ended));
  return settleFinished(ended, ended.reply.finish);
}

function settleFinished(ended: EndedStream, finish: string): ChatOutcome {
  const { reply, site } = ended;
  if (finish === 'content_filter' || reply.refusal !== '') {
    const words = reply.refusal === '' ? 'its content filter stopped the reply' : readableText(reply.refusal);
    return fail(
      ended,
      failureAt(site, {
        reason: 'refused-by-model',
        what: `refused: ${words}`,
        whatToDo: 'Word the request differently, or use another backend.',
      }),
    );
  }
  if (finish === 'length') return settleCut(ended, 'length');
  const toolCalls = parseToolCalls(reply.toolCalls, ended.request.tools !== undefined);
  if ('unreadable' in toolCalls)
    return fail(
      ended,
      failureAt(
        site,
        badResponse(`asked for the tool ${readableText(toolCalls.unreadable)} with arguments that are not JSON`),
      ),
    );
  if (reply.text.trim() === '' && toolCalls.calls.length === 0) {
    return fail(
      ended,
      failureAt(
        site,
        badResponse(reply.hasReasoning ? 'reasoned and then finished without an answer' : 'finished without an answer'),
      ),
    );
  }
  return finished(ended, toolCalls.calls, toolCalls.calls.length > 0 ? 'tools' : 'stop');
}

/** Prose that was cut is still worth having, JSON is not; calls of tools are answered by whoever gave the tools. */
function settleCut(ended: EndedStream, finish: 'length'): ChatOutcome {
  const { reply, request, site } = ended;
  const limit = `its limit of ${request.maxOutputTokens} output tokens`;
  const cut = (what: string): ChatOutcome =>
    fail(
      ended,
      failureAt(site, {
        reason: 'truncated-output',
        what,
        whatToDo: 'Allow more output tokens (maxOutputTokens of this backend), or ask for less at once.',
      }),
    );
  if (request.schema !== undefined) return cut(`was cut inside its structured answer by ${limit}`);
  const toolCalls = parseToolCalls(reply.toolCalls, request.tools !== undefined);
  if (request.tools !== undefined && 'calls' in toolCalls && toolCalls.calls.length > 0)
    return finished(ended, toolCalls.calls, finish);
  if (reply.toolCalls.length > 0) return cut(`was cut inside a tool call by ${limit}`);
  if (reply.text.trim() === '')
    return cut(
      reply.hasReasoning ? `used up ${limit} on reasoning and wrote no answer` : `reached ${limit} without an answer`,
    );
  return finished(ended, [], finish);
}

function whyUnfinished(ended: EndedStream): Failure {
  const { site, record } = ended;
  if (record.trouble !== undefined) return classifyTrouble(record.trouble, site, record);
  if (ended.streamError !== undefined) return classifyStreamError(ended.streamError, site);
  if (ended.isUnreadable && !record.endedInsideLine)
    return failureAt(site, badResponse('sent something that is not its protocol'));
  if (record.endedInsideLine && record.strangeLines === 0)
    return failureAt(site, cutOff('ended its reply in the middle of a line'));
  if (record.bytes === 0) return failureAt(site, badResponse('answered with an empty body'));
  if (record.contentLines === 0 && record.strangeLines > 0)
    return failureAt(site, badResponse('answered with text that is not an event stream'));
  return failureAt(site, cutOff('ended its reply without saying that it was finished'));
}

/** `isAsked`: whoever gave tools also answers calls that are no JSON; elsewhere nobody could. */
function parseToolCalls(
  raw: readonly RawToolCall[],
  isAsked: boolean,
): { readonly calls: readonly ToolCall[] } | { readonly unreadable: string } {
  const calls: ToolCall[] = [];
  for (const { id, name, argumentsText } of raw) {
    const value = argumentsText.trim() === '' ? {} : parseJson(argumentsText);
    if (!isAsked && (value === undefined || name === '')) return { unreadable: name };
    calls.push({ id, name, arguments: value ?? argumentsText });
  }
  return { calls };
}

function finished(
  ended: EndedStream,
  toolCalls: readonly ToolCall[],
  finish: 'stop' | 'length' | 'tools',
): ChatOutcome {
  return { kind: 'finished', text: ended.reply.text, toolCalls, finish, usage: usageOf(ended) };
}

function fail(ended: EndedStream, failure: Failure): ChatOutcome {
  return { kind: 'failed', failure, partialText: ended.reply.text, usage: usageOf(ended) };
}

/** Nothing is charged for what never reached a model; what may have and did not say is charged by the estimate. */
function usageOf(ended: EndedStream): Usage {
  const { reply, request, record } = ended;
  const inputTokens = request.inputTokensEstimate;
  if (!mayHaveReachedModel(record)) return NOTHING_USED;
  // What a server makes beyond the limit was never asked for: the reservation is what it can cost us.
  if (ended.isCutByUs) return estimatedUsage({ inputTokens, outputTokens: request.maxOutputTokens });
  const outputTokens = Math.max(reply.outputTokens, Math.min(unreadTokens(record), request.maxOutputTokens));
  return settleUsage(reply.reported, { inputTokens, outputTokens, maxOutputTokens: request.maxOutputTokens });
}

/** Of a line that was too long nothing was read, but it was made. */
function unreadTokens({ trouble, bytes }: CallRecord): number {
  return trouble?.kind === 'too-large' && trouble.what === 'line' ? Math.ceil(bytes / 3) : 0;
}

function mayHaveReachedModel(record: CallRecord): boolean {
  const { trouble } = record;
  if (trouble === undefined) return record.isStarted;
  switch (trouble.kind) {
    case 'refused-url':
    case 'other-origin':
    case 'bad-header':
    case 'status':
    case 'redirect':
      return false;
    case 'network':
      return trouble.phase === 'in-response';
    case 'deadline':
      return trouble.which !== 'connect';
    default:
      return record.isStarted;
  }
}
