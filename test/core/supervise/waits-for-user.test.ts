import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { taskWord } from '../../../src/app/run-text.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import { waitsForPerson, waitsForUser } from '../../../src/core/waiting.ts';
import { waitingTasks } from '../../../src/vscode/chat/chat-waiting.ts';
import { at, journaled, RUN, SAMPLE, type TimedBody } from '../../support/sample-run.ts';

const plan = { mode: 'hybrid', dependsOn: [], inputs: [] } as const;
const ASKED: readonly TimedBody[] = [
  ...SAMPLE.slice(0, 1),
  at(20, {
    type: 'plan.accepted',
    tasks: [
      { ...plan, id: 'boss', title: 'See to it', objective: 'See to it.', supervises: true },
      { ...plan, id: 'worker', title: 'Do it', objective: 'Do it.', parent: 'boss' },
      { ...plan, id: 'other', title: 'Another', objective: 'Another.' },
    ],
  }),
  ...['boss', 'worker', 'other'].map((task) => at(30, { type: 'task.started', task, attempt: 0, backend: 'b' })),
  ...['worker', 'other'].map((task) => at(40, { type: 'task.waiting', task, turn: 0, question: 'Which?' })),
];

describe('a worker that asks its supervisor', () => {
  it('does not wait for the user, until there is no supervisor any more', () => {
    const state = foldRun(RUN, journaled(ASKED));
    const told = (now = state): readonly string[] =>
      [...now.tasks.values()].map(
        (task) => `${task.id} ${waitsForUser(task, now)} ${taskWord(task, now, { nowMs: 50, liveness: 'running' })}`,
      );
    assert.deepEqual(told(), ['boss false active', 'worker false active', 'other true waiting']);
    assert.deepEqual(
      waitingTasks(state).map(({ id }) => id),
      ['other'],
    );
    const worker = state.tasks.get('worker') ?? assert.fail('there is no such task');
    assert.equal(taskWord(worker, state, { nowMs: 50, liveness: 'interrupted' }), 'interrupted');
    assert.equal(waitsForPerson(state), undefined);
    const left = foldRun(RUN, journaled([...ASKED, at(60, { type: 'task.cancelled', task: 'boss', partial: '' })]));
    assert.deepEqual(told(left), ['boss false cancelled', 'worker true waiting', 'other true waiting']);
    assert.deepEqual(waitsForPerson(left), ['worker', 'other']);
  });
});
