import { z } from 'zod';
import { BACKEND_FIELDS } from './backend-fields.ts';
import { PREFIX, SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** package.json's `contributes.configuration`, from the same definitions that check the settings. */
export function contributedConfiguration(): JsonObject {
  const properties = SETTING_NAMES.map((name, order) => [PREFIX + name, settingSchema(name, order)] as const);
  return { title: 'Orchestrator', properties: Object.fromEntries(properties) };
}

function settingSchema(name: SettingName, order: number): JsonObject {
  const setting = SETTINGS[name];
  const schema = plainSchema(setting.schema);
  const shaped =
    name === 'roster'
      ? { ...schema, items: backendItem(schema['items'] as JsonObject) }
      : name === 'dataRules'
        ? withRuleSnippet(schema)
        : schema;
  return { ...shaped, default: setting.default, scope: setting.scope, order, markdownDescription: setting.text };
}

/** Draft 7, which is what VS Code reads; without the marks that only say that it is a schema. */
function plainSchema(schema: z.ZodType): JsonObject {
  const { $schema: _version, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as Record<
    string,
    unknown
  >;
  return rest;
}

/** Adds to an entry's schema what differs by provider, and an entry to begin with for each. */
function backendItem(schema: JsonObject): JsonObject {
  return { ...schema, allOf: [...PROVIDER_RULES], defaultSnippets: [...SNIPPETS] };
}

function whenProvider(provider: string, then: JsonObject): JsonObject {
  // oxlint-disable-next-line unicorn/no-thenable -- the name is JSON schema's
  return { if: { properties: { provider: { const: provider } }, required: ['provider'] }, then };
}

const NAMED_MODEL = {
  type: 'string',
  errorMessage: `Expected the name of a model, for example ${BACKEND_FIELDS.model.example}.`,
};
const NO_SERVER = {
  baseUrl: false,
  apiKey: { const: 'none' },
  headers: { maxProperties: 0 },
  extraBody: { maxProperties: 0 },
};

const PROVIDER_RULES = [
  whenProvider('openai', { required: ['model', 'baseUrl'], properties: { model: NAMED_MODEL } }),
  whenProvider('ollama', { required: ['model'], properties: { model: NAMED_MODEL } }),
  whenProvider('vscode', {
    required: ['model'],
    properties: {
      model: {
        type: 'object',
        errorMessage: 'Expected a selector, for example {"vendor": "copilot", "family": "gpt-4o"}.',
      },
      ...NO_SERVER,
    },
  }),
  whenProvider('embedded', { properties: { model: false, ...NO_SERVER } }),
] as const;

const SNIPPETS = [
  {
    label: 'openai: a server that speaks the OpenAI protocol',
    description: 'OpenAI, vLLM, LiteLLM, llama-server, LM Studio, OpenRouter …',
    body: {
      id: '${1:gpt}',
      provider: 'openai',
      model: '${2:gpt-5-mini}',
      baseUrl: '${3:https://api.openai.com/v1}',
      apiKey: '${4:secret:openai}',
      goodAt: ['${5:reasoning}'],
      cost: { input: '^${6:1}', output: '^${7:4}' },
    },
  },
  {
    label: 'ollama: a model on this machine',
    description: 'At http://127.0.0.1:11434',
    body: { id: '${1:local}', provider: 'ollama', model: '${2:qwen3:8b}', goodAt: ['${3:grunt}'] },
  },
  {
    label: 'vscode: a model that VS Code offers',
    description: 'Of Copilot or of another extension',
    body: {
      id: '${1:copilot}',
      provider: 'vscode',
      model: { vendor: '${2:copilot}', family: '${3:gpt-4o}' },
      goodAt: ['${4:code}'],
    },
  },
  {
    label: 'embedded: quotes passages of your files',
    description: 'No language model; works offline',
    body: { id: '${1:embedded}', provider: 'embedded' },
  },
] as const;

function withRuleSnippet(schema: JsonObject): JsonObject {
  const items = schema['items'] as JsonObject;
  const snippet = {
    label: 'rule',
    description: 'Files and where their text may go',
    body: { glob: '${1:secrets/}', allow: '${2|anywhere,local,nowhere|}' },
  };
  return { ...schema, items: { ...items, defaultSnippets: [snippet] } };
}
