import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failure } from '../../src/core/failure.ts';
import { applyEvent, foldRun } from '../../src/core/run-fold.ts';
import { emptyRunState, isTerminal, summarizeTasks, type RunState } from '../../src/core/run-state.ts';
import { callsInDoubt } from '../../src/core/calls-in-doubt.ts';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.ts';
import { addSpend, NO_SPEND, type Spend } from '../../src/core/spend.ts';
import { workedMs } from '../../src/core/stint.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const RUN = 'r';

function sealed(bodies: readonly RunEventBody[]): readonly RunEvent[] {
  return bodies.map((body, index) => ({ v: 1, seq: index + 1, at: 1000 + index, run: RUN, ...body }));
}

/** Any journal: events in any order, also ones that make no sense where they stand. */
function arbitraryJournal(): fc.Arbitrary<readonly RunEvent[]> {
  const task = fc.constantFrom('a', 'b', 'c', '@plan', '@answer', 'ghost');
  const key = fc.record({ run: fc.constant(RUN), task, turn: fc.nat(1), attempt: fc.nat(2) });
  const spent: fc.Arbitrary<Spend> = fc
    .record({ input: fc.nat(900), output: fc.nat(900), usd: fc.nat(50) })
    .map(({ input, output, usd }) => ({ ...NO_SPEND, iterations: 1, tokens: { input, output, cachedInput: 0 }, usd }));
  const failed = fc.constant(failure('connection', 'Lost.', { whatToDo: 'Wait.' }));
  const spec = (id: string, dependsOn: readonly string[]) => ({
    id,
    title: id,
    objective: id,
    mode: 'autonomous' as const,
    dependsOn,
    inputs: [],
  });
  const body: fc.Arbitrary<RunEventBody> = fc.oneof(
    fc.constant<RunEventBody>({
      type: 'run.started',
      request: 'q',
      context: '{}',
      source: 'test',
      options: DEFAULT_OPTIONS,
      workspace: '',
    }),
    fc.constant<RunEventBody>({ type: 'plan.accepted', tasks: [spec('a', []), spec('b', ['a']), spec('c', [])] }),
    fc.constant<RunEventBody>({ type: 'run.resumed', inDoubt: [] }),
    task.map((id): RunEventBody => ({ type: 'task.started', task: id, attempt: 0, backend: 'x' })),
    task.map((id): RunEventBody => ({
      type: 'task.completed',
      task: id,
      backend: 'x',
      result: 'done',
      partial: false,
    })),
    fc
      .tuple(task, failed)
      .map(([id, why]): RunEventBody => ({ type: 'task.failed', task: id, failure: why, partial: '' })),
    task.map((id): RunEventBody => ({ type: 'task.cancelled', task: id, partial: '' })),
    fc
      .tuple(task, failed)
      .map(([id, why]): RunEventBody => ({ type: 'task.skipped', task: id, because: 'a', failure: why })),
    task.map((id): RunEventBody => ({ type: 'message.partial', task: id, text: 'so far' })),
    key.map((own): RunEventBody => ({
      type: 'call.started',
      key: own,
      backend: 'x',
      promptVersion: 'p@1',
      ceiling: { inputTokens: 1, outputTokens: 1 },
      prompt: '[]',
    })),
    fc.tuple(key, spent).map(([own, cost]): RunEventBody => ({
      type: 'call.finished',
      key: own,
      backend: 'x',
      finish: 'stop',
      text: 't',
      spent: cost,
    })),
    fc.tuple(key, spent, failed).map(([own, cost, why]): RunEventBody => ({
      type: 'call.failed',
      key: own,
      backend: 'x',
      failure: why,
      partial: '',
      spent: cost,
      next: 'retry',
    })),
    fc.constant<RunEventBody>({
      type: 'run.finished',
      outcome: 'answered',
      stoppedBy: null,
      answer: 'A',
      failure: null,
      spent: NO_SPEND,
      tasks: [],
    }),
  );
  return fc.array(body, { maxLength: 40 }).map(sealed);
}

function assertValid(state: RunState): void {
  const all = [...state.tasks.values(), ...state.turns.values()];
  const sum = all.reduce((total, task) => addSpend(total, task.spent), NO_SPEND);
  for (const task of all) {
    const calls = task.calls.reduce((total, call) => addSpend(total, call.spent), NO_SPEND);
    assert.deepEqual(calls, task.spent, 'a task spent what its calls spent');
    if (task.status === 'skipped') assert.notEqual(task.skippedBecause, null);
    if (task.status === 'failed') assert.notEqual(task.failure, null);
    if (isTerminal(task.status)) assert.notEqual(task.endedAtMs, null);
    const open = task.stints.filter(({ toMs }) => toMs === null);
    assert.deepEqual(open, isTerminal(task.status) ? [] : task.stints.slice(-1).filter(({ toMs }) => toMs === null));
    if (task.status === 'active') assert.equal(open.length, 1, "what is active is in somebody's hands");
  }
  assert.deepEqual(sum, state.spent, 'a run spent what its tasks and turns spent');
  assert.equal(state.phase === 'finished', state.endedAtMs !== null);
}

