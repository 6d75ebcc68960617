import type { BackendDescription, Provider, Tier } from '../core/backend.ts';
import type { Price } from '../core/spend.ts';
import type { BackendConfig } from './backend-config.ts';
import type { Endpoint } from './base-url.ts';
import { selectorText, type LmSelector } from './lm-selector.ts';

export const OLLAMA_BASE_URL = 'http://127.0.0.1:11434';
/** What the embedded backend is called where a model's name stands. */
const EMBEDDED_MODEL = 'extraction';

const MAX_CONCURRENCY: Readonly<Record<Provider, number>> = { openai: 4, ollama: 1, vscode: 4, embedded: 2 };

/** Everything that the settings say of a backend; what it can do (`features`) only the backend itself knows. */
export type ConfiguredDescription = Omit<BackendDescription, 'features'>;

/** A checked entry with its defaults filled in. */
export function describeBackend(config: BackendConfig, endpoint: Endpoint | undefined): ConfiguredDescription {
  const goodAt = [...new Set(config.goodAt.map((capability) => capability.toLowerCase()))];
  const tier = config.tier ?? defaultTier(config, endpoint);
  const price = priceOf(config.cost);
  const host = hostOf(config, tier, endpoint);
  return {
    id: config.id,
    provider: config.provider,
    model: modelText(config),
    tier,
    goodAt,
    ...(price === undefined ? {} : { price }),
    ...(typeof config.cost === 'string' ? { costHint: config.cost } : {}),
    ...(config.contextWindow === undefined ? {} : { contextWindow: config.contextWindow }),
    ...(config.maxOutputTokens === undefined ? {} : { maxOutputTokens: config.maxOutputTokens }),
    maxConcurrency: config.maxConcurrency ?? MAX_CONCURRENCY[config.provider],
    timeoutMs: config.timeoutMs,
    canOrchestrate: config.canOrchestrate ?? !isOnly(goodAt, NOT_ORCHESTRATING),
    canDelegate: config.canDelegate ?? !isOnly(goodAt, EMBEDDING),
    enabled: config.enabled,
    ...(host === undefined ? {} : { host }),
  };
}

/** Ollama runs models whose name ends in `cloud` on its maker's servers, through the server on this machine. */
export function isOllamaCloud(config: BackendConfig): boolean {
  return config.provider === 'ollama' && typeof config.model === 'string' && /[:-]cloud$/i.test(config.model);
}

export function defaultTier(config: BackendConfig, endpoint: Endpoint | undefined): Tier {
  if (config.provider === 'embedded') return 'local';
  if (config.provider === 'vscode' || isOllamaCloud(config)) return 'subscription';
  return endpoint?.isLoopback === true ? 'local' : 'api';
}

const EMBEDDING: ReadonlySet<string> = new Set(['embedding', 'embeddings']);
const NOT_ORCHESTRATING: ReadonlySet<string> = new Set([...EMBEDDING, 'grunt']);

function isOnly(goodAt: readonly string[], weak: ReadonlySet<string>): boolean {
  return goodAt.length > 0 && goodAt.every((capability) => weak.has(capability));
}

/** `free` is a price; the other hints say that it is not known. */
function priceOf(cost: BackendConfig['cost']): Price | undefined {
  if (cost === 'free') return { inputUsdPerMTok: 0, outputUsdPerMTok: 0 };
  return typeof cost === 'object' ? { inputUsdPerMTok: cost.input, outputUsdPerMTok: cost.output } : undefined;
}

function modelText(config: BackendConfig): string {
  const selector = selectorOf(config);
  if (selector !== undefined) return selectorText(selector);
  return typeof config.model === 'string' ? config.model : EMBEDDED_MODEL;
}

/** Undefined when the entry names no `vscode.lm` model. */
export function selectorOf(config: BackendConfig): LmSelector | undefined {
  if (typeof config.model !== 'object') return undefined;
  const { vendor, family, id, version } = config.model;
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(family === undefined ? {} : { family }),
    ...(id === undefined ? {} : { id }),
    ...(version === undefined ? {} : { version }),
  };
}

/** Where data goes to, for consent; undefined when it stays on this machine. */
function hostOf(config: BackendConfig, tier: Tier, endpoint: Endpoint | undefined): string | undefined {
  if (tier === 'local') return undefined;
  if (config.provider === 'vscode') return `vscode.lm:${selectorOf(config)?.vendor ?? '*'}`;
  return isOllamaCloud(config) && endpoint?.isLoopback === true ? 'ollama.com' : endpoint?.host;
}
