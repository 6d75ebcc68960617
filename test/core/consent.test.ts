import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { orchestrates, planReply, works } from '../support/scripted-replies.ts';

const CLOUD = { id: 'cloud', tier: 'subscription', host: 'cloud.example.com', goodAt: ['reasoning'] } as const;

function embedded(): ScriptedBackend {
  return new ScriptedBackend(
    { id: 'embedded', provider: 'embedded', features: [], canOrchestrate: true },
    orchestrates(planReply({ id: 'wrong' })),
  );
}

describe('consent for a host', () => {
  it('is waited for by the call that would go there, which is not given to a lesser backend meanwhile', async () => {
    const clock = new ManualClock();
    const answer = Promise.withResolvers<boolean>();
    const asked: string[] = [];
    const cloud = new ScriptedBackend(CLOUD, orchestrates(planReply({ id: 'a', capability: 'reasoning' })));
    const lesser = embedded();
    const { start } = engineFixture({
      backends: [cloud, lesser],
      clock,
      consent: (host, backends) => {
        asked.push(`${host}: ${backends.join(' ')}`);
        return answer.promise;
      },
    });
    const handle = await start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    assert.deepEqual([asked, cloud.calls.length, lesser.calls.length], [['cloud.example.com: cloud'], 0, 0]);
    answer.resolve(true);
    assert.equal((await handle.finished).outcome, 'answered');
    assert.equal(lesser.calls.length, 0);
    assert.equal(asked.length, 1);
  });

  it('refused, sends nothing there and goes on with the next fit', async () => {
    const cloud = new ScriptedBackend(CLOUD, works);
    const local = new ScriptedBackend(
      { id: 'local' },
      orchestrates(planReply({ id: 'a' }, { id: 'b', target: 'cloud' })),
    );
    const { ask } = engineFixture({ backends: [cloud, local], consent: () => Promise.resolve(false) });
    const finished = await ask('go');
    assert.equal(cloud.calls.length, 0);
    assert.doesNotMatch(local.calls[0]?.prompt ?? '', /- cloud:/, 'the planner is not offered what was refused');
    assert.equal(finished.outcome, 'failed');
  });

  it('is not asked for where no call goes', async () => {
    const cloud = new ScriptedBackend({ ...CLOUD, canOrchestrate: false }, works);
    const local = new ScriptedBackend({ id: 'local' }, orchestrates(planReply({ id: 'a' })));
    let asked = 0;
    const { ask } = engineFixture({ backends: [cloud, local], consent: () => Promise.resolve(++asked > 0) });
    assert.equal((await ask('go')).outcome, 'answered');
    assert.equal(asked, 0);
  });

  it('that nobody gave before the run was cancelled is not recorded as an answer', async () => {
    const clock = new ManualClock();
    const cloud = new ScriptedBackend(CLOUD, works);
    const { start, events } = engineFixture({
      backends: [cloud],
      clock,
      consent: (_host, _backends, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true })),
    });
    const handle = await start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    handle.cancel();
    assert.equal((await handle.finished).outcome, 'cancelled');
    await clock.flush();
    assert.deepEqual(
      events.filter((event) => event.type === 'consent.decided'),
      [],
    );
    assert.equal(events.at(-1)?.type, 'run.finished');
  });
});
