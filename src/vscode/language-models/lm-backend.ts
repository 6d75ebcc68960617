/**
 * A model of `vscode.lm` as a backend. Owns: finding the model, deadlines, ending a call at once, what a failure means, and
 * the estimate where no usage is reported. Does not own: VS Code's classes (`lm-api.ts`), retries, slots.
 *
 * 1. A model of our own vendor is never called, whatever the selector says: that would call ourselves.
 * 2. `chat` never rejects, settles at once when its signal aborts, and cancels the request in VS Code then.
 * 3. No timer is left when `chat` has settled.
 * 4. What is charged as output is never more than `maxOutputTokens`, unless the model itself reports more.
 */
import { raceAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { OWN_VENDOR, selectorText, type LmSelector } from '../../config/lm-selector.ts';
import type {
  Backend,
  BackendDescription,
  ChatOptions,
  ChatOutcome,
  ChatRequest,
  CheckReport,
  Feature,
  ToolCall,
  ToolSpec,
} from '../../core/backend.ts';
import { failure, type Failure, type FailureReason } from '../../core/failure.ts';
import type { Usage } from '../../core/spend.ts';
import { estimateTokens } from '../../core/tokens.ts';
import { LmDeadlines } from './lm-deadlines.ts';
import { toLmMessages, type LmMessage } from './lm-messages.ts';

export type LmReplyPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall }
  | { readonly kind: 'usage'; readonly usage: Usage }
  /** Something that only shows that the model works. */
  | { readonly kind: 'other' };

/** One model that VS Code offers. */
export interface LmModel {
  readonly vendor: string;
  readonly family: string;
  readonly id: string;
  readonly version: string;
  readonly maxInputTokens: number;
  countTokens(text: string): Promise<number>;
  /** Aborting the signal cancels the request in VS Code. */
  send(
    messages: readonly LmMessage[],
    tools: readonly ToolSpec[],
    signal: AbortSignal,
  ): Promise<AsyncIterable<LmReplyPart>>;
}

export interface LmPort {
  /** Models that match; `[]` when there is none. */
  select(selector: LmSelector): Promise<readonly LmModel[]>;
}

export const LM_FEATURES: readonly Feature[] = ['generation', 'streaming', 'tools', 'outputLimit'];

const NOTHING_USED: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, known: true };

/** VS Code itself said no: the model has not seen the request. */
const REFUSED_UNUSED: ReadonlySet<FailureReason> = new Set(['rejected', 'unauthorized', 'rate-limited']);

type Found = Result<LmModel, Failure>;
/** `length`: stopped by us at the limit. */
type Ending = 'ended' | 'length';

/** What has arrived of a reply. */
interface Reply {
  text: string;
  readonly toolCalls: ToolCall[];
  usage: Usage | undefined;
}

export class LmBackend implements Backend {
  readonly description: BackendDescription;
  readonly selector: LmSelector;
  readonly #port: LmPort;
  readonly #clock: Clock;

