import type {
  Backend,
  BackendDescription,
  ChatOptions,
  ChatOutcome,
  ChatRequest,
  ToolCall,
} from '../../src/core/backend.ts';
import type { Failure } from '../../src/core/failure.ts';
import { estimateTokens } from '../../src/core/tokens.ts';
import { ok } from '../../src/base/result.ts';

export function describeBackend(own: Partial<BackendDescription> & { readonly id: string }): BackendDescription {
  return {
    provider: 'openai',
    model: 'scripted',
    tier: 'local',
    goodAt: [],
    maxConcurrency: 4,
    timeoutMs: 60_000,
    canOrchestrate: true,
    canDelegate: true,
    enabled: true,
    features: ['generation', 'streaming', 'structuredOutput', 'reportedUsage', 'outputLimit'],
    ...own,
  };
}

export type ScriptedReply =
  | { readonly text: string; readonly finish?: 'stop' | 'length'; readonly toolCalls?: readonly ToolCall[] }
  | { readonly failure: Failure; readonly partialText?: string };

export interface RecordedCall {
  readonly request: ChatRequest;
  readonly backend: string;
  /** Everything the model was shown. */
  readonly prompt: string;
  /** Answers a call of a held backend. */
  readonly reply: (reply: ScriptedReply) => void;
  /** Streams some text of a held call; called off, the call has brought that much. */
  readonly stream: (text: string) => void;
  isOpen: boolean;
}

/**
 * A backend whose replies the test decides: by a function, or call by call when `script` is left out. It counts tokens as
 * the engine estimates them, so that spend can be checked.
 */
export class ScriptedBackend implements Backend {
  readonly description: BackendDescription;
  readonly calls: RecordedCall[] = [];
  peak = 0;
  readonly #script: ((request: ChatRequest, prompt: string) => ScriptedReply | Promise<ScriptedReply>) | undefined;

  constructor(
    description: Partial<BackendDescription> & { readonly id: string },
    script?: (request: ChatRequest, prompt: string) => ScriptedReply | Promise<ScriptedReply>,
  ) {
    this.description = describeBackend(description);
    this.#script = script;
  }

  get openCalls(): number {
    return this.calls.filter((call) => call.isOpen).length;
  }

  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatOutcome> {
    const prompt = request.messages.map((message) => message.content).join('\n');
    const held = Promise.withResolvers<ScriptedReply>();
    let streamed = '';
    const stream = (text: string): void => {
      streamed += text;
      options.onText(text);
    };
    const call: RecordedCall = {
      request,
      backend: this.description.id,
      prompt,
      reply: held.resolve,
      stream,
      isOpen: true,
    };
    this.calls.push(call);
    this.peak = Math.max(this.peak, this.openCalls);
    const onAbort = (): void =>
      held.resolve({
        failure: { reason: 'cancelled', message: 'Aborted.', whatToDo: '', retryable: false },
        partialText: streamed,
      });
    options.signal.addEventListener('abort', onAbort, { once: true });
    if (options.signal.aborted) onAbort();
    else if (this.#script !== undefined)
      void Promise.resolve(this.#script(request, prompt)).then(held.resolve, held.reject);
    const reply = await held.promise;
    options.signal.removeEventListener('abort', onAbort);
    call.isOpen = false;
    const inputTokens = estimateTokens(prompt);
    if ('failure' in reply) {
      const partialText = reply.partialText ?? '';
      return {
        kind: 'failed',
        failure: reply.failure,
        partialText,
        usage: { inputTokens: 0, outputTokens: estimateTokens(partialText), cachedInputTokens: 0, known: true },
      };
    }
    for (const piece of reply.text.match(/[\s\S]{1,7}/g) ?? []) options.onText(piece);
    const toolCalls = reply.toolCalls ?? [];
    const output = estimateTokens(reply.text + (toolCalls.length === 0 ? '' : JSON.stringify(toolCalls)));
    return {
      kind: 'finished',
      text: reply.text,
      toolCalls,
      finish: reply.finish ?? (toolCalls.length === 0 ? 'stop' : 'tools'),
      usage: { inputTokens, outputTokens: output, cachedInputTokens: 0, known: true },
    };
  }

  check(): ReturnType<Backend['check']> {
    return Promise.resolve(ok({ models: [this.description.model], ms: 0 }));
  }
}
