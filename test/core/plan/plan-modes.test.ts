import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { engineFixture } from '../../support/engine-fixture.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { orchestrates, planReply } from '../../support/scripted-replies.ts';
import { resultOf, stage, task, taskIn, until } from '../control/talk-rig.ts';

function planner(): ScriptedBackend {
  return new ScriptedBackend(
    { id: 'front' },
    orchestrates(
      planReply({ id: 'a', mode: 'interactive' }, { id: 'b', mode: 'hybrid' }, { id: 'c' }, { id: 'd', mode: null }),
    ),
  );
}

describe('the mode of a planned task', () => {
  it('is what the planner chose, or autonomous', async () => {
    const front = planner();
    const fixture = engineFixture({ backends: [front] });
    const handle = await fixture.start({ text: 'go' });
    await until(() => fixture.engine.state(handle.run)?.tasks.get('a')?.status === 'waiting', 'a waits');
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((id) => taskIn(fixture, handle.run, id).spec?.mode),
      ['interactive', 'hybrid', 'autonomous', 'autonomous'],
    );
    assert.doesNotMatch(front.calls[0]?.prompt ?? '', /Nobody is there/);
    handle.cancel();
    await handle.finished;
  });

  it('is autonomous when nobody is there, and the planner is told', async () => {
    const front = planner();
    const fixture = engineFixture({ backends: [front] });
    const handle = await fixture.start({ text: 'go', isUnattended: true });
    assert.equal((await handle.finished).outcome, 'answered');
    assert.deepEqual(
      ['a', 'b'].map((id) => taskIn(fixture, handle.run, id).spec?.mode),
      ['autonomous', 'autonomous'],
    );
    assert.match(front.calls[0]?.prompt ?? '', /Nobody is there to be asked: the mode of every task is "autonomous"\./);
  });

  it('lets a task that was handed back to the orchestrator ask nothing', async () => {
    const front = new ScriptedBackend({ id: 'front', canDelegate: false }, () => ({ text: 'ASK THE USER: Which?' }));
    const on = await stage({ backends: [front], tasks: [task('a', { mode: 'hybrid' })] });
    await on.finished();
    assert.equal(resultOf(on.task('a')), 'completed: ASK THE USER: Which?');
    assert.match(front.calls[0]?.prompt ?? '', /nobody can answer questions/);
  });
});
