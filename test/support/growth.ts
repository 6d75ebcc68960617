import assert from 'node:assert/strict';

const TIMES_THE_SIZE = 8;
/** Between 8, of work that grows with the size, and 64, of work that grows with its square. */
const MOST_TIMES_THE_WORK = 24;
const TRIES = 8;
/** What less than this took cannot be told from the work around it. */
const LEAST_MS = 4;

/**
 * Fails when `work` takes more than 24 times the processor time for 8 times the size; `size` is the large one. The time is that
 * of this process alone and the least of up to eight tries, so that a busy machine changes little.
 */
export async function assertGrowsWithSize(size: number, work: (size: number) => unknown): Promise<void> {
  const small = Math.round(size / TIMES_THE_SIZE);
  let smallMs = Infinity;
  let largeMs = Infinity;
  for (let tries = 0; tries < TRIES; tries++) {
    smallMs = Math.min(smallMs, await processorMs(() => work(small)));
    if (largeMs > mostMs(smallMs)) largeMs = Math.min(largeMs, await processorMs(() => work(size)));
  }
  const told = `${largeMs.toFixed(0)} ms for a size of ${size}, ${smallMs.toFixed(0)} ms for ${small}`;
  assert.ok(largeMs <= mostMs(smallMs), told);
}

function mostMs(smallMs: number): number {
  return Math.max(smallMs, LEAST_MS) * MOST_TIMES_THE_WORK;
}

/** Milliseconds that this process computed while `work` went on, on all its threads. */
export async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