describe('the fold of a journal', () => {
  it('is a valid state at every prefix, never leaves a terminal state, and never loses what was spent', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (events) => {
        let state = emptyRunState(RUN);
        for (const event of events) {
          const before = state;
          state = applyEvent(state, event);
          assertValid(state);
          assert.ok(
            state.spent.iterations >= before.spent.iterations && state.spent.tokens.input >= before.spent.tokens.input,
          );
          for (const [id, task] of before.tasks)
            if (isTerminal(task.status))
              assert.equal(state.tasks.get(id)?.status, task.status, `${id} left ${task.status}`);
        }
        assert.deepEqual(foldRun(RUN, events), state);
        assert.equal(summarizeTasks(state).length, state.tasks.size);
      }),
      propertyOptions('fold of any prefix'),
    );
  });

  it('keeps a result when a piece of a reply is recorded late', () => {
    const spec = { id: 'a', title: 'a', objective: 'a', mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const { tasks } = foldRun(
      RUN,
      sealed([
        { type: 'plan.accepted', tasks: [spec] },
        { type: 'task.started', task: 'a', attempt: 0, backend: 'x' },
        { type: 'task.completed', task: 'a', backend: 'x', result: 'all of it', partial: false },
        { type: 'message.partial', task: 'a', text: 'all of' },
      ]),
    );
    assert.deepEqual([tasks.get('a')?.result, tasks.get('a')?.partial], ['all of it', false]);
  });

  it('takes each event once: a repeated or foreign one changes nothing', () => {
    fc.assert(
      fc.property(arbitraryJournal(), (events) => {
        const state = foldRun(RUN, events);
        for (const event of events) assert.equal(applyEvent(state, event), state);
        assert.equal(
          applyEvent(state, { v: 1, seq: 999, at: 0, run: 'other', type: 'run.resumed', inDoubt: [] }),
          state,
        );
      }),
      propertyOptions('events count once'),
    );
  });

  it('lets what was active wait again after a crash, and keeps what it had spent', () => {
    const key = { run: RUN, task: 'a', turn: 0, attempt: 0 };
    const spent = { ...NO_SPEND, iterations: 1, usd: 2 };
    const state = foldRun(
      RUN,
      sealed([
        {
          type: 'plan.accepted',
          tasks: [{ id: 'a', title: 'a', objective: 'a', mode: 'autonomous', dependsOn: [], inputs: [] }],
        },
        { type: 'task.started', task: 'a', attempt: 0, backend: 'x' },
        {
          type: 'call.started',
          key,
          backend: 'x',
          promptVersion: 'p@1',
          ceiling: { inputTokens: 1, outputTokens: 1 },
          prompt: '[]',
        },
        {
          type: 'call.failed',
          key,
          backend: 'x',
          failure: failure('connection', 'Lost.', { whatToDo: 'Wait.' }),
          partial: '',
          spent,
          next: 'retry',
        },
        { type: 'run.resumed', inDoubt: [] },
      ]),
    );
    assert.deepEqual([state.tasks.get('a')?.status, state.tasks.get('a')?.spent.usd, state.resumed], ['pending', 2, 1]);
  });

  it('takes nobody to be at a task from the last thing that is known of an interrupted run to its next attempt', () => {
    const task = (id: string) => ({
      id,
      title: id,
      objective: id,
      mode: 'autonomous' as const,
      dependsOn: [],
      inputs: [],
    });
    const begin = (id: string, backend: string): RunEventBody => ({
      type: 'task.started',
      task: id,
      attempt: 0,
      backend,
    });
    const timed: readonly (readonly [at: number, body: RunEventBody])[] = [
      [1_000, { type: 'plan.accepted', tasks: [task('a'), task('b')] }],
      [2_000, begin('a', 'x')],
      [2_100, begin('b', 'x')],
      [2_500, { type: 'task.cancelled', task: 'b', partial: '' }],
      [9_000_000, { type: 'run.resumed', inDoubt: [] }],
      [9_000_700, begin('a', 'y')],
      [9_001_700, { type: 'task.completed', task: 'a', backend: 'y', result: 'r', partial: false }],
    ];
    const state = foldRun(
      RUN,
      timed.map(([at, body], index) => ({ v: 1, seq: index + 1, at, run: RUN, ...body })),
    );
    const [a, b] = ['a', 'b'].map((id) => state.tasks.get(id)?.stints);
    assert.deepEqual(a, [
      { fromMs: 2_000, toMs: 2_500, backend: 'x' },
      { fromMs: 9_000_700, toMs: 9_001_700, backend: 'y' },
    ]);
    assert.deepEqual(b, [{ fromMs: 2_100, toMs: 2_500, backend: 'x' }]);
    assert.equal(workedMs({ stints: a ?? [] }, 0), 1_500);
  });

  it('takes a wall clock that was set back for no earlier end of anything', () => {
    const spec = { id: 'a', title: 'a', objective: 'a', mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const bodies: readonly RunEventBody[] = [
      { type: 'plan.accepted', tasks: [spec] },
      { type: 'task.started', task: 'a', attempt: 0, backend: 'x' },
      { type: 'task.completed', task: 'a', backend: 'x', result: 'r', partial: false },
    ];
    const back = sealed(bodies).map((event, index) => ({ ...event, at: 9_000 - index }));
    const state = foldRun(RUN, back);
    assert.equal(state.lastAtMs, 9_000);
    assert.deepEqual(state.tasks.get('a')?.stints, [{ fromMs: 8_999, toMs: 8_999, backend: 'x' }]);
  });

  it('leaves the result of a task that has ended, whatever is still told of its text', () => {
    const spec = { id: 'a', title: 'a', objective: 'a', mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const bodies: readonly RunEventBody[] = [
      { type: 'plan.accepted', tasks: [spec] },
      { type: 'task.completed', task: 'a', backend: 'x', result: 'whole', partial: false },
      { type: 'message.partial', task: 'a', text: 'half' },
    ];
    const a = foldRun(RUN, sealed(bodies)).tasks.get('a');
    assert.deepEqual([a?.result, a?.partial], ['whole', false]);
  });

  it('counts what all attempts spent, also after the run was resumed', () => {
    const spec = { id: 'a', title: 'a', objective: 'a', mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const spent = { ...NO_SPEND, iterations: 1, usd: 2 };
    const call = (attempt: number): readonly RunEventBody[] => {
      const of = { key: { run: RUN, task: 'a', turn: 0, attempt }, backend: 'x' };
      const ceiling = { inputTokens: 1, outputTokens: 1 };
      return [
        { type: 'call.started', ...of, promptVersion: 'p@1', ceiling, prompt: '[]' },
        { type: 'call.finished', ...of, finish: 'stop', text: 't', spent },
      ];
    };
    const bodies: readonly RunEventBody[] = [
      { type: 'plan.accepted', tasks: [spec] },
      ...call(0),
      { type: 'task.retried', task: 'a', because: null },
      ...call(1),
      { type: 'run.resumed', inDoubt: [] },
    ];
    const state = foldRun(RUN, sealed(bodies));
    assert.deepEqual([state.tasks.get('a')?.spent.usd, state.spent.usd], [4, 4]);
  });

  it('counts a call without an end as one of unknown tokens and price on its backend, once, when the run goes on', () => {
    const start = (turn: number, usd?: number): RunEventBody => ({
      type: 'call.started',
      key: { run: RUN, task: '@plan', turn, attempt: 0 },
      backend: 'x',
      promptVersion: 'p@1',
      ceiling: { inputTokens: 1, outputTokens: 1, ...(usd === undefined ? {} : { usd }) },
      prompt: '[]',
    });
    const spentAfter = (...bodies: readonly RunEventBody[]) => {
      const state = foldRun(RUN, sealed(bodies));
      assertValid(state);
      const calls = [...state.turns.values()].flatMap((task) => task.calls);
      const { iterations, tokensKnown, usdKnown } = state.spent;
      return [iterations, tokensKnown, usdKnown, callsInDoubt(state).length, calls.map((call) => call.backend).join()];
    };
    const resumed: RunEventBody = { type: 'run.resumed', inDoubt: [] };
    assert.deepEqual(spentAfter(start(0)), [0, true, true, 1, 'x']);
    assert.deepEqual(spentAfter(start(0), resumed), [1, false, false, 0, 'x']);
    assert.deepEqual(spentAfter(start(0, 0), resumed), [1, false, true, 0, 'x']);
    assert.deepEqual(spentAfter(start(0), resumed, resumed), [1, false, false, 0, 'x']);
    assert.deepEqual(spentAfter(start(0), resumed, start(1), resumed), [2, false, false, 0, 'x,x']);
  });
});
