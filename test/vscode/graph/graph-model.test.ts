import assert from 'node:assert/strict';
import { formatDuration } from '../../../src/base/duration.ts';
import { failure } from '../../../src/core/failure.ts';
import type { RunLiveness } from '../../../src/core/ports.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { applyEvent, foldRun } from '../../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../../src/core/run-state.ts';
import { NO_SPEND } from '../../../src/core/spend.ts';
import { graphChange } from '../../../src/vscode/graph/graph-changes.ts';
import { GraphModel } from '../../../src/vscode/graph/graph-model.ts';
import { readFromGraph, readToGraph } from '../../../src/webview/graph/graph-messages.ts';
import { GraphStore } from '../../../src/webview/graph/graph-store.ts';
import {
  elapsedMs,
  type Attempt,
  type GraphTask,
  type GraphView,
  type Span,
} from '../../../src/webview/graph/graph-view.ts';
import { besideTask, foldedFacts, spendFacts, spokenTask } from '../../../src/webview/graph/node-text.ts';
import { assertGolden } from '../../support/golden.ts';
import { RUN, SAMPLE, START_MS, at, journaled, type TimedBody } from '../../support/sample-run.ts';

const TALK: readonly TimedBody[] = [
  ...SAMPLE.slice(0, 4),
  at(1_020, {
    type: 'plan.accepted',
    tasks: [
      task('name', 'Name\u202E it <img src=x onerror=alert(1)>', { mode: 'interactive' }),
      task('old', 'Read the old one'),
      task('build', 'Build it', { mode: 'hybrid', dependsOn: ['name', 'old'] }),
      task('check', 'Check it', { parent: 'build', dependsOn: ['build'] }),
      task('tell', 'Tell them', { dependsOn: ['old', 'build', 'check'] }),
    ],
  }),
  at(1_100, { type: 'task.waiting', task: 'name', question: '', turn: 0 }),
  at(1_200, {
    type: 'task.completed',
    task: 'old',
    backend: 'code-1',
    result: 'old',
    partial: false,
    reusedFrom: 'run-0',
  }),
  at(9_000, { type: 'message.said', task: 'name', text: 'Short, please' }),
  at(9_010, { type: 'task.started', task: 'name', attempt: 0, backend: 'code-1' }),
  at(9_020, call('name', 0)),
  at(9_900, ended('name', 0)),
  at(10_000, { type: 'task.completed', task: 'name', backend: 'code-1', result: 'x', partial: false }),
  at(10_100, { type: 'task.started', task: 'build', attempt: 0, backend: 'local' }),
  at(10_110, call('build', 0)),
  at(12_000, ended('build', 0)),
  at(12_010, {
    type: 'task.failed',
    task: 'build',
    failure: failure('timeout', 'It took too long.', { whatToDo: 'Try again.' }),
    partial: '',
  }),
  at(15_000, { type: 'task.retried', task: 'build', because: null }),
  at(15_010, { type: 'task.started', task: 'build', attempt: 1, backend: 'code-1' }),
  at(15_020, call('build', 0, { attempt: 1 })),
  at(16_000, ended('build', 0, 1)),
  at(16_010, { type: 'task.waiting', task: 'build', question: 'Which **one**?', turn: 0 }),
];

const ONE_TASK: readonly TimedBody[] = [
  ...SAMPLE.slice(0, 4),
  at(1_020, { type: 'plan.accepted', tasks: [task('a', 'A')] }),
];

function task(id: string, title: string, more: object = {}) {
  return { id, title, objective: title, mode: 'autonomous' as const, dependsOn: [], inputs: [], ...more };
}

function call(id: string, turn: number, { attempt = 0, backend = 'code-1' } = {}): RunEventBody {
  const key = { run: RUN, task: id, turn, attempt };
  const ceiling = { inputTokens: 9, outputTokens: 9 };
  return { type: 'call.started', key, backend, promptVersion: 'task@1', ceiling, prompt: '[]' };
}

