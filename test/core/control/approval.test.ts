import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { RunOptions } from '../../../src/core/run-request.ts';
import { engineFixture, MemoryWorkspace, type EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { orchestrates, planReply } from '../../support/scripted-replies.ts';

const TASK = { id: 'a', title: 'A', objective: 'Do it.', mode: 'autonomous' as const, dependsOn: [], inputs: [] };
const PRICE = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 };

/** Waits until the run waits for approval or has ended; returns which, with the reason. */
async function waits(fixture: EngineFixture, options: Partial<RunOptions>, isWriting: boolean): Promise<string> {
  const handle = await fixture.start({ text: 'go' }, options);
  const asked = Promise.withResolvers<string>();
  const look = fixture.engine.onEvent((event) => {
    if (event.type === 'plan.waiting') asked.resolve(`waits: ${event.why}`);
  });
  const ended = await Promise.race([asked.promise, handle.finished.then(({ outcome }) => `ran: ${outcome}`)]);
  look.dispose();
  handle.cancel();
  await handle.finished;
  assert.ok(isWriting || ended !== 'waits: writes');
  return ended;
}

function fixtureFor(own: { readonly edits: boolean }): EngineFixture {
  const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a', ...own })));
  return engineFixture({ backends: [front] });
}

describe('the estimate of a plan that waits', () => {
  it('names the backend where a task with a dollar limit of its own can go', async () => {
    const paid = new ScriptedBackend({ id: 'paid', tier: 'api', price: PRICE });
    // It fits better, and may not do it under such a limit: nobody knows what it costs.
    const unpriced = new ScriptedBackend({ id: 'unpriced', tier: 'api', canOrchestrate: false, goodAt: ['rare'] });
    const { engine, start } = engineFixture({ backends: [paid, unpriced] });
    const estimated = async (maxUsd: number | undefined): Promise<unknown> => {
      const limited = maxUsd === undefined ? {} : { maxUsd };
      const plan = { request: 'go', tasks: [{ ...TASK, capability: 'rare', ...limited }] };
      const asked = Promise.withResolvers<void>();
      const look = engine.onEvent(({ type }) => (type === 'plan.waiting' ? asked.resolve() : undefined));
      const handle = await start({ text: 'go', isDraft: true, plan }, { allowApi: true });
      await asked.promise;
      look.dispose();
      const estimate = engine.state(handle.run)?.waiting?.estimate?.tasks['a'];
      handle.cancel();
      await handle.finished;
      return [estimate?.backend, estimate?.usd === null];
    };
    assert.deepEqual(await estimated(undefined), ['unpriced', true]);
    assert.notEqual(((await estimated(0.5)) as readonly unknown[])[0], 'unpriced');
  });
});

describe('which plans wait for the user', () => {
  it('is what the setting says: always, when it writes, or never', async () => {
    const found: string[] = [];
    for (const approval of ['always', 'whenItWrites', 'never'] as const)
      for (const edits of [true, false])
        found.push(
          `${approval}, ${edits ? 'edits' : 'reads'}: ${await waits(fixtureFor({ edits }), { approval }, edits)}`,
        );
    assert.equal(
      found.join('\n'),
      [
        'always, edits: waits: always',
        'always, reads: waits: always',
        'whenItWrites, edits: waits: writes',
        'whenItWrites, reads: ran: answered',
        'never, edits: ran: answered',
        'never, reads: ran: answered',
      ].join('\n'),
    );
  });

  it('a direct answer never waits', async () => {
    const front = new ScriptedBackend({ id: 'front' }, () => ({
      text: JSON.stringify({ decision: 'answer', answer: 'Yes.', tasks: [] }),
    }));
    const { ask } = engineFixture({ backends: [front] });
    assert.equal((await ask('go', { approval: 'always' })).outcome, 'answered');
  });
});

