import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { BackendDescription } from '../core/backend.ts';
import type { Failure } from '../core/failure.ts';
import type { Logger } from '../core/ports.ts';
import { WrongShape, askJson } from './ask-json.ts';
import { asList, asObject, asText, isObject } from './json-value.ts';
import { OLLAMA_BASE_URL, createClient, readModelNames } from './ollama-backend.ts';
import { Transport } from './transport.ts';

export interface OllamaModel {
  readonly name: string;
  /** Tokens that the model was made for; undefined when the server did not say. */
  readonly contextWindow: number | undefined;
  /** Ollama's own words: `completion`, `tools`, `vision`, `embedding`, `thinking`, … */
  readonly capabilities: readonly string[];
}

export interface DiscoverOptions {
  /** Undefined: Ollama's own port on this machine. */
  readonly baseUrl?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const DEADLINE_MS = 1_500;
const MOST_MODELS = 50;

/** The models of an Ollama that is running, in its own order; fails within 1.5 s when there is none. Sends no key. */
export async function discoverOllama(options: DiscoverOptions): Promise<Result<readonly OllamaModel[], Failure>> {
  const endsAtMs = options.clock.monotonicMs() + DEADLINE_MS;
  const transport = new Transport('ollama', OLLAMA_BASE_URL, {
    description: DISCOVERY,
    ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
    secret: () => Promise.resolve(ok(undefined)),
    headers: {},
    extraBody: {},
    allowPlainHttp: false,
    clock: options.clock,
    logger: options.logger,
  });
  const names = await askJson(transport, { signal: options.signal, totalMs: DEADLINE_MS }, async (opened) =>
    readModelNames(await (await createClient(opened, options.signal)).list()),
  );
  if (!names.ok) return names;
  const shown = names.value.slice(0, MOST_MODELS).map(async (name): Promise<OllamaModel> => {
    const totalMs = Math.max(0, endsAtMs - options.clock.monotonicMs());
    const details = await askJson(transport, { signal: options.signal, totalMs }, async (opened) =>
      readDetails(await (await createClient(opened, options.signal)).show({ model: name })),
    );
    return details.ok ? { name, ...details.value } : { name, contextWindow: undefined, capabilities: [] };
  });
  return ok(await Promise.all(shown));
}

function readDetails(reply: unknown): Omit<OllamaModel, 'name'> {
  if (!isObject(reply)) throw new WrongShape();
  const info = asObject(reply['model_info']);
  const length = info[`${asText(info['general.architecture'])}.context_length`];
  return {
    contextWindow: typeof length === 'number' && Number.isInteger(length) && length > 0 ? length : undefined,
    capabilities: asList(reply['capabilities'])
      .map(asText)
      .filter((each) => each !== ''),
  };
}

const DISCOVERY: BackendDescription = {
  id: 'ollama',
  provider: 'ollama',
  model: '',
  tier: 'local',
  goodAt: [],
  maxConcurrency: 1,
  timeoutMs: DEADLINE_MS,
  canOrchestrate: false,
  canDelegate: false,
  enabled: true,
  features: [],
};