function ended(id: string, turn: number, attempt = 0): RunEventBody {
  const key = { run: RUN, task: id, turn, attempt };
  const spent = { ...NO_SPEND, iterations: 1, usd: 0.01, tokens: { input: 1_000, output: 20, cachedInput: 0 } };
  return { type: 'call.finished', key, backend: 'code-1', finish: 'stop', text: 'x', spent };
}

function stateOf(bodies: readonly TimedBody[]): RunState {
  return foldRun(RUN, journaled(bodies));
}

function viewOf(bodies: readonly TimedBody[], liveness: RunLiveness = 'running'): GraphView {
  return new GraphModel().show(stateOf(bodies), liveness);
}

const NOW_MS = 20_000;

function told({ head, tasks, backends }: GraphView): string {
  return [
    `${head.title} · ${head.word} · ${head.detail} · ${span(head.time)}${head.empty === null ? '' : ` · ${head.empty}`}`,
    `backends: ${backends.join(', ')}`,
    ...tasks.flatMap(taskLines),
  ].join('\n');
}

function taskLines(one: GraphTask): readonly string[] {
  const nowMs = START_MS + NOW_MS;
  return [
    `${one.parent === null ? '' : `${one.parent} > `}${one.id}${one.needs.length === 0 ? '' : ` < ${one.needs.join(' ')}`}: ${spokenTask(one, nowMs)}`,
    `    beside: ${besideTask(one, nowMs)}`,
    ...one.attempts.map(
      (attempt) =>
        `    ${span(attempt)} · ${places(attempt)} · calls ${attempt.calls.map(span).join(', ')} · waits ${attempt.waits.map(span).join(', ')}`,
    ),
    ...[...one.facts, ...spendFacts([one])].map(({ name, value }) => `    ${name}: ${value}`),
  ];
}

function places({ fromMs, toMs, places: all }: Attempt): string {
  const [only, ...others] = all;
  if (others.length === 0 && only?.fromMs === fromMs && only.toMs === toMs) return `at ${only.backend}`;
  return `at ${all.map((place) => `${place.backend} ${span(place)}`).join(', ')}`;
}

function span({ fromMs, toMs }: Span): string {
  return `${since(fromMs)} to ${toMs === null ? 'now' : since(toMs)}`;
}

function since(ms: number): string {
  return ms === 0 ? 'never' : formatDuration(ms - START_MS);
}

