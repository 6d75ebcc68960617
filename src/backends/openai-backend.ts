/** Any server that speaks OpenAI's chat completions, through the `openai` client. */
import type OpenAI from 'openai';
import { raceAbort } from '../base/abort.ts';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
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
import { readErrorBody } from './error-body.ts';
import type { CallRecord } from './guarded-call.ts';
import { asList, asObject, asText, isObject, toJson } from './json-value.ts';
import { takeOpenAiChunk } from './openai-reply.ts';
import { buildChatBody, firstDialect, nextDialect } from './openai-request.ts';
import type { Dialect } from './openai-request.ts';
import { runStream } from './run-stream.ts';
import type { StreamClient } from './run-stream.ts';
import { Transport } from './transport.ts';
import type { HttpBackendOptions, OpenedCall } from './transport.ts';

export const OPENAI_FEATURES: readonly Feature[] = [
  'generation',
  'streaming',
  'tools',
  'structuredOutput',
  'reportedUsage',
  'embeddings',
  'outputLimit',
];
const OPENAI_BASE_URL = 'https://api.openai.com/v1';

const CHECK_MS = 10_000;
/** The client's own timer cannot be switched off; ours come earlier. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

export class OpenAiBackend implements Backend {
  readonly description: BackendDescription;
  readonly #options: HttpBackendOptions;
  readonly #transport: Transport;
  #dialect: Dialect;

  constructor(options: HttpBackendOptions) {
    this.description = options.description;
    this.#options = options;
    this.#transport = new Transport('openai', OPENAI_BASE_URL, options);
    this.#dialect = firstDialect(this.#transport.site.host);
  }

  /** One request; one more for each field the server says that it does not take, which is then left out from the first. */
  async chat(request: ChatRequest, options: ChatOptions): Promise<ChatOutcome> {
    const { clock } = this.#options;
    const endsAtMs = clock.monotonicMs() + this.description.timeoutMs;
    for (;;) {
      const dialect = this.#dialect;
      const totalMs = Math.max(0, endsAtMs - clock.monotonicMs());
      const { outcome, record } = await runStream(
        this.#transport,
        this.#streamClient(request, dialect, options.signal),
        { request, options, totalMs },
      );
      const next = record === undefined ? undefined : dialectAfter(record, dialect, request);
      if (next === undefined || options.signal.aborted) return outcome;
      this.#options.logger.info(
        `Backend "${this.description.id}" does not take ${describeChange(dialect, next)}; from now on it is not sent.`,
      );
      this.#dialect = next;
    }
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Result<readonly (readonly number[])[], Failure>> {
    if (texts.length === 0) return ok([]);
    return askJson(this.#transport, { signal, totalMs: this.description.timeoutMs }, async (opened) => {
      const client = await createClient(opened, signal);
      const { data } = await client.embeddings.create({
        model: this.description.model,
        input: [...texts],
        encoding_format: 'float',
      });
      const sorted = asList(data)
        .map(asObject)
        .toSorted((a, b) => Number(a['index'] ?? 0) - Number(b['index'] ?? 0));
      return readVectors(
        sorted.map((each) => each['embedding']),
        texts.length,
      );
    });
  }

  async check(signal: AbortSignal): Promise<Result<CheckReport, Failure>> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const models = await askJson(this.#transport, { signal, totalMs: CHECK_MS }, async (opened) => {
      const client = await createClient(opened, signal);
      const page: unknown = await client.models.list();
      if (!isObject(page) || !Array.isArray(page['data'])) throw new WrongShape();
      return page['data'].map((each: unknown) => asText(asObject(each)['id']).toWellFormed()).filter((id) => id !== '');
    });
    return models.ok ? ok({ models: models.value, ms: clock.monotonicMs() - startedMs }) : models;
  }

  #streamClient(request: ChatRequest, dialect: Dialect, signal: AbortSignal): StreamClient {
    return {
      expect: 'sse',
      ask: async (opened) => {
        const client = await createClient(opened, signal);
        return client.chat.completions.create(
          buildChatBody({ model: this.description.model, request, dialect, extraBody: this.#options.extraBody }),
        );
      },
      take: takeOpenAiChunk,
      errorInReply: (thrown) =>
        isObject(thrown) && thrown['error'] !== undefined ? toJson({ error: thrown['error'] }) : undefined,
    };
  }
}

/**
 * A client for one call: it costs a tenth of a millisecond. Every key it would else take from the environment is given
 * or nulled; what it still adds is dropped by the guarded fetch, which alone holds the real key.
 */
async function createClient({ call, baseUrl }: OpenedCall, signal: AbortSignal): Promise<OpenAI> {
  const { OpenAI: Client } = await raceAbort(import('openai'), signal);
  return new Client({
    baseURL: baseUrl,
    apiKey: 'placeholder',
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    fetch: call.fetch,
  });
}

function dialectAfter({ trouble }: CallRecord, dialect: Dialect, request: ChatRequest): Dialect | undefined {
  if (trouble?.kind !== 'status' || (trouble.status !== 400 && trouble.status !== 422)) return undefined;
  return nextDialect(dialect, readErrorBody(trouble.body), request);
}

function describeChange(before: Dialect, after: Dialect): string {
  if (before.limitField !== after.limitField) return before.limitField;
  return before.format === after.format ? 'stream_options' : `response_format ${before.format}`;
}
