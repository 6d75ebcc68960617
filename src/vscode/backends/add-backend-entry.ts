/** What "Add a Backend" writes into the roster, and what it suggests. Pure. */
import type { LmSelector } from '../../config/lm-selector.ts';
import type { Price } from '../../core/spend.ts';

/** One entry of `orchestrator.roster` as it stands in settings.json; what is absent is left to its default. */
export interface RosterEntryJson {
  readonly id: string;
  readonly provider: 'openai' | 'ollama' | 'vscode' | 'embedded';
  readonly model?: string | LmSelector;
  readonly baseUrl?: string;
  /** A reference, never a key. */
  readonly apiKey?: string;
  readonly goodAt?: readonly string[];
  readonly cost?: { readonly input: number; readonly output: number };
  readonly contextWindow?: number;
}

/** How a model is reached: everything of an entry but its name and what it is good at. */
export interface Connection {
  readonly provider: 'openai' | 'ollama' | 'vscode';
  readonly model: string | LmSelector;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly contextWindow?: number;
}

export interface Chosen {
  readonly id: string;
  readonly goodAt: readonly string[];
  readonly price?: Price;
}

export function buildEntry(connection: Connection, chosen: Chosen): RosterEntryJson {
  return {
    id: chosen.id,
    provider: connection.provider,
    model: connection.model,
    ...(connection.baseUrl === undefined ? {} : { baseUrl: connection.baseUrl }),
    ...(connection.apiKey === undefined ? {} : { apiKey: connection.apiKey }),
    ...(chosen.goodAt.length === 0 ? {} : { goodAt: chosen.goodAt }),
    ...(chosen.price === undefined
      ? {}
      : { cost: { input: chosen.price.inputUsdPerMTok, output: chosen.price.outputUsdPerMTok } }),
    ...(connection.contextWindow === undefined ? {} : { contextWindow: connection.contextWindow }),
  };
}

const EMBEDDED: RosterEntryJson = { id: 'embedded', provider: 'embedded' };

/**
 * The roster with the new entry at its end; what stood there is kept as it is. A first entry would put an end to the
 * discovery that the embedded backend comes from, so that one is written with it.
 */
export function withEntry(before: readonly unknown[], entry: RosterEntryJson, isFirst: boolean): readonly unknown[] {
  return isFirst && entry.id.toLowerCase() !== EMBEDDED.id ? [...before, entry, EMBEDDED] : [...before, entry];
}

/** A free id made from a model's name: `qwen3:8b` becomes `qwen3-8b`, the second one `qwen3-8b-2`. */
export function suggestId(model: string | LmSelector, taken: readonly string[]): string {
  const name =
    typeof model === 'string' ? (model.split('/').at(-1) ?? model) : (model.id ?? model.family ?? model.vendor ?? '');
  const plain =
    name
      .replaceAll(/[^A-Za-z0-9_.]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 56)
      .replace(/[-.]+$/, '') || 'backend';
  return free(plain.toLowerCase(), taken);
}

/** Why an id cannot be used; undefined: it can. */
export function idFault(id: string, taken: readonly string[]): string | undefined {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(id))
    return 'Use letters, digits, "_", "-" and "."; begin with a letter or digit; at most 64 characters.';
  return taken.some((one) => one.toLowerCase() === id.toLowerCase())
    ? `The roster has a backend ${id} already. Choose another name.`
    : undefined;
}

/** A free name for a key of this origin: `https://api.openai.com` becomes `openai`. */
export function suggestSecretName(origin: string, taken: readonly string[]): string {
  const host = URL.canParse(origin) ? new URL(origin).hostname : origin;
  const labels = host
    .split('.')
    .filter((label) => !['api', 'www', 'com', 'ai', 'io', 'dev', 'net', 'org'].includes(label));
  const plain =
    labels
      .join('-')
      .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 56)
      .replace(/[-.]+$/, '') || 'key';
  return free(plain, taken);
}

function free(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((one) => one.toLowerCase()));
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}

export const CAPABILITIES = [
  { tag: 'code', means: 'writing and changing code' },
  { tag: 'reasoning', means: 'hard thinking, planning, the final answer' },
  { tag: 'long-context', means: 'reading long files' },
  { tag: 'grunt', means: 'simple work, many times' },
  { tag: 'vision', means: 'looking at images' },
  { tag: 'embeddings', means: 'vectors for search; writes no text' },
] as const;

const GUESSES: readonly (readonly [RegExp, string])[] = [
  [/embed|minilm|(?:^|\/)bge-/i, 'embeddings'],
  [/code|coder|codestral|devstral|starcoder/i, 'code'],
  [/(?:^|[-/ ])(?:o[134]|r1|opus|pro|thinking|reason\w*)(?:$|[-:. /])|gpt-5(?!.*(?:mini|nano))/i, 'reasoning'],
  [/(?:^|[-_/:. ])(?:mini|nano|small|haiku|flash|lite)|(?:^|[-:])(?:0\.\d|[1-9])b\b/i, 'grunt'],
  [/vision|-vl\b|llava|pixtral/i, 'vision'],
  [/1m|128k|200k|gemini|long/i, 'long-context'],
];

/** What a model of this name is probably good at; only a suggestion. */
export function guessCapabilities(model: string | LmSelector): readonly string[] {
  const name = typeof model === 'string' ? model : [model.family, model.id].join(' ');
  const guessed = GUESSES.filter(([pattern]) => pattern.test(name)).map(([, tag]) => tag);
  return guessed.includes('embeddings') ? ['embeddings'] : guessed;
}

/** `2.5, 10` or `2.5/10`: US dollars per million tokens of input and output. Empty: not known. */
export function parsePrice(text: string): { readonly price: Price | undefined } | undefined {
  if (text.trim() === '') return { price: undefined };
  const match = /^\s*\$?(\d{1,6}(?:\.\d+)?)\s*[,/; ]\s*\$?(\d{1,6}(?:\.\d+)?)\s*$/.exec(text);
  const [input, output] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || input > 100_000 || output > 100_000) return undefined;
  return { price: { inputUsdPerMTok: input, outputUsdPerMTok: output } };
}

export interface Preset {
  readonly label: string;
  readonly baseUrl: string;
  readonly needsKey: boolean;
}

export const PRESETS: readonly Preset[] = [
  { label: 'OpenAI', baseUrl: 'https://api.openai.com/v1', needsKey: true },
  { label: 'OpenRouter', baseUrl: 'https://openrouter.ai/api/v1', needsKey: true },
  { label: 'LM Studio on this machine', baseUrl: 'http://127.0.0.1:1234/v1', needsKey: false },
  { label: 'llama.cpp on this machine', baseUrl: 'http://127.0.0.1:8080/v1', needsKey: false },
  { label: 'vLLM on this machine', baseUrl: 'http://127.0.0.1:8000/v1', needsKey: false },
  { label: 'LiteLLM on this machine', baseUrl: 'http://127.0.0.1:4000/v1', needsKey: true },
];