describe('the model of the run graph', () => {
  it('tells of each task where it stands, what it waits for, when it was at work and what it spent', () => {
    const running = SAMPLE.findIndex(({ type }) => type === 'plan.accepted') + 8;
    assertGolden(
      'graph-model.txt',
      [
        `before there is a plan\n${told(viewOf(SAMPLE.slice(0, 2)))}`,
        `while three run\n${told(viewOf(SAMPLE.slice(0, running)))}`,
        `interrupted then\n${told(viewOf(SAMPLE.slice(0, running), 'interrupted'))}`,
        `at its end\n${told(viewOf(SAMPLE))}`,
        `with words of the user, a result used again and a new attempt\n${told(viewOf(TALK))}`,
        `answered without tasks\n${told(viewOf([...SAMPLE.slice(0, 4), ...SAMPLE.slice(-1)]))}`,
      ].join('\n\n'),
    );
  });

  it('gives the wait for a word from the question to the answer', () => {
    const waits = viewOf(TALK).tasks.flatMap(({ id, attempts }) =>
      attempts.flatMap((attempt) => attempt.waits.map((wait) => `${id}: ${span(wait)}`)),
    );
    assert.deepEqual(waits, ['name: 1.1 s to 9.0 s', 'build: 16.0 s to now']);
  });

  it('of a task that was done anew elsewhere names the backend of each attempt', () => {
    const begin = (attempt: number, backend: string): RunEventBody => ({
      type: 'task.started',
      task: 'a',
      attempt,
      backend,
    });
    const first = [
      ...ONE_TASK,
      at(2_000, begin(0, 'slow-one')),
      at(2_010, call('a', 0, { backend: 'slow-one' })),
      at(60_000, ended('a', 0)),
      at(60_010, { type: 'task.cancelled', task: 'a', partial: '' }),
      at(61_000, { type: 'task.retried', task: 'a', because: null }),
    ];
    const second = [at(62_000, begin(1, 'quick-one')), at(62_010, call('a', 0, { attempt: 1, backend: 'quick-one' }))];
    const told = (bodies: readonly TimedBody[]) =>
      viewOf(bodies).tasks.flatMap(({ id, attempts }) => (id === 'a' ? attempts.map(places) : []));
    assert.deepEqual(told(first), ['at slow-one']);
    assert.deepEqual(told([...first, ...second]), ['at slow-one', 'at quick-one']);
    assert.deepEqual(viewOf([...first, ...second]).backends, ['frontier', 'slow-one', 'quick-one']);
  });

  it('of an attempt that moved on to another backend names both, each with its time', () => {
    const { tasks } = viewOf([
      ...ONE_TASK,
      at(2_000, { type: 'task.started', task: 'a', attempt: 0, backend: 'slow-one' }),
      at(2_010, call('a', 0, { backend: 'slow-one' })),
      at(32_010, ended('a', 0)),
      at(32_020, call('a', 1, { backend: 'quick-one' })),
      at(33_000, ended('a', 1)),
      at(33_500, { type: 'task.completed', task: 'a', backend: 'quick-one', result: 'x', partial: false }),
    ]);
    assert.deepEqual(
      tasks.flatMap(({ id, attempts }) => (id === 'a' ? attempts.map(places) : [])),
      ['at slow-one 2.0 s to 32.0 s, quick-one 32.0 s to 33.5 s'],
    );
    assert.deepEqual(
      tasks.flatMap(({ id, attempts }) => (id === 'a' ? attempts.flatMap(({ calls }) => calls) : [])),
      [
        { fromMs: START_MS + 2_010, toMs: START_MS + 32_010, backend: 'slow-one' },
        { fromMs: START_MS + 32_020, toMs: START_MS + 33_000, backend: 'quick-one' },
      ],
    );
  });

  it('of an attempt with calls at the same time has each backend up to its last end, and leaves out who only judged', () => {
    const aside = { ...call('a', 9, { backend: 'judge' }), aside: true as const };
    const { tasks } = viewOf([
      ...ONE_TASK,
      at(2_000, { type: 'task.started', task: 'a', attempt: 0, backend: 'slow-one' }),
      at(2_010, call('a', 1, { backend: 'slow-one' })),
      at(2_020, call('a', 2, { backend: 'quick-one' })),
      at(2_030, call('a', 3, { backend: 'slow-one' })),
      at(3_000, ended('a', 3)),
      at(4_000, ended('a', 2)),
      at(9_000, ended('a', 1)),
      at(9_100, aside),
      at(9_200, ended('a', 9)),
      at(9_500, { type: 'task.completed', task: 'a', backend: 'quick-one', result: 'x', partial: false }),
    ]);
    assert.deepEqual(
      tasks.flatMap(({ id, attempts }) => (id === 'a' ? attempts.map(places) : [])),
      ['at slow-one 2.0 s to 9.0 s, quick-one 2.0 s to 9.5 s'],
    );
  });

  it('of a run that was interrupted ends all that was done at the last that is known of it', () => {
    const bodies: readonly TimedBody[] = [
      ...ONE_TASK,
      at(2_000, { type: 'task.started', task: 'a', attempt: 0, backend: 'code-1' }),
      at(2_010, call('a', 0)),
      at(60_000, ended('a', 0)),
      at(60_010, { type: 'task.cancelled', task: 'a', partial: '' }),
      at(61_000, { type: 'task.retried', task: 'a', because: null }),
    ];
    const { head, tasks } = viewOf(bodies, 'interrupted');
    const ends = tasks.flatMap(({ attempts }) => attempts.map(({ toMs }) => toMs ?? Number.POSITIVE_INFINITY));
    assert.ok(Math.max(...ends) <= (head.time.toMs ?? 0), `${span(head.time)}, ${ends.join()}`);
  });

  it('of a task that went on after an interruption leaves out the time between, and its question waits on', () => {
    const day = 86_400_000;
    const { tasks } = viewOf([
      ...ONE_TASK,
      at(2_000, { type: 'task.started', task: 'a', attempt: 0, backend: 'code-1' }),
      at(2_010, call('a', 0)),
      at(3_000, ended('a', 0)),
      at(3_010, { type: 'task.waiting', task: 'a', question: 'Which?', turn: 0 }),
      at(4_000, { type: 'backend.rested', backend: 'x', why: 'y', forMs: 5_000 }),
      at(3 * day, { type: 'run.resumed', inDoubt: [] }),
      at(3 * day + 100, { type: 'task.waiting', task: 'a', question: 'Which?', turn: 0 }),
      at(3 * day + 900, { type: 'message.said', task: 'a', text: 'This one' }),
      at(3 * day + 2_100, { type: 'task.completed', task: 'a', backend: 'code-1', result: 'x', partial: false }),
    ]);
    const a = tasks.find(({ id }) => id === 'a');
    assert.deepEqual(
      a?.attempts.map((attempt) => `${span(attempt)}, waits ${attempt.waits.map(span).join()}`),
      ['2.0 s to 4.0 s, waits 3.0 s to 4.0 s', '72 h 0 min to 72 h 0 min, waits 72 h 0 min to 72 h 0 min'],
    );
    assert.equal(a === undefined ? 0 : elapsedMs(a, 0), 4_000);
  });

  it('says who is asked by a worker also after its supervisor has ended', () => {
    const model = new GraphModel();
    const before = stateOf([
      ...SAMPLE.slice(0, 4),
      at(1_020, {
        type: 'plan.accepted',
        tasks: [task('s', 'S', { supervises: true }), task('w', 'W', { parent: 's' })],
      }),
      at(2_000, { type: 'task.waiting', task: 'w', question: 'Which?', turn: 0 }),
    ]);
    const waits = (state: RunState) => model.show(state, 'running').tasks.find(({ id }) => id === 'w')?.waits;
    assert.equal(waits(before), 'waits for its supervisor');
    const cancelled = { v: 1, seq: before.lastSeq + 1, at: START_MS + 3_000, run: RUN } as const;
    assert.equal(
      waits(applyEvent(before, { ...cancelled, type: 'task.cancelled', task: 's', partial: '' })),
      'waits for you',
    );
  });

  it('tells of tasks that are folded away what they cost together', () => {
    const done = viewOf(TALK).tasks.filter(({ id }) => id === 'name' || id === 'build');
    assert.deepEqual(foldedFacts(done).slice(-2), [
      { name: 'Tokens', value: '3,060 tokens' },
      { name: 'Cost', value: '$0.0300 · 3 calls' },
    ]);
  });

  it('tells a panel by changes alone what it would be told at once', () => {
    for (const bodies of [SAMPLE, TALK]) {
      const model = new GraphModel();
      const store = new GraphStore();
      let state = emptyRunState(RUN);
      let before = model.show(state, 'running');
      store.show(structuredClone(before));
      let puts = 0;
      for (const event of journaled(bodies)) {
        state = applyEvent(state, event);
        const after = model.show(state, 'running');
        const message = readToGraph(structuredClone(graphChange(before, after, 1)));
        if (message?.type === 'change') {
          puts += message.put.length;
          store.change(message);
        }
        before = after;
        assert.deepEqual({ head: store.head, tasks: store.all, backends: store.backends }, structuredClone(after));
      }
      assert.ok(puts >= state.tasks.size * 2, `${puts} tasks were put`);
    }
  });

  it('tells of the tasks that an event touched, and of nothing when there was none', () => {
    const model = new GraphModel();
    const events = journaled(SAMPLE);
    const index = SAMPLE.findIndex((body) => body.type === 'task.completed' && body.task === 'read');
    const state = foldRun(RUN, events.slice(0, index));
    const before = model.show(state, 'running');
    assert.equal(graphChange(before, model.show(state, 'running'), 1), undefined);
    const change = graphChange(
      before,
      model.show(events.slice(index, index + 1).reduce(applyEvent, state), 'running'),
      7,
    );
    assert.ok(change?.type === 'change');
    // `tests` waits for it no more.
    assert.deepEqual(
      change.put.map(({ id, word }) => `${id} ${word}`),
      ['read completed', 'tests pending'],
    );
    assert.deepEqual(
      { ...change, put: [] },
      { type: 'change', put: [], order: null, head: change.head, backends: null, nowMs: 7 },
    );
  });

  it('shows hidden characters of a title, and leaves the rest of it as it is', () => {
    const name = viewOf(TALK).tasks.find(({ id }) => id === 'name');
    assert.equal(name?.title, 'Name⟨U+202E⟩ it <img src=x onerror=alert(1)>');
  });
});

