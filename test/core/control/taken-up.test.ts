/** A run that another process began: where it is taken up, and how things stand by then. */
import assert from 'node:assert/strict';
import type { Journal } from '../../../src/core/ports.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { DEFAULT_OPTIONS, type Present, type RunOptions, type RunRequest } from '../../../src/core/run-request.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { engineFixture, MemoryWorkspace, type EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { works } from '../../support/scripted-replies.ts';
import { task } from './act-rig.ts';

class Folder extends MemoryWorkspace {
  override readonly name: string;

  constructor(name: string) {
    super({ 'README.md': `what ${name} is` });
    this.name = name;
  }
}

interface Window {
  readonly fixture: EngineFixture;
  readonly backend: ScriptedBackend;
}

/** Processes on one journal, each with a backend of its own by the name `only`. */
class Desk {
  readonly clock = new ManualClock();
  readonly journal: Journal = createMemoryJournal({ clock: this.clock });
  #windows = 0;

  window(
    folder: string,
    how: { readonly isHeld?: boolean; readonly present?: Partial<Present>; readonly tier?: 'api' } = {},
  ): Window {
    const { isHeld = false, present, tier } = how;
    const backend = new ScriptedBackend(
      { id: 'only', ...(tier === undefined ? {} : { tier }) },
      isHeld ? undefined : works,
    );
    const now: Present = { localOnly: false, allowApi: true, canAsk: true, ...present };
    const fixture = engineFixture({
      backends: [backend],
      journal: this.journal,
      clock: this.clock,
      ids: `w${++this.#windows}`,
      workspace: new Folder(folder),
      ...(present === undefined ? {} : { present: () => now }),
    });
    return { fixture, backend };
  }

  /** A run whose process ended while its first call went on. */
  async interrupted(
    window: Window,
    tasks: readonly TaskSpec[],
    more: { readonly request?: Partial<RunRequest>; readonly options?: Partial<RunOptions> } = {},
  ): Promise<string> {
    const { fixture, backend } = window;
    const { run } = await fixture.start({ text: 'go', plan: { request: 'go', tasks }, ...more.request }, more.options);
    if (more.request?.isDraft !== true) await until(() => backend.openCalls > 0);
    else await until(() => fixture.engine.state(run)?.phase === 'approving');
    await fixture.engine.dispose();
    return run;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isSo(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isSo(), 'it never came');
}

const READS = [task('a'), task('r', { dependsOn: ['a'], inputs: [{ path: 'README.md' }] })];

describe('a run that worked on another folder', () => {
  const ELSEWHERE = (run: string): string =>
    `Run ${run} worked on /shop, and this is /diary. Open that folder and do it there.`;

  it('does not go on here, but where its folder is open', async () => {
    const desk = new Desk();
    const run = await desk.interrupted(desk.window('/shop', { isHeld: true }), READS);
    const diary = desk.window('/diary');
    const refused = await diary.fixture.engine.resume(run);
    assert.equal(refused.ok ? 'resumed' : `${refused.error.message} ${refused.error.whatToDo}`, ELSEWHERE(run));
    assert.deepEqual(diary.backend.calls, []);
    const shop = desk.window('/shop');
    const resumed = await shop.fixture.engine.resume(run);
    assert.ok(resumed.ok);
    assert.equal((await resumed.value.finished).outcome, 'answered');
    assert.ok(shop.backend.calls.some(({ prompt }) => prompt.includes('what /shop is')));
  });

  it('goes on here when the person named this folder for it', async () => {
    const desk = new Desk();
    const run = await desk.interrupted(desk.window('/shop', { isHeld: true }), READS);
    const moved = desk.window('/moved');
    const resumed = await moved.fixture.engine.resume(run, { isFolderNamed: true });
    assert.ok(resumed.ok);
    assert.equal((await resumed.value.finished).outcome, 'answered');
  });

  it('is neither approved nor changed here while it is a draft, and can be cancelled', async () => {
    const desk = new Desk();
    const run = await desk.interrupted(desk.window('/shop'), READS, { request: { isDraft: true } });
    const { engine } = desk.window('/diary').fixture;
    const edit: PersonAction = { kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { title: 'A' } }] };
    for (const action of [{ kind: 'approve' } as const, edit]) {
      const done = await engine.act(run, action);
      assert.equal(done.ok ? done.value.what : `${done.error.message} ${done.error.whatToDo}`, ELSEWHERE(run));
    }
    assert.ok((await engine.act(run, { kind: 'cancel' })).ok);
  });

  it('is not run again here by any way, when it has finished', async () => {
    const desk = new Desk();
    const shop = desk.window('/shop');
    const { run, finished } = await shop.fixture.start({ text: 'go', plan: { request: 'go', tasks: READS } });
    await finished;
    const diary = desk.window('/diary');
    const edits = [{ kind: 'set', task: 'r', fields: { objective: 'Otherwise.' } }] as const;
    const told = [
      await diary.fixture.engine.again(run, {}),
      await diary.fixture.engine.act(run, { kind: 'retry', task: 'r' }),
      await diary.fixture.engine.act(run, { kind: 'continue', task: 'r', text: 'go on' }),
      await diary.fixture.engine.act(run, { kind: 'edit-plan', edits }),
    ].map((done) => (done.ok ? 'done' : `${done.error.message} ${done.error.whatToDo}`));
    assert.deepEqual(told, Array(4).fill(ELSEWHERE(run)));
    assert.deepEqual(diary.backend.calls, []);
  });

  it('is not what a plan is run after here, unless the person named this folder', async () => {
    const desk = new Desk();
    const shop = desk.window('/shop');
    const plan = { request: 'go', tasks: READS };
    const { run, finished } = await shop.fixture.start({ text: 'go', plan });
    await finished;
    const { engine } = desk.window('/diary').fixture;
    const request: RunRequest = {
      text: 'go',
      source: 'test',
      history: [],
      files: [],
      plan,
      options: DEFAULT_OPTIONS,
      again: { run, redo: [], isFresh: false },
    };
    const refused = await engine.start(request);
    assert.equal(refused.ok ? 'started' : `${refused.error.message} ${refused.error.whatToDo}`, ELSEWHERE(run));
    const moved = await engine.start(request, { isFolderNamed: true });
    assert.ok(moved.ok);
    await moved.value.finished;
    assert.equal(engine.state(moved.value.run)?.tasks.get('a')?.reusedFrom, run);
  });

  it('that worked without a folder goes on where none is open, and nowhere else', async () => {
    const desk = new Desk();
    const run = await desk.interrupted(desk.window('', { isHeld: true }), [task('a')]);
    const refused = await desk.window('/diary').fixture.engine.resume(run);
    assert.equal(
      refused.ok ? 'resumed' : `${refused.error.message} ${refused.error.whatToDo}`,
      `Run ${run} worked without a folder, and this is /diary. Do it in a window without a folder.`,
    );
    assert.ok((await desk.window('').fixture.engine.resume(run)).ok);
  });
});

