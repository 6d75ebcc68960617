import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  EDIT_WHILE_RUNNING,
  journaled,
  RUN,
  SAMPLE,
  sampleEditRun,
  START_MS,
  WHILE_RUNNING,
} from '../../support/sample-run.ts';
import { nameOf, summaryOf, TreeRig } from '../../support/tree-rig.ts';

describe('what the task tree holds', () => {
  it('is the plan turn, the tasks nested by parent, the answer turn', async () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(SAMPLE.length);
    assert.equal(await rig.outline(), 'run-1\n  @plan\n  read\n    read-part\n  fix\n  tests\n  @answer\n');
    assert.deepEqual(rig.reads, [], 'a run of this process is not read from the journal');
  });

  it('are the same objects whenever VS Code asks, with their parents', async () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(WHILE_RUNNING);
    const [run] = rig.model.runs();
    assert.ok(run !== undefined);
    assert.equal(rig.model.runs()[0], run);
    const [, read] = await rig.childrenOf(run);
    assert.ok(read?.kind === 'task');
    assert.equal((await rig.childrenOf(run))[1], read);
    assert.equal(rig.model.hasChildren(read), true);
    const [part] = await rig.childrenOf(read);
    assert.ok(part?.kind === 'task');
    assert.equal(rig.model.hasChildren(part), false);
    assert.equal(rig.model.parent(part), read);
    assert.equal(rig.model.parent(read), run);
    assert.equal(rig.model.parent(run), undefined);
  });

  it('changes only where an event says something new, where a task waited for another, and where spend adds up', () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(SAMPLE.length);
    assert.deepEqual(rig.changes, [
      'root', // attached
      'root', // run.started
      'run-1 @plan',
      'run-1 @plan',
      'run-1 @plan',
      'run-1', // plan.accepted
      'read', // its route
      'read', // its inputs
      'run-1 read', // it was started
      'read', // its call
      'run-1 read-part',
      'read-part',
      'run-1 fix',
      'fix',
      'read', // its call has ended
      'run-1 read tests', // tests waited for read
      'read-part read', // read shows what was spent below it
      'run-1 read-part',
      'fix',
      'run-1 fix',
      'run-1 tests',
      'run-1 @answer',
      'run-1 @answer',
      'run-1 @answer',
      'run-1', // run.finished
    ]);
  });

  it('counts the tasks and turns that are being worked on', () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(2);
    assert.deepEqual(rig.model.active().map(nameOf), ['@plan']);
    rig.emit(WHILE_RUNNING - 2);
    assert.deepEqual(rig.model.active().map(nameOf), ['read', 'read-part', 'fix']);
    rig.emit(SAMPLE.length);
    assert.deepEqual(rig.model.active(), []);
  });
});

describe('the proposed edits of a run', () => {
  const edited = journaled(sampleEditRun());

  it('are a node under the run, after the answer, with a node for each file', async () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(edited.length, edited);
    assert.equal(
      await rig.outline(),
      'run-1\n  read\n  fix\n  tests\n  run-1/edits\n    src/parser.ts\n    src/parser.test.ts\n    src/shared.ts\n    package.json\n    src/old.ts\n',
    );
    const edits = rig.model.nodes.edits(RUN);
    const [file] = await rig.childrenOf(edits);
    assert.ok(file !== undefined);
    assert.equal((await rig.childrenOf(edits))[0], file, 'the same object');
    assert.equal(rig.model.parent(file), edits);
    assert.equal(rig.model.parent(edits), rig.model.nodes.run(RUN));
  });

  it('change with what was read, tried and proposed, and with each decision', () => {
    const rig = new TreeRig();
    rig.model.attach(rig.source);
    rig.emit(EDIT_WHILE_RUNNING, edited);
    rig.changes = [];
    rig.emit(edited.length, edited);
    const work = rig.changes.filter((one) => one !== '').map((one) => one.split(' ').at(-1));
    assert.deepEqual([...new Set(work)], ['read', 'fix', 'tests', 'run-1/edits', 'run-1']);
    rig.changes = [];
    rig.emitter.emit({
      v: 1,
      seq: edited.length + 1,
      at: START_MS,
      run: RUN,
      type: 'proposal.discarded',
      paths: ['src/old.ts', 'package.json'],
    });
    assert.deepEqual(rig.changes, ['run-1 run-1/edits src/old.ts package.json']);
  });

  it('follow decisions about a run that was read from the journal', async () => {
    const rig = new TreeRig();
    rig.recorded = journaled(sampleEditRun(), 'old');
    rig.summaries = [summaryOf('old')];
    rig.model.attach(rig.source);
    await rig.model.loadRuns(START_MS);
    await rig.childrenOf(rig.model.nodes.run('old'));
    rig.emitter.emit({
      v: 1,
      seq: edited.length + 1,
      at: START_MS,
      run: 'old',
      type: 'proposal.discarded',
      paths: ['src/old.ts'],
    });
    assert.equal(rig.model.edits('old')?.files.get('src/old.ts')?.status, 'discarded');
    assert.equal(rig.model.edits('old')?.files.get('package.json')?.status, 'open');
  });
});
