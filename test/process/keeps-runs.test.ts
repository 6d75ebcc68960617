/** Who removes runs past their time: a shell whose settings are the user's own, and no other. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { openOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import { finished, record, silentLogger, started, value } from '../journal/fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, CLI } from './built.ts';

const LOOKS = 3;
/** The least that the setting takes. */
const KEPT = 10;
const HOUR_MS = 3_600_000;

describe('orchestrator.retention', function () {
  this.timeout(60_000);
  let tree: TempTree;
  let clock: ManualClock;
  let opened: OpenedOrchestrator | undefined;
  before(() => buildOnce());
  beforeEach(() => {
    tree = tempTree({});
    clock = new ManualClock();
  });
  afterEach(async () => {
    await opened?.dispose();
    tree.remove();
  });

  async function leftAfterLooks(more: { readonly keepsRuns?: boolean }): Promise<number> {
    opened = await openOrchestrator({
      dbFile: path.join(tree.path, 'runs.db'),
      journalWorkerFile: path.join(path.dirname(CLI), 'journal-worker.cjs'),
      settings: () => ({ 'orchestrator.retention': { user: { maxRuns: KEPT } } }),
      isTrusted: () => true,
      secrets: { get: () => Promise.resolve(undefined) },
      env: {},
      folders: [],
      approver: { decided: () => false, consent: () => Promise.resolve(false) },
      logger: silentLogger,
      clock,
      ...more,
    });
    const { journal } = opened;
    await record(journal, 'old', [started('x'), finished('y')]);
    for (let n = 0; n < KEPT; n += 1) await record(journal, `new ${n}`, [started('x'), finished('y')]);
    const count = async (): Promise<number> => value(await journal.listRuns({ limit: 99 })).length;
    for (let look = 0; look < LOOKS; look += 1) {
      await clock.advance(HOUR_MS);
      await count();
    }
    return count();
  }

  it('counts where the settings are the user’s own', async () => {
    assert.equal(await leftAfterLooks({ keepsRuns: true }), KEPT);
  });

  it('does not count where a file of settings is handed over, as to the command line', async () => {
    assert.equal(await leftAfterLooks({}), KEPT + 1);
  });
});
