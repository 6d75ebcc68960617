import { err, ok, type Result } from '../base/result.ts';
import { backendConfigSchema, ID_PATTERN, type BackendConfig } from './backend-config.ts';
import {
  defaultTier,
  describeBackend,
  isOllamaCloud,
  OLLAMA_BASE_URL,
  selectorOf,
  type ConfiguredDescription,
} from './backend-defaults.ts';
import { BACKEND_FIELDS } from './backend-fields.ts';
import { checkBaseUrl, type Endpoint } from './base-url.ts';
import { UnreadableItem } from './levels.ts';
import { OWN_VENDOR, type LmSelector } from './lm-selector.ts';
import { hidden, looksLikeKey, show } from './problem.ts';
import type { Level } from './raw-settings.ts';
import { extraBodyFaults, headerFaults } from './request-fields.ts';
import { parseSecretRef, type SecretRef } from './secret-ref.ts';
import { shapeFaults, type PlacedFault, type ShapeWords } from './shape-faults.ts';

/** A good entry of the roster: everything that is needed to call the backend. Holds no secret. */
export interface RosterEntry {
  readonly description: ConfiguredDescription;
  readonly level: Level;
  /** With `openai` and `ollama`; without a slash at the end. */
  readonly baseUrl?: string;
  /** With `openai` and `ollama`: `https://host:port`, what a secret must be bound to. */
  readonly origin?: string;
  readonly secretRef: SecretRef;
  readonly headers: Readonly<Record<string, string>>;
  readonly extraBody: Readonly<Record<string, unknown>>;
  /** True when the user's own settings name an `http:` address on another machine. */
  readonly allowPlainHttp: boolean;
  /** With `vscode`. */
  readonly selector?: LmSelector;
}

const WORDS: ShapeWords = {
  fields: BACKEND_FIELDS,
  whole: {
    expected: 'an object that describes one backend',
    example: '{"id": "local", "provider": "ollama", "model": "qwen3:8b"}',
  },
  secret: new Set(['apiKey', 'headers', 'extraBody']),
};

/** Checks one entry, as `levelsOf` gives it, and fills in its defaults. All faults of an entry are named at once. */
export function readBackend(raw: unknown, level: Level): Result<RosterEntry, readonly PlacedFault[]> {
  if (raw instanceof UnreadableItem) {
    return err([{ path: [], expected: WORDS.whole.expected, got: raw.why, whatToDo: 'Make the entry smaller.' }]);
  }
  const parsed = backendConfigSchema.safeParse(raw);
  if (!parsed.success) return err(shapeFaults(parsed.error.issues, raw, WORDS).map(explainRawKey));
  return readConfig(parsed.data, level);
}

/** The id of an entry, good or bad, when it has one that can be shown. */
export function idOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, 'id')) return undefined;
  const { id } = raw as { readonly id: unknown };
  return typeof id === 'string' && ID_PATTERN.test(id) && !looksLikeKey(id) ? id : undefined;
}

function explainRawKey(fault: PlacedFault): PlacedFault {
  if (fault.path[0] !== 'apiKey') return fault;
  return {
    ...fault,
    whatToDo:
      'Take the key out of the settings, run "Orchestrator: Add a Backend" to store it and write "secret:NAME"; or put it into an environment variable and write "env:NAME".',
  };
}

function readConfig(config: BackendConfig, level: Level): Result<RosterEntry, readonly PlacedFault[]> {
  const endpoint = endpointOf(config, level);
  const faults = [
    ...idFaults(config),
    ...(endpoint?.ok === false ? [endpoint.error] : []),
    ...providerFaults(config),
    ...keyFaults(config, level),
    ...headerFaults(config.headers),
    ...extraBodyFaults(config.extraBody),
    ...numberFaults(config),
    ...tierFaults(config, endpoint?.ok === true ? endpoint.value : undefined, level),
  ];
  if (faults.length > 0) return err(faults);
  return ok(entryOf(config, endpoint?.ok === true ? endpoint.value : undefined, level));
}

function entryOf(config: BackendConfig, endpoint: Endpoint | undefined, level: Level): RosterEntry {
  const selector = selectorOf(config);
  return {
    description: describeBackend(config, endpoint),
    level,
    ...(endpoint === undefined ? {} : { baseUrl: endpoint.baseUrl, origin: endpoint.origin }),
    secretRef: parseSecretRef(config.apiKey) ?? { kind: 'none' },
    headers: config.headers,
    extraBody: config.extraBody,
    allowPlainHttp: endpoint?.isPlainHttp ?? false,
    ...(selector === undefined ? {} : { selector }),
  };
}

function idFaults(config: BackendConfig): readonly PlacedFault[] {
  return looksLikeKey(config.id)
    ? [
        {
          path: ['id'],
          expected: 'a name for the backend',
          got: hidden(config.id),
          whatToDo: 'Write a short name, for example "gpt"; if this is a key, replace it at the provider.',
        },
      ]
    : [];
}

function isServer(config: BackendConfig): boolean {
  return config.provider === 'openai' || config.provider === 'ollama';
}

