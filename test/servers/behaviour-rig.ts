import assert from 'node:assert/strict';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import type { Behaviours } from './behaviours.ts';
import type { Brain, Protocol } from './brain.ts';
import { collect } from './collect.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';
import { requestRaw } from './raw-http.ts';
import type { RawAnswer, RawRequest } from './raw-http.ts';
import type { RequestRecord } from './records.ts';

export const TEXT = 'One piece of text, a second – ümläut 🎉 – and a third piece of it.';

export interface Seen {
  readonly raw: RawAnswer;
  readonly text: string;
  readonly record: RequestRecord;
  /** Status, HTTP body whole or not, how TCP ended, the record's outcome. */
  readonly summary: string;
}

export interface Ask {
  readonly stream?: boolean;
  readonly body?: object;
  readonly until?: RawRequest['until'];
  readonly headers?: RawRequest['headers'];
}

const open: ModelServer[] = [];

/** Closes every server that `start` has started. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((server) => server.close()));
}

export async function start(
  protocol: Protocol,
  behaviour?: Behaviours,
  brain: Brain = () => TEXT,
): Promise<ModelServer> {
  const server = await startModelServer({
    protocol,
    models: { m: {} },
    brain,
    ...(behaviour === undefined ? {} : { behaviour }),
  });
  open.push(server);
  return server;
}

export async function ask(server: ModelServer, { stream = true, body, until, headers }: Ask = {}): Promise<Seen> {
  const options = server.protocol === 'openai' ? { stream_options: stream ? { include_usage: true } : undefined } : {};
  const raw = await requestRaw(server.url, {
    path: server.protocol === 'openai' ? '/v1/chat/completions' : '/api/chat',
    body: { model: 'm', messages: [{ role: 'user', content: 'hello' }], stream, ...options, ...body },
    ...(until === undefined ? {} : { until }),
    ...(headers === undefined ? {} : { headers }),
  });
  await server.waitFor(
    (now) => now.requests().every(({ outcome }) => outcome !== 'running') && now.openSockets() === 0,
  );
  const record = server.requests().at(-1);
  assert.ok(record);
  return {
    raw,
    text: raw.body.toString(),
    record,
    summary: `${raw.status ?? 'no status'}, ${raw.isComplete ? 'whole' : 'not whole'}, ${raw.end}, ${record.outcome}`,
  };
}

export async function both(behaviour: Behaviours, options: Ask = {}): Promise<readonly [Seen, Seen]> {
  const [openai, ollama] = [await start('openai', behaviour), await start('ollama', behaviour)];
  return [await ask(openai, options), await ask(ollama, options)];
}

export const summaries = (seen: readonly Seen[]): readonly string[] => seen.map(({ summary }) => summary);
export const twice = (summary: string): readonly string[] => [summary, summary];

/** Waits for so many content chunks, then lets the connection go. */
export const leaveAfter =
  (what: RegExp, times = 1): RawRequest['until'] =>
  (received) =>
    (received.match(new RegExp(what, 'g'))?.length ?? 0) >= times;

export async function openAiText(server: ModelServer): Promise<string> {
  const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'k', maxRetries: 0, logLevel: 'off' });
  const chunks = await collect(
    await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x' }], stream: true }),
  );
  return chunks.map((chunk) => (chunk as typeof chunk | null)?.choices?.[0]?.delta.content ?? '').join('');
}

export async function ollamaText(server: ModelServer): Promise<string> {
  const lines = await collect(
    await new Ollama({ host: server.baseUrl }).chat({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
    }),
  );
  return lines.map(({ message }) => message.content).join('');
}
