import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Progress } from '../../src/mcp/engine-tool.ts';
import type { ScriptedReply } from '../support/scripted-backend.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { failsWith, works } from '../support/scripted-replies.ts';
import { callOf, held, until } from '../core/control/talk-rig.ts';
import { batchLines, toolRig } from './tool-rig.ts';

describe('delegate_many', () => {
  it('tells what came of each in the order given, and one that fails does not sink the others', async () => {
    const backend = new ScriptedBackend({ id: 'a' }, ({ key, subject }): ScriptedReply => {
      if (subject.kind !== 'task') return { text: 'no task' };
      if (subject.objective === 'fail') return failsWith('rejected');
      const given = subject.results.map(({ text }) => text).join(' + ');
      return { text: `${key.task} did ${subject.objective}${given === '' ? '' : ` with ${given}`}` };
    });
    const { call, fixture } = toolRig({ backends: [backend] });
    const told = await call('delegate_many', {
      tasks: [
        { task: 'sum', dependsOn: [1, 3] },
        { task: 'one' },
        { task: 'fail' },
        { task: 'two' },
        { task: 'needs the failing one', dependsOn: [2] },
        { task: 'poem', capability: 'poetry' },
        { task: '' },
        { task: 'x', cwd: '/etc' },
        { task: 'y', dependsOn: [9] },
        { task: 'needs a malformed one', dependsOn: [6] },
        { task: 'needs itself', dependsOn: [10] },
        'no object',
      ],
    });
    assert.deepEqual(batchLines(told), [
      '0 ok a: item-0 did sum with item-1 did one + item-3 did two',
      '1 ok a: item-1 did one',
      '2 error a: [rejected] It failed (rejected).',
      '3 ok a: item-3 did two',
      '4 error -: [dependency-failed] It needs the result of "fail", which did not complete.',
      '5 no_fit -: [no-fit] No backend fits capability poetry: a: not good at poetry (good at: nothing named).',
      '6 error -: [rejected] tasks[6].task: is empty; write something.',
      '7 error -: [rejected] tasks[7]: unknown field "cwd"; the fields are task, agent, target, capability, files, context, maxTokens, dependsOn.',
      '8 error -: [rejected] tasks[8]: it needs the result of tasks[9], which cannot run; mend that one.',
      '9 error -: [rejected] tasks[9]: it needs the result of tasks[6], which cannot run; mend that one.',
      '10 error -: [rejected] tasks[10]: it depends on itself; remove that.',
      '11 error -: [rejected] tasks[11]: expected an object, got text; write it as {"task": "..."}.',
    ]);
    assert.deepEqual([told.said['status'], told.said['run'], told.isError], ['done', 'subtask:/run-1', false]);
    assert.equal(fixture.engine.runs().length, 1);
    assert.deepEqual(
      (told.said['spent'] as { iterations: number }).iterations,
      fixture.engine.state('run-1')?.spent.iterations,
    );
    assert.ok(!backend.calls.some(({ request }) => request.key.task.startsWith('@')), 'nobody plans or puts together');
  });

  it('names each circle of dependencies, and what hangs on it, and runs the rest', async () => {
    const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    const told = await call('delegate_many', {
      tasks: [
        { task: 'a', dependsOn: [1] },
        { task: 'b', dependsOn: [2] },
        { task: 'c', dependsOn: [0] },
        { task: 'd', dependsOn: [4] },
        { task: 'e', dependsOn: [3] },
        { task: 'f', dependsOn: [2, 6] },
        { task: 'g' },
        { task: 'h', dependsOn: [50] },
      ],
    });
    const lines = batchLines(told);
    for (const index of [0, 1, 2]) assert.match(lines[index] ?? '', /error -: .*makes a cycle: .*->.*->/);
    for (const index of [3, 4]) assert.match(lines[index] ?? '', /makes a cycle: (3 -> 4 -> 3|4 -> 3 -> 4);/);
    assert.match(lines[5] ?? '', /it needs the result of tasks\[2\], which cannot run/);
    assert.equal(lines[6], '6 ok a: item-6 done');
    assert.match(lines[7] ?? '', /dependsOn names 50, and the last task is 7; places count from 0/);
  });

  it('is an error of the call when nothing can be tried, and starts no run', async () => {
    const { call, fixture } = toolRig({
      backends: [new ScriptedBackend({ id: 'a' }, works)],
      options: { maxTasks: 3 },
    });
    const all = await call('delegate_many', { tasks: [{}, { task: 'x', dependsOn: [0] }] });
    assert.deepEqual([all.isError, all.said['run'], batchLines(all).length], [true, undefined, 2]);
    const many = await call('delegate_many', { tasks: Array.from({ length: 4 }, () => ({ task: 'x' })) });
    assert.match(many.text, /4 tasks are more than the limit of 3\. Give fewer at once/);
    assert.match((await call('delegate_many', { tasks: [] })).text, /delegate_many\.tasks: is empty/);
    assert.equal(fixture.engine.runs().length, 0);
  });

  it('runs as many at once as it is told to, and never more than the user allows', async () => {
    const atOnce = async (maxConcurrency: number, concurrency?: number): Promise<number> => {
      const backend = held('a', { maxConcurrency: 8 });
      const { call } = toolRig({ backends: [backend], options: concurrency === undefined ? {} : { concurrency } });
      const tasks = Array.from({ length: 8 }, (_, index) => ({ task: `task ${index}` }));
      const called = call('delegate_many', { tasks, maxConcurrency });
      for (let index = 0; index < 8; index++) {
        const next = await callOf(backend, index);
        await until(() => true, 'others begin');
        next.reply({ text: 'done' });
      }
      await called;
      return backend.peak;
    };
    assert.equal(await atOnce(2), 2);
    assert.equal(await atOnce(1), 1);
    assert.equal(await atOnce(8, 3), 3);
  });

  it('leaves no call when it is aborted in the middle, and keeps the record of what it spent', async () => {
    const backend = held('a');
    const { call, fixture } = toolRig({ backends: [backend] });
    const abort = new AbortController();
    const called = call(
      'delegate_many',
      { tasks: [{ task: 'a' }, { task: 'b' }, { task: 'c', dependsOn: [0] }] },
      { signal: abort.signal },
    );
    (await callOf(backend, 0)).reply({ text: 'A is done.' });
    await callOf(backend, 2);
    abort.abort();
    const told = await called;
    assert.deepEqual(
      batchLines(told).map((line) => line.slice(0, 21)),
      ['0 ok a: A is done.', '1 error a: [cancelled', '2 error a: [cancelled'],
    );
    assert.equal(backend.openCalls, 0);
    const { spent } = fixture.engine.state('run-1') ?? {};
    assert.equal((told.said['spent'] as { iterations: number }).iterations, spent?.iterations);
  });

  it('shares what may be shown among the results, short ones whole', async () => {
    const backend = new ScriptedBackend({ id: 'a' }, ({ subject }) => ({
      text: subject.kind === 'task' && subject.objective === 'short' ? 'short' : 'long '.repeat(2_000),
    }));
    const { call } = toolRig({ backends: [backend] });
    const { said } = await call('delegate_many', { tasks: [{ task: 'long' }, { task: 'short' }, { task: 'longer' }] });
    const results = said['results'] as readonly { readonly output: string; readonly isCut?: boolean }[];
    assert.deepEqual(
      results.map(({ isCut }) => isCut === true),
      [true, false, true],
    );
    assert.ok(results.reduce((sum, { output }) => sum + output.length, 0) <= 7_500);
    assert.match(results[2]?.output ?? '', /subtask:\/run-1\/item-2\]$/);
  });

  it('starts all in the background, with an address for each and one for all', async () => {
    const backend = held('a');
    const { call } = toolRig({ backends: [backend] });
    const started = await call('delegate_many', { tasks: [{ task: 'a' }, {}, { task: 'b' }], background: true });
    assert.deepEqual(
      [
        started.said['status'],
        started.said['run'],
        (started.said['results'] as readonly { task?: string; status: string }[]).map(
          ({ task, status }) => task ?? status,
        ),
      ],
      ['started', 'subtask:/run-1', ['subtask:/run-1/item-0', 'error', 'subtask:/run-1/item-2']],
    );
    for (const index of [0, 1]) (await callOf(backend, index)).reply({ text: `done ${index}` });
    await until(() => backend.openCalls === 0, 'both end');
    const run = await call('get_task_status', { task: 'subtask:/run-1' });
    assert.deepEqual(
      [run.said['status'], run.said['mcpStatus'], run.said['progress']],
      ['answered', 'completed', { ended: 2, total: 2 }],
    );
    assert.match(String((await call('get_task_status', { task: 'subtask:/run-1/item-2' })).said['output']), /^done/);
  });

  it('reports how many have ended', async () => {
    const backend = held('a');
    const { call, clock } = toolRig({ backends: [backend] });
    const reports: Progress[] = [];
    const called = call(
      'delegate_many',
      { tasks: [{ task: 'a' }, { task: 'b' }] },
      { onProgress: (one) => void reports.push(one) },
    );
    (await callOf(backend, 0)).reply({ text: 'done' });
    await until(() => backend.openCalls === 1, 'one ends');
    await clock.advance(100);
    (await callOf(backend, 1)).reply({ text: 'done' });
    await called;
    assert.ok(
      reports.some(
        ({ message, progress }) => message.startsWith('1 of 2 tasks ended') && progress >= 1 && progress < 2,
      ),
      JSON.stringify(reports),
    );
  });
});
