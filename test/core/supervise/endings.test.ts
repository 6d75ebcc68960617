import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { addSpend, NO_SPEND } from '../../../src/core/spend.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  delegates,
  endOf,
  hands,
  replies,
  standings,
  superviseFixture,
  tree,
  uses,
} from './supervise-rig.ts';

const submit = uses(call('submit_result', { output: 'Done.' }));
const waitAll = uses(call('wait', { all: true }));

describe('a supervisor without a result', () => {
  it('is told apart from others: its backend failed', async () => {
    const fixture = superviseFixture({ backends: [boss({ supervisor: [failsWith('rejected')] }), hands()] });
    const result = await delegateAll(fixture);
    assert.equal(endOf(result), 'no-winner, supervisor-failed: It failed (rejected). | ');
    assert.equal(fixture.engine.state('run-1')?.outcome, 'failed');
  });

  it('has no backend: none of those that may orchestrate can use tools', async () => {
    const fixture = superviseFixture({ backends: [new ScriptedBackend({ id: 'mute' }), hands()] });
    const result = await delegateAll(fixture);
    assert.ok(result.kind === 'no-winner');
    assert.equal(`${result.reason} ${result.failure.reason}`, 'supervisor-failed no-orchestrator');
    assert.match(result.failure.message, /mute: cannot use tools/);
  });

  it('talks and does nothing, and is told so before it is over', async () => {
    const prompts: string[] = [];
    const talker = boss({
      supervisor: Array.from({ length: 9 }, () => (_request: unknown, prompt: string) => {
        prompts.push(prompt);
        return { text: 'I have done it all.' };
      }),
    });
    const result = await delegateAll(superviseFixture({ backends: [talker, hands()] }));
    assert.equal(
      endOf(result),
      'no-winner, not-delivered: The supervisor replied 3 times in a row without doing anything, and submitted nothing. | ',
    );
    assert.match(prompts[1] ?? '', /Nothing was done: you called no tool/);
    assert.equal(result.spentTotal.iterations, 3);
  });

  it('names a check that could not be made', async () => {
    const fixture = superviseFixture({
      workspace: new MemoryWorkspace({ 'secret.txt': 'x' }, { hidden: ['secret.txt'] }),
      backends: [boss({ supervisor: [submit, submit, submit] }), hands()],
    });
    const result = await delegateAll(fixture, { deliverable: { kind: 'file-exists', path: 'secret.txt' } });
    assert.equal(
      endOf(result),
      'no-winner, not-delivered: A check of the deliverable is broken: secret.txt exists: data rule hidden. | Done.',
    );
    assert.equal(result.verdict?.kind, 'broken');
    assert.match(replies(fixture)[0] ?? '', /A check is broken: it could not be made/);
  });

  it('ran out of its budget half way: what workers came to is handed back, with what it cost', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('one'))),
            waitAll,
            ...Array.from({ length: 30 }, () => uses(call('observe', {}))),
          ],
        }),
        hands(() => ({ text: 'Half of it.' })),
      ],
    });
    const result = await delegateAll(fixture, {}, { limits: { maxTokens: 25_000 } });
    assert.ok(result.kind === 'no-winner');
    assert.equal(`${result.reason}: ${result.partial}`, 'budget-exhausted: ## one\n\nHalf of it.');
    assert.match(result.failure.message, /^The limit of the run is 25,000 tokens: /);
    const spent = fixture.events.flatMap((event) =>
      event.type === 'call.finished' || event.type === 'call.failed' ? [event.spent] : [],
    );
    assert.deepEqual({ ...result.spentTotal, ms: 0 }, { ...spent.reduce(addSpend, NO_SPEND), ms: 0 });
    assert.ok(result.spentTotal.tokens.input + result.spentTotal.tokens.output <= 25_000);
    const state = fixture.engine.state('run-1');
    assert.equal(`${state?.outcome} by ${state?.stoppedBy}`, 'partial by budget');
  });

  it('ran out of time, which ends its workers with it', async () => {
    const clock = new ManualClock();
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false });
    const fixture = superviseFixture({
      clock,
      backends: [boss({ supervisor: [uses(call('spawn', brief('one'))), waitAll, submit] }), worker],
    });
    const handle = await delegates(fixture, {}, { limits: { maxMs: 60_000 } });
    await clock.advance(60_000);
    const result = await handle.result;
    assert.equal(endOf(result), 'no-winner, budget-exhausted: The time limit of the run, 60,000 ms, has passed. | ');
    assert.equal(worker.openCalls, 0);
    assert.equal(clock.pending, 0);
  });

  it('was stopped by a person who keeps what there is, or ended by one: no winner either', async () => {
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false });
    const fixture = superviseFixture({
      backends: [boss({ supervisor: [uses(call('spawn', brief('one'))), waitAll] }), worker],
    });
    const handle = await delegates(fixture);
    while (worker.openCalls === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok((await fixture.engine.act('run-1', { kind: 'mark-done', task: 'supervisor', result: 'Mine.' })).ok);
    assert.equal(endOf(await handle.result), 'no-winner, cancelled: The work was stopped. | Mine.');
    assert.equal(tree(fixture), 'supervisor completed\nw1 < supervisor cancelled');
    assert.equal(worker.openCalls, 0);
  });
});

