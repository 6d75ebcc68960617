/** A run that reads in parts, cites and proposes edits, as a person sees it; see shown-run.test.ts for all else. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { HumanView } from '../../src/cli/human-view.ts';
import { failure } from '../../src/core/failure.ts';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState } from '../../src/core/run-state.ts';
import { assertGolden } from '../support/golden.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  at,
  EDIT_WHILE_RUNNING,
  journaled,
  RUN,
  sampleEditRun,
  START_MS,
  type TimedBody,
} from '../support/sample-run.ts';
import { fakeIo, type FakeIoOptions, type Written } from './fake-io.ts';
import { screenAfter } from './screen.ts';

async function shown(bodies: readonly TimedBody[], tty: FakeIoOptions['tty'] = []): Promise<Written> {
  const { io, written } = fakeIo({ cwd: '/', tty, env: { NO_COLOR: '1' } });
  const clock = new ManualClock(START_MS);
  const view = new HumanView(io, clock);
  let state = emptyRunState(RUN);
  for (const event of journaled(bodies)) {
    clock.setWall(event.at);
    state = applyEvent(state, event);
    view.onEvent(event, state);
    if (event.type === 'run.finished') view.onFinished(event, state);
  }
  await clock.advance(0);
  return written();
}

describe('a run that reads and edits, for a person', () => {
  it('is told line by line, and ends with what it cites and proposes and what to do', async () => {
    const { out, err } = await shown(sampleEditRun());
    assert.match(out, /^It gives the text back as it is \[parser\.ts:2\]\(src\/parser\.ts#L2\)/, 'links stay Markdown');
    assertGolden('cli-run-edits.txt', err);
  });

  it('is told with the reason why it is worked on as it is', async () => {
    const begun = sampleEditRun().slice(0, 1);
    const why = 'Two questions that do not need each other.';
    const { err } = await shown([...begun, { atMs: 10, type: 'request.decided', decision: 'plan', why }]);
    assert.match(err, /^Two questions that do not need each other\.$/m);
  });

  it('shows at a terminal how many parts are read while it goes on', async () => {
    const { err } = await shown(sampleEditRun().slice(0, EDIT_WHILE_RUNNING), ['out', 'err']);
    assert.match(
      screenAfter(err),
      /\n\[>\] Read the library · long-1 · 2 of 3 parts · .*\n\[>\] Fix the bug · code-1 · 2 tool calls/,
    );
  });

  for (const tty of [[], ['out', 'err']] as const)
    it(`names the calls in doubt of a run that goes on${tty.length === 0 ? '' : ', above the tree of a terminal'}`, async () => {
      const inDoubt = [{ run: RUN, task: 'read', turn: 9, attempt: 0 }];
      const begun = sampleEditRun().slice(0, EDIT_WHILE_RUNNING);
      const { err } = await shown([...begun, { atMs: 9_000, type: 'run.resumed', inDoubt }], tty);
      assert.match(
        tty.length === 0 ? err : screenAfter(err),
        /^1 call had no result when the run was interrupted, and may have been charged; what they were for is done again:\n {4}Read the library · unknown backend$/m,
      );
    });

  it('tells of what fits into no window', async () => {
    const planned = at(34, {
      type: 'reading.planned',
      task: 'read',
      parts: [],
      unread: [
        { path: 'src/wide.js', startLine: 7, endLine: 7 },
        { path: null, startLine: 1, endLine: 2 },
      ],
    });
    const { err } = await shown([...sampleEditRun().slice(0, 6), planned]);
    assert.match(
      err,
      /\n {4}src\/wide\.js, line 7, was not read: it fits into no window\n {4}A text, lines 1 to 2, was not read: it fits into no window\n$/,
    );
  });

  it('tells one reason of many parts once, and how often it came', async () => {
    const budget = failure('budget', 'The budget of the run is used up.', { whatToDo: 'Raise maxUsd.' });
    const refusals = Array.from({ length: 9 }, (_, index) =>
      at(40 + index, { type: 'budget.refused', task: 'read', failure: budget }),
    );
    const failed = at(60, { type: 'task.failed', task: 'read', failure: budget, partial: '' });
    const bodies = [...sampleEditRun().slice(0, 6), ...refusals, failed, ...sampleEditRun().slice(-1)];
    const { err } = await shown(bodies);
    const reason = 'The budget of the run is used up. Raise maxUsd.';
    assert.deepEqual(
      err.split('\n').filter((line) => line.includes(reason)),
      [`    ${reason}`, `    ${reason} (and 9 more like this)`],
    );
    const tree = await shown(bodies, ['out', 'err']);
    assert.equal(screenAfter(tree.err).split(reason).length, 2);
  });

  it('offers to take back what was applied, and nothing when nothing is open', async () => {
    const end = (...more: readonly TimedBody[]): Promise<Written> => {
      const bodies = sampleEditRun();
      return shown([...bodies.slice(0, -1), ...more, ...bodies.slice(-1)]);
    };
    const paths = ['src/parser.ts', 'src/parser.test.ts', 'src/shared.ts', 'package.json', 'src/old.ts'];
    const applied = at(650, { type: 'proposal.applied', paths, hashes: [] });
    assert.match(
      (await end(applied)).err,
      /\nProposed edits: 5 files: 3 changed, 1 new, 1 deleted; 5 applied — take back: orchestrator apply run-1 --revert\n$/,
    );
    const some = at(649, { type: 'proposal.applied', paths: paths.slice(0, 2), hashes: [] });
    assert.match(
      (await end(some)).err,
      /; 2 applied — review: orchestrator show run-1 --format diff; apply: orchestrator apply run-1; take back: orchestrator apply run-1 --revert\n$/,
    );
    const discarded = at(651, { type: 'proposal.discarded', paths });
    assert.match(
      (await end(applied, discarded)).err,
      /\nProposed edits: 5 files: 3 changed, 1 new, 1 deleted; 5 discarded\n$/,
    );
  });
});
