import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ok } from '../../../src/base/result.ts';
import type { RunPage, RunSummary } from '../../../src/core/ports.ts';
import { newestRun } from '../../../src/vscode/runs/newest-run.ts';
import { summaryOf } from '../../support/tree-rig.ts';

async function newestOf(all: readonly RunSummary[]): Promise<string | undefined> {
  const newest = await newestRun({
    listRuns: async ({ limit, isUnfinished }: RunPage) =>
      ok(all.filter(({ outcome }) => isUnfinished !== true || outcome === null).slice(0, limit)),
  });
  return newest.ok ? newest.value : assert.fail(newest.error.message);
}

describe('the newest run', () => {
  const ended = Array.from({ length: 60 }, (_, index) => summaryOf(`done${index}`));
  const left = summaryOf('left', { liveness: 'interrupted', outcome: null });

  it('is the newest that goes on, however many ended since it began', async () => {
    const live = summaryOf('live', { liveness: 'running', outcome: null });
    assert.equal(await newestOf([...ended, left, live]), 'live');
  });

  it('is the newest of all when none goes on', async () => {
    assert.equal(await newestOf([...ended, left]), 'done0');
    assert.equal(await newestOf([]), undefined);
  });
});