describe('the budget of a supervisor', () => {
  const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 };

  it('is shared alike when nothing is asked for, reserved while a worker is at work, and comes back', async () => {
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false, price });
    const fixture = superviseFixture({
      backends: [
        boss(
          {
            supervisor: [
              uses(call('spawn', brief('one'), '1'), call('spawn', brief('two'), '2')),
              uses(call('wait', { all: true }, '3')),
              uses(call('observe', {}, '4')),
              submit,
            ],
          },
          { price },
        ),
        worker,
      ],
    });
    const handle = await delegates(
      fixture,
      { maxWorkers: 3 },
      { limits: { maxTokens: 100_000, maxUsd: 0.4, maxIterations: 40 } },
    );
    while (worker.openCalls < 2) await new Promise((resolve) => setImmediate(resolve));
    const [one, two] = ['w1', 'w2'].map((id) => fixture.engine.state('run-1')?.tasks.get(id)?.spec?.limits);
    // Of what is left after the first turn each of three workers and the supervisor gets a quarter.
    assert.deepEqual([one?.maxIterations, two?.maxIterations], [9, 10]);
    for (const limits of [one, two]) {
      assert.ok(Math.abs((limits?.maxTokens ?? 0) - 24_500) < 500, JSON.stringify(limits));
      assert.ok(Math.abs((limits?.maxUsd ?? 0) - 0.1) < 0.01);
    }
    assert.match(
      standings(fixture)[1] ?? '',
      /tokens \(\d\d,\d{3} tokens held by workers\), \$0\.\d+ of \$0\.4000 \(\$0\.\d+ held by workers\), 20 calls of 40 calls \(19 calls held by workers\)\. Workers at work: 2 of at most 3/,
    );
    for (const made of worker.calls) made.reply({ text: 'ok' });
    assert.equal(endOf(await handle.result), 'winner: Done.');
    assert.match(standings(fixture)[3] ?? '', /, 35 calls of 40 calls\. Workers at work: 0/);
  });

  it('refuses by the limit and the amounts, with the least that a worker needs', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(
              call('spawn', brief('one', { maxTokens: 100 }), '1'),
              call('spawn', brief('one', { maxTokens: 29_000 }), '2'),
              call('spawn', brief('one', { maxCalls: 50 }), '3'),
            ),
            submit,
          ],
        }),
        hands(),
      ],
    });
    assert.equal(
      endOf(await delegateAll(fixture, {}, { limits: { maxTokens: 30_000, maxIterations: 20 } })),
      'winner: Done.',
    );
    const [least, tooMuch, tooMany] = replies(fixture);
    assert.match(
      least ?? '',
      /^spawn refused: No worker was started\. 100 tokens cannot work: its brief and a short reply take \d{3} tokens\. Give it at least that\.$|take 9\d\d tokens/,
    );
    assert.match(
      tooMuch ?? '',
      /It would get 29,000 tokens, and at most \d\d,\d{3} tokens can be given: of 30,000 tokens in all \d\d,\d{3} tokens are free, and \d,\d{3} tokens of that are kept for your own next turn\. Ask for less, or wait/,
    );
    assert.match(
      tooMany ?? '',
      /It would get 50 calls, and at most 18 calls can be given: of 20 calls in all 19 calls are free, and 1 call of that are kept/,
    );
  });

  it('holds a worker to what it was lent, whatever else is free', async () => {
    const long = 'word '.repeat(3_000);
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(
              call('spawn', brief('one', { maxTokens: 2_000, texts: [long] }), '1'),
              call('spawn', brief('two', { maxTokens: 8_000, texts: [long] }), '2'),
            ),
            waitAll,
            submit,
          ],
        }),
        hands(() => ({ text: 'ok' })),
      ],
    });
    assert.equal(endOf(await delegateAll(fixture, {}, { limits: { maxTokens: 60_000 } })), 'winner: Done.');
    assert.match(replies(fixture)[0] ?? '', /2,000 tokens cannot work/);
    assert.match(replies(fixture)[1] ?? '', /Started w1 "two"; it may spend 8,000 tokens/);
    assert.match(replies(fixture)[2] ?? '', /w1 "two": completed/);
  });

  it('comes back from workers that wait for a word which the supervisor has not the means to say', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('one', { mayAsk: true, maxTokens: 14_000 }))),
            uses(call('wait', {})),
            submit,
          ],
        }),
        hands(() => ({ text: `ASK THE USER: ${'Which of these? '.repeat(600)}` })),
      ],
    });
    const result = await delegateAll(fixture, {}, { limits: { maxTokens: 21_000 } });
    assert.equal(endOf(result), 'winner: Done.', tree(fixture) + replies(fixture).join('\n').slice(0, 2_000));
    assert.equal(tree(fixture), 'supervisor completed\nw1 < supervisor cancelled');
    assert.ok(fixture.events.some(({ type }) => type === 'budget.refused'));
  });
});
