import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ToolBox } from '../../../src/core/agent/tool-box.ts';
import { MOST_TURNS } from '../../../src/core/agent/turn-limits.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { ScriptedReply } from '../../support/scripted-backend.ts';
import { agentFixture, byTurn, call, coder, editsOf, plans, taskOf, toolsOf, uses, textOf } from './agent-rig.ts';

const FILES = { 'a.ts': 'const a = 1;\n', 'b.ts': 'const b = 1;\n' };

describe('the limits of a code task', () => {
  const edits = (turn: number): ScriptedReply =>
    uses(call('write_file', { path: `new-${turn}.ts`, text: `${turn}\n` }));

  it('are 40 turns, of which the last has no tools and asks for the report; edits are kept', async () => {
    const dev = coder('dev', ({ key, tools }) => (tools === undefined ? { text: 'So far.' } : edits(key.turn)));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev] });
    await fixture.ask('go', { synthesis: false });
    assert.equal(dev.calls.length, MOST_TURNS);
    assert.deepEqual(dev.calls.map(({ request }) => request.tools !== undefined).indexOf(false), MOST_TURNS - 1);
    assert.match(dev.calls.at(-1)?.prompt ?? '', /This is your last turn, and there are no tools in it/);
    const task = taskOf(fixture, 'a');
    assert.equal(`${task.status} ${task.partial} ${task.edits.length}`, `completed true ${MOST_TURNS - 1}`);
    assert.match(
      textOf(task.result),
      /^So far\.\n\nThis task was stopped before it was finished: Task a has had the most turns a task can have, 40\. Its edits so far are in the proposal: new-0\.ts, /,
    );
  });

  it('make a task fail that changed nothing, with what it said', async () => {
    const dev = coder('dev', ({ key, tools }) =>
      tools === undefined ? { text: 'I found nothing.' } : uses(call('read_file', { path: `${key.turn}.ts` })),
    );
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev] });
    await fixture.ask('go');
    const task = taskOf(fixture, 'a');
    assert.equal(`${task.status} ${task.failure?.reason}: ${textOf(task.result)}`, 'failed budget: I found nothing.');
  });

  it('are the calls that the budget allows a task: the last of them asks for the report', async () => {
    const dev = coder('dev', ({ key, tools }) => (tools === undefined ? { text: 'So far.' } : edits(key.turn)));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev] });
    await fixture.ask('go', { perTask: { maxIterations: 3 } });
    assert.equal(dev.calls.length, 3);
    const task = taskOf(fixture, 'a');
    assert.equal(`${task.status} ${task.partial} ${task.edits.length}`, 'completed true 2');
  });

  it('keep the edits when the budget refuses the next turn', async () => {
    const dev = coder('dev', ({ key }) => edits(key.turn));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev] });
    await fixture.ask('go', { perTask: { maxTokens: 14_000 }, synthesis: false });
    const task = taskOf(fixture, 'a');
    assert.ok(task.edits.length > 0);
    assert.equal(`${task.status} ${task.partial}`, 'completed true');
    assert.match(textOf(task.result), /stopped before it was finished: The limit of task a is 14,000 tokens/);
    assert.ok(fixture.events.some((event) => event.type === 'budget.refused' && event.task === 'a'));
  });

  it('keep the edits when the time of the task is over in a tool', async () => {
    const clock = new ManualClock();
    const tools: ToolBox = {
      tools: [
        { name: 'edit', description: 'd', parameters: {}, edits: true },
        { name: 'wait', description: 'd', parameters: {}, edits: false },
      ],
      run: async ({ name }, files, signal) => {
        if (name === 'wait')
          await new Promise<void>((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          );
        const done = await files.edit({ kind: 'create', path: 'new.ts', text: 'x\n' }, signal);
        return { isOk: done.ok, text: 'done' };
      },
    };
    const dev = coder('dev', byTurn({ a: [uses(call('edit', {})), uses(call('wait', {}), call('edit', {}))] }));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], tools, clock });
    const handle = await fixture.start({ text: 'go' }, { perTask: { maxMs: 1_000 } });
    await clock.advance(2_000);
    await handle.finished;
    const task = taskOf(fixture, 'a');
    assert.equal(
      `${task.status} ${task.partial} ${toolsOf(task).length} ${editsOf(task).length}`,
      'completed true 1 1',
    );
    assert.match(textOf(task.result), /The time limit of task a has passed/);
    assert.equal(clock.pending, 0);
  });

  it('end at once when the run is cancelled in a tool, and nothing of that call is recorded', async () => {
    const started = Promise.withResolvers<void>();
    const tools: ToolBox = {
      tools: [{ name: 'wait', description: 'd', parameters: {}, edits: true }],
      run: async (_call, files, signal) => {
        await files.edit({ kind: 'create', path: 'new.ts', text: 'x\n' }, signal);
        started.resolve();
        // A tool that does not even listen.
        await new Promise<void>(() => undefined);
        return { isOk: true, text: '' };
      },
    };
    const dev = coder('dev', byTurn({ a: [uses(call('wait', {}), call('wait', { again: true }))] }));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], tools });
    const handle = await fixture.start({ text: 'go' });
    await started.promise;
    fixture.engine.cancel(handle.run);
    const finished = await handle.finished;
    assert.equal(finished.outcome, 'cancelled');
    const task = taskOf(fixture, 'a');
    assert.equal(`${task.status} ${task.tools.length} ${task.edits.length}`, 'cancelled 0 0');
    assert.equal(dev.calls.length, 1);
  });

  it('count output over all turns of a task', async () => {
    const dev = coder('dev', ({ key }) => edits(key.turn));
    const fixture = agentFixture({ backends: [plans({ id: 'a', maxTokens: 400 }), dev] });
    await fixture.ask('go', { synthesis: false });
    const task = taskOf(fixture, 'a');
    assert.match(textOf(task.result), /Task a has written all of its 400 output tokens\./);
    const asked = dev.calls.map(({ request }) => request.maxOutputTokens);
    assert.equal(asked[0], 400);
    assert.ok(
      asked.every((tokens, index) => index === 0 || tokens < (asked[index - 1] ?? 0)),
      asked.join(),
    );
  });
});

