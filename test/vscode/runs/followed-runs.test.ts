import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { createRunFeed } from '../../../src/app/run-feed.ts';
import { err } from '../../../src/base/result.ts';
import { failure } from '../../../src/core/failure.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { FollowedRuns, type FollowedRunsDeps } from '../../../src/vscode/runs/followed-runs.ts';
import { Folders } from '../../support/folders.ts';
import { engineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RUN, SAMPLE } from '../../support/sample-run.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';

describe('a run that is shown', () => {
  let clock: ManualClock;
  let journal: ReturnType<typeof createMemoryJournal>;
  let feed: ReturnType<typeof createRunFeed>;
  let gone: string[];
  const of = (record: FollowedRunsDeps['journal']): FollowedRuns =>
    new FollowedRuns({ feed, journal: record }, (run) => gone.push(run));

  beforeEach(() => {
    clock = new ManualClock();
    journal = createMemoryJournal({ clock });
    const { engine } = engineFixture({ backends: [new ScriptedBackend({ id: 'b' })], journal, clock });
    feed = createRunFeed({ orchestrator: engine, journal, folders: new Folders(), clock });
    gone = [];
  });

  it('is told when it was deleted before, once, and is not looked for while it is still shown', async () => {
    const followed = of(journal);
    followed.follow(new Set(['gone']));
    await clock.flush();
    assert.deepEqual(gone, ['gone']);
    followed.follow(new Set(['gone', 'gone too']));
    await clock.flush();
    assert.deepEqual(gone, ['gone', 'gone too']);
    assert.equal(clock.pending, 0);
  });

  it('is told when it is deleted by another process, and not while it is there', async () => {
    const made = await journal.createRun(RUN);
    assert.ok(made.ok);
    assert.ok((await made.value.append(SAMPLE.slice(0, 1))).ok);
    await made.value.release();
    const followed = of(journal);
    followed.follow(new Set([RUN]));
    await clock.advance(10_000);
    assert.deepEqual(gone, []);
    assert.ok((await journal.deleteRun(RUN)).ok);
    await clock.advance(10_000);
    assert.deepEqual(gone, [RUN]);
    followed.dispose();
    assert.equal(clock.pending, 0);
  });

  it('is not told of while the record cannot be read, or when it is not shown any more', async () => {
    const unread = of({ summary: () => Promise.resolve(err(failure('journal', 'No.', { whatToDo: '' }))) });
    unread.follow(new Set(['run']));
    const left = of(journal);
    left.follow(new Set(['run']));
    left.follow(new Set());
    await clock.flush();
    assert.deepEqual(gone, []);
    unread.dispose();
    assert.equal(clock.pending, 0);
  });
});