describe('what the settings forbid by now', () => {
  const API = { tier: 'api', isHeld: true } as const;

  it('counts for a run that is resumed: nothing leaves this machine, nothing metered is called', async () => {
    for (const present of [{ localOnly: true }, { allowApi: false }]) {
      const desk = new Desk();
      const run = await desk.interrupted(desk.window('/w', API), [task('a')], { options: { allowApi: true } });
      const now = desk.window('/w', { tier: 'api', present });
      const resumed = await now.fixture.engine.resume(run);
      assert.ok(resumed.ok);
      assert.equal((await resumed.value.finished).outcome, 'failed');
      assert.deepEqual(now.backend.calls, []);
    }
  });

  it('counts for the next call of a run that goes on', async () => {
    const backend = new ScriptedBackend({ id: 'only', tier: 'api' });
    const now = { localOnly: false, allowApi: true, canAsk: true };
    const live = engineFixture({ backends: [backend], present: () => now });
    const tasks = [task('a'), task('b', { dependsOn: ['a'] })];
    const { run, finished } = await live.start({ text: 'go', plan: { request: 'go', tasks } }, { allowApi: true });
    await until(() => backend.openCalls === 1);
    now.allowApi = false;
    backend.calls[0]?.reply({ text: 'a done' });
    await finished;
    assert.equal(live.engine.state(run)?.tasks.get('b')?.failure?.reason, 'no-fit');
    assert.equal(backend.calls.length, 1);
  });

  it('counts for a run that is made from one of when it was allowed, also for who planned that', async () => {
    const desk = new Desk();
    const then = desk.window('/w', { tier: 'api' });
    const request = { text: 'go', plan: { request: 'go', tasks: [task('a')] }, orchestrator: 'only' };
    const { run, finished } = await then.fixture.start(request, { allowApi: true });
    await finished;
    const now = desk.window('/w', { tier: 'api', present: { allowApi: false } });
    const again = await now.fixture.engine.act(run, { kind: 'retry', task: 'a' });
    assert.ok(again.ok);
    await until(() => now.fixture.engine.state(again.value.run)?.phase === 'finished');
    assert.deepEqual(now.backend.calls, []);
  });
});

