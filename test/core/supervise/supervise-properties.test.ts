import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatRequest, ToolCall } from '../../../src/core/backend.ts';
import { failure } from '../../../src/core/failure.ts';
import type { Limits } from '../../../src/core/limits.ts';
import type { Ceiling } from '../../../src/core/run-event.ts';
import { addSpend, NO_SPEND } from '../../../src/core/spend.ts';
import { isTerminal } from '../../../src/core/run-state.ts';
import type { EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { fc, propertyOptions, seededRandom } from '../../support/properties.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';
import { boss, delegates, hands, superviseFixture, toolCall } from './supervise-rig.ts';

type Random = () => number;

function pick<T>(random: Random, choices: readonly T[]): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new Error('There is nothing to pick.');
  return choice;
}

/** Any of the tools, also with names and amounts that are refused. */
function anyCall(random: Random, request: ChatRequest, index: number): ToolCall {
  const id = `${request.key.turn}-${index}`;
  const below = request.key.task === 'supervisor' ? 'w' : `${request.key.task}.`;
  const task = `${below}${1 + Math.floor(random() * 5)}`;
  const common = ['spawn', 'spawn', 'spawn', 'wait', 'wait', 'observe', 'steer', 'answer', 'dance'] as const;
  const name = pick(random, request.key.turn < 4 ? common : [...common, 'stop', 'stop', 'submit_result']);
  const maybe = <T>(share: number, value: T): T | undefined => (random() < share ? value : undefined);
  const args: Readonly<Record<string, unknown>> = {
    spawn: {
      title: 'part',
      objective: `Do it. ${'word '.repeat(Math.floor(random() * 100))}`,
      maxTokens: maybe(0.4, Math.floor(random() * 12_000)),
      maxCalls: maybe(0.3, 1 + Math.floor(random() * 8)),
      maxUsd: maybe(0.2, random() / 100),
      mayAsk: maybe(0.3, true),
      supervises: maybe(0.25, true),
      dependsOn: maybe(0.2, [task]),
    },
    wait: { seconds: 1 + Math.floor(random() * 20), all: maybe(0.3, true), tasks: maybe(0.2, [task]) },
    observe: { task: maybe(0.5, task) },
    steer: { task, message: 'Faster.' },
    answer: { task, message: 'Blue.' },
    stop: random() < 0.9 ? { task } : { why: 'enough' },
    submit_result: { output: 'done' },
    dance: {},
  };
  return toolCall(name, JSON.parse(JSON.stringify(args[name])) as object, id);
}

function team(random: Random, clock: ManualClock, failShare: number): readonly ScriptedBackend[] {
  const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 };
  const slow = async (reply: ScriptedReply): Promise<ScriptedReply> => {
    await clock.sleep(Math.floor(random() * 3_000));
    if (random() >= failShare) return reply;
    const reason = pick(random, ['connection', 'rejected', 'server-error', 'bad-response'] as const);
    return { failure: failure(reason, 'Injected.', { whatToDo: 'Nothing.' }), partialText: 'half' };
  };
  const supervises = (request: ChatRequest): Promise<ScriptedReply> => {
    const count = random() < 0.1 ? 0 : 1 + Math.floor(random() * 3);
    return slow({
      text: 'Thinking.',
      toolCalls: Array.from({ length: count }, (_, index) => anyCall(random, request, index)),
    });
  };
  const worker = (request: ChatRequest): Promise<ScriptedReply> =>
    slow({
      text:
        random() < 0.2 && request.key.turn < 2
          ? 'ASK THE USER: Which?'
          : 'Work. '.repeat(1 + Math.floor(random() * 40)),
    });
  const both = (request: ChatRequest): Promise<ScriptedReply> =>
    (request.tools ?? []).some(({ name }) => name === 'spawn') ? supervises(request) : worker(request);
  // At times one backend with one slot does everything.
  if (random() < 0.4)
    return [boss({}, { id: 'one', maxConcurrency: 1, canDelegate: true, price })].map(
      (one) => new ScriptedBackend(one.description, both),
    );
  return [
    new ScriptedBackend(boss({}, { price, maxConcurrency: 1 + Math.floor(random() * 2) }).description, supervises),
    hands(worker, { price, maxConcurrency: 1 + Math.floor(random() * 2) }),
  ];
}

/** Replays the journal: no call outside of a task that is at work, none without room, none left open, the spend told is that of its calls. */
function checkJournal({ events }: EngineFixture, backends: readonly ScriptedBackend[], limits: Limits): void {
  const ended = new Set<string>();
  const open = new Map<string, string>();
  const ceilings = new Map<string, Ceiling>();
  let spent = NO_SPEND;
  for (const event of events) {
    if (event.type === 'task.retried') ended.delete(event.task);
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
      assert.ok(!ended.has(event.key.task), `${event.key.task} made a call after its end`);
      open.set(JSON.stringify(event.key), event.backend);
      ceilings.set(JSON.stringify(event.key), event.ceiling);
      const promised = [...ceilings.values()].reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0);
      const dollars = [...ceilings.values()].reduce((sum, one) => sum + (one.usd ?? 0), 0);
      const { tokens, iterations, usd } = spent;
      assert.ok(
        tokens.input + tokens.output + promised <= (limits.maxTokens ?? Infinity),
        'a call is made with room for it',
      );
      assert.ok(usd + dollars <= (limits.maxUsd ?? Infinity) + 1e-6, 'a call is made with dollars for it');
      assert.ok(
        iterations + ceilings.size <= (limits.maxIterations ?? Infinity),
        'a call is one of those that are left',
      );
      for (const backend of backends) {
        const inFlight = [...open.values()].filter((id) => id === backend.description.id).length;
        assert.ok(inFlight <= backend.description.maxConcurrency, 'slots hold');
      }
    }
    if (event.type === 'call.finished' || event.type === 'call.failed') {
      assert.ok(open.delete(JSON.stringify(event.key)), 'a call ends once, after its start');
      ceilings.delete(JSON.stringify(event.key));
      spent = addSpend(spent, event.spent);
    }
  }
  assert.equal(open.size, 0, 'no call is left open');
  const last = events.at(-1);
  assert.ok(last?.type === 'run.finished');
  assert.deepEqual({ ...last.spent, ms: 0 }, { ...spent, ms: 0 });
}

