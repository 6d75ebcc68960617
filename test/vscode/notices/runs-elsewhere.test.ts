import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ok } from '../../../src/base/result.ts';
import type { RunPage, RunSummary } from '../../../src/core/ports.ts';
import { emptyRunState, type RunState } from '../../../src/core/run-state.ts';
import { RunsElsewhere } from '../../../src/vscode/notices/runs-elsewhere.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { summaryOf } from '../../support/tree-rig.ts';

function live(run: string): RunSummary {
  return summaryOf(run, { liveness: 'running', outcome: null });
}

class Rig {
  readonly clock = new ManualClock();
  listed: readonly RunSummary[] = [];
  /** What the engine of this process runs, and what it knows of runs. */
  readonly active = new Set(['own']);
  readonly states = new Map<string, RunState>();
  reads = 0;
  looks = 0;
  readonly runs = new RunsElsewhere({
    journal: {
      listRuns: async ({ limit, isUnfinished }: RunPage) => {
        this.reads += 1;
        const asked = this.listed.filter(({ outcome }) => isUnfinished !== true || outcome === null);
        return ok(asked.slice(0, limit));
      },
    },
    orchestrator: {
      handle: (run) =>
        this.active.has(run) ? { run, finished: new Promise(() => undefined), cancel: () => undefined } : undefined,
      state: (run) => this.states.get(run),
    },
    clock: this.clock,
    onLook: () => {
      this.looks += 1;
    },
  });

  get names(): readonly string[] {
    return this.runs.runs.map(({ run }) => run);
  }

  /** So much time goes by, and all that was begun in it ends. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.clock.flush();
  }
}

describe('the runs of other processes', () => {
  it('are those that go on and are not ours, read anew every 5 s while somebody looks', async () => {
    const rig = new Rig();
    rig.listed = [live('other'), live('own'), summaryOf('done'), summaryOf('left', { liveness: 'interrupted' })];
    rig.runs.watch(true);
    await rig.pass(0);
    assert.deepEqual(rig.names, ['other']);
    rig.listed = [live('another')];
    await rig.pass(4_999);
    assert.deepEqual([rig.names, rig.reads], [['other'], 1]);
    await rig.pass(1);
    assert.deepEqual([rig.names, rig.reads, rig.looks], [['another'], 2, 2]);
  });

  it('are told however many runs began and ended after them', async () => {
    const rig = new Rig();
    rig.listed = [...Array.from({ length: 60 }, (_, index) => summaryOf(`done${index}`)), live('other')];
    rig.runs.watch(true);
    await rig.pass(0);
    assert.deepEqual(rig.names, ['other']);
  });

  it('are not those that ended here since they were read, but those that stopped here unfinished', async () => {
    const rig = new Rig();
    rig.active.add('lost');
    rig.listed = [live('own'), live('lost')];
    rig.runs.watch(true);
    await rig.pass(0);
    assert.deepEqual(rig.names, []);
    rig.states.set('own', { ...emptyRunState('own'), phase: 'finished' });
    rig.states.set('lost', { ...emptyRunState('lost'), phase: 'running' });
    rig.active.clear();
    assert.deepEqual(rig.names, ['lost']);
  });

  it('are not known, and not read, when nobody looks', async () => {
    const rig = new Rig();
    rig.listed = [live('other')];
    await rig.pass(60_000);
    assert.equal(rig.reads, 0);
    rig.runs.watch(true);
    rig.runs.watch(false);
    await rig.pass(60_000);
    assert.deepEqual([rig.names, rig.reads], [[], 1], 'what came late is not taken');
    rig.runs.watch(true);
    await rig.pass(0);
    rig.runs.watch(true);
    assert.deepEqual([rig.names, rig.reads], [['other'], 2]);
    rig.runs.watch(false);
    await rig.pass(60_000);
    assert.deepEqual([rig.names, rig.reads], [[], 2]);
  });
});
