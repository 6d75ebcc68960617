import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { unreachable } from '../../src/base/assert.ts';
import { Emitter } from '../../src/base/emitter.ts';
import { err, ok } from '../../src/base/result.ts';
import { failure } from '../../src/core/failure.ts';
import type { RunSummary } from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../src/core/run-state.ts';
import { NO_SPEND } from '../../src/core/spend.ts';
import { TaskTreeModel, type Changed, type TreeNode, type TreeSource } from '../../src/vscode/task-tree-model.ts';
import {
  EDIT_WHILE_RUNNING,
  journaled,
  RUN,
  SAMPLE,
  sampleEditRun,
  START_MS,
  WHILE_RUNNING,
} from '../support/sample-run.ts';

const events = journaled(SAMPLE);

function summaryOf(run: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    run,
    request: `request of ${run}`,
    startedAtMs: START_MS - 1,
    liveness: 'finished',
    outcome: 'answered',
    spent: NO_SPEND,
    tasks: 0,
    ...more,
  };
}

/** An engine that folds what the test emits, and a journal with what the test put in. */
class Rig {
  readonly emitter = new Emitter<RunEvent>((error) => assert.fail(String(error)));
  readonly states = new Map<string, RunState>();
  readonly reads: string[] = [];
  summaries: readonly RunSummary[] = [];
  recorded: readonly RunEvent[] = [];
  changes: string[] = [];
  readonly model = new TaskTreeModel((changed) => this.changes.push(changed.map(nameOf).join(' ')));
  readonly source: TreeSource = {
    orchestrator: {
      runs: () => [...this.states.values()],
      state: (run) => this.states.get(run),
      onEvent: (listener) => this.emitter.subscribe(listener),
    },
    journal: {
      listRuns: async () => ok(this.summaries),
      readRun: async (run) => {
        this.reads.push(run);
        return ok(this.recorded.filter((event) => event.run === run));
      },
    },
  };

  emit(count: number, of = events): void {
    const from = this.states.get(RUN)?.lastSeq ?? 0;
    for (const event of of.slice(from, from + count)) {
      this.states.set(RUN, applyEvent(this.states.get(RUN) ?? emptyRunState(RUN), event));
      this.emitter.emit(event);
    }
  }

  async outline(node?: TreeNode, depth = 0): Promise<string> {
    const children: readonly TreeNode[] = node === undefined ? this.model.runs() : await this.childrenOf(node);
    const lines = await Promise.all(
      children.map(async (child) => `${'  '.repeat(depth)}${nameOf(child)}\n${await this.outline(child, depth + 1)}`),
    );
    return lines.join('');
  }

  async childrenOf(node: TreeNode): Promise<readonly TreeNode[]> {
    const children = await this.model.children(node);
    assert.ok(children.ok);
    return children.value;
  }
}

function nameOf(changed: Changed): string {
  if (changed === 'root') return 'root';
  switch (changed.kind) {
    case 'run':
      return changed.run;
    case 'task':
      return changed.task;
    case 'edits':
      return `${changed.run}/edits`;
    case 'edit':
      return changed.path;
    default:
      return unreachable(changed);
  }
}

