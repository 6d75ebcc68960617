import assert from 'node:assert/strict';
import type { Journal, RunSummary } from '../../src/core/ports.ts';
import { PAYLOAD_FIELDS, type RunEvent, type RunEventBody } from '../../src/core/run-event.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import type { RunState } from '../../src/core/run-state.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { fc, propertyOptions, unicodeText } from '../support/properties.ts';
import { Workbench, value } from './fixture.ts';

const record = <T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });

/** Any UTF-16, well-formed or not, now and then long. */
const anyText = fc.oneof(
  unicodeText({ maxLength: 40 }),
  fc
    .tuple(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }), fc.constantFrom(1, 1, 20))
    .map(([units, times]) => String.fromCharCode(...units).repeat(times)),
  fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.integer({ min: 100, max: 3_000 }))
    .map(([text, times]) => text.repeat(times)),
);
const amount = fc.oneof(fc.nat(1_000_000), fc.double({ min: 0, max: 1e308, noNaN: true }));
const tokens = fc.nat(2 ** 31 - 1);
const spend = record({
  iterations: fc.nat(3),
  tokens: record({ input: tokens, output: tokens, cachedInput: tokens }),
  usd: amount,
  ms: amount,
  tokensKnown: fc.boolean(),
  usdKnown: fc.boolean(),
});
const task = fc.constantFrom('t1', 't2', '@plan', '@answer', '__proto__', 'constructor');
const key = record({ run: fc.constant('r'), task, turn: fc.nat(3), attempt: fc.nat(2) });
const failure = record({
  reason: fc.constantFrom('timeout' as const, 'journal' as const),
  message: anyText,
  whatToDo: anyText,
  retryable: fc.boolean(),
});
const inputs = fc.array(record({ text: anyText }), { maxLength: 2 });
const spec = record({
  id: fc.constantFrom('t1', 't2', '__proto__'),
  title: anyText,
  objective: anyText,
  capability: fc.option(anyText, { nil: undefined }),
  mode: fc.constant('autonomous'),
  dependsOn: fc.constant([]),
  inputs,
});
const ceiling = record({
  inputTokens: tokens,
  outputTokens: tokens,
  usd: fc.constantFrom(undefined, 1, Number.POSITIVE_INFINITY),
});

const entry = record({
  path: fc.constantFrom('a.ts', '__proto__'),
  kind: fc.constant('modified'),
  tasks: fc.array(task, { maxLength: 2 }),
  added: fc.nat(9),
  removed: fc.nat(9),
  isConflict: fc.boolean(),
  newUrls: fc.array(anyText, { maxLength: 1 }),
  problems: fc.array(anyText, { maxLength: 1 }),
});

const change = record({
  what: anyText,
  put: fc.array(spec, { maxLength: 2 }),
  removed: fc.array(task, { maxLength: 1 }),
  order: fc.option(fc.array(task, { maxLength: 2 }), { nil: null }),
});
const asked = record({ kind: fc.constantFrom('list', 'search'), query: anyText, hash: fc.constant('h') });