describe('a model that repeats its calls', () => {
  it('is told the second time, refused the third, and has to finish after five', async () => {
    const again = uses(call('read_file', { path: 'a.ts' }, 'x'));
    const dev = coder('dev', ({ tools }) => (tools === undefined ? { text: 'Enough.' } : again));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], workspace: new MemoryWorkspace(FILES) });
    await fixture.ask('go');
    assert.deepEqual(toolsOf(taskOf(fixture, 'a')), [
      '#0 read_file ok: a.ts, lines 1-1 of 1',
      '#1 read_file ok: [You made this very call before and the result is the same. Use what you have.]',
      ...[2, 3, 4, 5].map(
        (turn) =>
          `#${turn} read_file refused: This call was not run: you made it twice already, and the result was the same both times. Do something else, or finish with your report.`,
      ),
    ]);
    assert.equal(dev.calls.length, 7);
    assert.equal(dev.calls.at(-1)?.request.tools, undefined);
  });

  it('may make a call again when something changed in between', async () => {
    const look = call('search_files', { query: 'a =' });
    const edit = (from: string, to: string) =>
      call('edit_file', { path: 'a.ts', edits: [{ search: from, replace: to }] });
    const dev = coder(
      'dev',
      byTurn({
        a: [
          uses(call('read_file', { path: 'a.ts' })),
          uses(look),
          uses(look),
          uses(edit('1', '2')),
          uses(look),
          uses(look),
          uses(edit('2', '3')),
          uses(look),
          { text: 'done' },
        ],
      }),
    );
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], workspace: new MemoryWorkspace(FILES) });
    await fixture.ask('go');
    assert.deepEqual(
      taskOf(fixture, 'a').tools.map(
        ({ name, isOk, result }) => `${name} ${isOk} ${textOf(result).startsWith('[You made')}`,
      ),
      [
        'read_file true false',
        'search_files true false',
        'search_files true true',
        'edit_file true false',
        'search_files true false',
        'search_files true true',
        'edit_file true false',
        'search_files true false',
      ],
    );
  });
});