describe('what the task tree holds', () => {
  it('is the plan turn, the tasks nested by parent, the answer turn', async () => {
    const rig = new Rig();
    rig.model.attach(rig.source);
    rig.emit(SAMPLE.length);
    assert.equal(await rig.outline(), 'run-1\n  @plan\n  read\n    read-part\n  fix\n  tests\n  @answer\n');
    assert.deepEqual(rig.reads, [], 'a run of this process is not read from the journal');
  });

  it('are the same objects whenever VS Code asks, with their parents', async () => {
    const rig = new Rig();
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

  it('changes only where an event says something new, and where a task waited for another', () => {
    const rig = new Rig();
    rig.model.attach(rig.source);
    rig.emit(SAMPLE.length);
    assert.deepEqual(rig.changes, [
      'root', // attached
      'root', // run.started
      'run-1 @plan',
      'run-1 @plan',
      'run-1 @plan',
      'run-1', // plan.accepted
      'run-1 read',
      'run-1 read',
      'run-1 read',
      'run-1 read',
      'run-1 read-part',
      'run-1 read-part',
      'run-1 fix',
      'run-1 fix',
      'run-1 read',
      'run-1 read tests', // tests waited for read
      'run-1 read-part',
      'run-1 read-part',
      'run-1 fix',
      'run-1 fix',
      'run-1 tests',
      'run-1 @answer',
      'run-1 @answer',
      'run-1 @answer',
      'run-1', // run.finished
    ]);
  });

  it('counts the tasks and turns that are being worked on', () => {
    const rig = new Rig();
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
    const rig = new Rig();
    rig.model.attach(rig.source);
    rig.emit(edited.length, edited);
    assert.equal(
      await rig.outline(),
      'run-1\n  read\n  fix\n  tests\n  run-1/edits\n    src/parser.ts\n    src/parser.test.ts\n    src/shared.ts\n    package.json\n    src/old.ts\n',
    );
    const edits = rig.model.editsNode(RUN);
    const [file] = await rig.childrenOf(edits);
    assert.ok(file !== undefined);
    assert.equal((await rig.childrenOf(edits))[0], file, 'the same object');
    assert.equal(rig.model.parent(file), edits);
    assert.equal(rig.model.parent(edits), rig.model.runNode(RUN));
  });

  it('change with what was read, tried and proposed, and with each decision', () => {
    const rig = new Rig();
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
    const rig = new Rig();
    rig.recorded = journaled(sampleEditRun(), 'old');
    rig.summaries = [summaryOf('old')];
    rig.model.attach(rig.source);
    await rig.model.loadHistory();
    await rig.childrenOf(rig.model.runNode('old'));
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

describe('the runs of the journal', () => {
  it('come after newer ones, are read when they are opened, and finished ones only once', async () => {
    const rig = new Rig();
    rig.recorded = journaled(SAMPLE, 'old');
    rig.summaries = [summaryOf('old'), summaryOf('newest', { startedAtMs: START_MS + 1 }), summaryOf(RUN)];
    rig.model.attach(rig.source);
    rig.emit(1);
    assert.deepEqual(rig.model.runs().map(nameOf), [RUN]);
    assert.ok((await rig.model.loadHistory()).ok);
    assert.deepEqual(rig.model.runs().map(nameOf), ['newest', RUN, 'old']);
    assert.deepEqual(rig.reads, []);
    assert.equal(rig.model.shown('old')?.kind, 'summary');
    assert.deepEqual((await rig.childrenOf(rig.model.runNode('old'))).map(nameOf), [
      '@plan',
      'read',
      'fix',
      'tests',
      '@answer',
    ]);
    await rig.childrenOf(rig.model.runNode('old'));
    assert.deepEqual(rig.reads, ['old']);
    assert.equal(rig.model.shown('old')?.kind, 'state');
  });

  it('that another process still writes are read again each time', async () => {
    const rig = new Rig();
    rig.summaries = [summaryOf('other', { liveness: 'running', outcome: null })];
    rig.recorded = journaled(SAMPLE.slice(0, 3), 'other');
    rig.model.attach(rig.source);
    await rig.model.loadHistory();
    const node = rig.model.runNode('other');
    assert.deepEqual((await rig.childrenOf(node)).map(nameOf), ['@plan']);
    rig.recorded = journaled(SAMPLE.slice(0, 5), 'other');
    assert.deepEqual((await rig.childrenOf(node)).map(nameOf), ['@plan', 'read', 'fix', 'tests']);
    const shown = rig.model.shown('other');
    assert.ok(shown?.kind === 'state' && shown.liveness === 'running');
    assert.equal(rig.model.hasOthersRunning(), true);
    rig.summaries = [summaryOf('other')];
    await rig.model.loadHistory();
    assert.equal(rig.model.hasOthersRunning(), false);
    assert.equal(rig.model.shown('other')?.kind, 'summary', 'what was read of a run that ran is out of date');
  });

  it('that cannot be read are a failure for the view to tell', async () => {
    const rig = new Rig();
    const broken = failure('journal', 'The database is locked.', { whatToDo: 'Close the other program.' });
    rig.model.attach({
      ...rig.source,
      journal: { listRuns: async () => err(broken), readRun: async () => err(broken) },
    });
    assert.deepEqual(await rig.model.loadHistory(), err(broken));
    assert.deepEqual(await rig.model.children(rig.model.runNode('x')), err(broken));
  });

  it('leave nothing behind when the view goes', () => {
    const rig = new Rig();
    rig.model.attach(rig.source);
    rig.model.dispose();
    rig.changes = [];
    rig.emit(3);
    assert.deepEqual(rig.changes, []);
    assert.deepEqual(rig.model.runs(), []);
  });
});
