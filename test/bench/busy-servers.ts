/** The child process of the busy benchmarks: two model servers that stream every reply in pieces. */
import { modelCalls, peakConcurrency } from '../servers/records.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer } from '../servers/model-server.ts';
import { piecesOf } from './busy-plan.ts';

/** 25 tokens a second for each stream, as a server that answers 32 at once gives them. */
const PIECE_EVERY_MS = 40;
const PIECE = 'word by word';

export interface BusyReady {
  readonly kind: 'ready';
  readonly urls: readonly { readonly protocol: 'openai' | 'ollama'; readonly baseUrl: string }[];
}

export interface BusySaw {
  readonly kind: 'saw';
  readonly calls: number;
  readonly peak: number;
  /** From the first call to the end of the last. */
  readonly wallMs: number;
  /** Of all calls together. */
  readonly servedMs: number;
}

function brain({ messages }: BrainCall): BrainReply {
  const step = Number(/Do step (\d+)\./.exec(messages.at(-1)?.text ?? '')?.[1]);
  return { text: PIECE.repeat(piecesOf(step)), betweenChunksMs: PIECE_EVERY_MS };
}

const servers = await Promise.all(
  (['openai', 'ollama'] as const).map((protocol) =>
    startModelServer({ protocol, models: { steps: { contextTokens: 64_000 } }, brain }),
  ),
);

process.on('message', (message) => {
  if (message === 'report') process.send?.(report());
  if (message === 'close') void Promise.all(servers.map((server) => server.close())).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.send?.({
  kind: 'ready',
  urls: servers.map(({ protocol, baseUrl }) => ({ protocol, baseUrl })),
} satisfies BusyReady);

function report(): BusySaw {
  const calls = modelCalls(servers.flatMap((server) => server.requests()));
  const ends = calls.map(({ endedAtMs }) => endedAtMs ?? Number.POSITIVE_INFINITY);
  return {
    kind: 'saw',
    calls: calls.length,
    peak: peakConcurrency(calls),
    wallMs: Math.max(...ends) - Math.min(...calls.map(({ startedAtMs }) => startedAtMs)),
    servedMs: calls.reduce(
      (sum, { startedAtMs, endedAtMs }) => sum + (endedAtMs ?? Number.POSITIVE_INFINITY) - startedAtMs,
      0,
    ),
  };
}
