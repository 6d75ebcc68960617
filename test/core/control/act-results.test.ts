/** Results that nobody called a model for in this run: used again, or the person's own. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendDescription } from '../../../src/core/backend.ts';
import { failure } from '../../../src/core/failure.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { describeBackend, ScriptedBackend } from '../../support/scripted-backend.ts';
import { reply, said, task, team } from './act-rig.ts';

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
});
