import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../../src/base/result.ts';
import { failure } from '../../../src/core/failure.ts';
import type { Journal } from '../../../src/core/ports.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { tellIfDeleted } from '../../../src/vscode/runs/restored-run.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RUN, SAMPLE } from '../../support/sample-run.ts';

describe('a run whose panel is there again after a reload', () => {
  const deletedOf = async (journal: () => Promise<Pick<Journal, 'summary'>>): Promise<readonly string[]> => {
    const deleted: string[] = [];
    await tellIfDeleted(RUN, {
      engine: { open: async () => ({ journal: await journal() }) },
      runSignals: { deleted: { fire: (run) => deleted.push(run) } },
    });
    return deleted;
  };

  it('is told as deleted when it is not in the record any more', async () => {
    const journal = createMemoryJournal({ clock: new ManualClock() });
    assert.deepEqual(await deletedOf(async () => journal), [RUN]);
    const made = await journal.createRun(RUN);
    assert.ok(made.ok);
    assert.ok((await made.value.append(SAMPLE.slice(0, 1))).ok);
    assert.deepEqual(await deletedOf(async () => journal), []);
  });

  it('is not when the record cannot be opened or read', async () => {
    const unread = failure('journal', 'No.', { whatToDo: '' });
    assert.deepEqual(await deletedOf(async () => ({ summary: async () => err(unread) })), []);
    assert.deepEqual(await deletedOf(() => Promise.reject(new Error('broken'))), []);
  });
});
