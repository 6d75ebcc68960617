import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { engineFixture } from '../../support/engine-fixture.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';
import { orchestrates, planReply } from '../../support/scripted-replies.ts';
import { task } from './talk-rig.ts';

const DIRECT = { text: JSON.stringify({ decision: 'answer', answer: 'Yes.', tasks: [] }) };

describe('running a run again that never had a plan', () => {
  const fixture = (planned: () => ScriptedReply): ReturnType<typeof engineFixture> => {
    const front = new ScriptedBackend({ id: 'front' }, (request) => orchestrates(planned())(request));
    return engineFixture({ backends: [front] });
  };

  it('asks its request from the beginning: of a direct answer, and of one that failed while it was planned', async () => {
    for (const first of [DIRECT, { text: 'No plan.' }]) {
      let planned: ScriptedReply = first;
      const { ask, engine } = fixture(() => planned);
      const before = await ask('Is it so?', { limits: { maxIterations: 20 } });
      assert.equal(before.tasks.length, 0);
      planned = planReply({ id: 'a' });
      const again = await engine.again('run-1', { isFresh: false });
      const { outcome } = again.ok ? await again.value.finished : assert.fail(again.error.message);
      const state = engine.state('run-2');
      assert.deepEqual(
        [outcome, state?.request, state?.from, state?.options?.limits, [...(state?.tasks.keys() ?? [])]],
        ['answered', 'Is it so?', 'run-1', { maxIterations: 20 }, ['a']],
      );
    }
  });

  it('is refused when a plan was to be changed first: there is none', async () => {
    const { ask, engine } = fixture(() => DIRECT);
    await ask('Is it so?', {});
    const again = await engine.again('run-1', { edits: [{ kind: 'add', task: task('a') }] });
    assert.equal(again.ok ? '' : again.error.message, 'That run has no plan that could be run again.');
  });
});
