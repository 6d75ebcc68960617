/** A server that speaks Ollama's own API, through the `ollama` client. */
import type { Ollama } from 'ollama/browser';
import { raceAbort } from '../base/abort.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type {
  Backend,
  BackendDescription,
  ChatOptions,
  ChatOutcome,
  ChatRequest,
  CheckReport,
  Feature,
} from '../core/backend.ts';
import type { Failure } from '../core/failure.ts';
import { WrongShape, askJson, readVectors } from './ask-json.ts';
import { failureAt } from './classify-error.ts';
import { asList, asObject, asText, isObject, toJson } from './json-value.ts';
import { buildOllamaBody, contextTokensFor } from './ollama-request.ts';
import type { ReplyCollector } from './reply-collector.ts';
import { runStream } from './run-stream.ts';
import type { StreamClient } from './run-stream.ts';
import { Transport } from './transport.ts';
import type { HttpBackendOptions, OpenedCall } from './transport.ts';

export const OLLAMA_FEATURES: readonly Feature[] = [
  'generation',
  'streaming',
  'tools',
  'structuredOutput',
  'reportedUsage',
  'embeddings',
  'outputLimit',
];
export const OLLAMA_BASE_URL = 'http://127.0.0.1:11434';

const CHECK_MS = 10_000;

export class OllamaBackend implements Backend {
  readonly description: BackendDescription;
  readonly #options: HttpBackendOptions;
  readonly #transport: Transport;
  /** The largest context asked for so far. */
  #contextTokens = 0;

  constructor(options: HttpBackendOptions) {
    this.description = options.description;
    this.#options = options;
    this.#transport = new Transport('ollama', OLLAMA_BASE_URL, options);
  }

  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatOutcome> {
    const { outcome } = await runStream(this.#transport, this.#streamClient(request, options.signal), {
      request,
      options,
      totalMs: this.description.timeoutMs,
    });
    return outcome;
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Result<readonly (readonly number[])[], Failure>> {
    if (texts.length === 0) return ok([]);
    return askJson(this.#transport, { signal, totalMs: this.description.timeoutMs }, async (opened) => {
      const client = await createClient(opened, signal);
      const reply: unknown = await client.embed({ model: this.description.model, input: [...texts] });
      return readVectors(asObject(reply)['embeddings'], texts.length);
    });
  }

  async check(signal: AbortSignal): Promise<Result<CheckReport, Failure>> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const models = await askJson(this.#transport, { signal, totalMs: CHECK_MS }, async (opened) =>
      readModelNames(await (await createClient(opened, signal)).list()),
    );
    if (!models.ok) return models;
    if (!models.value.some((name) => isSameModel(name, this.description.model)))
      return err(this.#missingModel(models.value));
    return ok({ models: models.value, ms: clock.monotonicMs() - startedMs });
  }

  #missingModel(models: readonly string[]): Failure {
    const { model } = this.description;
    const has = models.length === 0 ? 'it has none' : `it has ${models.slice(0, 10).join(', ')}`;
    return failureAt(this.#transport.site, {
      reason: 'rejected',
      what: `does not have the model ${model}; ${has}`,
      whatToDo: `Fetch it with "ollama pull ${model}", or correct model in orchestrator.roster.`,
    });
  }

  #streamClient(request: ChatRequest, signal: AbortSignal): StreamClient {
    const contextTokens = contextTokensFor(request, this.description.contextWindow, this.#contextTokens);
    this.#contextTokens = contextTokens ?? 0;
    return {
      expect: 'ndjson',
      ask: async (opened) => {
        const client = await createClient(opened, signal);
        return client.chat(
          buildOllamaBody({
            model: this.description.model,
            request,
            contextTokens,
            extraBody: this.#options.extraBody,
          }),
        );
      },
      take: takeOllamaPiece,
      // The guarded fetch finds error lines itself, because the client keeps nothing of them but a text.
      errorInReply: () => undefined,
    };
  }
}

/** Model names as `/api/tags` lists them. */
export function readModelNames(list: unknown): readonly string[] {
  if (!isObject(list) || !Array.isArray(list['models'])) throw new WrongShape();
  return list['models']
    .map((each: unknown) => asText(asObject(each)['name']).toWellFormed())
    .filter((name) => name !== '');
}

/** A name without a tag means `:latest`. */
export function isSameModel(a: string, b: string): boolean {
  const full = (name: string): string => (/:[^/]*$/.test(name) ? name : `${name}:latest`).toLowerCase();
  return full(a) === full(b);
}

export async function createClient({ call, baseUrl }: OpenedCall, signal: AbortSignal): Promise<Ollama> {
  const { Ollama: Client } = await raceAbort(import('ollama/browser'), signal);
  return new Client({ host: baseUrl, fetch: call.fetch });
}

function takeOllamaPiece(reply: ReplyCollector, piece: unknown): void {
  const { message, done, done_reason: reason, prompt_eval_count: input, eval_count: output } = asObject(piece);
  const { content, thinking, tool_calls: toolCalls } = asObject(message);
  reply.addReasoning(asText(thinking));
  reply.addText(asText(content));
  for (const call of asList(toolCalls).map(asObject)) {
    const called = asObject(call['function']);
    // Nested too deep to be written again is no JSON for us either.
    const argumentsText = toJson(called['arguments'] ?? {}) ?? 'nested too deep';
    reply.addToolCall(`#${reply.toolCallCount}`, {
      id: asText(call['id']),
      name: asText(called['name']),
      argumentsText,
    });
  }
  if (done !== true) return;
  reply.finish(asText(reason) || 'stop');
  if (input !== undefined || output !== undefined) reply.report({ input, output, cachedInput: 0 });
}
