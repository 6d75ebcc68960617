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

function chooses(decision: string, more: object = {}): { readonly text: string } {
  return { text: JSON.stringify({ decision, answer: '', tasks: [], ...more }) };
}

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
      ['Supervisor completed', 'Part completed'],
    );
    const prompt = chief.calls[0]?.prompt ?? '';
    assert.match(prompt, /Sort it out\.[\s\S]*I have two cats\./);
    assert.match(prompt, /a\.md/);
    assert.doesNotMatch(prompt, /diary/);
  });

  it('is what the orchestrating model may choose by itself, which the record gives the reason of', async () => {
    const chief = boss({
      '@plan': [chooses('delegate', { why: 'Nobody knows\n the cause yet.' })],
      supervisor: [uses(toolCall('submit_result', { output: 'A leak in the cache.' }))],
    });
    const fixture = superviseFixture({ backends: [chief, hands()] });
    const finished = await fixture.ask(
      'Why is it slow?',
      {},
      {
        history: [{ role: 'user', text: 'It is a server.' }],
        editor: {
          openFile: 'serve.ts',
          selection: { path: 'serve.ts', startLine: 7, endLine: 7, text: 'cache.set(id, session);' },
        },
      },
    );
    assert.deepEqual([finished.outcome, finished.answer], ['answered', 'A leak in the cache.']);
    const decided = fixture.events.find((event) => event.type === 'request.decided');
    assert.deepEqual(decided?.type === 'request.decided' && [decided.decision, decided.why], [
      'delegate',
      'Nobody knows the cause yet.',
    ]);
    assert.match(chief.calls[0]?.prompt ?? '', /"delegate" is offered here/);
    assert.match(
      chief.calls[1]?.prompt ?? '',
      /Why is it slow\?[\s\S]*<<~[\s\S]*It is a server\.[\s\S]*serve\.ts[\s\S]*cache\.set\(id, session\);/,
    );
  });

  it('is not offered where a plan is asked for, or nobody could decide as it goes', async () => {
    const wordy = boss(
      { '@plan': [chooses('delegate'), chooses('answer', { answer: 'So be it.' })] },
      { features: [] },
    );
    const without = superviseFixture({ backends: [wordy, hands()] });
    assert.equal((await without.ask('Why is it slow?')).answer, 'So be it.');
    assert.doesNotMatch(wordy.calls[0]?.prompt ?? '', /"delegate" is offered here/);
    assert.match(wordy.calls[1]?.prompt ?? '', /nobody here can decide as it goes; answer, or make a plan/);

    const strict = boss({ '@plan': [chooses('delegate'), chooses('delegate')] });
    const planned = superviseFixture({ backends: [strict, hands()] });
    const finished = await planned.ask('Why is it slow?', { strategy: 'plan' });
    assert.equal(finished.failure?.reason, 'bad-plan');
    assert.doesNotMatch(strict.calls[0]?.prompt ?? '', /"delegate" is offered here/);
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