const body: fc.Arbitrary<unknown> = fc.oneof(
  record({
    type: fc.constant('run.started'),
    request: anyText,
    context: anyText,
    source: anyText,
    options: fc.constant(DEFAULT_OPTIONS),
    workspace: anyText,
    from: fc.constantFrom(undefined, 'an earlier run'),
  }),
  record({ type: fc.constant('run.resumed'), inDoubt: fc.array(key, { maxLength: 2 }) }),
  record({ type: fc.constant('plan.accepted'), tasks: fc.array(spec, { maxLength: 3 }) }),
  record({ type: fc.constant('task.started'), task, attempt: fc.nat(3), backend: anyText }),
  record({
    type: fc.constant('call.started'),
    key,
    backend: anyText,
    promptVersion: anyText,
    ceiling,
    prompt: anyText,
    said: fc.constantFrom(undefined, 0, 2),
  }),
  record({ type: fc.constant('call.finished'), key, backend: anyText, finish: anyText, text: anyText, spent: spend }),
  record({
    type: fc.constant('call.failed'),
    key,
    backend: anyText,
    failure,
    partial: anyText,
    spent: spend,
    next: fc.constant('retry'),
  }),
  record({ type: fc.constant('message.partial'), task, text: anyText }),
  record({
    type: fc.constant('task.completed'),
    task,
    backend: anyText,
    result: anyText,
    partial: fc.boolean(),
    citations: fc.option(anyText, { nil: undefined }),
    key: fc.constantFrom(undefined, 'k'),
    reusedFrom: fc.constantFrom(undefined, 'r0'),
    kept: fc.constantFrom(undefined, true),
  }),
  record({
    type: fc.constant('tool.finished'),
    task,
    turn: fc.nat(3),
    call: anyText,
    name: anyText,
    arguments: anyText,
    result: anyText,
    isOk: fc.boolean(),
    ms: amount,
  }),
  record({
    type: fc.constant('edit.based'),
    task,
    path: anyText,
    exists: fc.boolean(),
    text: anyText,
    hash: fc.constant('h'),
    format: fc.constant({ encoding: 'utf8', eol: 'lf' }),
    unsaved: fc.boolean(),
    protectedBecause: fc.constantFrom(null, 'it runs'),
  }),
  record({
    type: fc.constant('edit.made'),
    task,
    turn: fc.nat(3),
    path: anyText,
    change: fc.constantFrom('write', 'delete', 'rename'),
    to: fc.constantFrom(null, 'b.ts'),
    text: anyText,
  }),
  record({ type: fc.constant('proposal.made'), files: fc.array(entry, { maxLength: 2 }), content: anyText }),
  record({ type: fc.constant('proposal.updated'), entry, content: anyText, why: fc.constant('merged-again') }),
  record({ type: fc.constant('proposal.applying'), paths: fc.constant(['a.ts']), originals: anyText }),
  record({ type: fc.constant('task.failed'), task, failure, partial: anyText }),
  record({ type: fc.constant('task.waiting'), task, turn: fc.nat(3), question: anyText }),
  record({ type: fc.constant('message.said'), task, text: anyText }),
  record({ type: fc.constant('task.retried'), task, because: fc.constantFrom(null, 't1') }),
  record({ type: fc.constant('task.marked'), task, result: anyText }),
  record({ type: fc.constant('plan.waiting'), why: fc.constantFrom('always', 'draft'), estimate: fc.constant(null) }),
  record({ type: fc.constant('plan.approved') }),
  record({ type: fc.constant('plan.edited'), change, undoes: fc.boolean() }),
  record({ type: fc.constant('workspace.asked'), task, asked: fc.array(asked, { maxLength: 2 }) }),
  record({
    type: fc.constant('run.finished'),
    outcome: fc.constant('answered'),
    stoppedBy: fc.constant(null),
    answer: anyText,
    failure: fc.constant(null),
    spent: spend,
    tasks: fc.constant([]),
  }),
);
const batches = fc.array(fc.array(body, { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 5,
}) as fc.Arbitrary<RunEventBody[][]>;

function specOf(id: string): TaskSpec {
  return { id, title: id, objective: '', mode: 'autonomous', dependsOn: [], inputs: [] };
}

function planOf(...ids: readonly string[]): RunEventBody {
  return { type: 'plan.accepted', tasks: ids.map(specOf) };
}

const anyTask = fc.constantFrom('t1', 't2', 't3');
const someTasks = fc.uniqueArray(anyTask, { maxLength: 2 });
const cause = { reason: 'timeout', message: '', whatToDo: '', retryable: false };
const taskSteps = fc.array(
  fc.oneof(
    record({
      type: fc.constant('plan.edited'),
      change: record({
        what: fc.constant(''),
        put: someTasks.map((ids) => ids.map(specOf)),
        removed: someTasks,
        order: fc.constant(null),
      }),
      undoes: fc.constant(false),
    }),
    record({
      type: fc.constantFrom('task.started'),
      task: anyTask,
      attempt: fc.constant(0),
      backend: fc.constant('b'),
    }),
    record({ type: fc.constant('task.waiting'), task: anyTask, turn: fc.constant(0), question: fc.constant('?') }),
    record({ type: fc.constant('message.said'), task: anyTask, text: fc.constant('.') }),
    record({ type: fc.constant('task.retried'), task: anyTask, because: fc.constant(null) }),
    record({ type: fc.constantFrom('task.marked', 'task.completed'), task: anyTask, result: fc.constant('done') }),
    record({
      type: fc.constantFrom('task.failed', 'task.cancelled'),
      task: anyTask,
      failure: fc.constant(cause),
      partial: fc.constantFrom('', 'half'),
    }),
    record({ type: fc.constant('run.resumed'), inDoubt: fc.constant([]) }),
  ),
  { maxLength: 12 },
) as fc.Arbitrary<RunEventBody[]>;

const ALL = { textsUpToBytes: Number.MAX_SAFE_INTEGER };
const CHANGED_AS_REMOVED_AND_PUT: RunEventBody[] = [
  { type: 'task.marked', task: 't1', result: 'done' },
  {
    type: 'plan.edited',
    change: { what: '', put: [specOf('t1')], removed: ['t1'], order: null },
    undoes: false,
  },
];

describe('what is recorded', () => {
  let bench: Workbench;
  let sqlite: Journal;
  let memory: Journal;
  let runs = 0;

  before(async () => {
    bench = new Workbench();
    sqlite = await bench.open();
    memory = createMemoryJournal();
  });
  after(() => bench.dispose());

  it('reads back as it was acknowledged, from either journal, and folds to the same state', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(batches, async (appends) => {
        runs += 1;
        const run = `run ${runs}`;
        for (const journal of [sqlite, memory]) {
          const writer = value(await journal.createRun(run));
          const given = (await Promise.all(appends.map((append) => writer.append(append)))).flatMap(value);
          const acknowledged = await Promise.all(given.map((event) => withPrompt(journal, event)));
          const read = value(await journal.readRun(run, ALL));
          assert.equal(JSON.stringify(read), JSON.stringify(acknowledged));
          assert.deepEqual(foldRun(run, read), foldRun(run, acknowledged));
          assert.deepEqual(
            read.map((event) => event.type),
            appends.flat().map((event) => event.type),
          );
        }
        const [stored, kept] = await Promise.all(
          [sqlite, memory].map(async (journal) => value(await journal.readRun(run, { textsUpToBytes: 300 }))),
        );
        assert.deepEqual(withoutTime(stored), withoutTime(kept));
        await assertTextsAreThere(sqlite, stored ?? []);
        const [line, sameLine] = await Promise.all(
          [sqlite, memory].map(async (journal) => value(await journal.summary(run))),
        );
        assert.deepEqual(figures(line), figures(sameLine));
        assert.deepEqual(figures(line), figuresOf(foldRun(run, stored ?? [])));
      }),
      propertyOptions('round trip', 4),
    );
  });

  it('is listed with the figures that its fold has, whatever order its tasks change in', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(taskSteps, async (steps) => {
        runs += 1;
        const run = `run ${runs}`;
        value(await value(await memory.createRun(run)).append([planOf('t1', 't2'), ...steps]));
        const line = value(await memory.summary(run));
        assert.deepEqual(figures(line), figuresOf(foldRun(run, value(await memory.readRun(run, ALL)))));
      }),
      { ...propertyOptions('figures'), examples: [[CHANGED_AS_REMOVED_AND_PUT]] },
    );
  });
});