  constructor(
    description: Omit<BackendDescription, 'features'>,
    selector: LmSelector,
    ports: { readonly lm: LmPort; readonly clock: Clock },
  ) {
    this.description = { ...description, features: LM_FEATURES };
    this.selector = selector;
    this.#port = ports.lm;
    this.#clock = ports.clock;
  }

  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatOutcome> {
    const call = new LmDeadlines(options.signal, this.description.timeoutMs, this.#clock);
    const reply: Reply = { text: '', toolCalls: [], usage: undefined };
    let isSent = false;
    try {
      const found = await raceAbort(this.#findFor(request), call.signal);
      if (!found.ok) return failed(found.error, reply, NOTHING_USED);
      isSent = true;
      const ending = await this.#converse(found.value, request, { call, reply, onText: options.onText });
      return this.#outcome(ending, reply, request);
    } catch (error) {
      const why = this.#failureOf(error, call);
      const isRefused = !isSent || (reply.text === '' && REFUSED_UNUSED.has(why.reason));
      return failed(why, reply, isRefused ? NOTHING_USED : usageOf(reply, request));
    } finally {
      call.dispose();
    }
  }

  async check(signal: AbortSignal): Promise<Result<CheckReport, Failure>> {
    const startedMs = this.#clock.monotonicMs();
    try {
      const found = await raceAbort(this.#find(), signal);
      return found.ok ? ok({ models: [found.value.id], ms: this.#clock.monotonicMs() - startedMs }) : found;
    } catch (error) {
      return err(
        signal.aborted
          ? this.#failure('cancelled', 'The check was cancelled.', 'Check again when you like.')
          : this.#failureOfError(error),
      );
    }
  }

  async #find(): Promise<Found> {
    const wanted = selectorText(this.selector);
    if (this.selector.vendor?.toLowerCase() === OWN_VENDOR) {
      return err(
        this.#failure(
          'rejected',
          `${wanted} is a model of this extension itself.`,
          'Name the vendor of another extension in "model".',
        ),
      );
    }
    const model = (await this.#port.select(this.selector)).find((one) => one.vendor.toLowerCase() !== OWN_VENDOR);
    if (model !== undefined) return ok(model);
    return err(
      this.#failure(
        'rejected',
        `VS Code offers no model ${wanted}.`,
        'Install or sign in to the extension that offers it, or change "model" of the roster entry.',
      ),
    );
  }

  async #findFor(request: ChatRequest): Promise<Found> {
    const found = await this.#find();
    if (!found.ok || request.inputTokensEstimate <= found.value.maxInputTokens) return found;
    // The estimate is an upper bound; only the model's own count may refuse the call.
    const counts = await Promise.all(request.messages.map((message) => found.value.countTokens(message.content)));
    const tokens = counts.reduce((sum, count) => sum + count, 0);
    if (tokens <= found.value.maxInputTokens) return found;
    const most = found.value.maxInputTokens.toLocaleString('en-US');
    return err(
      this.#failure(
        'context-overflow',
        `The input has ${tokens.toLocaleString('en-US')} tokens and ${found.value.id} takes ${most}.`,
        'Attach less, or use a backend with a larger context window.',
      ),
    );
  }

  async #converse(
    model: LmModel,
    request: ChatRequest,
    run: { readonly call: LmDeadlines; readonly reply: Reply; readonly onText: (delta: string) => void },
  ): Promise<Ending> {
    const { call, reply, onText } = run;
    const stream = await raceAbort(
      model.send(toLmMessages(request.messages, request.schema), request.tools ?? [], call.signal),
      call.signal,
    );
    const parts = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await raceAbort(parts.next(), call.signal);
        if (next.done === true) return 'ended';
        call.alive();
        const part = next.value;
        if (part.kind === 'usage') reply.usage = part.usage;
        if (part.kind === 'call') reply.toolCalls.push(part.call);
        if (part.kind === 'text' && !take(part.text, reply, { maxTokens: request.maxOutputTokens, onText }))
          return 'length';
      }
    } finally {
      call.stop();
      parts.return?.().catch(() => {});
    }
  }

  #outcome(ending: Ending, reply: Reply, request: ChatRequest): ChatOutcome {
    const usage = usageOf(reply, request);
    if (reply.text.trim() === '' && reply.toolCalls.length === 0) {
      return failed(
        this.#failure(
          'bad-response',
          `${selectorText(this.selector)} sent an empty answer.`,
          'Ask again, or use another backend.',
        ),
        reply,
        usage,
      );
    }
    const finish = ending === 'length' ? 'length' : reply.toolCalls.length > 0 ? 'tools' : 'stop';
    return { kind: 'finished', text: reply.text, toolCalls: reply.toolCalls, finish, usage };
  }

  #failureOf(error: unknown, call: LmDeadlines): Failure {
    const model = selectorText(this.selector);
    switch (call.ended) {
      case 'cancelled':
        return this.#failure('cancelled', `The call to ${model} was cancelled.`, 'Ask again when you like.');
      case 'total':
        return this.#failure(
          'timeout',
          `${model} did not finish within ${this.description.timeoutMs / 1000} s.`,
          'Raise "timeoutMs" of the backend, or use another one.',
        );
      case 'idle':
        return this.#failure(
          'timeout',
          `${model} sent nothing for ${call.idleMs / 1000} s in the middle of its answer.`,
          'Ask again, or use another backend.',
        );
      case undefined:
        return this.#failureOfError(error);
    }
  }

  /** By the error's code, never by its text. */
  #failureOfError(error: unknown): Failure {
    const model = selectorText(this.selector);
    const { code, message }: { code?: unknown; message?: unknown } =
      typeof error === 'object' && error !== null ? error : {};
    const said =
      typeof message === 'string' && message !== '' ? `: ${message.slice(0, 300).replace(/[.\s]+$/, '')}.` : '.';
    switch (code) {
      case 'NotFound':
        return this.#failure(
          'rejected',
          `VS Code has no model ${model} any more${said}`,
          'Change "model" of the roster entry, or install the extension that offers it.',
        );
      case 'NoPermissions':
        return this.#failure(
          'unauthorized',
          `VS Code does not let this extension use ${model}${said}`,
          'Allow it under "Manage Language Model Access", or use another backend.',
        );
      case 'Blocked':
        return this.#failure(
          'rate-limited',
          `${model} is blocked for now, for example because a quota is used up${said}`,
          'Wait until the quota is renewed, or use another backend.',
        );
      default:
        return this.#failure(
          'server-error',
          `${model} failed${said}`,
          'Ask again; if it stays so, look at the extension that offers the model.',
        );
    }
  }

  #failure(reason: FailureReason, message: string, whatToDo: string): Failure {
    return failure(reason, message, { whatToDo, backend: this.description.id });
  }
}

function failed(why: Failure, reply: Reply, usage: Usage): ChatOutcome {
  return { kind: 'failed', failure: why, partialText: reply.text, usage };
}

function usageOf(reply: Reply, request: ChatRequest): Usage {
  if (reply.usage !== undefined) return reply.usage;
  const calls = reply.toolCalls.map((call) => call.name + JSON.stringify(call.arguments)).join('');
  const outputTokens = Math.min(request.maxOutputTokens, estimateTokens(reply.text + calls));
  return { inputTokens: request.inputTokensEstimate, outputTokens, cachedInputTokens: 0, known: false };
}

/** Adds text up to the limit; false when it did not fit. */
function take(
  text: string,
  reply: Reply,
  to: { readonly maxTokens: number; readonly onText: (delta: string) => void },
): boolean {
  const isRoom = estimateTokens(reply.text + text) <= to.maxTokens;
  const taken = isRoom ? text : fitting(reply.text, text, to.maxTokens);
  reply.text += taken;
  if (taken !== '') to.onText(taken);
  return isRoom;
}

/** As much of `next` as the limit leaves room for; at least what keeps characters whole. */
function fitting(sofar: string, next: string, maxTokens: number): string {
  let low = 0;
  let high = next.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (estimateTokens(sofar + next.slice(0, middle)) <= maxTokens) low = middle;
    else high = middle - 1;
  }
  const code = next.charCodeAt(low - 1);
  return next.slice(0, low > 0 && code >= 0xd800 && code <= 0xdbff ? low - 1 : low);
}
