import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { foldRun } from '../../../src/core/run-fold.ts';
import { draggedFrom, dropWish } from '../../../src/vscode/tree/tree-drag.ts';
import { TreeNodes, type TreeNode } from '../../../src/vscode/tree/tree-nodes.ts';
import { journaled, RUN, samplePlan } from '../../support/sample-run.ts';

const state = foldRun(RUN, journaled(samplePlan()));
const nodes = new TreeNodes();

/** `name -> build, part -> the top`. */
function dropped(tasks: readonly string[], onto: TreeNode): string {
  const wish = dropWish({ run: RUN, tasks }, onto, state);
  if (!wish.ok) return `refused: ${wish.error.message} ${wish.error.whatToDo}`;
  if (wish.value?.kind !== 'edit-plan') return wish.value?.kind ?? '';
  const edits = wish.value.edits.map((edit) =>
    edit.kind === 'nest' ? `${edit.task} -> ${edit.parent ?? 'the top'}` : edit.kind,
  );
  return `${wish.value.perTask === true ? 'each: ' : ''}${edits.join(', ')}`;
}

describe('tasks that are dragged', () => {
  it('come under the task that they are dropped on, each that may', () => {
    assert.equal(dropped(['name'], nodes.task(RUN, 'build')), 'name -> build');
    assert.equal(dropped(['name', 'draw'], nodes.task(RUN, 'build')), 'each: name -> build, draw -> build');
  });

  it('come to the top when they are dropped on the run, or on what is no task of it', () => {
    assert.equal(dropped(['part'], nodes.run(RUN)), 'part -> the top');
    assert.equal(dropped(['part'], nodes.task(RUN, '@plan')), 'part -> the top');
    assert.equal(dropped(['part'], nodes.edits(RUN)), 'part -> the top');
  });

  it('stay where they are when they are there already, or on themselves', () => {
    assert.equal(dropped(['part'], nodes.task(RUN, 'build')), '');
    assert.equal(dropped(['name'], nodes.run(RUN)), '');
    assert.equal(dropped(['build'], nodes.task(RUN, 'build')), '');
  });

  it('take what is under them along, so that it is not moved by itself', () => {
    assert.equal(dropped(['part', 'build'], nodes.task(RUN, 'name')), 'build -> name');
  });

  it('go to no other run', () => {
    assert.equal(
      dropped(['name'], nodes.task('run-2', 'build')),
      'refused: A task cannot go to another run. Drop it on a task of its own run, or on the row of that run.',
    );
    assert.match(dropped(['name', 'draw'], { kind: 'more' }), /^refused: 2 tasks cannot go to another run\./);
  });

  it('are the tasks of one run among the rows: no run, no turn of the orchestrator, no edit', () => {
    assert.deepEqual(
      draggedFrom([
        nodes.run(RUN),
        nodes.task(RUN, '@plan'),
        nodes.task(RUN, 'name'),
        nodes.task('run-2', 'other'),
        nodes.edits(RUN),
        nodes.task(RUN, 'draw'),
      ]),
      { run: RUN, tasks: ['name', 'draw'] },
    );
    assert.equal(draggedFrom([nodes.run(RUN), nodes.edit(RUN, 'a.ts')]), undefined);
  });
});
