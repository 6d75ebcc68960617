import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failure, type FailureReason } from '../../src/core/failure.ts';
import { addSpend, NO_SPEND } from '../../src/core/spend.ts';
import type { Plan, TaskSpec } from '../../src/core/plan/plan.ts';
import { isTerminal } from '../../src/core/run-state.ts';
import { engineFixture, type EngineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fc, propertyOptions, seededRandom } from '../support/properties.ts';
import { ScriptedBackend, type ScriptedReply } from '../support/scripted-backend.ts';

const REASONS: readonly FailureReason[] = [
  'connection',
  'timeout',
  'rate-limited',
  'server-error',
  'bad-response',
  'rejected',
  'unauthorized',
  'truncated-stream',
];

function randomPlan(random: () => number, count: number): Plan {
  const tasks = Array.from({ length: count }, (_, index): TaskSpec => ({
    id: `t${index}`,
    title: `Task ${index}`,
    objective: `do ${index}`,
    mode: 'autonomous',
    dependsOn: Array.from({ length: index }, (__, before) => `t${before}`).filter(() => random() < 0.2),
    inputs: [],
    ...(random() < 0.5 ? { capability: random() < 0.5 ? 'code' : 'grunt' } : {}),
  }));
  return { request: 'r', tasks };
}

function randomBackends(random: () => number, clock: ManualClock, failShare: number): readonly ScriptedBackend[] {
  return ['one', 'two', 'three'].map(
    (id, index) =>
      new ScriptedBackend(
        {
          id,
          goodAt: index === 0 ? ['code', 'grunt'] : index === 1 ? ['code'] : ['grunt'],
          maxConcurrency: 1 + Math.floor(random() * 3),
          price: { inputUsdPerMTok: 1 + index, outputUsdPerMTok: 2 },
        },
        async ({ key }): Promise<ScriptedReply> => {
          await clock.sleep(Math.floor(random() * 400));
          if (random() >= failShare) return { text: `${id} did ${key.task} `.repeat(1 + Math.floor(random() * 20)) };
          const reason = REASONS[Math.floor(random() * REASONS.length)] ?? 'connection';
          return {
            failure: failure(reason, 'Injected.', {
              whatToDo: 'Nothing.',
              ...(reason === 'rate-limited' ? { retryAfterMs: Math.floor(random() * 8000) } : {}),
            }),
            partialText: 'half',
          };
        },
      ),
  );
}

/** Replays the journal and checks what must hold at each event. */
function checkJournal({ events }: EngineFixture, backends: readonly ScriptedBackend[], plan: Plan): void {
  const needs = new Map(plan.tasks.map((task) => [task.id, task.dependsOn]));
  const completed = new Set<string>();
  const ended = new Set<string>();
  const inFlight = new Map<string, number>();
  const openCalls = new Set<string>();
  let spent = NO_SPEND;
  for (const [index, event] of events.entries()) {
    assert.equal(event.seq, index + 1, 'events come without gaps, in order');
    if (event.type === 'task.started')
      for (const need of needs.get(event.task) ?? [])
        assert.ok(completed.has(need), `${event.task} started before ${need}`);
    if (event.type === 'task.completed') completed.add(event.task);
    if (
      event.type === 'task.completed' ||
      event.type === 'task.failed' ||
      event.type === 'task.cancelled' ||
      event.type === 'task.skipped'
    ) {
      assert.ok(!ended.has(event.task), `${event.task} ended twice`);
      ended.add(event.task);
    }
    if (event.type === 'call.started') {
      assert.ok(!ended.has(event.key.task), 'no call for a task that has ended');
      openCalls.add(JSON.stringify(event.key));
      inFlight.set(event.backend, (inFlight.get(event.backend) ?? 0) + 1);
      const max = backends.find((backend) => backend.description.id === event.backend)?.description.maxConcurrency ?? 0;
      assert.ok((inFlight.get(event.backend) ?? 0) <= max, `${event.backend} is over its maxConcurrency`);
    }
    if (event.type === 'call.finished' || event.type === 'call.failed') {
      assert.ok(openCalls.delete(JSON.stringify(event.key)), 'a call ends once, after its start');
      inFlight.set(event.backend, (inFlight.get(event.backend) ?? 0) - 1);
      spent = addSpend(spent, event.spent);
    }
  }
  assert.equal(openCalls.size, 0);
  const last = events.at(-1);
  assert.ok(last?.type === 'run.finished');
  assert.deepEqual({ ...last.spent, ms: 0 }, { ...spent, ms: 0 }, 'the run spent what its calls spent');
  assert.ok(
    last.tasks.every((task) => isTerminal(task.status)),
    'every task ends',
  );
}

describe('any run', () => {
  it('keeps order, slots, budget and records under random delays, failures, limits and cancels, and always ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 1, max: 14 }),
          seed: fc.nat(),
          failShare: fc.double({ min: 0, max: 0.6, noNaN: true }),
        }),
        fc.record(
          {
            maxTokens: fc.integer({ min: 100, max: 60_000 }),
            maxUsd: fc.double({ min: 0.0001, max: 0.2, noNaN: true }),
            maxIterations: fc.integer({ min: 1, max: 30 }),
          },
          { requiredKeys: [] },
        ),
        fc.option(fc.nat(3_000), { nil: undefined }),
        async ({ count, seed, failShare }, limits, cancelAfterMs) => {
          const random = seededRandom(seed);
          const clock = new ManualClock();
          const plan = randomPlan(random, count);
          const backends = randomBackends(random, clock, failShare);
          const fixture = engineFixture({ backends, clock });
          const handle = await fixture.start({ text: 'r', plan }, { limits, synthesis: random() < 0.5 });
          if (cancelAfterMs !== undefined) clock.schedule(cancelAfterMs, () => handle.cancel());
          let isDone = false;
          const finished = handle.finished.finally(() => {
            isDone = true;
          });
          for (let step = 0; !isDone; step++) {
            assert.ok(step < 4_000, 'the run ends');
            await clock.advance(100);
          }
          const end = await finished;
          assert.deepEqual(fixture.errors, []);
          checkJournal(fixture, backends, plan);
          for (const backend of backends) assert.equal(backend.openCalls, 0);
          // These servers are honest, so nothing is ever spent beyond a limit.
          if (limits.maxTokens !== undefined)
            assert.ok(end.spent.tokens.input + end.spent.tokens.output <= limits.maxTokens);
          if (limits.maxUsd !== undefined) assert.ok(end.spent.usd <= limits.maxUsd + 1e-9);
          if (limits.maxIterations !== undefined) assert.ok(end.spent.iterations <= limits.maxIterations);
        },
      ),
      propertyOptions('any run'),
    );
  }).timeout(120_000);
});
