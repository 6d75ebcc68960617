import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BudgetPool } from '../../src/core/budget.ts';
import { ceilingOf } from '../../src/core/claim.ts';
import type { Plan, TaskSpec } from '../../src/core/plan/plan.ts';
import { estimateTokens } from '../../src/core/tokens.ts';
import { engineFixture, MemoryWorkspace } from '../support/engine-fixture.ts';
import { processorMs } from '../support/growth.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { describeBackend, ScriptedBackend } from '../support/scripted-backend.ts';
import { orchestrates, planReply, works } from '../support/scripted-replies.ts';

function task(id: string, own: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: id, objective: 'do it', mode: 'autonomous', dependsOn: [], inputs: [], ...own };
}

function room(own: object, need: object): string {
  const route = {
    role: 'task' as const,
    minInputTokens: 1_000,
    fullInputTokens: 20_000,
    outputTokens: 4_000,
    tried: new Map(),
    rotation: 0,
    ...need,
  };
  const ceiling = ceilingOf(
    { route, priority: 0, pool: new BudgetPool('the run', {}), signal: new AbortController().signal },
    describeBackend({ id: 'b', ...own }),
  );
  return `${ceiling.inputTokens} in, ${ceiling.outputTokens} out`;
}

describe('the room of a call', () => {
  it('leaves the output what it wants where all fits, and at least a quarter of the window where not', () => {
    assert.equal(room({ contextWindow: 32_000 }, {}), '20000 in, 4000 out');
    assert.equal(room({ contextWindow: 16_000 }, {}), '12000 in, 4000 out');
    assert.equal(room({ contextWindow: 8_000 }, {}), '6000 in, 2000 out');
    assert.equal(room({ contextWindow: 32_000 }, { outputTokens: 1_000_000 }), '20000 in, 12000 out');
    assert.equal(room({ contextWindow: 16_000, maxOutputTokens: 500 }, {}), '15500 in, 500 out');
    assert.equal(room({}, {}), '20000 in, 4000 out');
  });

  it('is never less than what the prompt then takes, with long names, paths and many results', async () => {
    const title = '題'.repeat(200);
    const path = `${'deep/'.repeat(60)}file.txt`;
    const many = Array.from({ length: 30 }, (_, index) => task(`t${index}`, { title }));
    const plan = {
      request: 'r',
      tasks: [...many, task('last', { title, dependsOn: many.map((one) => one.id), inputs: [{ path }] })],
    };
    const only = new ScriptedBackend({ id: 'only', contextWindow: 18_000 }, ({ key }) => ({
      text: key.task === 'last' ? '{"claims":[],"missing":""}' : '結果'.repeat(60),
    }));
    const { start, events } = engineFixture({
      backends: [only],
      workspace: new MemoryWorkspace({ [path]: 'line\n'.repeat(5_000) }),
    });
    const finished = await (await start({ text: 'r', plan })).finished;
    assert.equal(finished.outcome, 'answered', finished.failure?.message);
    const ceilings = events.flatMap((event) => (event.type === 'call.started' ? [event.ceiling.inputTokens] : []));
    for (const [index, call] of only.calls.entries())
      assert.ok(
        estimateTokens(call.prompt) <= (ceilings[index] ?? 0),
        `${call.request.key.task}: ${estimateTokens(call.prompt)} of ${ceilings[index]}`,
      );
  });
});

describe('a limit that leaves less than any reply takes', () => {
  it('refuses the call with the limit and the amounts, and does not ask for a few words', async () => {
    const only = new ScriptedBackend({ id: 'only' }, works);
    const { start } = engineFixture({ backends: [only] });
    const plan = { request: 'r', tasks: [task('a', { objective: 'x'.repeat(3_000) })] };
    const finished = await (
      await start({ text: 'r', plan }, { limits: { maxTokens: 1_300 }, synthesis: false })
    ).finished;
    assert.equal(only.calls.length, 0);
    assert.match(
      finished.failure?.message ?? '',
      /The limit of the run is 1,300 tokens: 0 tokens used or reserved, this call may need 1,[3-9]\d\d tokens\./,
    );
  });
});