/** Each worker keeps to what it was lent, with all below it. */
function checkShares(fixture: EngineFixture): void {
  const tasks = [...(fixture.engine.state('run-1')?.tasks.values() ?? [])];
  const below = (id: string): typeof NO_SPEND =>
    tasks
      .filter((task) => task.id === id || task.spec?.parent === id)
      .reduce((sum, task) => addSpend(sum, task.id === id ? task.spent : below(task.id)), NO_SPEND);
  for (const { id, spec } of tasks) {
    const limits = spec?.limits;
    const { tokens, iterations, usd } = below(id);
    if (limits?.maxTokens !== undefined)
      assert.ok(tokens.input + tokens.output <= limits.maxTokens, `${id} kept to its tokens`);
    if (limits?.maxIterations !== undefined) assert.ok(iterations <= limits.maxIterations, `${id} kept to its calls`);
    if (limits?.maxUsd !== undefined) assert.ok(usd <= limits.maxUsd + 1e-9, `${id} kept to its dollars`);
  }
}

/** The schedule skipped a worker in the moment when its supervisor called it off. */
const ENDED_TWICE: [
  { seed: number; failShare: number; maxWorkers: number },
  Limits & { maxIterations: number },
  undefined,
] = [{ seed: 1_499_695_608, failShare: 0.15369019983336332, maxWorkers: 2 }, { maxIterations: 10 }, undefined];

describe('any supervisor', () => {
  it('ends, starves no worker, keeps every budget and tells what it spent, under failures, refusals, words and cancels @scale', async () => {
    const seen = { winners: 0, reasons: new Map<string, number>(), workers: 0, nested: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          failShare: fc.double({ min: 0, max: 0.2, noNaN: true }),
          maxWorkers: fc.integer({ min: 1, max: 3 }),
        }),
        fc.record(
          {
            maxTokens: fc.integer({ min: 4_000, max: 400_000 }),
            maxUsd: fc.double({ min: 0.004, max: 0.6, noNaN: true }),
            maxIterations: fc.integer({ min: 2, max: 200 }),
            maxMs: fc.integer({ min: 20_000, max: 400_000 }),
          },
          { requiredKeys: ['maxIterations'] },
        ),
        fc.option(fc.nat(60_000), { nil: undefined, freq: 2 }),
        async ({ seed, failShare, maxWorkers }, limits, cancelAfterMs) => {
          const random = seededRandom(seed);
          const clock = new ManualClock();
          const backends = team(random, clock, failShare);
          const fixture = superviseFixture({ backends, clock });
          const never = random() < 0.3 ? { deliverable: { kind: 'file-exists', path: 'never.txt' } as const } : {};
          const handle = await delegates(fixture, { maxWorkers, ...never }, { limits });
          if (cancelAfterMs !== undefined) clock.schedule(cancelAfterMs, () => handle.cancel());
          let isDone = false;
          const ended = handle.result.finally(() => {
            isDone = true;
          });
          for (let step = 0; !isDone; step++) {
            assert.ok(
              step < 3_000,
              `it ends: ${[...(fixture.engine.state('run-1')?.tasks.values() ?? [])].map(({ id, status }) => `${id} ${status}`).join(', ')}`,
            );
            await clock.advance(500);
          }
          const result = await ended;
          assert.deepEqual(fixture.errors, []);
          checkJournal(fixture, backends, limits);
          checkShares(fixture);
          const state = fixture.engine.state('run-1');
          assert.deepEqual({ ...result.spentTotal, ms: 0 }, { ...state?.spent, ms: 0 });
          const tasks = [...(state?.tasks.values() ?? [])];
          assert.ok(
            tasks.every(({ status }) => isTerminal(status)),
            'every task ends',
          );
          for (const backend of backends) assert.equal(backend.openCalls, 0);
          assert.ok(result.spentTotal.iterations <= limits.maxIterations);
          if (limits.maxTokens !== undefined)
            assert.ok(result.spentTotal.tokens.input + result.spentTotal.tokens.output <= limits.maxTokens);
          if (limits.maxUsd !== undefined) assert.ok(result.spentTotal.usd <= limits.maxUsd + 1e-9);
          const kind = result.kind === 'winner' ? 'winner' : result.reason;
          seen.reasons.set(kind, (seen.reasons.get(kind) ?? 0) + 1);
          seen.workers += tasks.length - 1;
          seen.nested += tasks.filter(({ spec }) => spec?.supervises === true).length - 1;
        },
      ),
      {
        ...propertyOptions('any supervisor', process.env['FC_RUNS'] === undefined ? 0.2 : 0.1),
        examples: [ENDED_TWICE],
      },
    );
    console.log(
      `      ${JSON.stringify([...seen.reasons])}, ${seen.workers} workers, ${seen.nested} of them supervisors`,
    );
    assert.ok(seen.workers > 0 && seen.reasons.size > 2, 'the property sees something');
  }).timeout(240_000);
});
