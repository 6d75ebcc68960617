/** The steps that find out how a model is reached: provider, address, key, model. */
import { checkBaseUrl } from '../../config/base-url.ts';
import { selectorText, type LmSelector } from '../../config/lm-selector.ts';
import { err, type Result } from '../../base/result.ts';
import { describeFailure } from '../../core/failure.ts';
import { PRESETS, suggestSecretName, type Connection, type Preset } from './add-backend-entry.ts';
import type { AddBackendPorts, Choice } from './add-backend-ports.ts';
import type { FoundModel } from '../../app/shell.ts';
import { cleanKey } from '../consent/secret-record.ts';

const TITLE = 'Add a Backend';
const OLLAMA_ADDRESS = 'http://127.0.0.1:11434';
const TYPE_IT = 'Type a Model Name';

/** Undefined: the user gave up. Names of keys that were stored on the way are added to `stored`. */
export async function askConnection(ports: AddBackendPorts, stored: string[]): Promise<Connection | undefined> {
  const provider = await ports.ask.pick({ title: TITLE, placeHolder: 'How is the model reached?' }, [
    { label: 'Ollama', description: 'models on this machine or another', value: 'ollama' as const },
    {
      label: 'OpenAI-compatible server',
      description: 'OpenAI, OpenRouter, vLLM, LiteLLM, LM Studio, llama.cpp …',
      value: 'openai' as const,
    },
    { label: 'A model that VS Code offers', description: 'of Copilot or another extension', value: 'vscode' as const },
  ]);
  switch (provider) {
    case 'ollama':
      return askOllama(ports);
    case 'openai':
      return askServer(ports, stored);
    case 'vscode':
      return askLm(ports);
    case undefined:
      return undefined;
  }
}

async function askOllama(ports: AddBackendPorts): Promise<Connection | undefined> {
  let baseUrl: string | undefined;
  for (;;) {
    const address = baseUrl;
    const found = await ports.ask.busy('Looking for Ollama', (signal) => listOllama(address, ports, signal));
    if (found === undefined) return undefined;
    const picked = found.ok
      ? await pickOllama(found.value, ports)
      : await ports.ask
          .warn(found.error, ['Another Address'])
          .then((pressed) => (pressed === undefined ? undefined : ('elsewhere' as const)));
    if (picked === undefined) return undefined;
    if (picked !== 'elsewhere') {
      return {
        provider: 'ollama',
        model: picked.name,
        ...(baseUrl === undefined ? {} : { baseUrl }),
        ...(picked.contextWindow === undefined ? {} : { contextWindow: picked.contextWindow }),
      };
    }
    baseUrl = await askAddress(ports, baseUrl ?? OLLAMA_ADDRESS);
    if (baseUrl === undefined) return undefined;
  }
}

async function listOllama(
  baseUrl: string | undefined,
  ports: AddBackendPorts,
  signal: AbortSignal,
): Promise<Result<readonly FoundModel[], string>> {
  const refused = await refusedHost(baseUrl, ports, signal);
  if (refused !== undefined) return err(refused);
  const found = await ports.trial.ollamaModels(baseUrl, signal);
  if (!found.ok) return err(`No Ollama answered at ${baseUrl ?? OLLAMA_ADDRESS}. ${describeFailure(found.error)}`);
  return found.value.length > 0
    ? found
    : err(
        `The Ollama at ${baseUrl ?? OLLAMA_ADDRESS} has no models. Fetch one, for example with "ollama pull qwen3:8b".`,
      );
}

function pickOllama(
  models: readonly FoundModel[],
  ports: AddBackendPorts,
): Promise<FoundModel | 'elsewhere' | undefined> {
  const rows = models.map((model): Choice<FoundModel | 'elsewhere'> => ({
    label: model.name,
    ...(model.contextWindow === undefined
      ? {}
      : { description: `${model.contextWindow.toLocaleString('en-US')} tokens` }),
    value: model,
  }));
  return ports.ask.pick<FoundModel | 'elsewhere'>({ title: TITLE, placeHolder: 'Which model?' }, [
    ...rows,
    { label: 'Another address …', value: 'elsewhere' },
  ]);
}

async function askServer(ports: AddBackendPorts, stored: string[]): Promise<Connection | undefined> {
  const preset = await ports.ask.pick<Pick<Preset, 'baseUrl' | 'needsKey'>>(
    { title: TITLE, placeHolder: 'Which server?' },
    [
      ...PRESETS.map((one) => ({ label: one.label, description: one.baseUrl, value: one })),
      { label: 'Another address …', value: { baseUrl: '', needsKey: true } },
    ],
  );
  if (preset === undefined) return undefined;
  const baseUrl = preset.baseUrl === '' ? await askAddress(ports, 'https://') : preset.baseUrl;
  if (baseUrl === undefined) return undefined;
  const apiKey = await askKey(baseUrl, preset.needsKey, { ports, stored });
  if (apiKey === undefined) return undefined;
  const server = { provider: 'openai' as const, baseUrl, ...(apiKey === 'none' ? {} : { apiKey }) };
  const model = await askServerModel(server, ports);
  return model === undefined ? undefined : { ...server, model };
}

async function askAddress(ports: AddBackendPorts, value: string): Promise<string | undefined> {
  const text = await ports.ask.input({
    title: TITLE,
    prompt: 'The address of the server, for example https://api.example.com/v1',
    value,
    validate: (typed) => {
      const checked = checkBaseUrl(typed.trim(), 'user');
      return checked.ok ? undefined : `Expected ${checked.error.expected}. ${checked.error.whatToDo}`;
    },
  });
  return text?.trim().replace(/\/+$/, '');
}

