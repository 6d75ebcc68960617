/** Results that nobody called a model for in this run: used again, or the person's own. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendDescription } from '../../../src/core/backend.ts';
import { failure } from '../../../src/core/failure.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';
import { payloadText } from '../../../src/core/run-event.ts';
import type { Present } from '../../../src/core/run-request.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { describeBackend, ScriptedBackend } from '../../support/scripted-backend.ts';
import { agentFixture, call, coder, uses } from '../agent/agent-rig.ts';
import { reply, said, task, team, type Team } from './act-rig.ts';

const HAS_RESULT = 'refused: The task has calls or a result, and what was made with it stays on record.';

describe('a task with a result', () => {
  it('that the user gave is not deleted while the run goes on', async () => {
    const on = await team([task('x'), task('a', { dependsOn: ['x'] })]);
    await on.act({ kind: 'mark-done', task: 'a', result: 'Mine.' });
    assert.equal(said(await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: 'a' }] })), HAS_RESULT);
    await on.act({ kind: 'retry', task: 'a' });
    await on.become('x active, a pending');
    assert.equal(said(await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: 'a' }] })), HAS_RESULT);
    assert.equal(on.state().tasks.get('a')?.earlier.at(-1)?.result, 'Mine.');
    on.handle.cancel();
    await on.handle.finished;
  });

  const PRIVATE = {
    options: { allowApi: true },
    workspace: new MemoryWorkspace({ 'private.txt': 'x' }, { local: ['private.txt'] }),
  };
  const here = (goodAt: string): BackendDescription =>
    describeBackend({ id: goodAt, tier: 'local', canOrchestrate: false, goodAt: [goodAt] });
  const secrets = (): ScriptedBackend =>
    new ScriptedBackend(here('here'), ({ key }) => ({ text: `SECRET of ${key.task}` }));
  const source = task('source', { inputs: [{ path: 'private.txt' }], capability: 'here' });

  it('that is used again is not deleted under what was made from it, and an answer made elsewhere is not shown that', async () => {
    const remote = new ScriptedBackend({ id: 'remote', tier: 'api' }, () => ({ text: 'answer' }));
    const backends = [secrets(), new ScriptedBackend(here('held')), remote];
    const tasks = [
      source,
      task('made', { dependsOn: ['source'], capability: 'here' }),
      task('hold', { capability: 'held' }),
    ];
    const on = await team(tasks, {}, { ...PRIVATE, backends, options: { allowApi: true, synthesis: true } });
    await reply(on, 'hold');
    await on.handle.finished;
    const again = await on.fixture.engine.again(on.handle.run, { redo: ['hold'] });
    assert.ok(again.ok);
    const { run } = again.value;
    await on.become('source completed, made completed, hold active', run);
    const removed = await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: 'source' }] }, run);
    assert.equal(said(removed), HAS_RESULT);
    await reply(on, 'hold', 'Another one.');
    await again.value.finished;
    assert.equal(remote.calls.length, 2, 'each run was answered');
    for (const { prompt } of remote.calls) assert.doesNotMatch(prompt, /SECRET/);
  });

  it('that is used again is not deleted under a task that was shown it, and whose next turn could go elsewhere', async () => {
    const held = new ScriptedBackend(here('held'));
    const remote = new ScriptedBackend({ id: 'remote', tier: 'api', goodAt: ['held'] }, () => ({ text: 'answer' }));
    const tasks = [source, task('made', { dependsOn: ['source'], capability: 'held' })];
    const on = await team(tasks, {}, { ...PRIVATE, backends: [secrets(), held, remote] });
    await reply(on, 'made');
    await on.handle.finished;
    const again = await on.fixture.engine.again(on.handle.run, { redo: ['made'] });
    assert.ok(again.ok);
    const { run } = again.value;
    await on.become('source completed, made active', run);
    const removed = await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: 'source' }] }, run);
    assert.equal(said(removed), HAS_RESULT);
    await on.act({ kind: 'say', task: 'made', text: 'Shorter.' }, run);
    await reply(on, 'made', 'First.');
    (await on.open('made')).reply({ failure: failure('too-large', 'It is too large.', { whatToDo: '' }) });
    assert.equal((await again.value.finished).outcome, 'partial');
    assert.deepEqual(
      remote.calls.map(({ prompt }) => prompt),
      [],
    );
  });

  it('that the user gave while it was at work on a file that stays here stays here, too', async () => {
    const held = new ScriptedBackend(here('held'));
    const remote = new ScriptedBackend({ id: 'remote', tier: 'api' }, () => ({ text: 'answer' }));
    const made = task('made', { inputs: [{ path: 'private.txt' }], capability: 'held' });
    const on = await team(
      [made, task('b', { capability: 'held' })],
      {},
      { ...PRIVATE, backends: [held, remote], options: { allowApi: true, synthesis: true } },
    );
    await on.open('made');
    await on.act({ kind: 'mark-done', task: 'made', result: 'SECRET, by hand.' });
    await reply(on, 'b');
    await on.handle.finished;
    assert.deepEqual(
      remote.calls.map(({ prompt }) => prompt.includes('SECRET')),
      [false],
    );
  });

  it('that the user gave has none of the edits that were made by halves', async () => {
    const gate = Promise.withResolvers<{ readonly text: string }>();
    const halfway = Promise.withResolvers<void>();
    const backend = coder('coder', ({ key }) => {
      if (key.turn === 0) return uses(call('write_file', { path: 'new.txt', text: 'half' }));
      halfway.resolve();
      return gate.promise;
    });
    const { engine, start } = agentFixture({ backends: [backend], workspace: new MemoryWorkspace({}) });
    const tasks = [task('code', { edits: true, capability: 'code' })];
    const handle = await start({ text: 'go', plan: { request: 'go', tasks } }, { synthesis: false });
    await halfway.promise;
    assert.deepEqual(
      engine
        .state(handle.run)
        ?.tasks.get('code')
        ?.edits.map(({ path }) => path),
      ['new.txt'],
    );
    assert.ok((await engine.act(handle.run, { kind: 'mark-done', task: 'code', result: 'Done by hand.' })).ok);
    const finished = await handle.finished;
    assert.deepEqual([finished.outcome, finished.answer], ['answered', '## Task code\n\nDone by hand.']);
    const state = engine.state(handle.run);
    assert.equal(state?.proposal, null);
    assert.deepEqual(
      state?.tasks.get('code')?.earlier.map(({ edits }) => edits.length),
      [1],
      'it stays on record',
    );
  });
});

describe('tasks that were skipped', () => {
  it('go on when a task between them and the cause is marked as done', async () => {
    const tasks = [
      task('a'),
      task('b', { dependsOn: ['a'] }),
      task('c', { dependsOn: ['b'] }),
      task('d', { dependsOn: ['c', 'a'] }),
    ];
    const on = await team([...tasks, task('hold')]);
    await on.act({ kind: 'stop-task', task: 'a', keep: false });
    await on.become('a cancelled, b skipped, c skipped, d skipped, hold active');
    await on.act({ kind: 'mark-done', task: 'b', result: 'By hand.' });
    await on.become('a cancelled, b completed, c active, d skipped, hold active');
    assert.match((await on.open('c')).prompt, /By hand\./);
    await reply(on, 'c');
    await reply(on, 'hold');
    await on.handle.finished;
  });

  it('go on when the cause is deleted, also those that it reached through others', async () => {
    const tasks = [task('a', { target: 'gone' }), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['b'] })];
    const on = await team([...tasks, task('hold')]);
    await on.become('a failed, b skipped, c skipped, hold active');
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: 'a' }] });
    await on.become('b active, c pending, hold active');
    const last = on.fixture.events.findLastIndex(({ type }) => type === 'plan.edited');
    assert.deepEqual(
      on.fixture.events.slice(last, last + 3).map(({ type }) => type),
      ['plan.edited', 'task.retried', 'task.retried'],
    );
    for (const id of ['b', 'c', 'hold']) await reply(on, id);
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('are not retried while their cause stands, which is named', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('hold')]);
    await on.act({ kind: 'stop-task', task: 'a', keep: false });
    await on.become('a cancelled, b skipped, hold active');
    const needs = 'refused: It needs the result of "Task a", which did not complete.';
    assert.equal(said(await on.act({ kind: 'retry', task: 'b' })), needs);
    assert.equal(said(await on.act({ kind: 'retry', task: 'b', target: 'other' })), needs);
    assert.equal(on.state().revision, 0);
    await reply(on, 'hold');
    await on.handle.finished;
  });

  it('name the cause that is left when there were two', async () => {
    const tasks = [task('a', { target: 'gone' }), task('b', { target: 'gone' }), task('c', { dependsOn: ['a', 'b'] })];
    const on = await team([...tasks, task('hold')]);
    await on.become('a failed, b failed, c skipped, hold active');
    const [first = '', other = ''] = on.state().tasks.get('c')?.skippedBecause === 'a' ? ['a', 'b'] : ['b', 'a'];
    await on.act({ kind: 'edit-plan', edits: [{ kind: 'remove', task: first }] });
    assert.equal(on.state().tasks.get('c')?.skippedBecause, other);
    await reply(on, 'hold');
    await on.handle.finished;
  });
});

describe('a new run that is made from a finished one', () => {
  const finishedRun = async (present?: Present): Promise<Team> => {
    const on = await team(
      [task('a')],
      { isUnattended: true },
      {
        options: { localOnly: true, perTask: { maxMs: 1_000 }, limits: { maxTokens: 90_000 } },
        ...(present === undefined ? {} : { present: () => present }),
      },
    );
    await on.open('a');
    await on.clock.advance(1_500);
    assert.equal((await on.handle.finished).stoppedBy, 'budget');
    return on;
  };
  const described = async (on: Team, action: PersonAction): Promise<readonly unknown[]> => {
    const done = await on.act(action);
    assert.ok(done.ok);
    const { run } = done.value;
    const { options, context } = on.state(run);
    on.fixture.engine.cancel(run);
    await on.fixture.engine.handle(run)?.finished;
    const isUnattended = payloadText(context).includes('"isUnattended":true');
    return [options?.perTask, options?.limits, options?.localOnly, isUnattended];
  };
  const budget = { perTask: { maxMs: 60_000 }, limits: {} };

  it('has the limits of the present settings, asks where somebody can be asked, and stays local where the earlier one did', async () => {
    const on = await finishedRun({ budget, localOnly: false, allowApi: true, canAsk: true });
    for (const action of [
      { kind: 'retry', task: 'a' },
      { kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { mode: 'interactive' } }] },
    ] as const)
      assert.deepEqual(await described(on, action), [{ maxMs: 60_000 }, {}, true, false]);
  });

  it('is as the earlier one was where nobody can be asked and the limits may come from elsewhere', async () => {
    const was = [{ maxMs: 1_000 }, { maxTokens: 90_000 }, true, true];
    for (const present of [undefined, { localOnly: false, allowApi: true, canAsk: false }])
      assert.deepEqual(await described(await finishedRun(present), { kind: 'retry', task: 'a' }), was);
  });

  it('stays local where the present settings say so', async () => {
    const on = await team([task('a')], {}, { present: () => ({ localOnly: true, allowApi: true, canAsk: true }) });
    await reply(on, 'a');
    await on.handle.finished;
    const again = await on.fixture.engine.again(on.handle.run, { isDraft: true });
    assert.ok(again.ok);
    assert.equal(on.state(again.value.run).options?.localOnly, true);
    again.value.cancel();
    await again.value.finished;
  });
});

describe('a plan that is still being made', () => {
  it('is not changed: the planner would write over it', async () => {
    const on = await team([], { isPlanned: false }, { options: { strategy: 'plan' } });
    const add = { kind: 'add', task: { title: 'Mine', objective: 'Do mine.' } } as const;
    const told = said(await on.act({ kind: 'edit-plan', edits: [add] }));
    assert.equal(told, 'refused: The plan is still being made.');
    on.handle.cancel();
    await on.handle.finished;
  });
});
