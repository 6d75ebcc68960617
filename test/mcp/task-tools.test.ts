import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failure } from '../../src/core/failure.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { works } from '../support/scripted-replies.ts';
import { callOf, held, until } from '../core/control/talk-rig.ts';
import { toolRig } from './tool-rig.ts';

const TASK = 'subtask:/run-1/task';

describe('get_task_status', () => {
  it('waits until the task has ended, and not a moment longer', async () => {
    const backend = held();
    const { call, clock } = toolRig({ backends: [backend] });
    await call('call_agent', { task: 'x', background: true });
    const asked = call('get_task_status', { task: TASK, waitMs: 60_000 });
    (await callOf(backend, 0)).reply({ text: 'Done.' });
    await until(() => backend.openCalls === 0, 'the call ends');
    await clock.advance(200);
    const { said } = await asked;
    assert.deepEqual([said['status'], said['output']], ['completed', 'Done.']);
    assert.equal(clock.pending, 0);
  });

  it('tells how it is when the time is over, and when the call is aborted', async () => {
    const backend = held();
    const { call, clock } = toolRig({ backends: [backend] });
    await call('call_agent', { task: 'x', background: true });
    const asked = call('get_task_status', { task: TASK, waitMs: 5_000 });
    await callOf(backend, 0);
    await clock.advance(4_999);
    const abort = new AbortController();
    const other = call('get_task_status', { task: TASK, waitMs: 5_000 }, { signal: abort.signal });
    abort.abort();
    assert.equal((await other).said['status'], 'active');
    await clock.advance(1);
    const { said } = await asked;
    assert.deepEqual(
      [said['status'], said['mcpStatus'], said['progress']],
      ['active', 'working', { ended: 0, total: 1 }],
    );
    assert.equal(clock.pending, 0);
  });

  it('reads a run of another process, and says who can go on with one whose process is gone', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const backend = held();
    const owner = engineFixture({ backends: [backend], clock, journal, ids: 'theirs' });
    const rig = toolRig({ backends: [backend], clock, journal, ids: 'ours' });
    const plan = {
      request: 'go',
      tasks: [{ id: 'a', title: 'A', objective: 'do a', mode: 'autonomous' as const, dependsOn: [], inputs: [] }],
    };
    await owner.start({ text: 'go', plan }, { synthesis: false });
    await callOf(backend, 0);
    const running = await rig.call('get_task_status', { task: 'subtask:/theirs-1/a' });
    assert.deepEqual([running.said['status'], running.said['mcpStatus']], ['active', 'working']);
    await owner.engine.dispose();
    const gone = await rig.call('get_task_status', { task: 'subtask:/theirs-1/a', waitMs: 60_000 });
    assert.deepEqual(
      [gone.said['status'], gone.said['mcpStatus'], gone.said['next']],
      ['interrupted', 'input_required', 'The process that had it is gone. Resume theirs-1.'],
    );
    for (const tool of ['reply_to_task', 'cancel_task']) {
      const refused = await rig.call(tool, {
        task: 'subtask:/theirs-1/a',
        ...(tool === 'reply_to_task' ? { message: 'Hi' } : {}),
      });
      assert.deepEqual(
        [refused.isError, refused.text],
        [true, 'The process that had the run is gone, and nobody is at work on it. Resume theirs-1.'],
      );
    }
    assert.equal((await rig.call('cancel_task', { task: 'subtask:/theirs-1' })).said['now'], 'cancelled');
  });

  it('keeps the end that a client has seen when a person has the task done anew', async () => {
    const backend = held('a', { maxConcurrency: 2 });
    const { call, fixture } = toolRig({ backends: [backend] });
    await call('delegate_many', { tasks: [{ task: 'a' }, { task: 'b' }], background: true });
    (await callOf(backend, 0)).reply({ failure: failure('rejected', 'No.', { whatToDo: 'Mend it.' }) });
    await until(() => backend.openCalls === 1, 'the first ends');
    const address = { task: 'subtask:/run-1/item-0' };
    assert.equal((await call('get_task_status', address)).said['mcpStatus'], 'failed');
    const retried = await fixture.engine.act('run-1', { kind: 'retry', task: 'item-0' });
    assert.ok(retried.ok);
    (await callOf(backend, 2)).reply({ text: 'Now it went well.' });
    await until(() => backend.openCalls === 1, 'the second attempt ends');
    const { said } = await call('get_task_status', address);
    assert.deepEqual([said['status'], said['output'], said['mcpStatus']], ['completed', 'Now it went well.', 'failed']);
    (await callOf(backend, 1)).reply({ text: 'b' });
    await until(() => backend.openCalls === 0, 'all end');
  });
});

