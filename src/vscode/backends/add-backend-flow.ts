/**
 * The steps of "Add a Backend". Owns: their order, going back, what is undone when the user gives up. Pure: dialogs, network,
 * settings and secrets are ports.
 *
 * 1. Nothing goes to a host before the user has allowed it.
 * 2. A key that was stored for an entry that is not written is deleted again.
 * 3. The roster is written once, at the end, and only what the user confirmed.
 */
import { checkBaseUrl } from '../../config/base-url.ts';
import { ok, type Result } from '../../base/result.ts';
import { describeFailure, type Failure } from '../../core/failure.ts';
import { askConnection } from './add-backend-connection.ts';
import {
  buildEntry,
  CAPABILITIES,
  guessCapabilities,
  idFault,
  parsePrice,
  suggestId,
  withEntry,
  type Connection,
  type RosterEntryJson,
} from './add-backend-entry.ts';
import type { AddBackendPorts, RosterTarget } from './add-backend-ports.ts';

const SAVE_ANYWAY = 'Save Anyway';
const CHANGE = 'Change It';
const ALLOW_API = 'Allow API Backends';
const TITLE = 'Add a Backend';

/** Asks everything, tries the backend out and writes it. The entry that was written; undefined: the user gave up. */
export async function addBackend(ports: AddBackendPorts): Promise<RosterEntryJson | undefined> {
  const stored: string[] = [];
  let written: RosterEntryJson | undefined;
  try {
    written = await attemptUntilWritten(ports, stored);
    return written;
  } finally {
    for (const name of stored) if (written?.apiKey !== `secret:${name}`) await ports.secrets.delete(name);
  }
}

async function attemptUntilWritten(ports: AddBackendPorts, stored: string[]): Promise<RosterEntryJson | undefined> {
  for (;;) {
    const connection = await askConnection(ports, stored);
    if (connection === undefined) return undefined;
    const entry = await askRest(connection, ports);
    if (entry === undefined) return undefined;
    const target = await askTarget(entry, ports);
    if (target === undefined) return undefined;
    const tried = await tryOut(entry, ports);
    if (tried === 'give-up') return undefined;
    if (tried === 'change') continue;
    await write(entry, target, { ports, said: tried.said });
    return entry;
  }
}

async function askRest(connection: Connection, ports: AddBackendPorts): Promise<RosterEntryJson | undefined> {
  const guessed = guessCapabilities(connection.model);
  const goodAt = await ports.ask.pickMany(
    { title: TITLE, placeHolder: 'What is it good at? Tasks that need it go there' },
    CAPABILITIES.map(({ tag, means }) => ({
      label: tag,
      description: means,
      value: tag,
      picked: guessed.includes(tag),
    })),
  );
  if (goodAt === undefined) return undefined;
  const price = isElsewhere(connection) ? await askPrice(ports) : { price: undefined };
  if (price === undefined) return undefined;
  const taken = ports.roster.ids();
  const id = await ports.ask.input({
    title: TITLE,
    prompt: 'The name of this backend: plans, the task tree and messages use it.',
    value: suggestId(connection.model, taken),
    validate: (text) => idFault(text.trim(), taken),
  });
  if (id === undefined) return undefined;
  return buildEntry(connection, {
    id: id.trim(),
    goodAt,
    ...(price.price === undefined ? {} : { price: price.price }),
  });
}

async function askPrice(ports: AddBackendPorts): Promise<ReturnType<typeof parsePrice>> {
  const text = await ports.ask.input({
    title: TITLE,
    prompt:
      'US dollars per million tokens of input and output, for example 2.5, 10. Leave it empty when you do not know; with a dollar limit it is then not used.',
    value: '',
    validate: (typed) =>
      parsePrice(typed) === undefined ? 'Write two numbers, for example 2.5, 10, or nothing.' : undefined,
  });
  return text === undefined ? undefined : parsePrice(text);
}

function isElsewhere({ provider, baseUrl }: Connection): boolean {
  if (provider === 'vscode' || baseUrl === undefined) return false;
  const checked = checkBaseUrl(baseUrl, 'user');
  return checked.ok && !checked.value.isLoopback;
}

