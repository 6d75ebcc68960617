/**
 * How long this process's event loop is kept from turning: as it was, and as it would have been on a machine with nothing else
 * to do, which is without the time that this thread stood ready and another program had the processor.
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const LOOK_EVERY_MS = 2;
const MEMORY_EVERY_MS = 250;
const MEGABYTE = 1e6;

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoopFigures {
  /** Milliseconds by which a timer came late. */
  readonly delay: Spread;
  /** The same without waiting for the processor. */
  readonly own: Spread;
  readonly seconds: number;
  /** Milliseconds that this thread worked. */
  readonly workedMs: number;
  /** How often longer everything took because other programs ran: 1 on a quiet machine. */
  readonly slowdown: number;
  readonly rssGrowthMb: number;
}

/** Begins to watch; the function that is returned ends it. */
export function watchLoop(): () => LoopFigures {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  const gaps: number[] = [];
  const begun = now();
  const begunRss = process.memoryUsage.rss();
  let last = begun;
  let peakRss = begunRss;
  const look = (): void => {
    const at = now();
    gaps.push(Math.max(0, at.wallMs - last.wallMs - (at.waitedMs - last.waitedMs) - LOOK_EVERY_MS));
    last = at;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  const memory = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), MEMORY_EVERY_MS);
  delay.enable();
  return () => {
    delay.disable();
    clearInterval(timer);
    clearInterval(memory);
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOK_EVERY_MS);
    const inOrder = gaps.toSorted((a, b) => a - b);
    const end = now();
    const workedMs = end.workedMs - begun.workedMs;
    return {
      delay: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) },
      own: { p50: quantile(inOrder, 0.5), p99: quantile(inOrder, 0.99), max: inOrder.at(-1) ?? 0 },
      seconds: (end.wallMs - begun.wallMs) / 1000,
      workedMs,
      slowdown: 1 + (end.waitedMs - begun.waitedMs) / Math.max(1, workedMs),
      rssGrowthMb: (peakRss - begunRss) / MEGABYTE,
    };
  };
}

/** Of the main thread: it worked so long, and so long it stood ready and did not get the processor. */
function now(): { readonly wallMs: number; readonly workedMs: number; readonly waitedMs: number } {
  const { user, system } = process.threadCpuUsage();
  return { wallMs: performance.now(), workedMs: (user + system) / 1000, waitedMs: waitedMs() };
}

/** 0 where the system does not say. */
function waitedMs(): number {
  try {
    const [, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(waited) / 1e6;
  } catch {
    return 0;
  }
}

/**
 * Milliseconds of this thread for a fixed piece of work like that of the engine: what the processor is worth now, whoever
 * else uses it.
 */
export function unitOfWorkMs(): number {
  const rows = Array.from({ length: 400 }, (_, id) => ({
    id,
    title: `Row ${id}`,
    words: ['a', 'b', 'c'],
    at: { x: id },
  }));
  const took = Array.from({ length: 20 }, () => {
    const begunMs = now().workedMs;
    for (let round = 0; round < 20; round += 1) {
      const read = JSON.parse(JSON.stringify(rows)) as typeof rows;
      const map = new Map(read.map((row) => [row.id, { ...row, title: row.title.toUpperCase() }]));
      if (map.size !== rows.length) throw new Error('a row was lost');
    }
    return now().workedMs - begunMs;
  });
  return quantile(
    took.toSorted((a, b) => a - b),
    0.5,
  );
}

function quantile(inOrder: readonly number[], share: number): number {
  return inOrder[Math.min(inOrder.length - 1, Math.floor(inOrder.length * share))] ?? 0;
}

export function loopLine({ delay, own, seconds, workedMs, slowdown }: LoopFigures): string {
  const three = ({ p50, p99, max }: Spread): string =>
    `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(0)} ms`;
  const others = `other programs made it ${slowdown.toFixed(2)} times slower; without them ${three(own)}`;
  return `event-loop delay ${three(delay)} (${others}); ${seconds.toFixed(1)} s, ${(workedMs / seconds / 10).toFixed(0)} % of a core`;
}
