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
import type { GraphTask, GraphView, Span } from '../../../src/webview/graph/graph-view.ts';
import { besideTask, spokenTask } from '../../../src/webview/graph/node-text.ts';
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
  at(15_020, call('build', 0, 1)),
  at(16_000, ended('build', 0, 1)),
  at(16_010, { type: 'task.waiting', task: 'build', question: 'Which **one**?', turn: 0 }),
];

function task(id: string, title: string, more: object = {}) {
  return { id, title, objective: title, mode: 'autonomous' as const, dependsOn: [], inputs: [], ...more };
}

function call(id: string, turn: number, attempt = 0): RunEventBody {
  const key = { run: RUN, task: id, turn, attempt };
  const ceiling = { inputTokens: 9, outputTokens: 9 };
  return { type: 'call.started', key, backend: 'code-1', promptVersion: 'task@1', ceiling, prompt: '[]' };
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
        `    ${span(attempt)} · calls ${attempt.calls.map(since).join(', ')} · waits ${attempt.waits.map(span).join(', ')}`,
    ),
    ...one.facts.map(({ name, value }) => `    ${name}: ${value}`),
  ];
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
