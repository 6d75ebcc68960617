import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Progress } from '../../src/mcp/engine-tool.ts';
import { MemoryWorkspace } from '../support/engine-fixture.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { failsWith, works } from '../support/scripted-replies.ts';
import { callOf, held, until } from '../core/control/talk-rig.ts';
import { toolRig } from './tool-rig.ts';

describe('call_agent', () => {
  it('does one task without asking a planner, and tells what it cost', async () => {
    const backend = new ScriptedBackend({ id: 'a' }, ({ subject }) => ({
      text: subject.kind === 'task' ? `Did: ${subject.objective}` : 'no task',
    }));
    const { call, fixture } = toolRig({ backends: [backend] });
    const { said, text, isError } = await call('call_agent', { task: 'Count to three.\nSlowly.' });
    const { spent, ...told } = said;
    assert.deepEqual(told, {
      status: 'ok',
      task: 'subtask:/run-1/task',
      output: 'Did: Count to three.\nSlowly.',
      backend: 'a',
    });
    assert.equal((spent as { readonly iterations: number }).iterations, 1);
    assert.equal(isError, false);
    assert.match(text, /^Did: Count to three\.\nSlowly\.\n\n\[subtask:\/run-1\/task · a · 1 call · /);
    assert.equal(backend.calls.length, 1);
    const state = fixture.engine.state('run-1');
    assert.deepEqual(
      [state?.source, state?.request, state?.outcome, state?.tasks.get('task')?.spec?.mode],
      ['mcp', 'Count to three.', 'answered', 'autonomous'],
    );
  });

  it('gives the files and the context to the task, and nothing else', async () => {
    const reader = new ScriptedBackend({ id: 'reader' }, (_request, prompt) => ({
      text:
        prompt.includes('The moon is far.') && prompt.includes('Be brief.')
          ? 'Both were read.'
          : 'Something is missing.',
    }));
    const { call } = toolRig({
      backends: [reader],
      workspace: new MemoryWorkspace({ 'moon.md': 'The moon is far.\n', 'other.md': 'Not asked for.\n' }),
    });
    const { said } = await call('call_agent', { task: 'Read.', files: ['moon.md'], context: 'Be brief.' });
    assert.equal(said['status'], 'ok');
    assert.match(String(said['output']), /Both were read\./);
    assert.ok(reader.calls.every(({ prompt }) => !prompt.includes('Not asked for.')));
  });

  it('tells which files were not read, and why', async () => {
    const workspace = new MemoryWorkspace({ 'a.md': 'A.\n', '.env': 'KEY=1\n' }, { hidden: ['.env'] });
    const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)], workspace });
    const { said, text } = await call('call_agent', { task: 'Read.', files: ['a.md', '.env', 'nowhere.md'] });
    assert.deepEqual((said['notRead'] as readonly { readonly path: string }[]).map(({ path }) => path).sort(), [
      '.env',
      'nowhere.md',
    ]);
    assert.match(text, /Not read: .*\.env \(data rule hidden\)/);
  });

  it('goes to the target, and hands a task back that fits nobody instead of doing it elsewhere', async () => {
    const [a, b] = [
      new ScriptedBackend({ id: 'a', goodAt: ['reasoning'] }, works),
      new ScriptedBackend({ id: 'b' }, works),
    ];
    const { call } = toolRig({ backends: [a, b] });
    assert.equal((await call('call_agent', { task: 'x', target: 'b' })).said['backend'], 'b');
    const poem = await call('call_agent', { task: 'x', capability: 'Poetry' });
    assert.deepEqual([poem.said['status'], poem.isError], ['no_fit', false]);
    assert.match(poem.text, /No backend fits capability poetry.*Known capabilities: reasoning/);
    const nobody = await call('call_agent', { task: 'x', target: 'c' });
    assert.equal(nobody.said['status'], 'no_fit');
    assert.match(nobody.text, /There is no backend c\. Known: a, b\./);
    assert.deepEqual([a.calls.length, b.calls.length], [0, 1]);
  });

  it('is an error with its spend when every backend failed', async () => {
    const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, () => failsWith('rejected'))] });
    const { said, isError, text } = await call('call_agent', { task: 'x' });
    assert.equal(isError, true);
    assert.deepEqual(
      [
        said['status'],
        (said['failure'] as { reason: string }).reason,
        (said['spent'] as { iterations: number }).iterations,
      ],
      ['error', 'rejected', 1],
    );
    assert.match(text, /It failed \(rejected\)/);
  });

  it('gives the task to an agent, refuses one that there is not, and takes an empty name for none', async () => {
    const backend = new ScriptedBackend({ id: 'a', goodAt: ['reasoning'] }, works);
    const { call, fixture } = toolRig({ backends: [backend] });
    const refused = await call('call_agent', { task: 'x', agent: 'poet' });
    assert.equal(refused.isError, true);
    assert.match(refused.text, /There is no agent "poet"\. Use one of planner, coder, .*, or leave agent out\./);
    assert.equal(fixture.engine.runs().length, 0);
    assert.equal((await call('call_agent', { task: 'x', agent: '' })).said['status'], 'ok');
    assert.equal((await call('call_agent', { task: 'x', agent: 'reviewer' })).said['status'], 'ok');
    assert.doesNotMatch(backend.calls[0]?.request.messages[0]?.content ?? '', /You review/);
    assert.match(backend.calls[1]?.request.messages[0]?.content ?? '', /^You review the work of others\./);
  });

  it('ends its run and its model call when it is aborted', async () => {
    const backend = held();
    const { call, fixture } = toolRig({ backends: [backend] });
    const abort = new AbortController();
    const called = call('call_agent', { task: 'x' }, { signal: abort.signal });
    await callOf(backend, 0);
    abort.abort();
    const { said } = await called;
    assert.deepEqual([said['status'], (said['failure'] as { reason: string }).reason], ['error', 'cancelled']);
    assert.equal(backend.openCalls, 0);
    assert.equal(fixture.engine.state('run-1')?.outcome, 'cancelled');
  });

  it('starts nothing that goes on when it was aborted before', async () => {
    const backend = held();
    const { call } = toolRig({ backends: [backend] });
    const { said } = await call('call_agent', { task: 'x' }, { signal: AbortSignal.abort() });
    assert.equal(said['status'], 'error');
    assert.equal(backend.openCalls, 0);
  });

  it('returns at once in the background, with an address that can be asked about, and goes on when the call is aborted', async () => {
    const backend = held();
    const { call } = toolRig({ backends: [backend] });
    const abort = new AbortController();
    const { said, text } = await call('call_agent', { task: 'x', background: true }, { signal: abort.signal });
    assert.deepEqual(said, { status: 'started', task: 'subtask:/run-1/task' });
    assert.match(text, /get_task_status/);
    abort.abort();
    assert.equal((await call('get_task_status', { task: said['task'] })).said['mcpStatus'], 'working');
    (await callOf(backend, 0)).reply({ text: 'Done.' });
    await until(() => backend.openCalls === 0, 'the call ends');
    const status = await call('get_task_status', { task: said['task'] });
    assert.deepEqual([status.said['status'], status.said['output']], ['completed', 'Done.']);
  });

  it('cuts a long result, ends it with its address, and gives more of it when it is asked for', async () => {
    const long = 'word '.repeat(4_000);
    const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, () => ({ text: long }))] });
    const { said, text } = await call('call_agent', { task: 'x' });
    const output = String(said['output']);
    assert.deepEqual([said['isCut'], output.length <= 7_500, text.length <= 8_000], [true, true, true]);
    assert.match(output, /\[cut: 20,000 characters in all; get_task_status shows more of subtask:\/run-1\/task\]$/);
    assert.equal((await call('get_task_status', { task: said['task'] })).said['output'], long);
  });

  it('does not tell what a data rule keeps on this machine, nor a failure that may repeat it', async () => {
    const workspace = new MemoryWorkspace({ 'diary.md': 'Dear diary.\n' }, { local: ['diary.md'] });
    let fails = false;
    const backend = new ScriptedBackend({ id: 'here', tier: 'local' }, () =>
      fails
        ? {
            failure: {
              reason: 'rejected',
              message: 'I cannot read "Dear diary."',
              whatToDo: 'Mend it.',
              retryable: false,
            },
          }
        : { text: 'It says Dear diary.' },
    );
    const { call } = toolRig({ backends: [backend], workspace });
    const done = await call('call_agent', { task: 'Read.', files: ['diary.md'] });
    assert.deepEqual([done.said['status'], done.said['output']], ['ok', undefined]);
    assert.match(String(done.said['withheld']), /stays on this machine by the data rule on diary\.md/);
    const looked = await call('get_task_status', { task: done.said['task'] });
    fails = true;
    const failed = await call('call_agent', { task: 'Read.', files: ['diary.md'] });
    const run = await call('get_task_status', { task: String(failed.said['task']).replace(/\/task$/, '') });
    assert.equal(failed.said['status'], 'error');
    for (const told of [done, looked, failed, run]) assert.doesNotMatch(JSON.stringify(told), /Dear diary/);
  });

  it('reports how far it is, always upwards, also when nothing happens for long', async () => {
    const backend = held();
    const { call, clock } = toolRig({ backends: [backend] });
    const reports: Progress[] = [];
    const called = call('call_agent', { task: 'x' }, { onProgress: (one) => void reports.push(one) });
    const first = await callOf(backend, 0);
    await clock.advance(60_000);
    first.reply({ text: 'Done.' });
    await called;
    assert.ok(reports.length >= 4, `${reports.length} reports in a minute`);
    for (const [index, { progress, total }] of reports.entries())
      assert.ok(total === 1 && progress > (reports[index - 1]?.progress ?? -1) && progress < 1);
    assert.match(reports.at(-1)?.message ?? '', /^0 of 1 task ended, 1 at work$/);
  });
});
