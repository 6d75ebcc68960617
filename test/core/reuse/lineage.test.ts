/** What is used again over runs that came to nothing. */
import assert from 'node:assert/strict';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import { engineFixture, type EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { works } from '../../support/scripted-replies.ts';
import { ChangingWorkspace, task } from './reuse-rig.ts';

const TASKS = [task('a'), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['b'] })];

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isSo(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isSo(), 'it never came');
}

class Line {
  readonly only = new ScriptedBackend({ id: 'only' }, works);
  /** Its calls never end by themselves. */
  readonly held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
  readonly fixture: EngineFixture = engineFixture({ backends: [this.only, this.held] });
  #counted = 0;

  async first(tasks: readonly TaskSpec[] = TASKS): Promise<string> {
    const { run, finished } = await this.fixture.start({ text: 'go', plan: { request: 'go', tasks } });
    await finished;
    return run;
  }

  async act(run: string, action: PersonAction): Promise<string> {
    const done = await this.fixture.engine.act(run, action);
    assert.ok(done.ok);
    return done.value.run;
  }

  /** It ends as it is. */
  async cancelled(run: string): Promise<string> {
    await this.act(run, { kind: 'cancel' });
    await until(() => this.fixture.engine.state(run)?.phase === 'finished');
    return run;
  }

  /** What is called for when the run is run again. */
  async again(run: string, how: Parameters<EngineFixture['engine']['again']>[1] = {}): Promise<string> {
    this.#counted = this.only.calls.length;
    const again = await this.fixture.engine.again(run, how);
    assert.ok(again.ok);
    await again.value.finished;
    assert.deepEqual(this.fixture.errors, []);
    return [...new Set(this.only.calls.slice(this.#counted).map(({ request }) => request.key.task))].sort().join(' ');
  }
}

describe('a line of runs', () => {
  it('loses nothing by drafts that were never run', async () => {
    const line = new Line();
    const edit = (objective: string): PersonAction => ({
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'c', fields: { objective } }],
    });
    const first = await line.first();
    const second = await line.cancelled(await line.act(first, edit('Otherwise.')));
    const third = await line.cancelled(await line.act(second, edit('Once more otherwise.')));
    assert.equal(await line.again(third), '@answer c');
  });

  it('names the run that did it, also in the estimate of a draft', async () => {
    const line = new Line();
    const first = await line.first();
    const same = await line.fixture.engine.again(first, {});
    assert.ok(same.ok);
    await same.value.finished;
    const draft = await line.cancelled(
      await line.act(same.value.run, { kind: 'edit-plan', edits: [{ kind: 'remove', task: 'c' }] }),
    );
    const again = await line.act(draft, {
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'b', fields: { title: 'B' } }],
    });
    await until(() => line.fixture.engine.state(again)?.phase === 'approving');
    const estimate = line.fixture.engine.state(again)?.waiting?.estimate;
    assert.deepEqual(
      Object.values(estimate?.tasks ?? {}).map(({ isReused }) => isReused),
      [true, true],
    );
    await line.act(again, { kind: 'approve' });
    await until(() => line.fixture.engine.state(again)?.phase === 'finished');
    const state = line.fixture.engine.state(again);
    assert.deepEqual(
      [...(state?.tasks.values() ?? [])].map(({ reusedFrom }) => reusedFrom),
      [first, first],
    );
  });

  it('promises in an estimate no result that was cut, stands on less now, or is to be made anew', async () => {
    let finish: 'stop' | 'length' = 'length';
    const only = new ScriptedBackend({ id: 'only' }, ({ key }) => ({ text: key.task, finish }));
    const { engine, start } = engineFixture({ backends: [only] });
    const promised = async (run: string, how: Parameters<typeof engine.again>[1]): Promise<string> => {
      const draft = await engine.again(run, { ...how, isDraft: true });
      assert.ok(draft.ok);
      await until(() => engine.state(draft.value.run)?.phase === 'approving');
      const tasks = Object.entries(engine.state(draft.value.run)?.waiting?.estimate?.tasks ?? {});
      draft.value.cancel();
      await draft.value.finished;
      return tasks
        .flatMap(([id, { isReused }]) => (isReused === true ? [id] : []))
        .sort()
        .join(' ');
    };
    const done = async (): Promise<string> => {
      const { run, finished } = await start({ text: 'go', plan: { request: 'go', tasks: TASKS } });
      await finished;
      return run;
    };
    assert.equal(await promised(await done(), {}), '');
    finish = 'stop';
    const run = await done();
    assert.equal(await promised(run, {}), 'a b c');
    const edits = [{ kind: 'set', task: 'b', fields: { dependsOn: [] } }] as const;
    assert.equal(await promised(run, { edits }), 'a');
    assert.equal(await promised(run, { redo: ['b'] }), 'a');
  });

