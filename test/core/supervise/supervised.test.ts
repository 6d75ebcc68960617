import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DEFAULT_OPTIONS, type RunRequest } from '../../../src/core/run-request.ts';
import { isDecidedAsItGoes, supervised } from '../../../src/core/supervise/supervised.ts';
import { boss, hands, superviseFixture, toolCall, uses } from './supervise-rig.ts';

const REQUEST: RunRequest = {
  text: 'Sort it out.',
  source: 'test',
  history: [],
  files: [],
  options: { ...DEFAULT_OPTIONS, strategy: 'delegate' },
};

describe('the strategy delegate', () => {
  it('has a supervisor decide as it goes, whose result is the answer', async () => {
    const chief = boss({
      supervisor: [
        uses(toolCall('spawn', { title: 'Part', objective: 'Do the part.', capability: 'code' })),
        uses(toolCall('wait', { all: true })),
        uses(toolCall('submit_result', { output: 'It is sorted out.' })),
      ],
    });
    const fixture = superviseFixture({ backends: [chief, hands()] });
    const finished = await fixture.ask(
      'Sort it out.',
      { strategy: 'delegate' },
      {
        history: [
          { role: 'user', text: 'I have two cats.' },
          { role: 'assistant', text: 'From the diary.', localOnly: true },
        ],
        files: ['a.md'],
      },
    );
    assert.deepEqual([finished.outcome, finished.answer], ['answered', 'It is sorted out.']);
    assert.deepEqual(
      finished.tasks.map(({ title, status }) => `${title} ${status}`),
      ['Sort it out. completed', 'Part completed'],
    );
    const prompt = chief.calls[0]?.prompt ?? '';
    assert.match(prompt, /Sort it out\.[\s\S]*I have two cats\./);
    assert.match(prompt, /a\.md/);
    assert.doesNotMatch(prompt, /diary/);
  });

  it('leaves a plan that is given or is to be looked at first as it is', () => {
    assert.equal(isDecidedAsItGoes(REQUEST), true);
    assert.equal(isDecidedAsItGoes({ ...REQUEST, isDraft: true }), false);
    assert.equal(isDecidedAsItGoes({ ...REQUEST, plan: { request: 'x', tasks: [] } }), false);
    assert.equal(isDecidedAsItGoes({ ...REQUEST, options: DEFAULT_OPTIONS }), false);
    const { plan, delegation, options } = supervised(REQUEST);
    assert.deepEqual(
      [plan?.tasks.length, plan?.tasks[0]?.supervises, delegation, options],
      [1, true, {}, REQUEST.options],
    );
  });
});