describe('the messages of the run graph', () => {
  it('are taken when they are whole, and ignored when anything in them is not what it should be', () => {
    const view = structuredClone(viewOf(TALK));
    assert.deepEqual(readToGraph({ type: 'show', view, nowMs: 5 }), { type: 'show', view, nowMs: 5 });
    const [first, ...others] = view.tasks;
    const spoiled: readonly unknown[] = [
      null,
      'show',
      { type: 'show', view },
      { type: 'show', view: { ...view, head: { ...view.head, word: 'dancing' } }, nowMs: 5 },
      { type: 'show', view: { ...view, tasks: [{ ...first, word: '"><script>' }, ...others] }, nowMs: 5 },
      { type: 'show', view: { ...view, tasks: [{ ...first, needs: [1] }, ...others] }, nowMs: 5 },
      { type: 'show', view: { ...view, tasks: [{ ...first, attempts: [{ fromMs: '1' }] }, ...others] }, nowMs: 5 },
      {
        type: 'show',
        view: { ...view, tasks: [{ ...first, attempts: [{ ...first?.attempts[0], calls: [1] }] }, ...others] },
        nowMs: 5,
      },
      { type: 'show', view: { ...view, tasks: [{ ...first, spent: { calls: 1 } }, ...others] }, nowMs: 5 },
      { type: 'show', view: { ...view, backends: 'all' }, nowMs: 5 },
      { type: 'change', put: [], order: [1], head: null, backends: null, nowMs: 5 },
      { type: 'change', put: [], order: null, head: {}, backends: null, nowMs: 5 },
      { type: 'failed', what: 7 },
      { type: 'open', task: 'a' },
    ];
    assert.deepEqual(
      spoiled.map(readToGraph).filter((message) => message !== undefined),
      [],
    );
  });

  it('of the page name a task and nothing else', () => {
    assert.deepEqual(readFromGraph({ type: 'open', task: 'a', command: 'x' }), { type: 'open', task: 'a' });
    assert.deepEqual(readFromGraph({ type: 'ready', task: 'a' }), { type: 'ready' });
    const spoiled = [
      { type: 'open' },
      { type: 'open', task: '' },
      { type: 'open', task: 'x'.repeat(300) },
      { type: 'run' },
      7,
    ];
    assert.deepEqual(
      spoiled.map(readFromGraph).filter((message) => message !== undefined),
      [],
    );
  });
});
