import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PersonAction } from '../../../src/core/person-action.ts';
import { waitsForPerson } from '../../../src/core/waiting.ts';
import { reply, said, task, team } from './act-rig.ts';

describe('what a person does to a run', () => {
  it('nothing of a draft runs before it is approved, and it runs as it was changed', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] })], { isDraft: true });
    const state = on.fixture.engine.state(on.handle.run);
    assert.equal(state?.phase, 'approving');
    assert.equal(state === undefined ? undefined : waitsForPerson(state), 'plan');
    assert.equal(on.worker.calls.length, 0);
    assert.match(
      said(
        await on.act({
          kind: 'edit-plan',
          edits: [{ kind: 'set', task: 'a', fields: { objective: 'Do it in blue.' } }],
        }),
      ),
      /Task a/,
    );
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: 'b' }] });
    await on.become('a pending');
    await on.act({ kind: 'undo-plan' });
    await on.become('a pending, b pending');
    assert.equal(said(await on.act({ kind: 'approve' })), 'The plan runs');
    assert.match((await on.open('a')).prompt, /Do it in blue\./);
    await reply(on, 'a');
    await reply(on, 'b');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('refuses a change made on an older plan, and one that would make a cycle, and changes nothing', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] })], { isDraft: true });
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { title: 'First' } }] });
    const old = await on.act({ kind: 'edit-plan', revision: 0, edits: [{ kind: 'remove', task: 'a' }] });
    assert.equal(said(old), 'refused: The plan was changed meanwhile.');
    const unseen = await on.act({ kind: 'approve', revision: 0 });
    assert.equal(said(unseen), 'refused: The plan was changed meanwhile.');
    assert.equal(on.state().phase, 'approving');
    const cycle = await on.act({
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'a', fields: { dependsOn: ['b'] } }],
    });
    assert.match(said(cycle), /^refused: "First" cannot depend on "Task b"/);
    assert.equal(on.fixture.engine.state(on.handle.run)?.revision, 1);
    on.handle.cancel();
    await on.handle.finished;
  });

  it('cancelling a run that waits for approval ends it with nothing spent', async () => {
    const on = await team([task('a')], { isDraft: true });
    assert.equal(said(await on.act({ kind: 'cancel' })), 'Cancelled the run');
    const finished = await on.handle.finished;
    assert.equal(`${finished.outcome} ${finished.spent.iterations}`, 'cancelled 0');
  });

  it('a task added while others run starts when what it needs has completed', async () => {
    const on = await team([task('a')]);
    const added = await on.act({
      kind: 'edit-plan',
      edits: [{ kind: 'add', task: { title: 'Check it', objective: 'Check.', dependsOn: ['a'] }, after: 'a' }],
    });
    assert.ok(added.ok);
    assert.equal(added.value.task, 'check-it');
    await on.become('a active, check-it pending');
    await reply(on, 'a');
    await reply(on, 'check-it');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('stops one task at once; what needs it is skipped, the others go on', async () => {
    const on = await team([task('a'), task('b'), task('c', { dependsOn: ['a'] })]);
    assert.equal(said(await on.act({ kind: 'stop-task', task: 'a', keep: false })), 'Cancelled "Task a"');
    await on.become('a cancelled, b active, c skipped');
    await reply(on, 'b');
    assert.equal((await on.handle.finished).outcome, 'partial');
  });

  for (const [ids, what] of [
    [['a'], '"Task a"'],
    [['a', 'b'], '2 tasks'],
  ] as const)
    it(`stopping all that runs ends the run as cancelled: ${what}`, async () => {
      const on = await team([...ids.map((id) => task(id)), task('c', { dependsOn: ['a'] })]);
      for (const id of ids) await on.act({ kind: 'stop-task', task: id, keep: false });
      const { outcome, stoppedBy, failure } = await on.handle.finished;
      assert.deepEqual(
        [outcome, stoppedBy, failure?.reason, failure?.message],
        ['cancelled', 'cancel', 'cancelled', `You stopped ${what}, and no other task completed.`],
      );
    });

  it('a task that has not begun can be cancelled', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] })]);
    await on.act({ kind: 'stop-task', task: 'b', keep: false });
    await on.become('a active, b cancelled');
    await reply(on, 'a');
    await on.handle.finished;
  });

  it('a retry is a new attempt, and revives what was skipped because of it', async () => {
    const on = await team([task('a'), task('b'), task('c', { dependsOn: ['a'] })]);
    await on.act({ kind: 'stop-task', task: 'a', keep: false });
    assert.equal(said(await on.act({ kind: 'retry', task: 'a', target: 'other' })), '"Task a" is tried again on other');
    await on.become('a active, b active, c pending');
    assert.equal((await on.open('a')).backend, 'other');
    const state = on.fixture.engine.state(on.handle.run)?.tasks.get('a');
    assert.equal(state?.earlier.map(({ status }) => status).join(), 'cancelled');
    await reply(on, 'a');
    await reply(on, 'b');
    assert.match((await on.open('c')).prompt, /Result of a\./);
    await reply(on, 'c');
    assert.equal((await on.handle.finished).outcome, 'answered');
    const keys = [...on.worker.calls, ...on.other.calls].map(
      ({ request: { key } }) => `${key.task}.${key.turn}.${key.attempt}`,
    );
    assert.equal(new Set(keys).size, keys.length, 'no two calls have the same key');
  });

  it('a retry of a completed task does anew what used its result, also what runs', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('hold')]);
    await reply(on, 'a', 'Old.');
    const running = await on.open('b');
    await on.act({ kind: 'retry', task: 'a' });
    assert.equal(running.isOpen, false, 'the call that used the old result was ended');
    await on.become('a active, b pending, hold active');
    assert.equal(on.fixture.engine.state(on.handle.run)?.tasks.get('b')?.retriedBecause, 'a');
    await reply(on, 'a', 'New.');
    assert.match((await on.open('b')).prompt, /New\./);
    assert.doesNotMatch((await on.open('b')).prompt, /Old\./);
    await reply(on, 'b');
    await reply(on, 'hold');
    const finished = await on.handle.finished;
    assert.equal(finished.outcome, 'answered');
    assert.equal(finished.spent.iterations, [...on.worker.calls].length, 'every call of every attempt is counted');
  });

  it('a task marked as done has the result that the person gave, whatever it was doing', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] })]);
    const running = await on.open('a');
    assert.equal(said(await on.act({ kind: 'mark-done', task: 'a', result: 'It is 42.' })), 'Marked "Task a" as done');
    assert.equal(running.isOpen, false);
    assert.match((await on.open('b')).prompt, /It is 42\./);
    await reply(on, 'b');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('marking a failed task as done revives what was skipped because of it', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('hold')]);
    await on.act({ kind: 'stop-task', task: 'a', keep: false });
    await on.become('a cancelled, b skipped, hold active');
    await on.act({ kind: 'mark-done', task: 'a', result: 'By hand.' });
    assert.match((await on.open('b')).prompt, /By hand\./);
    await reply(on, 'b');
    await reply(on, 'hold');
    await on.handle.finished;
  });

  it('editing a completed task does it anew with what depends on it, and a new title does not', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('hold')]);
    await reply(on, 'a');
    await reply(on, 'b');
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { title: 'Another name' } }] });
    await on.become('a completed, b completed, hold active');
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { objective: 'Do it in red.' } }] });
    await on.become('a active, b pending, hold active');
    assert.match((await on.open('a')).prompt, /in red/);
    await reply(on, 'a');
    await reply(on, 'b');
    await reply(on, 'hold');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('a task of a finished run that is retried makes a new run of its lineage', async () => {
    const on = await team([task('a')]);
    await reply(on, 'a');
    await on.handle.finished;
    const done = await on.act({ kind: 'retry', task: 'a' });
    assert.ok(done.ok);
    assert.notEqual(done.value.run, on.handle.run);
    const next = on.fixture.engine.state(done.value.run);
    assert.equal(`${next?.from} ${next?.phase}`, `${on.handle.run} running`);
    await reply(on, 'a');
    await on.fixture.engine.handle(done.value.run)?.finished;
  });

  it('an edit of a finished run makes a draft that waits, and the finished run stays as it was', async () => {
    const on = await team([task('a')]);
    await reply(on, 'a');
    await on.handle.finished;
    const done = await on.act({
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'a', fields: { objective: 'Other.' } }],
    });
    assert.ok(done.ok);
    const draft = on.fixture.engine.state(done.value.run);
    assert.equal(
      `${draft?.phase} ${draft?.waiting?.why} ${draft?.tasks.get('a')?.spec?.objective}`,
      'approving draft Other.',
    );
    assert.equal(on.fixture.engine.state(on.handle.run)?.tasks.get('a')?.spec?.objective, 'Do a.');
    await on.fixture.engine.act(done.value.run, { kind: 'cancel' });
  });

  it('wishes take effect one after the other, in the order they came', async () => {
    const on = await team([task('a')], { isDraft: true });
    const { engine } = on.fixture;
    const titles = Array.from({ length: 20 }, (_, index) => `T${index}`);
    await Promise.all(
      titles.map((title) =>
        engine.act(on.handle.run, { kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { title } }] }),
      ),
    );
    assert.equal(engine.state(on.handle.run)?.tasks.get('a')?.title, 'T19');
    assert.equal(engine.state(on.handle.run)?.revision, 20);
    for (let step = 0; step < 20; step++) await engine.act(on.handle.run, { kind: 'undo-plan' });
    assert.equal(engine.state(on.handle.run)?.tasks.get('a')?.title, 'Task a');
    await engine.act(on.handle.run, { kind: 'cancel' });
  });

  it('an interactive task that is made autonomous while it waits begins', async () => {
    const on = await team([task('a', { mode: 'interactive' }), task('b')]);
    await on.become('a waiting, b active');
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { mode: 'autonomous' } }] });
    await on.become('a active, b active');
    await reply(on, 'a');
    await reply(on, 'b');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('a task whose brief is changed while it waits for a slot begins with the new one', async () => {
    const on = await team(Array.from({ length: 9 }, (_, index) => task(`t${index}`, { target: 'worker' })));
    await on.become(
      Array.from({ length: 9 }, (_, index) => `t${index} ${index < 8 ? 'active' : 'pending'}`).join(', '),
    );
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'set', task: 't8', fields: { objective: 'Do it in green.' } }] });
    await reply(on, 't0');
    assert.match((await on.open('t8')).prompt, /in green/);
    for (let index = 1; index < 9; index++) await reply(on, `t${index}`);
    assert.equal((await on.handle.finished).outcome, 'answered');
  });
});