interface KeyStep {
  readonly ports: AddBackendPorts;
  readonly stored: string[];
}

/** `none`, `env:NAME` or `secret:NAME`; the key itself goes nowhere but into the secret storage. */
async function askKey(baseUrl: string, needsKey: boolean, { ports, stored }: KeyStep): Promise<string | undefined> {
  const { origin } = new URL(baseUrl);
  const names = await ports.secrets.names();
  const bound = await Promise.all(
    names.map(async (name) => ((await ports.secrets.get(name))?.origin === origin ? [name] : [])),
  );
  const none: Choice<string> = { label: 'No key', value: 'none' };
  const choices: readonly Choice<string>[] = [
    ...bound.flat().map((name) => ({ label: `The stored key "${name}"`, value: `secret:${name}` })),
    {
      label: 'Enter a key',
      description: `kept in this machine's secret storage, sent only to ${origin}`,
      value: 'enter',
    },
    { label: 'A key in an environment variable', value: 'env' },
  ];
  const how = await ports.ask.pick(
    { title: TITLE, placeHolder: 'Does the server want a key?' },
    needsKey ? [...choices, none] : [none, ...choices],
  );
  if (how === 'env') return askEnvironment(ports);
  if (how !== 'enter') return how;
  const pasted = await ports.ask.input({
    title: TITLE,
    prompt: `The key for ${origin}. It is stored in this machine's secret storage and sent nowhere else.`,
    value: '',
    isSecret: true,
    validate: (text) =>
      cleanKey(text) === undefined ? 'Paste the key: printable characters without spaces.' : undefined,
  });
  const value = pasted === undefined ? undefined : cleanKey(pasted);
  if (value === undefined) return undefined;
  const name = suggestSecretName(origin, names);
  await ports.secrets.store(name, { value, origin });
  stored.push(name);
  return `secret:${name}`;
}

async function askEnvironment(ports: AddBackendPorts): Promise<string | undefined> {
  const name = await ports.ask.input({
    title: TITLE,
    prompt: 'The name of the environment variable that holds the key. VS Code must have been started with it.',
    value: 'OPENAI_API_KEY',
    validate: (text) =>
      /^[A-Za-z_]\w{0,127}$/.test(text.trim()) ? undefined : 'Write the name of a variable: letters, digits and "_".',
  });
  return name === undefined ? undefined : `env:${name.trim()}`;
}

async function askServerModel(server: Omit<Connection, 'model'>, ports: AddBackendPorts): Promise<string | undefined> {
  const listed = await ports.ask.busy(`Asking ${server.baseUrl ?? 'the server'} for its models`, (signal) =>
    listServer(server, ports, signal),
  );
  if (listed === undefined) return undefined;
  if (!listed.ok) {
    const pressed = await ports.ask.warn(`${listed.error} You can type the model's name.`, [TYPE_IT]);
    return pressed === TYPE_IT ? typeModel(ports) : undefined;
  }
  if (listed.value.length === 0) return typeModel(ports);
  const other = Symbol('another model');
  const picked = await ports.ask.pick<string | typeof other>({ title: TITLE, placeHolder: 'Which model?' }, [
    ...listed.value.map((name) => ({ label: name, value: name })),
    { label: 'Another model …', value: other },
  ]);
  return typeof picked === 'symbol' ? typeModel(ports) : picked;
}

async function typeModel(ports: AddBackendPorts): Promise<string | undefined> {
  const name = await ports.ask.input({
    title: TITLE,
    prompt: 'The name of the model, as the server knows it.',
    value: '',
    validate: (text) => (text.trim() === '' ? 'Type the name of the model.' : undefined),
  });
  return name?.trim();
}

/** The list needs no model: any name stands in for it. */
async function listServer(
  server: Omit<Connection, 'model'>,
  ports: AddBackendPorts,
  signal: AbortSignal,
): Promise<Result<readonly string[], string>> {
  const refused = await refusedHost(server.baseUrl, ports, signal);
  if (refused !== undefined) return err(refused);
  const made = ports.trial.backend({ id: 'new', model: 'any', ...server });
  if (!made.ok) return err(made.error.join(' '));
  const checked = await made.value.check(signal);
  return checked.ok ? { ok: true, value: checked.value.models } : err(describeFailure(checked.error));
}

/** Undefined when data may go there; a host on this machine needs no consent. */
async function refusedHost(
  baseUrl: string | undefined,
  ports: AddBackendPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (baseUrl === undefined) return undefined;
  const checked = checkBaseUrl(baseUrl, 'user');
  if (!checked.ok) return `Expected ${checked.error.expected}. ${checked.error.whatToDo}`;
  if (checked.value.isLoopback || (await ports.consent(checked.value.host, ['the backend you add'], signal)))
    return undefined;
  return `You did not allow sending data to ${checked.value.host}.`;
}

async function askLm(ports: AddBackendPorts): Promise<Connection | undefined> {
  const models = await ports.lmModels();
  if (models.length === 0) {
    await ports.ask.warn(
      'VS Code offers no language models besides our own. Sign in to GitHub Copilot, or install an extension that offers some.',
      [],
    );
    return undefined;
  }
  const model = await ports.ask.pick<LmSelector>(
    { title: TITLE, placeHolder: 'Which model?' },
    models.map((one) => ({ label: one.id ?? one.family ?? '', description: selectorText(one), value: one })),
  );
  return model === undefined ? undefined : { provider: 'vscode', model };
}
