import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { engineFixture } from '../../support/engine-fixture.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { orchestrates, planReply, works } from '../../support/scripted-replies.ts';
import { task } from './talk-rig.ts';

describe('running a run of another agent again', () => {
  it('gives what fits nowhere to the orchestrator: the agent that would have done it is not there', async () => {
    const front = new ScriptedBackend({ id: 'front', goodAt: ['reasoning'] }, orchestrates(planReply()));
    const other = new ScriptedBackend({ id: 'other', canOrchestrate: false }, works);
    const { ask, engine } = engineFixture({ backends: [front, other] });
    const plan = { request: 'go', tasks: [task('see', { capability: 'vision' })] };
    const first = await ask('go', { synthesis: false }, { plan, leavesNoFit: true });
    assert.deepEqual(
      first.tasks.map(({ status }) => status),
      ['failed'],
    );
    const again = await engine.again('run-1', {});
    const second = again.ok ? await again.value.finished : assert.fail(again.error.message);
    assert.deepEqual(
      second.tasks.map(({ status, backend }) => `${status} ${backend}`),
      ['completed front'],
    );
  });
});