  it('loses nothing by a run that was stopped before it came to a task, and does anew what was to be', async () => {
    const line = new Line();
    const first = await line.first(TASKS.map((one) => ({ ...one, target: 'only' })));
    const second = await line.act(first, { kind: 'retry', task: 'a', target: 'held' });
    await until(() => line.held.openCalls === 1);
    await line.cancelled(second);
    const edits = [{ kind: 'set', task: 'a', fields: { target: 'only' } }] as const;
    assert.equal(await line.again(second, { edits }), '@answer a');
  });

  it('does all anew where that was the wish that came to nothing', async () => {
    const line = new Line();
    const first = await line.first();
    const fresh = await line.fixture.engine.again(first, { isFresh: true, isDraft: true });
    assert.ok(fresh.ok);
    assert.equal(await line.again(await line.cancelled(fresh.value.run)), '@answer a b c');
  });
});

describe('a draft whose earlier run is gone', () => {
  async function left(): Promise<{
    readonly draft: string;
    readonly second: EngineFixture;
    readonly only: ScriptedBackend;
  }> {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const only = new ScriptedBackend({ id: 'only' }, works);
    const fixture = engineFixture({ backends: [only], journal, clock });
    const { run, finished } = await fixture.start({ text: 'go', plan: { request: 'go', tasks: TASKS } });
    await finished;
    const edits = [{ kind: 'set', task: 'c', fields: { objective: 'Otherwise.' } }] as const;
    const made = await fixture.engine.act(run, { kind: 'edit-plan', edits });
    assert.ok(made.ok);
    const draft = made.value.run;
    await until(() => fixture.engine.state(draft)?.phase === 'approving');
    await fixture.engine.dispose();
    const read = await journal.readRun(draft, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    assert.ok(read.ok);
    const without = createMemoryJournal({ clock });
    const writer = await without.createRun(draft);
    assert.ok(writer.ok);
    await writer.value.append(
      read.value.map(({ v: _v, seq: _seq, at: _at, run: _run, ...body }) => body as RunEventBody),
    );
    await writer.value.release();
    const second = engineFixture({ backends: [only], journal: without, clock, ids: 'second' });
    return { draft, second, only };
  }

  it('is not approved unseen: it waits with a new estimate, and then runs', async () => {
    const { draft, second, only } = await left();
    const before = only.calls.length;
    const told = await second.engine.act(draft, { kind: 'approve' });
    assert.equal(
      told.ok ? 'approved' : told.error.message,
      'The run that this plan was to use results of is gone, so that more of it has to be done.',
    );
    const reused = (): readonly unknown[] =>
      Object.values(second.engine.state(draft)?.waiting?.estimate?.tasks ?? {}).filter(({ isReused }) => isReused);
    await until(() => second.engine.state(draft)?.phase === 'approving' && reused().length === 0);
    assert.equal(only.calls.length, before);
    assert.ok((await second.engine.act(draft, { kind: 'approve' })).ok);
    await until(() => second.engine.state(draft)?.phase === 'finished');
    assert.equal(second.engine.state(draft)?.outcome, 'answered');
  });
});

describe('a code task that a backend elsewhere did', () => {
  it('is reused when nothing changed, and not when its file must stay here since', async () => {
    const workspace = new ChangingWorkspace({ 'a.ts': 'let a = 1;\n' });
    const far = new ScriptedBackend(
      {
        id: 'far',
        tier: 'subscription',
        host: 'https://far',
        goodAt: ['code'],
        features: ['generation', 'streaming', 'tools', 'reportedUsage', 'outputLimit'],
      },
      ({ key }) =>
        key.task === 't' && key.turn === 0
          ? { text: '', toolCalls: [{ id: 'c', name: 'read_file', arguments: { path: 'a.ts' } }] }
          : { text: `${key.task} done` },
    );
    const { engine, start } = engineFixture({ backends: [far], workspace, tools: createToolBox() });
    const first = await start({ text: 'go', plan: { request: 'go', tasks: [task('t', { edits: true })] } });
    await first.finished;
    const done = far.calls.length;
    const second = await engine.again(first.run, {});
    assert.ok(second.ok);
    await second.value.finished;
    assert.equal(far.calls.length, done);
    workspace.rules = { local: ['a.ts'] };
    const third = await engine.again(second.value.run, {});
    assert.ok(third.ok);
    await third.value.finished;
    assert.ok(far.calls.length > done);
  });
});