describe('a run that is taken up', () => {
  it('waits for its person when nobody was there before', async () => {
    const desk = new Desk();
    const tasks = [task('a'), task('i', { mode: 'interactive', dependsOn: ['a'] })];
    const begun = desk.window('/w', { isHeld: true });
    const run = await desk.interrupted(begun, tasks, { request: { isUnattended: true } });
    const { engine } = desk.window('/w', { present: {} }).fixture;
    assert.ok((await engine.resume(run)).ok);
    await until(() => engine.state(run)?.tasks.get('i')?.status === 'waiting');
  });

  it('has the wishes of one moment in the order in which they were made', async () => {
    const desk = new Desk();
    const run = await desk.interrupted(desk.window('/w'), [task('a')], { request: { isDraft: true } });
    const { engine } = desk.window('/w').fixture;
    const named = (title: string): PersonAction => ({
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'a', fields: { title } }],
    });
    const done = await Promise.all([
      engine.act(run, named('first')),
      engine.act(run, named('second')),
      engine.act(run, named('third')),
      engine.act(run, { kind: 'approve', revision: 3 }),
    ]);
    assert.deepEqual(
      done.map((one) => (one.ok ? one.value.what : one.error.message)),
      ['Renamed "Task a" to "first"', 'Renamed "first" to "second"', 'Renamed "second" to "third"', 'The plan runs'],
    );
    assert.equal(engine.state(run)?.tasks.get('a')?.title, 'third');
    await until(() => engine.state(run)?.phase === 'finished');
  });

  it('has of its time what it had left, not counting the pause nor the wait for a person', async () => {
    const desk = new Desk();
    const first = desk.window('/w', { isHeld: true });
    const request = {
      text: 'go',
      isDraft: true,
      plan: { request: 'go', tasks: [task('a'), task('b', { dependsOn: ['a'] })] },
    };
    const { run } = await first.fixture.start(request, { limits: { maxMs: 60_000 } });
    await until(() => first.fixture.engine.state(run)?.phase === 'approving');
    await desk.clock.advance(100_000);
    assert.ok((await first.fixture.engine.act(run, { kind: 'approve' })).ok);
    await until(() => first.backend.openCalls === 1);
    await desk.clock.advance(40_000);
    first.backend.calls[0]?.reply({ text: 'a done' });
    await until(() => first.backend.calls.length === 2);
    await first.fixture.engine.dispose();
    await desk.clock.advance(500_000);
    const second = desk.window('/w', { isHeld: true });
    const resumed = await second.fixture.engine.resume(run);
    assert.ok(resumed.ok);
    await until(() => second.backend.openCalls === 1);
    await desk.clock.advance(19_000);
    assert.equal(second.backend.openCalls, 1);
    await desk.clock.advance(1_500);
    const { outcome, stoppedBy } = await resumed.value.finished;
    assert.deepEqual([outcome, stoppedBy], ['partial', 'budget']);
  });

  it('has not used it up while the machine slept', async () => {
    const desk = new Desk();
    const first = desk.window('/w', { isHeld: true });
    const plan = { request: 'go', tasks: [task('a'), task('b', { dependsOn: ['a'] })] };
    const { run } = await first.fixture.start({ text: 'go', plan }, { limits: { maxMs: 600_000 } });
    await until(() => first.backend.openCalls === 1);
    await desk.clock.advance(10_000);
    // In sleep only the time of day goes on.
    desk.clock.setWall(desk.clock.wallMs() + 8 * 3_600_000);
    first.backend.calls[0]?.reply({ text: 'a done' });
    await until(() => first.backend.calls.length === 2);
    await first.fixture.engine.dispose();
    const second = desk.window('/w', { isHeld: true });
    const resumed = await second.fixture.engine.resume(run);
    assert.ok(resumed.ok);
    await until(() => second.backend.openCalls === 1);
    await desk.clock.advance(400_000);
    assert.equal(second.backend.openCalls, 1);
    resumed.value.cancel();
    await resumed.value.finished;
  });
});
