import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../../src/base/result.ts';
import { failure } from '../../../src/core/failure.ts';
import { at, journaled, RUN, SAMPLE, START_MS, WHILE_RUNNING, type TimedBody } from '../../support/sample-run.ts';
import { nameOf, summaryOf, TreeRig } from '../../support/tree-rig.ts';

describe('the runs of the journal', () => {
  it('are told apart by the folder that they worked on, in the list, when they are read, and for each task', async () => {
    const rig = new TreeRig();
    const [first, ...rest] = journaled(SAMPLE, 'far');
    assert.ok(first?.type === 'run.started');
    rig.recorded = [{ ...first, workspace: '/other' }, ...rest];
    rig.summaries = [summaryOf('far', { workspace: '/other' }), summaryOf('near')];
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    const areHere = (): readonly unknown[] => ['far', 'near'].map((run) => rig.model.shown(run)?.isHere);
    const task = (): boolean | undefined => rig.model.task(rig.model.nodes.task('far', 'fix'))?.isHere;
    assert.deepEqual(areHere(), [false, true]);
    await rig.childrenOf(rig.model.nodes.run('far'));
    assert.equal(rig.model.shown('far')?.kind, 'state');
    assert.deepEqual([...areHere(), task()], [false, true, false]);
    rig.changes = [];
    rig.folders.find('/other');
    assert.deepEqual([rig.changes, areHere(), task()], [['root'], [true, true], true]);
    rig.model.dispose();
    rig.folders.find('/more');
    assert.deepEqual(rig.changes, ['root']);
  });

  it('come after newer ones, are read when they are opened, and finished ones only once', async () => {
    const rig = new TreeRig();
    rig.recorded = journaled(SAMPLE, 'old');
    rig.summaries = [summaryOf('old'), summaryOf('newest', { startedAtMs: START_MS + 1 }), summaryOf(RUN)];
    rig.model.attach(rig.source);
    rig.emit(1);
    assert.deepEqual(rig.model.runs().map(nameOf), [RUN]);
    assert.ok((await rig.model.loadRuns(START_MS)).ok);
    assert.deepEqual(rig.model.runs().map(nameOf), ['newest', RUN, 'old']);
    assert.deepEqual(rig.reads, []);
    assert.equal(rig.model.shown('old')?.kind, 'summary');
    assert.deepEqual((await rig.childrenOf(rig.model.nodes.run('old'))).map(nameOf), [
      '@plan',
      'read',
      'fix',
      'tests',
      '@answer',
    ]);
    await rig.childrenOf(rig.model.nodes.run('old'));
    assert.deepEqual(rig.reads, ['old']);
    assert.equal(rig.model.shown('old')?.kind, 'state');
  });

  it('leave no hole when more than a page came from elsewhere, and those that were deleted there go when all is read', async () => {
    const rig = new TreeRig();
    const all = Array.from({ length: 280 }, (_, index) => summaryOf(`r${index}`, { startedAtMs: START_MS - index }));
    const names = (): readonly string[] => rig.model.runs().map(nameOf);
    rig.summaries = all.slice(200);
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    await rig.model.loadMore();
    assert.equal(names().length, 80);
    rig.summaries = all;
    await rig.model.loadRuns(START_MS);
    for (let page = 0; page < 5; page += 1) await rig.model.loadMore();
    assert.deepEqual(
      names(),
      all.map(({ run }) => run),
    );
    rig.summaries = all.filter(({ run }) => run !== 'r100');
    await rig.model.loadRuns(START_MS, 'all');
    assert.deepEqual(
      names(),
      rig.summaries.map(({ run }) => run),
    );
  });

  it('that were asked for by name go, too, when all is read and they are no longer there', async () => {
    const rig = new TreeRig();
    const all = Array.from({ length: 120 }, (_, index) => summaryOf(`r${index}`, { startedAtMs: START_MS - index }));
    rig.summaries = all;
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    await rig.model.include('r110');
    await rig.model.include('r111');
    rig.summaries = all.filter(({ run }) => run !== 'r110');
    rig.changes = [];
    await rig.model.loadRuns(START_MS, 'all');
    assert.deepEqual(rig.changes, ['root']);
    assert.deepEqual(rig.model.runs().map(nameOf).slice(50), ['r111']);
  });

  it('that another process runs are followed live while their row is open and the tree is seen', async () => {
    const rig = new TreeRig();
    rig.summaries = [summaryOf('other', { liveness: 'running', outcome: null })];
    rig.recorded = journaled(SAMPLE.slice(0, 3), 'other');
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    assert.equal(rig.model.hasOthersRunning(), true);
    const node = rig.model.nodes.run('other');
    assert.deepEqual((await rig.childrenOf(node)).map(nameOf), ['@plan']);
    rig.changes = [];
    rig.recorded = journaled(SAMPLE.slice(0, 5), 'other');
    await rig.clock.advance(1_000);
    assert.deepEqual(rig.changes, ['other']);
    assert.deepEqual((await rig.childrenOf(node)).map(nameOf), ['@plan', 'read', 'fix', 'tests']);
    const shown = rig.model.shown('other');
    assert.ok(shown?.kind === 'state' && shown.liveness === 'running');

    rig.recorded = journaled(SAMPLE.slice(0, 9), 'other');
    await rig.clock.advance(1_000);
    assert.equal(rig.changes.at(-1), 'other read');
    rig.model.watch(false);
    assert.equal(rig.clock.pending, 0, 'nobody sees it');
    rig.model.watch(true);
    await rig.clock.advance(300);
    assert.ok(rig.clock.pending > 0);
    rig.model.close('other');
    assert.equal(rig.clock.pending, 0, 'its row was closed');

    rig.model.watch(false);
    await rig.childrenOf(node);
    assert.equal(rig.clock.pending, 0, 'it was read while nobody saw it');
  });

  it('that another process runs are drawn anew when their tasks stand in another order, and when there are edits', async () => {
    const rig = new TreeRig();
    const bodies: TimedBody[] = SAMPLE.slice(0, WHILE_RUNNING);
    rig.summaries = [summaryOf('other', { liveness: 'running', outcome: null })];
    rig.recorded = journaled(bodies, 'other');
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    const node = rig.model.nodes.run('other');
    await rig.childrenOf(node);
    const nextNames = async (...more: readonly TimedBody[]): Promise<readonly string[]> => {
      bodies.push(...more);
      rig.recorded = journaled(bodies, 'other');
      rig.changes = [];
      await rig.clock.advance(1_000);
      assert.deepEqual(rig.changes, ['other']);
      return (await rig.childrenOf(node)).map(nameOf);
    };
    const order = ['tests', 'read', 'read-part', 'fix'];
    const change = { what: 'Moved "Write tests" up', put: [], removed: [], order };
    assert.deepEqual(await nextNames(at(2_000, { type: 'plan.edited', change, undoes: false })), [
      '@plan',
      'tests',
      'read',
      'fix',
    ]);
    const names = await nextNames(at(2_001, { type: 'proposal.made', files: [], content: '[]' }));
    assert.equal(names.at(-1), 'other/edits');
  });

  it('are never taken for ended or living when their owner comes and goes', async () => {
    const rig = new TreeRig();
    rig.summaries = [summaryOf('other', { liveness: 'interrupted', outcome: null })];
    rig.recorded = journaled(SAMPLE.slice(0, 9), 'other');
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    const node = rig.model.nodes.run('other');
    const liveness = (): unknown => {
      const shown = rig.model.shown('other');
      return shown?.kind === 'state' ? shown.liveness : shown?.summary.liveness;
    };
    await rig.childrenOf(node);
    assert.equal(liveness(), 'interrupted');
    rig.changes = [];
    rig.summaries = [summaryOf('other', { liveness: 'running', outcome: null })];
    await rig.model.loadRuns(START_MS);
    assert.deepEqual(rig.changes, ['other'], 'somebody resumed it');
    await rig.childrenOf(node);
    assert.equal(liveness(), 'running');
    rig.summaries = [summaryOf('other', { liveness: 'interrupted', outcome: null })];
    await rig.clock.advance(1_000);
    assert.equal(liveness(), 'interrupted');
    assert.equal(rig.clock.pending, 0, 'nobody writes it: the list tells when somebody does again');
    rig.summaries = [summaryOf('other', { liveness: 'running', outcome: null })];
    await rig.model.loadRuns(START_MS);
    await rig.childrenOf(node);
    rig.summaries = [summaryOf('other')];
    rig.recorded = journaled(SAMPLE, 'other');
    await rig.clock.advance(1_000);
    assert.equal(liveness(), 'finished');
    assert.equal(rig.clock.pending, 0, 'what has ended is followed no more');
  });

  it('that stopped here unfinished are the journal’s, whoever goes on with them', async () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(WHILE_RUNNING);
    assert.equal(rig.model.isOwn(RUN), true);
    rig.summaries = [summaryOf(RUN, { liveness: 'running', outcome: null })];
    await rig.model.loadRuns(START_MS);
    assert.equal(rig.model.hasOthersRunning(), false, 'it is no other’s while it goes on here');
    rig.stopped.add(RUN);
    rig.recorded = journaled(SAMPLE.slice(0, WHILE_RUNNING));
    rig.summaries = [summaryOf(RUN, { liveness: 'interrupted', outcome: null })];
    await rig.model.loadRuns(START_MS);
    assert.equal(rig.model.isOwn(RUN), false);
    assert.deepEqual(rig.model.active(), [], 'nothing of it is worked on here');
    await rig.childrenOf(rig.model.nodes.run(RUN));
    const shown = rig.model.shown(RUN);
    assert.ok(shown?.kind === 'state' && shown.liveness === 'interrupted');
  });

  it('come a page at a time, and what is read again is only the newest page', async () => {
    const rig = new TreeRig();
    rig.summaries = Array.from({ length: 120 }, (_, age) => summaryOf(`r${age}`, { startedAtMs: START_MS - age }));
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    const top = (): string => {
      const names = rig.model.top().map(nameOf);
      return `${names.length}: ${names[0]} … ${names.at(-1)}`;
    };
    assert.equal(top(), '51: r0 … more');
    await rig.model.loadMore();
    assert.equal(top(), '101: r0 … more');
    await rig.model.loadMore();
    assert.equal(top(), '120: r0 … r119');
    rig.summaries = rig.summaries.filter(({ run }) => run !== 'r5');
    await rig.model.loadRuns(START_MS);
    assert.equal(top(), '119: r0 … r119', 'one of the newest page that was deleted goes');
    rig.summaries = [summaryOf('new', { startedAtMs: START_MS + 1 }), ...rig.summaries];
    rig.pages.length = 0;
    await rig.model.loadRuns(START_MS);
    assert.equal(top(), '120: new … r119');
    assert.deepEqual(rig.pages, [{ limit: 51 }]);
  });

  it('come two pages further when it is asked for more twice at once', async () => {
    const rig = new TreeRig();
    rig.summaries = Array.from({ length: 160 }, (_, age) => summaryOf(`r${age}`, { startedAtMs: START_MS - age }));
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    await Promise.all([rig.model.loadMore(), rig.model.loadMore()]);
    assert.equal(rig.model.runs().length, 150);
  });

  it('that are asked for by name are shown, however old they are', async () => {
    const rig = new TreeRig();
    rig.summaries = Array.from({ length: 80 }, (_, age) => summaryOf(`r${age}`, { startedAtMs: START_MS - age }));
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    assert.deepEqual(await rig.model.include('r70'), ok(true));
    assert.deepEqual(await rig.model.include('never'), ok(false));
    assert.deepEqual(rig.model.top().slice(-3).map(nameOf), ['r49', 'r70', 'more']);
    await rig.model.loadMore();
    assert.equal(rig.model.runs().length, 80, 'it is there once');
  });

  it('are forgotten when their row is closed, so that only open rows take memory', async () => {
    const rig = new TreeRig();
    rig.recorded = journaled(SAMPLE, 'old');
    rig.summaries = [summaryOf('old')];
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    const node = rig.model.nodes.run('old');
    rig.model.runs();
    const before = rig.model.nodes.size;
    const [plan] = await rig.childrenOf(node);
    assert.ok(plan !== undefined && rig.model.nodes.size > before && rig.model.isOpen('old'));
    rig.model.close('old');
    assert.equal(rig.model.nodes.size, before);
    assert.equal(rig.model.isOpen('old'), false);
    assert.equal(rig.model.shown('old')?.kind, 'summary');
    assert.equal((await rig.childrenOf(node)).length, 5, 'and read again when it is opened again');
    assert.equal(rig.model.nodes.run('old'), node);
  });

  it('that were deleted go, also those of this process', async () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(SAMPLE.length);
    rig.summaries = [summaryOf(RUN), summaryOf('old')];
    await rig.model.loadRuns(START_MS + 1_000_000);
    assert.deepEqual(rig.model.runs().map(nameOf), [RUN, 'old']);
    const newer = Array.from({ length: 60 }, (_, index) =>
      summaryOf(`n${index}`, { startedAtMs: START_MS + 60 - index }),
    );
    rig.summaries = [...newer, summaryOf(RUN)];
    await rig.model.loadRuns(START_MS + 1_000_000, 'all');
    assert.ok(rig.model.runs().map(nameOf).includes(RUN), 'it may stand on a page that was not read');
    rig.summaries = [];
    await rig.model.loadRuns(START_MS, 'all');
    assert.deepEqual(rig.model.runs().map(nameOf), [RUN], 'the list may be older than the end of the run');
    await rig.model.loadRuns(START_MS + 1_000_000);
    assert.deepEqual(rig.model.runs().map(nameOf), []);
  });

  it('that cannot be read are a failure for the view to tell', async () => {
    const rig = new TreeRig();
    const broken = failure('journal', 'The database is locked.', { whatToDo: 'Close the other program.' });
    const fails = async () => err(broken);
    rig.summaries = [summaryOf('x')];
    rig.model.attach({ ...rig.source, journal: { ...rig.source.journal, readRun: fails } });
    await rig.model.loadRuns(START_MS);
    const row = rig.model.nodes.run('x');
    assert.deepEqual(await rig.model.children(row), err(broken));
    rig.model.attach(rig.source);
    assert.ok((await rig.model.children(row)).ok, 'it is tried again when it is asked for again');
    rig.model.attach({ ...rig.source, journal: { listRuns: fails, readRun: fails, summary: fails } });
    assert.deepEqual(await rig.model.loadRuns(START_MS), err(broken));
    assert.deepEqual(await rig.model.loadMore(), err(broken));
    assert.deepEqual(await rig.model.include('y'), err(broken));
  });

  it('leave nothing behind when the view goes', () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.model.dispose();
    rig.changes = [];
    rig.emit(3);
    assert.deepEqual(rig.changes, []);
    assert.deepEqual(rig.model.runs(), []);
  });
});
