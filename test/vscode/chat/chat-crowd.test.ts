import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failure } from '../../../src/core/failure.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { applyEvent } from '../../../src/core/run-fold.ts';
import { emptyRunState } from '../../../src/core/run-state.ts';
import type { ChatOp } from '../../../src/vscode/chat/chat-op.ts';
import { ChatPresenter } from '../../../src/vscode/chat/chat-presenter.ts';
import { showOps } from '../../support/chat-ops.ts';
import { at, journaled, RUN, SAMPLE } from '../../support/sample-run.ts';

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `t${index}`);

/** What the chat is told of a run of so many tasks, after its plan. */
function told(count: number, bodies: readonly RunEventBody[]): readonly ChatOp[] {
  const presenter = new ChatPresenter({ isFile: () => false, isOnlyEmbedded: false, isHere: () => true });
  const [started] = SAMPLE;
  const tasks = ids(count).map((id) => ({
    id,
    title: `Task ${id}`,
    objective: id,
    mode: 'autonomous' as const,
    dependsOn: [],
    inputs: [],
  }));
  const plan: readonly RunEventBody[] = [
    { type: 'request.decided', decision: 'plan' },
    { type: 'plan.accepted', tasks },
  ];
  let state = emptyRunState(RUN);
  const events = journaled([started, ...[...plan, ...bodies].map((body, index) => at(index + 1, body))]);
  const ops = events.map((event) => {
    state = applyEvent(state, event);
    return presenter.event(event, state);
  });
  return ops
    .slice(3)
    .flat()
    .filter(({ kind, ...op }) => kind !== 'markdown' || !('text' in op && op.text.startsWith('**Plan')));
}

const started = (task: string): RunEventBody => ({ type: 'task.started', task, attempt: 0, backend: 'b' });
const completed = (task: string): RunEventBody => ({
  type: 'task.completed',
  task,
  backend: 'b',
  result: 'done',
  partial: false,
});
const failed = (task: string): RunEventBody => ({
  type: 'task.failed',
  task,
  failure: failure('connection', 'Nothing answers.', { whatToDo: 'Start it.' }),
  partial: '',
});

describe('a run of hundreds of tasks in the chat', () => {
  it('is told by how far it is, not task by task', () => {
    const ops = told(
      200,
      ids(200).flatMap((id) => [started(id), completed(id)]),
    );
    assert.equal(ops.length, 20);
    assert.equal(
      showOps([...ops.slice(0, 2), ...ops.slice(-1)]),
      ['… 10 of 200 tasks done', '… 20 of 200 tasks done', '… 200 of 200 tasks done'].join('\n'),
    );
  });

  it('tells every task while there are few of them', () => {
    const ops = told(40, [started('t0'), completed('t0')]);
    assert.deepEqual(
      ops.map(({ kind }) => kind),
      ['row', 'row-end', 'markdown'],
    );
  });

  it('names the task that waits, and those that failed as far as a person reads', () => {
    const few = told(200, [{ type: 'task.waiting', task: 't7', turn: 0, question: 'Tabs?' }, failed('t8')]);
    assert.equal(
      showOps(few),
      ['«- ? Task t7 asks: Tabs? (/task 8)\n»', '«- ✗ Task t8 · Nothing answers. Start it.\n»'].join('\n'),
    );
    const lines = told(200, ids(200).map(failed)).filter(({ kind }) => kind === 'markdown');
    assert.equal(lines.length, 20);
    assert.match(showOps(lines.slice(-1)), /Task t19 · .*\n- … the others are in the tree/);
  });
});