/** What a workspace may not say stands in the user's settings without a question. */
async function askTarget(entry: RosterEntryJson, ports: AddBackendPorts): Promise<RosterTarget | undefined> {
  const isForUserOnly =
    entry.apiKey?.startsWith('env:') === true ||
    (entry.baseUrl !== undefined && !checkBaseUrl(entry.baseUrl, 'workspace').ok);
  if (isForUserOnly || !ports.roster.hasWorkspace()) return 'user';
  return ports.ask.pick({ title: TITLE, placeHolder: 'Where shall it be written?' }, [
    { label: 'User settings', description: 'for all your workspaces', value: 'user' as const },
    {
      label: 'Workspace settings',
      description: 'only here; others who open this folder see the entry, never the key',
      value: 'workspace' as const,
    },
  ]);
}

type Tried = 'change' | 'give-up' | { readonly said: string };

async function tryOut(entry: RosterEntryJson, ports: AddBackendPorts): Promise<Tried> {
  const outcome = await ports.ask.busy(`Trying out ${entry.id}`, (signal) => testEntry(entry, ports, signal));
  if (outcome === undefined) return 'give-up';
  if (outcome.ok) return { said: outcome.value };
  const pressed = await ports.ask.warn(`${entry.id} did not answer. ${outcome.error}`, [CHANGE, SAVE_ANYWAY]);
  if (pressed === CHANGE) return 'change';
  return pressed === SAVE_ANYWAY
    ? { said: 'It was saved although it did not answer; the Backends view shows when it does.' }
    : 'give-up';
}

const TEST_OUTPUT_TOKENS = 256;

/** One real call, through the same backend that tasks will use. */
async function testEntry(
  entry: RosterEntryJson,
  ports: AddBackendPorts,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const made = ports.trial.backend(entry);
  if (!made.ok) return { ok: false, error: made.error.join(' ') };
  const backend = made.value;
  const { host, id } = backend.description;
  if (host !== undefined && !(await ports.consent(host, [id], signal)))
    return { ok: false, error: `You did not allow sending data to ${host}.` };
  const startedMs = ports.nowMs();
  if (entry.goodAt?.includes('embeddings') === true && entry.goodAt.length === 1 && backend.embed !== undefined) {
    const vectors = await backend.embed(['ready'], signal);
    return vectors.ok ? ok(`It made a vector in ${Math.round(ports.nowMs() - startedMs)} ms.`) : said(vectors.error);
  }
  const outcome = await backend.chat(
    {
      key: { run: '@add-backend', task: '@test', turn: 1, attempt: 1 },
      messages: [{ role: 'user', content: 'Reply with the single word: ready' }],
      maxOutputTokens: TEST_OUTPUT_TOKENS,
      inputTokensEstimate: 20,
      subject: { kind: 'conversation' },
    },
    { signal, onText: () => {} },
  );
  if (outcome.kind === 'failed') return said(outcome.failure);
  const answer = outcome.text.trim().replaceAll(/\s+/g, ' ').slice(0, 60);
  return ok(`It answered ${answer === '' ? '' : `"${answer}" `}in ${Math.round(ports.nowMs() - startedMs)} ms.`);
}

function said(failed: Failure): Result<string, string> {
  return { ok: false, error: describeFailure(failed) };
}

async function write(
  entry: RosterEntryJson,
  target: RosterTarget,
  { ports, said: outcome }: { readonly ports: AddBackendPorts; readonly said: string },
): Promise<void> {
  const isFirst = !ports.roster.isConfigured();
  await ports.roster.write(target, withEntry(ports.roster.entries(target), entry, isFirst));
  const also = isFirst
    ? ' The roster now holds what you add and the built-in extraction; models that were found by themselves are left out until you add them.'
    : '';
  const isMetered = isElsewhere({
    provider: entry.provider === 'embedded' ? 'openai' : entry.provider,
    model: '',
    ...(entry.baseUrl === undefined ? {} : { baseUrl: entry.baseUrl }),
  });
  const isShut = isMetered && !ports.roster.isApiAllowed();
  const shut = isShut ? ' Backends that are paid by the token are not chosen by themselves until you allow it.' : '';
  const pressed = await ports.ask.told(
    `${entry.id} was added to your ${target} settings. ${outcome}${also}${shut}`,
    isShut ? [ALLOW_API] : [],
  );
  if (pressed === ALLOW_API) await ports.roster.allowApi();
}
