import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendDescription } from '../../src/core/backend.ts';
import { SlotTable, type Claim } from '../../src/core/slots.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fc, propertyOptions, seededRandom } from '../support/properties.ts';
import { describeBackend } from '../support/scripted-backend.ts';

function table(maxima: Readonly<Record<string, number>>): SlotTable {
  const descriptions = new Map<string, BackendDescription>(
    Object.entries(maxima).map(([id, maxConcurrency]) => [id, describeBackend({ id, maxConcurrency })]),
  );
  return new SlotTable(new ManualClock(), (id) => descriptions.get(id));
}

const never = new AbortController().signal;

function take(
  slots: SlotTable,
  backend: string,
  how: { readonly priority?: number; readonly signal?: AbortSignal } = {},
): Promise<Claim<string>> {
  return slots.claim({
    priority: how.priority ?? 0,
    signal: how.signal ?? never,
    choose: () => (slots.freeSlots(backend) > 0 ? { kind: 'take', backend, why: '' } : { kind: 'wait' }),
  });
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('slots', () => {
  it('serves those who wait by priority, equals in the order they came', async () => {
    const slots = table({ b: 1 });
    const first = await take(slots, 'b');
    const served: string[] = [];
    const waiting = [
      ['low', 1],
      ['early', 5],
      ['late', 5],
    ] as const;
    const all = waiting.map(async ([name, priority]) => {
      const claim = await take(slots, 'b', { priority });
      served.push(name);
      if (claim.kind === 'claimed') claim.release();
    });
    if (first.kind === 'claimed') first.release();
    await Promise.all(all);
    assert.deepEqual(served, ['early', 'late', 'low']);
  });

  it('ends waiting at once on abort and leaves nothing behind', async () => {
    const slots = table({ b: 1 });
    const held = await take(slots, 'b');
    const abort = new AbortController();
    const waiting = take(slots, 'b', { signal: abort.signal });
    abort.abort();
    assert.deepEqual(await waiting, { kind: 'aborted' });
    if (held.kind === 'claimed') {
      held.release();
      held.release();
    }
    await settle();
    assert.equal(slots.callsInFlight('b'), 0);
    assert.equal((await take(slots, 'b')).kind, 'claimed');
  });

  it('wakes a waiter when the time that it named has passed', async () => {
    const clock = new ManualClock();
    const slots = new SlotTable(clock, () => describeBackend({ id: 'b' }));
    let isReady = false;
    const claim = slots.claim({
      priority: 0,
      signal: never,
      choose: () => (isReady ? { kind: 'take', backend: 'b', why: 'ready' } : { kind: 'wait', wakeAfterMs: 500 }),
    });
    isReady = true;
    await clock.advance(500);
    assert.equal((await claim).kind, 'claimed');
  });

  it('never gives out more than maxConcurrency, and serves everybody, in random interleavings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (maxima, count, seed) => {
          const random = seededRandom(seed);
          const slots = table(Object.fromEntries(maxima.map((max, index) => [`b${index}`, max])));
          const inFlight = maxima.map(() => 0);
          let served = 0;
          const work = Array.from({ length: count }, async () => {
            const index = Math.floor(random() * maxima.length);
            const abort = new AbortController();
            const claim = take(slots, `b${index}`, { priority: Math.floor(random() * 5), signal: abort.signal });
            if (random() < 0.1) abort.abort();
            const got = await claim;
            if (got.kind === 'claimed') {
              inFlight[index] = (inFlight[index] ?? 0) + 1;
              assert.ok((inFlight[index] ?? 0) <= (maxima[index] ?? 0), `b${index} is over its limit`);
              for (let turns = Math.floor(random() * 4); turns >= 0; turns--) await Promise.resolve();
              inFlight[index] = (inFlight[index] ?? 0) - 1;
              got.release();
            }
            served += 1;
          });
          await Promise.all(work);
          await settle();
          assert.equal(served, count);
          for (const index of maxima.keys()) assert.equal(slots.callsInFlight(`b${index}`), 0);
        },
      ),
      propertyOptions('slots'),
    );
  });
});