/** Undefined when there is none, or none is needed. */
function endpointOf(config: BackendConfig, level: Level): Result<Endpoint, PlacedFault> | undefined {
  const text = config.baseUrl ?? (config.provider === 'ollama' ? OLLAMA_BASE_URL : undefined);
  if (!isServer(config) || text === undefined) return undefined;
  const checked = checkBaseUrl(text, level);
  if (!checked.ok) return err({ path: ['baseUrl'], ...checked.error });
  const tail = (
    config.provider === 'openai'
      ? /\/(?:chat\/completions|completions|responses|embeddings|models)$/
      : /\/(?:api|v1)(?:\/.*)?$/
  ).exec(checked.value.baseUrl);
  if (tail === null) return checked;
  return err({
    path: ['baseUrl'],
    expected: 'the address without the path of a single call',
    got: show(checked.value.baseUrl),
    whatToDo: `Cut "${tail[0]}" off at the end.`,
  });
}

function providerFaults(config: BackendConfig): readonly PlacedFault[] {
  const faults = [modelFault(config)];
  if (config.provider === 'openai' && config.baseUrl === undefined) {
    faults.push({
      path: ['baseUrl'],
      ...wanted('baseUrl'),
      got: 'nothing',
      whatToDo: 'Add "baseUrl": for OpenAI itself "https://api.openai.com/v1".',
    });
  }
  if (!isServer(config)) {
    const used = {
      baseUrl: config.baseUrl !== undefined,
      apiKey: config.apiKey !== 'none',
      headers: Object.keys(config.headers).length > 0,
      extraBody: Object.keys(config.extraBody).length > 0,
    };
    for (const [field, isUsed] of Object.entries(used)) {
      if (isUsed)
        faults.push({
          path: [field],
          expected: `no such field with provider ${config.provider}`,
          got: 'one',
          whatToDo: `Take "${field}" out, or change "provider" to openai or ollama.`,
        });
    }
  }
  return faults.filter((fault) => fault !== undefined);
}

function wanted(field: keyof typeof BACKEND_FIELDS): { readonly expected: string } {
  return { expected: BACKEND_FIELDS[field].expected };
}

function modelFault(config: BackendConfig): PlacedFault | undefined {
  const { provider, model } = config;
  const path = ['model'];
  if (provider === 'vscode') return selectorFault(model);
  if (provider === 'embedded') {
    return model === undefined
      ? undefined
      : {
          path,
          expected: 'no model with provider embedded',
          got: show(model),
          whatToDo: 'Take "model" out: the embedded backend is no language model.',
        };
  }
  if (typeof model === 'string') return undefined;
  const example = provider === 'ollama' ? '"qwen3:8b"' : '"gpt-5-mini"';
  return {
    path,
    expected: `the name of a model, as the ${provider} server lists it`,
    got: show(model),
    whatToDo: `Write for example "model": ${example}.`,
  };
}

function selectorFault(model: BackendConfig['model']): PlacedFault | undefined {
  const path = ['model'];
  const example = 'Write for example "model": {"vendor": "copilot", "family": "gpt-4o"}.';
  if (typeof model !== 'object' || Object.values(model).every((part) => part === undefined)) {
    return {
      path,
      expected: 'a selector with at least one of vendor, family, id, version',
      got: show(model),
      whatToDo: example,
    };
  }
  if (model.vendor?.toLowerCase() !== OWN_VENDOR) return undefined;
  return {
    path: ['model', 'vendor'],
    expected: 'another vendor than our own',
    got: show(model.vendor),
    whatToDo:
      'Name the vendor of another extension: a model of "orchestrator" would call this extension again and again.',
  };
}

function keyFaults(config: BackendConfig, level: Level): readonly PlacedFault[] {
  if (level === 'user' || !config.apiKey.startsWith('env:')) return [];
  return [
    {
      path: ['apiKey'],
      expected: '"secret:NAME" or "none" in a workspace\'s settings',
      got: show(config.apiKey),
      whatToDo:
        'Move this entry into your user settings, or store the key with "Orchestrator: Add a Backend" and write "secret:NAME".',
    },
  ];
}

function numberFaults(config: BackendConfig): readonly PlacedFault[] {
  const { contextWindow, maxOutputTokens } = config;
  if (contextWindow === undefined || maxOutputTokens === undefined || maxOutputTokens < contextWindow) return [];
  return [
    {
      path: ['maxOutputTokens'],
      expected: `fewer tokens than the context window of ${contextWindow}`,
      got: String(maxOutputTokens),
      whatToDo: 'Lower "maxOutputTokens": the window holds the input, too.',
    },
  ];
}

/** `local` is a promise that nothing leaves the machine, so an entry that says it must be able to keep it. */
function tierFaults(config: BackendConfig, endpoint: Endpoint | undefined, level: Level): readonly PlacedFault[] {
  const { tier } = config;
  if (tier === undefined) return [];
  const other = (expected: string, whatToDo: string): readonly PlacedFault[] => [
    { path: ['tier'], expected, got: show(tier), whatToDo },
  ];
  if (config.provider === 'embedded')
    return tier === 'local' ? [] : other('local, as it runs on this machine', 'Take "tier" out.');
  if (tier !== 'local') return [];
  if (isOllamaCloud(config))
    return other(
      "subscription or api, as Ollama runs this model on its maker's servers",
      'Write "tier": "subscription", or name a model without "cloud".',
    );
  if (config.provider === 'vscode')
    return level === 'user'
      ? []
      : other(
          "subscription or api in a workspace's settings",
          'Take "tier" out, or move this entry into your user settings: only you can know that this model runs on your machine.',
        );
  if (endpoint === undefined || defaultTier(config, endpoint) === 'local') return [];
  return other(
    `subscription or api, as ${endpoint.host} is another machine`,
    'Write "tier": "subscription" for a server of your own, or "api".',
  );
}
