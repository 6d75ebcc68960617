/** The child process of reading.bench.ts: four model servers that answer as fast as their tokens allow, and no faster. */
import { readFileSync } from 'node:fs';
import { countTokens } from '../servers/brain.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { askedFor, createReader, promptOf, reduceAll } from '../support/reading-brains.ts';

/** Tokens that one slot reads in a second. */
const slotTokensPerSecond = Number(process.argv[2]);
const textFile = process.argv[3] ?? '';
const WINDOW = 128_000;

export interface ServersReady {
  readonly kind: 'ready';
  readonly urls: readonly { readonly protocol: 'openai' | 'ollama'; readonly baseUrl: string }[];
  readonly window: number;
  /** Of the text itself, as the servers count. */
  readonly textTokens: number;
}

export interface ServersSaw {
  readonly kind: 'saw';
  readonly mapCalls: number;
  readonly mapTokens: number;
  readonly otherCalls: number;
  readonly otherTokens: number;
  readonly replyTokens: number;
  readonly firstMapAtMs: number;
  readonly lastMapAtMs: number;
}

const read = createReader({ wanted: (text) => text.startsWith('interface SVGFE') });

function brain(call: BrainCall): BrainReply {
  const asked = askedFor(call);
  const reply = asked === 'reduce' ? reduceAll(call) : read(call);
  return { ...reply, delayMs: (countTokens(promptOf(call)) / slotTokensPerSecond) * 1000 };
}

const servers = await Promise.all(
  (['openai', 'ollama', 'openai', 'ollama'] as const).map((protocol, index) =>
    startModelServer({ protocol, name: `reader${index}`, models: { reader: { contextTokens: WINDOW } }, brain }),
  ),
);

process.on('message', (message) => {
  if (message === 'report') process.send?.(report(servers));
  if (message === 'close') void Promise.all(servers.map((server) => server.close())).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.send?.({
  kind: 'ready',
  urls: servers.map(({ protocol, baseUrl }) => ({ protocol, baseUrl })),
  window: WINDOW,
  textTokens: countTokens(readFileSync(textFile, 'utf8')),
} satisfies ServersReady);

function report(all: readonly ModelServer[]): ServersSaw {
  const calls = all.flatMap((server) => server.requests()).filter(({ operation }) => operation === 'chat');
  const isMap = (bodyText: string): boolean => bodyText.includes('"quotes"') && bodyText.includes('"missing"');
  const maps = calls.filter(({ bodyText }) => isMap(bodyText));
  const others = calls.filter(({ bodyText }) => !isMap(bodyText));
  const sum = (some: typeof calls, of: 'inputTokens' | 'outputTokens'): number =>
    some.reduce((total, { counted }) => total + (counted?.[of] ?? 0), 0);
  return {
    kind: 'saw',
    mapCalls: maps.length,
    mapTokens: sum(maps, 'inputTokens'),
    otherCalls: others.length,
    otherTokens: sum(others, 'inputTokens'),
    replyTokens: sum(calls, 'outputTokens'),
    firstMapAtMs: Math.min(...maps.map(({ startedAtMs }) => startedAtMs)),
    lastMapAtMs: Math.max(...maps.map(({ endedAtMs }) => endedAtMs ?? Infinity)),
  };
}