interface Figures {
  readonly tasks: number;
  readonly completed: number;
  readonly from: string | null;
  readonly waitsForUser: boolean;
}

function figures(summary: RunSummary | undefined): Figures | undefined {
  if (summary === undefined || summary.outcome !== null) return undefined;
  const { tasks, completed, from, waitsForUser } = summary;
  return { tasks, completed, from, waitsForUser };
}

/** What the fold makes of the same events; the figures of the end are its own. */
function figuresOf({ tasks, from, phase, waiting }: RunState): Figures | undefined {
  if (phase === 'finished') return undefined;
  const statuses = [...tasks.values()].map(({ status }) => status);
  return {
    tasks: tasks.size,
    completed: statuses.filter((status) => status === 'completed').length,
    from,
    waitsForUser: waiting !== null || statuses.includes('waiting'),
  };
}

/** An append gives a long prompt back as a reference. */
async function withPrompt(journal: Journal, event: RunEvent): Promise<RunEvent> {
  if (event.type !== 'call.started' || typeof event.prompt === 'string') return event;
  assert.ok(event.prompt.bytes > 64 * 1024);
  return { ...event, prompt: value(await journal.readBlob(event.prompt)) };
}

function withoutTime(events: readonly object[] | undefined): readonly object[] | undefined {
  return events?.map((event) => ({ ...event, at: 0 }));
}

/** Every reference leads to a text of that many bytes, longer than was asked for. */
async function assertTextsAreThere(
  journal: Journal,
  events: readonly { readonly type: RunEventBody['type'] }[],
): Promise<void> {
  for (const event of events) {
    for (const field of PAYLOAD_FIELDS[event.type] ?? []) {
      const payload: unknown = Reflect.get(event, field);
      if (typeof payload === 'string' || payload === undefined) continue;
      const ref = payload as { readonly hash: string; readonly bytes: number };
      assert.ok(ref.bytes > 300);
      assert.equal(Buffer.byteLength(value(await journal.readBlob(ref))), ref.bytes);
    }
  }
}