describe('an overflow', () => {
  it('that the budget cannot give does not refuse the task, which waits for the backend chosen first', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend(
      { id: 'front', canDelegate: false, goodAt: ['reasoning'] },
      orchestrates(planReply({ id: 'a', capability: 'code' }, { id: 'b', capability: 'code' })),
    );
    const local = new ScriptedBackend({ id: 'local', goodAt: ['code'], canOrchestrate: false, maxConcurrency: 1 });
    const dear = new ScriptedBackend(
      {
        id: 'dear',
        tier: 'api',
        goodAt: ['code'],
        canOrchestrate: false,
        price: { inputUsdPerMTok: 1_000, outputUsdPerMTok: 5_000 },
      },
      works,
    );
    const { start } = engineFixture({ backends: [front, local, dear], clock });
    const handle = await start({ text: 'go' }, { allowApi: true, limits: { maxUsd: 0.01 } });
    for (let i = 0; i < 3; i++) await clock.flush();
    local.calls[0]?.reply({ text: 'one' });
    for (let i = 0; i < 3; i++) await clock.flush();
    local.calls[1]?.reply({ text: 'two' });
    const finished = await handle.finished;
    assert.deepEqual(
      finished.tasks.map((one) => `${one.status} ${one.backend}`),
      ['completed local', 'completed local'],
    );
  });
});

describe('the time of a task', () => {
  it('begins with its first call, not while it waits for a slot', async () => {
    const clock = new ManualClock();
    const only = new ScriptedBackend({ id: 'only', maxConcurrency: 1 }, async (request) => {
      await clock.sleep(4_000);
      return works(request);
    });
    const plan = { request: 'r', tasks: ['a', 'b', 'c'].map((id) => task(id)) };
    const { start } = engineFixture({ backends: [only], clock });
    const handle = await start({ text: 'r', plan }, { perTask: { maxMs: 5_000 }, synthesis: false });
    await clock.advance(12_000);
    assert.deepEqual(
      (await handle.finished).tasks.map((one) => one.status),
      ['completed', 'completed', 'completed'],
    );
  });

  it('is over when its timer says so, also when that fires a little before the clock shows it', async () => {
    const clock = new ManualClock();
    const early = Object.assign(Object.create(clock) as ManualClock, {
      schedule: (ms: number, action: () => void) => clock.schedule(ms - 0.5, action),
      monotonicMs: () => clock.monotonicMs(),
      wallMs: () => clock.wallMs(),
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
    });
    const held = new ScriptedBackend({ id: 'held' });
    const { start } = engineFixture({ backends: [held], clock: early });
    const handle = await start(
      { text: 'r', plan: { request: 'r', tasks: [task('a')] } },
      { perTask: { maxMs: 5_000 }, synthesis: false },
    );
    await clock.advance(5_000);
    const finished = await handle.finished;
    assert.deepEqual(
      finished.tasks.map((one) => one.status),
      ['failed'],
    );
    assert.match(finished.failure?.message ?? '', /time limit of task a/);
  });
});

describe('the limits of one task', () => {
  const twoTasks = (own: Partial<TaskSpec>): Plan => ({ request: 'r', tasks: [task('a', own), task('b')] });
  const priced = (): ScriptedBackend =>
    new ScriptedBackend({ id: 'priced', price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1_000 } }, works);

  it('hold for that task alone: a call that may cost more is not made', async () => {
    const backend = priced();
    const { engine, start } = engineFixture({ backends: [backend] });
    const handle = await start({ text: 'r', plan: twoTasks({ maxUsd: 0.001 }) }, { synthesis: false });
    const { tasks } = await handle.finished;
    assert.deepEqual(
      tasks.map(({ status }) => status),
      ['failed', 'completed'],
    );
    assert.deepEqual(
      backend.calls.map(({ request }) => request.key.task),
      ['b'],
    );
    const { message = '', whatToDo } = engine.state(handle.run)?.tasks.get('a')?.failure ?? {};
    assert.match(message, /^The limit of task a is \$0\.0010: \$0\.0000 used or reserved, this call may need \$/);
    assert.equal(whatToDo, 'Raise maxUsd (of the task, or orchestrator.budget perTask) or ask for less.');
  });

  it('do not raise what is allowed to any task', async () => {
    const backend = priced();
    const { start } = engineFixture({ backends: [backend] });
    const plan = twoTasks({ maxUsd: 1_000 });
    const handle = await start({ text: 'r', plan }, { synthesis: false, perTask: { maxUsd: 0.001 } });
    await handle.finished;
    assert.equal(backend.calls.length, 0);
  });

  it('end its work when its time is over', async () => {
    const clock = new ManualClock();
    const held = new ScriptedBackend({ id: 'held' });
    const { engine, start } = engineFixture({ backends: [held], clock });
    const handle = await start({ text: 'r', plan: twoTasks({ maxMs: 2_000 }) }, { synthesis: false });
    await clock.advance(2_000);
    held.calls.find(({ request }) => request.key.task === 'b')?.reply({ text: 'done' });
    await handle.finished;
    assert.deepEqual(
      [...(engine.state(handle.run)?.tasks.values() ?? [])].map(({ status, failure }) =>
        `${status} ${failure?.message ?? ''}`.trim(),
      ),
      ['failed The time limit of task a has passed.', 'completed'],
    );
  });
});

