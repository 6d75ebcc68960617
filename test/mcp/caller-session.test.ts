import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CallerSession } from '../../src/mcp/caller-session.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { works } from '../support/scripted-replies.ts';
import { callOf, held } from '../core/control/talk-rig.ts';
import { toolRig } from './tool-rig.ts';

const price = { inputUsdPerMTok: 100, outputUsdPerMTok: 100 };

describe('what a session may spend', () => {
  it('is set aside before a run starts, and what was not used comes back', async () => {
    const session = new CallerSession(() => 10);
    const first = session.reserve({ maxUsd: 4 });
    const second = session.reserve({ maxUsd: 40, maxTokens: 7 });
    assert.deepEqual(first.limits, { maxUsd: 4 });
    assert.deepEqual(second.limits, { maxUsd: 6, maxTokens: 7, isUsdOfSession: true });
    assert.deepEqual(session.reserve({ maxTokens: 7 }).limits, { maxTokens: 7, maxUsd: 0, isUsdOfSession: true });
    first.begun('r', Promise.resolve(1.5));
    second.dropped();
    await Promise.resolve();
    await Promise.resolve();
    const third = session.reserve({});
    assert.deepEqual(third.limits, { maxUsd: 8.5, isUsdOfSession: true });
    assert.deepEqual(session.runs, ['r']);
  });

  it('is not limited where the user does not, and follows the setting', async () => {
    const setting: { most?: number } = {};
    const session = new CallerSession(() => setting.most);
    const free = session.reserve({ maxTokens: 5 });
    assert.deepEqual(free.limits, { maxTokens: 5 });
    free.begun('r', Promise.resolve(3));
    await Promise.resolve();
    await Promise.resolve();
    setting.most = 3;
    assert.deepEqual(session.reserve({ maxUsd: 2 }).limits, { maxUsd: 0, isUsdOfSession: true });
  });

  it('is not passed by calls one after the other, nor at the same time', async () => {
    const session = new CallerSession(() => 0.2);
    const a = new ScriptedBackend({ id: 'a', price }, () => ({ text: 'word '.repeat(50) }));
    const { call, fixture } = toolRig({ backends: [a] });
    const spent = (): number => fixture.engine.runs().reduce((sum, state) => sum + state.spent.usd, 0);
    let last = await call('call_agent', { task: 'x', maxTokens: 100 }, { session });
    for (let round = 0; round < 50 && !last.text.includes("The session's limit"); round += 1) {
      await Promise.all(
        [1, 2, 3].map(() =>
          call('call_agent', { task: 'x', maxTokens: 100, background: round % 2 === 0 }, { session }),
        ),
      );
      last = await call('call_agent', { task: 'x', maxTokens: 100 }, { session });
      assert.ok(spent() <= 0.2, String(spent()));
    }
    assert.ok(spent() > 0 && spent() <= 0.2, String(spent()));
  });

  for (const [what, most] of [
    ['0', 0],
    ['used up by what goes on', 0.5],
  ] as const) {
    it(`leaves what is free to be done, and refuses what has a price, where the limit is ${what}`, async () => {
      const session = new CallerSession(() => most);
      const costly = held('costly', { price });
      const free = new ScriptedBackend({ id: 'free' }, works);
      const { call, fixture } = toolRig({ backends: [costly, free] });
      if (most > 0) {
        await call('call_agent', { task: 'x', target: 'costly', background: true }, { session });
        await callOf(costly, 0);
      }
      const done = await Promise.all([1, 2].map(() => call('call_agent', { task: 'y', target: 'free' }, { session })));
      assert.deepEqual(
        done.map(({ said }) => said['status']),
        ['ok', 'ok'],
      );
      const refused = await call('call_agent', { task: 'z', target: 'costly' }, { session });
      assert.match(
        refused.text,
        /^The session's limit leaves the run \$0\.0000: .* this call may need \$\d\.\d+\. Raise maxUsdPerSession \(orchestrator\.budget\)/,
      );
      assert.equal(costly.openCalls, most > 0 ? 1 : 0);
      assert.equal(fixture.engine.runs()[0]?.spent.usd, 0);
    });
  }
});
