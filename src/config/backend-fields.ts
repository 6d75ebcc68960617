/** What each field of a roster entry means: the hover text in settings.json, and the wording of messages about it. */
export interface FieldDoc {
  /** Markdown. */
  readonly text: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** What stands there in a good entry, as JSON. */
  readonly example: string;
}

export const BACKEND_FIELDS = {
  id: {
    text: 'The name of this backend: what plans, the task tree and messages call it. Unique in the roster; letters, digits, `_`, `-` and `.`, at most 64 characters.',
    expected:
      'a unique name of letters, digits, "_", "-" and ".", at most 64 characters, beginning with a letter or digit',
    example: '"id": "local-qwen"',
  },
  provider: {
    text: 'How the model is called.',
    expected: 'one of openai, ollama, vscode, embedded',
    example: '"provider": "openai"',
  },
  model: {
    text: 'The model. For `openai` and `ollama` its name, as the server lists it. For `vscode` a selector of a model that VS Code offers: `{"vendor": "copilot", "family": "gpt-4o"}`. Not needed for `embedded`.',
    expected: 'the name of a model',
    example: '"model": "qwen3:8b"',
  },
  'model.vendor': {
    text: 'The extension that offers the model, e.g. `copilot`. Never `orchestrator`: that would call this extension again.',
    expected: 'the vendor as a text',
    example: '"vendor": "copilot"',
  },
  'model.family': {
    text: 'The family, e.g. `gpt-4o`.',
    expected: 'the family as a text',
    example: '"family": "gpt-4o"',
  },
  'model.id': {
    text: 'The exact id of the model.',
    expected: 'the id as a text',
    example: '"id": "gpt-4o-2024-11-20"',
  },
  'model.version': {
    text: 'The version of the model.',
    expected: 'the version as a text',
    example: '"version": "gpt-4o-2024-11-20"',
  },
  baseUrl: {
    text: 'The address of the server, for `openai` with its path (usually `/v1`). Default for `ollama`: `http://127.0.0.1:11434`; `openai` must name it. `https`, or `http` on this machine; `http` to another machine works only in your user settings.',
    expected: 'the address of the server',
    example: '"baseUrl": "https://api.openai.com/v1"',
  },
  apiKey: {
    text: 'Where the key is, never the key itself: `secret:NAME` (stored by the command *Orchestrator: Add a Backend* for this address and sent nowhere else), `env:NAME` (an environment variable; only in user settings), or `none`. Default: `none`.',
    expected: '"secret:NAME", "env:NAME" or "none"',
    example: '"apiKey": "secret:openai"',
  },
  tier: {
    text: 'Where data goes and who pays. Default: `local` for an address on this machine, `subscription` for `vscode`, else `api`. A server of your own elsewhere, without a price per token, is `subscription`. A server on this machine that passes requests on (a proxy) should say `api` or `subscription`.',
    expected: 'one of local, subscription, api',
    example: '"tier": "api"',
  },
  goodAt: {
    text: 'Capabilities, e.g. `code`, `long-context`, `reasoning`, `grunt`, `vision`. Upper and lower case do not matter. Tasks are routed by them.',
    expected: 'a list of short words',
    example: '"goodAt": ["code", "reasoning"]',
  },
  cost: {
    text: 'The price in US dollars per million tokens, `{"input": 3, "output": 15}`; or `free` (0), `low`, `medium`, `high` where the price is not known. Under a dollar limit an `api` backend without a price is not used.',
    expected: 'US dollars per million tokens as {"input": 3, "output": 15}, or one of free, low, medium, high',
    example: '"cost": {"input": 3, "output": 15}',
  },
  'cost.input': {
    text: 'US dollars per million input tokens.',
    expected: 'a number of US dollars from 0 to 100,000',
    example: '"input": 3',
  },
  'cost.output': {
    text: 'US dollars per million output tokens.',
    expected: 'a number of US dollars from 0 to 100,000',
    example: '"output": 15',
  },
  contextWindow: {
    text: 'Tokens of input and output together that fit in one call. Tasks that need more go elsewhere. Default: not known.',
    expected: 'a whole number of tokens, at least 256',
    example: '"contextWindow": 128000',
  },
  maxOutputTokens: {
    text: 'The most tokens that one answer may have. Default: not known.',
    expected: 'a whole number of tokens, at least 1',
    example: '"maxOutputTokens": 8192',
  },
  maxConcurrency: {
    text: 'Calls at the same time. Default: 4; `ollama` 1; `embedded` 2.',
    expected: 'a whole number from 1 to 1000',
    example: '"maxConcurrency": 4',
  },
  timeoutMs: {
    text: 'The most time that one call may take, in milliseconds. Default: 120000.',
    expected: 'a whole number of milliseconds from 1000 to 3600000',
    example: '"timeoutMs": 120000',
  },
  canOrchestrate: {
    text: 'May it break requests into tasks and write the answer? Default: true, unless `goodAt` names nothing but `grunt` or `embeddings`.',
    expected: 'true or false',
    example: '"canOrchestrate": true',
  },
  canDelegate: {
    text: 'May it get tasks? Default: true, unless `goodAt` names nothing but `embeddings`.',
    expected: 'true or false',
    example: '"canDelegate": true',
  },
  enabled: {
    text: 'False: the backend is never called, whatever its tier.',
    expected: 'true or false',
    example: '"enabled": true',
  },
  headers: {
    text: 'Headers that are sent with each request. Not for keys: name those in `apiKey`.',
    expected: 'header names with their texts',
    example: '"headers": {"X-Team": "tools"}',
  },
  extraBody: {
    text: 'Further fields of the request body, as the server understands them. Fields that the engine sets itself (`model`, `messages`, `max_tokens` …) are refused.',
    expected: 'an object of request fields',
    example: '"extraBody": {"temperature": 0.2}',
  },
} as const satisfies Record<string, FieldDoc>;

export type BackendField = keyof typeof BACKEND_FIELDS;