describe('reply_to_task', () => {
  it('answers what a task in the background asked, and the task goes on', async () => {
    const backend = held();
    const { call, clock } = toolRig({ backends: [backend] });
    await call('call_agent', { task: 'x', background: true });
    (await callOf(backend, 0)).reply({ text: 'ASK THE USER: Which colour?' });
    const asked = call('get_task_status', { task: TASK, waitMs: 1_000 });
    await until(() => backend.openCalls === 0, 'it asks');
    await clock.advance(100);
    const { said, text } = await asked;
    assert.deepEqual(
      [said['status'], said['mcpStatus'], said['question'], said['next']],
      ['waiting', 'input_required', 'Which colour?', 'Answer with reply_to_task.'],
    );
    assert.match(text, /It asks:\nWhich colour\?/);
    const run = await call('get_task_status', { task: 'subtask:/run-1' });
    assert.deepEqual([run.said['status'], run.said['mcpStatus']], ['waiting', 'input_required']);
    const wrong = await call('reply_to_task', { task: 'subtask:/run-1', message: 'Blue.' });
    assert.match(wrong.text, /address of a run; .*Reply to one that waits: subtask:\/run-1\/task\./);
    const replied = await call('reply_to_task', { task: TASK, message: 'Blue.' });
    assert.deepEqual([replied.said['status'], replied.said['what']], ['ok', 'Answered "x"']);
    const next = await callOf(backend, 1);
    assert.match(next.prompt, /Blue\./);
    next.reply({ text: 'It is blue.' });
    await until(() => backend.openCalls === 0, 'it ends');
    assert.equal((await call('get_task_status', { task: TASK })).said['output'], 'It is blue.');
    const late = await call('reply_to_task', { task: TASK, message: 'Red!' });
    assert.deepEqual(
      [late.isError, late.text],
      [true, 'The task has ended: completed. It hears nothing any more; give a new task.'],
    );
  });

  it('does not let a task ask when the caller waits for it', async () => {
    const backend = held();
    const { call } = toolRig({ backends: [backend] });
    const called = call('call_agent', { task: 'x' });
    (await callOf(backend, 0)).reply({ text: 'ASK THE USER: Which colour?' });
    assert.equal((await called).said['output'], 'ASK THE USER: Which colour?');
  });
});

describe('cancel_task', () => {
  it('stops one task and skips what needs it, or the whole run, and leaves no call', async () => {
    const backend = held('a', { maxConcurrency: 3 });
    const { call, clock } = toolRig({ backends: [backend] });
    await call('delegate_many', {
      tasks: [{ task: 'a' }, { task: 'b', dependsOn: [0] }, { task: 'c' }],
      background: true,
    });
    await callOf(backend, 1);
    const one = call('cancel_task', { task: 'subtask:/run-1/item-0' });
    await until(() => backend.openCalls === 1, 'its call is gone');
    await clock.advance(100);
    assert.deepEqual(
      [(await one).said['what'], (await one).said['now'], (await one).said['mcpStatus']],
      ['Cancelled "a"', 'cancelled', 'cancelled'],
    );
    const skipped = await call('get_task_status', { task: 'subtask:/run-1/item-1' });
    assert.deepEqual([skipped.said['status'], skipped.said['mcpStatus']], ['skipped', 'failed']);
    const all = call('cancel_task', { task: 'subtask:/run-1' });
    await until(() => backend.openCalls === 0, 'all calls are gone');
    await clock.advance(100);
    assert.deepEqual([(await all).said['now'], (await all).said['mcpStatus']], ['cancelled', 'cancelled']);
    const again = await call('cancel_task', { task: 'subtask:/run-1' });
    assert.deepEqual(
      [again.isError, again.text],
      [true, 'The run has ended: cancelled. There is nothing to cancel; get_task_status gives its results.'],
    );
    assert.match(
      (await call('cancel_task', { task: 'subtask:/run-1/item-2' })).text,
      /^The task has ended: cancelled\. There is nothing to cancel/,
    );
    assert.equal(clock.pending, 0);
  });
});

describe('an address that leads nowhere', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['task', /^"task" is not the address of a task\. Give it as call_agent or delegate_many returned it/],
    ['https://example.com/run-1/task', /is not the address of a task/],
    ['subtask:/%/task', /is not the address of a task/],
    ['subtask:/run-1/task/more', /is not the address of a task/],
    ['subtask:/nobody/task', /^The journal has no run nobody\. Check the address; a run that was removed is gone\./],
    ['subtask:/run-1/other', /^Run run-1 has no task other\. Its tasks are subtask:\/run-1\/task\.$/],
  ];
  for (const [task, expected] of cases)
    it(`is an error that says what to do: ${task}`, async () => {
      const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
      await call('call_agent', { task: 'x' });
      for (const name of ['get_task_status', 'reply_to_task', 'cancel_task']) {
        const told = await call(name, { task, ...(name === 'reply_to_task' ? { message: 'Hi' } : {}) });
        assert.equal(told.isError, true);
        assert.match(told.text, expected);
      }
    });

  it('is taken as VS Code writes it, too', async () => {
    const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    await call('call_agent', { task: 'x' });
    assert.equal((await call('get_task_status', { task: 'subtask:///run-1/tas%6B' })).said['status'], 'completed');
  });
});