describe('a plan that waits', () => {
  it('comes with an estimate from its inputs, prices and where its tasks would go, and a new one after each change', async () => {
    const front = new ScriptedBackend({ id: 'front', price: PRICE, tier: 'api' }, orchestrates(planReply({ id: 'a' })));
    const small = new ScriptedBackend({ id: 'small', canOrchestrate: false, goodAt: ['grunt'] });
    const fixture = engineFixture({
      backends: [front, small],
      workspace: new MemoryWorkspace({ 'big.txt': 'word '.repeat(60_000) }),
    });
    const handle = await fixture.start(
      {
        text: 'go',
        isDraft: true,
        plan: {
          request: 'go',
          tasks: [
            {
              id: 'a',
              title: 'A',
              objective: 'Do.',
              mode: 'autonomous',
              dependsOn: [],
              inputs: [{ path: 'big.txt' }],
              target: 'front',
            },
            {
              id: 'b',
              title: 'B',
              objective: 'Do.',
              mode: 'autonomous',
              dependsOn: ['a'],
              inputs: [],
              capability: 'grunt',
            },
          ],
        },
      },
      { allowApi: true },
    );
    const asked = Promise.withResolvers<void>();
    fixture.engine.onEvent((event) => event.type === 'plan.waiting' && asked.resolve());
    await asked.promise;
    const first = fixture.engine.state(handle.run)?.waiting?.estimate;
    assert.equal(first?.tasks['a']?.backend, 'front');
    assert.equal(first?.tasks['b']?.backend, 'small');
    assert.ok((first?.tasks['a']?.tokens.low ?? 0) >= 100_000, 'the text alone is that long');
    assert.ok((first?.tasks['a']?.usd?.low ?? 0) >= 0.1, 'which costs as much at the least');
    assert.equal(first?.tasks['b']?.usd?.high, 0);
    const moved = await fixture.engine.act(handle.run, {
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'a', fields: { target: 'small' } }],
    });
    assert.ok(moved.ok);
    assert.equal(fixture.engine.state(handle.run)?.waiting?.estimate?.tasks['a']?.backend, 'small');
    handle.cancel();
    await handle.finished;
  });

  it('still waits after its process has gone, without being asked again for anything, and approving it resumes it', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const first = engineFixture({ backends: [front], journal, clock });
    const handle = await first.start({ text: 'go' }, { approval: 'always' });
    const asked = Promise.withResolvers<void>();
    first.engine.onEvent((event) => event.type === 'plan.waiting' && asked.resolve());
    await asked.promise;
    await first.engine.dispose();
    const calls = front.calls.length;
    const second = engineFixture({ backends: [front], journal, clock, ids: 'second' });
    const renamed = await second.engine.act(handle.run, {
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'a', fields: { title: 'Renamed' } }],
    });
    assert.ok(renamed.ok, renamed.ok ? '' : renamed.error.message);
    assert.equal(`${second.engine.state(handle.run)?.phase} ${front.calls.length - calls}`, 'approving 0');
    const approved = await second.engine.act(handle.run, { kind: 'approve' });
    assert.ok(approved.ok);
    const finished = await second.engine.handle(handle.run)?.finished;
    assert.equal(`${finished?.outcome} ${finished?.tasks[0]?.title}`, 'answered Renamed');
  });

  it('an interrupted run takes nothing else before it is resumed, and can be cancelled without a call', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend({ id: 'front' });
    const first = engineFixture({ backends: [front], journal, clock });
    const task = { id: 'a', title: 'A', objective: 'Do.', mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const handle = await first.start({ text: 'go', plan: { request: 'go', tasks: [task] } });
    while (front.openCalls === 0) await new Promise((resolve) => setImmediate(resolve));
    await first.engine.dispose();
    const second = engineFixture({ backends: [front], journal, clock, ids: 'second' });
    const edits = [{ kind: 'set', task: 'a', fields: { title: 'B' } }] as const;
    const wishes: readonly PersonAction[] = [
      { kind: 'retry', task: 'a' },
      { kind: 'edit-plan', edits },
      { kind: 'undo-plan' },
      { kind: 'approve' },
    ];
    for (const wish of wishes) {
      const refused = await second.engine.act(handle.run, wish);
      assert.equal(
        refused.ok ? '' : `${refused.error.message} ${refused.error.whatToDo}`,
        'This run was interrupted. Resume it first.',
      );
      assert.equal(second.engine.handle(handle.run), undefined, 'and does not go on');
    }
    const cancelled = await second.engine.act(handle.run, { kind: 'cancel' });
    assert.ok(cancelled.ok);
    assert.equal(second.engine.state(handle.run)?.outcome, 'cancelled');
    assert.equal(front.calls.length, 1);
  });

  it('time that a run waits for approval does not count against its limit', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const fixture = engineFixture({ backends: [front], clock });
    const handle = await fixture.start({ text: 'go' }, { approval: 'always', limits: { maxMs: 60_000 } });
    const asked = Promise.withResolvers<void>();
    fixture.engine.onEvent((event) => event.type === 'plan.waiting' && asked.resolve());
    await asked.promise;
    for (let step = 0; step < 20; step++) await Promise.resolve();
    await clock.advance(3_600_000);
    await fixture.engine.act(handle.run, { kind: 'approve' });
    assert.equal((await handle.finished).outcome, 'answered');
  });
});