describe('a plan of the largest size', () => {
  const tasks = Array.from({ length: 500 }, (_, index) => task(`t${index}`));
  const runWith = async (slots: number): Promise<void> => {
    const only = new ScriptedBackend({ id: 'only', maxConcurrency: slots }, works);
    const others = Array.from(
      { length: 9 },
      (_, index) => new ScriptedBackend({ id: `other-${index}`, tier: 'api' }, works),
    );
    const { start } = engineFixture({ backends: [only, ...others] });
    const handle = await start({ text: 'r', plan: { request: 'r', tasks } }, { synthesis: false });
    assert.equal((await handle.finished).outcome, 'answered');
  };

  it('with 500 tasks that are ready at once costs little more where they wait for one slot @scale', async () => {
    const freeMs = await processorMs(() => runWith(tasks.length));
    const waitingMs = await processorMs(() => runWith(1));
    console.log(`      500 tasks: ${freeMs.toFixed(0)} ms with a slot each, ${waitingMs.toFixed(0)} ms with one slot`);
    assert.ok(waitingMs < 10 * freeMs);
  });
});

describe('many that wait for few slots', () => {
  it('are not routed anew while nothing that they may come to is free', async () => {
    const count = 120;
    const tasks = Array.from({ length: count }, (_, index) => task(`t${index}`, { capability: 'grunt' }));
    const busy = new ScriptedBackend({ id: 'busy', goodAt: ['grunt'], maxConcurrency: 2 }, () => ({ text: 'done' }));
    const idle = new ScriptedBackend({ id: 'idle', goodAt: ['reasoning'], maxConcurrency: 64 }, () => ({
      text: 'done',
    }));
    let looked = 0;
    const counted = [busy, idle].map((backend) => ({
      chat: backend.chat.bind(backend),
      check: backend.check.bind(backend),
      get description() {
        looked += 1;
        return backend.description;
      },
    }));
    const { start } = engineFixture({ backends: counted });
    const finished = await (await start({ text: 'r', plan: { request: 'r', tasks } }, { synthesis: false })).finished;
    assert.equal(finished.outcome, 'answered');
    // All tasks looking at every backend whenever a slot comes back would be count * count / 2 times as many.
    const perTask = looked / count;
    assert.ok(perTask < 3 * count, `${Math.round(perTask)} looks for each of ${count} tasks`);
    console.log(`      ${Math.round(perTask)} looks for each of ${count} tasks`);
  });

  it('go to a backend that was added while they waited', async () => {
    const clock = new ManualClock();
    const busy = new ScriptedBackend({ id: 'busy', goodAt: ['grunt'], maxConcurrency: 1 });
    const added = new ScriptedBackend({ id: 'added', goodAt: ['grunt'] }, () => ({ text: 'done' }));
    const backends = [busy];
    const { start, engine } = engineFixture({ backends, clock });
    const tasks = ['a', 'b', 'c'].map((id) => task(id, { capability: 'grunt' }));
    const handle = await start({ text: 'r', plan: { request: 'r', tasks } }, { synthesis: false });
    await clock.flush();
    backends.push(added);
    engine.rosterChanged(['added']);
    await clock.flush();
    assert.deepEqual([busy.calls.length, added.calls.length], [1, 2]);
    busy.calls[0]?.reply({ text: 'done' });
    assert.equal((await handle.finished).outcome, 'answered');
  });
});