describe('a task that is continued', () => {
  const more: PersonAction = { kind: 'continue', task: 'a', text: 'Go on in blue.' };
  const tasks = [task('x'), task('a', { dependsOn: ['x'] }), task('b', { dependsOn: ['a'] })];

  it('is depended on when it completed', async () => {
    const on = await team([task('a'), task('hold')]);
    await reply(on, 'a', 'It is red.');
    await on.act(more);
    const { prompt } = await on.open('task-a-continued');
    for (const part of [/Do a\./, /It is red\./, /Go on in blue\./]) assert.match(prompt, part);
    assert.deepEqual(on.state().tasks.get('task-a-continued')?.spec?.dependsOn, ['a']);
    await reply(on, 'task-a-continued');
    await reply(on, 'hold');
    await on.handle.finished;
  });

  it('is not waited for when it was stopped', async () => {
    const on = await team([...tasks, task('hold')]);
    await reply(on, 'x', 'Result of x.');
    (await on.open('a')).stream('Half of it.');
    await on.act({ kind: 'stop-task', task: 'a', keep: false });
    await on.act(more);
    await on.become('x completed, a cancelled, task-a-continued active, b skipped, hold active');
    const { prompt } = await on.open('task-a-continued');
    for (const part of [/Half of it\./, /Go on in blue\./, /Result of x\./]) assert.match(prompt, part);
    await reply(on, 'task-a-continued');
    await reply(on, 'hold');
    await on.handle.finished;
  });

  it('is not done anew in a new run when it did not complete: the new task takes its place', async () => {
    const on = await team(tasks);
    await reply(on, 'x');
    (await on.open('a')).stream('Half of it.');
    await on.act({ kind: 'stop-task', task: 'a', keep: false });
    await on.handle.finished;
    const done = await on.act(more);
    assert.ok(done.ok);
    const { run, task: added } = done.value;
    assert.equal(`${added} ${done.value.what}`, 'task-a-continued A new run continues "Task a"');
    await on.become('x completed, task-a-continued active, b pending', run);
    assert.match((await on.open('task-a-continued')).prompt, /Half of it\./);
    await reply(on, 'task-a-continued', 'All of it.');
    assert.match((await on.open('b')).prompt, /All of it\./);
    await reply(on, 'b');
    await on.fixture.engine.handle(run)?.finished;
    assert.equal(on.state(run).outcome, 'answered');
  });
});

describe('a deleted run', () => {
  it('is forgotten, and one that goes on is not', async () => {
    const on = await team([task('a')]);
    on.fixture.engine.forget(on.handle.run);
    assert.ok(on.fixture.engine.state(on.handle.run) !== undefined);
    await reply(on, 'a');
    await on.handle.finished;
    on.fixture.engine.forget(on.handle.run);
    assert.equal(on.fixture.engine.state(on.handle.run), undefined);
  });
});
