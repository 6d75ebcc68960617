import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CallerSession } from '../../src/mcp/caller-session.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { callOf, held } from '../core/control/talk-rig.ts';
import { toolRig } from './tool-rig.ts';

const price = { inputUsdPerMTok: 100, outputUsdPerMTok: 100 };

describe('what a session may spend', () => {
  it('is set aside before a run starts, and what was not used comes back', async () => {
    const session = new CallerSession(() => 10);
    const first = session.reserve({ maxUsd: 4 });
    const second = session.reserve({ maxUsd: 40, maxTokens: 7 });
    assert.deepEqual(first.ok && first.value.limits, { maxUsd: 4 });
    assert.deepEqual(second.ok && second.value.limits, { maxUsd: 6, maxTokens: 7 });
    const refused = session.reserve({});
    assert.deepEqual(refused.ok ? [] : [refused.error.reason, refused.error.message], [
      'budget',
      'This session may spend $10.00 (orchestrator.budget.maxUsdPerSession): $0 is spent, and $10.00 is set aside for what goes on (2 runs).',
    ]);
    if (first.ok) first.value.begun('r', Promise.resolve(1.5));
    if (second.ok) second.value.dropped();
    await Promise.resolve();
    await Promise.resolve();
    const third = session.reserve({});
    assert.deepEqual(third.ok && third.value.limits, { maxUsd: 8.5 });
    assert.deepEqual(session.runs, ['r']);
  });

  it('is not limited where the user does not, and follows the setting', async () => {
    const setting: { most?: number } = {};
    const session = new CallerSession(() => setting.most);
    const free = session.reserve({ maxTokens: 5 });
    assert.deepEqual(free.ok && free.value.limits, { maxTokens: 5 });
    if (free.ok) free.value.begun('r', Promise.resolve(3));
    await Promise.resolve();
    await Promise.resolve();
    setting.most = 3;
    assert.match(JSON.stringify(session.reserve({})), /may spend \$3\.0000 .*\$3\.0000 is spent\./);
  });

  it('is not passed by calls one after the other, nor at the same time', async () => {
    const session = new CallerSession(() => 0.2);
    const a = new ScriptedBackend({ id: 'a', price }, () => ({ text: 'word '.repeat(50) }));
    const { call, fixture } = toolRig({ backends: [a] });
    const spent = (): number => fixture.engine.runs().reduce((sum, state) => sum + state.spent.usd, 0);
    let last = await call('call_agent', { task: 'x', maxTokens: 100 }, { session });
    for (let round = 0; round < 50 && !last.text.includes('This session may spend'); round += 1) {
      await Promise.all(
        [1, 2, 3].map(() =>
          call('call_agent', { task: 'x', maxTokens: 100, background: round % 2 === 0 }, { session }),
        ),
      );
      last = await call('call_agent', { task: 'x', maxTokens: 100 }, { session });
      assert.ok(spent() <= 0.2, String(spent()));
      if (last.text.includes('budget')) break;
    }
    assert.ok(spent() > 0 && spent() <= 0.2, String(spent()));
  });

  it('refuses by naming the limit and the amounts, and starts nothing', async () => {
    const session = new CallerSession(() => 0.5);
    const backend = held('held', { price });
    const { call, fixture } = toolRig({ backends: [backend] });
    await call('call_agent', { task: 'x', background: true }, { session });
    (await callOf(backend, 0)).reply({ text: 'done' });
    const busy = toolRig({ backends: [held('b', { price })] });
    const other = new CallerSession(() => 0.5);
    await busy.call('call_agent', { task: 'x', background: true }, { session: other });
    const told = await busy.call('delegate_many', { tasks: [{ task: 'y' }] }, { session: other });
    assert.equal(told.isError, true);
    assert.match(
      told.text,
      /This session may spend \$0\.5000 \(orchestrator\.budget\.maxUsdPerSession\): \$0 is spent, and \$0\.5000 is set aside for what goes on \(1 run\)/,
    );
    assert.equal(busy.fixture.engine.runs().length, 1);
    assert.deepEqual(
      fixture.engine.runs().map(({ options }) => options?.limits.maxUsd),
      [0.5],
    );
  });
});
