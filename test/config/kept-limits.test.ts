import assert from 'node:assert/strict';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import type { RawSettings } from '../../src/config/raw-settings.ts';

function load(raw: RawSettings): Config {
  return loadConfig(raw, { isTrusted: true, insideVsCode: true });
}

describe('Settings of what is spent and kept', () => {
  it('takes the lower limit of a session, and a faulty one for 0', () => {
    const limit = (user: unknown, workspace?: unknown): number | undefined =>
      load({ 'orchestrator.budget': { user, workspace } }).sessionMaxUsd;
    assert.deepEqual(
      [
        limit(undefined),
        limit({ maxUsdPerSession: 5 }),
        limit({ maxUsdPerSession: 5 }, { maxUsdPerSession: 2 }),
        limit({ maxUsdPerSession: 5 }, { maxUsdPerSession: 9 }),
        limit({ maxUsdPerSession: '5' }),
        limit({ maxUsd: 'x', maxUsdPerSession: 5 }),
        limit(7),
      ],
      [undefined, 5, 2, 5, 0, 5, 0],
    );
  });

  it('keeps all runs by default, and removes none by a value of which a part cannot be read', () => {
    const retention = (user: unknown, workspace?: unknown): Config =>
      load({ 'orchestrator.retention': { user, workspace } });
    assert.deepEqual(retention({ maxDays: 2, maxRuns: 50 }).retention, { maxAgeMs: 172_800_000, maxRuns: 50 });
    assert.deepEqual(retention({ maxDays: 2 }).retention, { maxAgeMs: 172_800_000 });
    for (const bad of [{ maxDays: 0, maxRuns: 50 }, { maxDays: 2, maxRun: 50 }, { maxRuns: 9 }, 90, [90]]) {
      const { retention: read, problems } = retention(bad);
      assert.deepEqual(read, {}, JSON.stringify(bad));
      assert.match(problems.at(0)?.whatToDo ?? '', /Until then all runs are kept\.$/);
    }
    const foreign = retention(undefined, { maxRuns: 10 });
    assert.deepEqual([foreign.retention, foreign.problems.length], [{}, 1]);
  });
});
