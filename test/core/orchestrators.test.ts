import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend, type ScriptedReply } from '../support/scripted-backend.ts';
import { failsWith } from '../support/scripted-replies.ts';

describe('orchestrators that fit alike', () => {
  it('take turns, request by request, and one that fails does not use up its turn', async () => {
    let isDown = false;
    const answer: ScriptedReply = { text: JSON.stringify({ decision: 'answer', answer: 'Hello.', tasks: [] }) };
    const asked: string[] = [];
    const one = new ScriptedBackend({ id: 'one' }, () => {
      asked.push('one');
      return isDown ? failsWith('bad-response') : answer;
    });
    const two = new ScriptedBackend({ id: 'two' }, () => {
      asked.push('two');
      return answer;
    });
    const { ask } = engineFixture({ backends: [one, two], clock: new ManualClock() });
    await ask('first');
    await ask('second');
    assert.deepEqual(asked.splice(0), ['one', 'two']);
    isDown = true;
    await ask('third');
    assert.deepEqual(asked.splice(0), ['one', 'two'], 'the other one answers in its place');
    await ask('fourth');
    assert.deepEqual(asked, ['two']);
  });
});
