/** Who waits for a person, in a run as the fold has it. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { TaskStatus } from '../../src/core/run-event.ts';
import { emptyRunState, newTask, type RunState } from '../../src/core/run-state.ts';
import { waitsForPerson } from '../../src/core/waiting.ts';

/** Tasks by status, each with what it needs: `a waiting, b pending < a`. */
function running(text: string): RunState {
  const tasks = text.split(', ').map((line) => {
    const [own = '', needs = ''] = line.split(' < ');
    const [id = '', status = ''] = own.split(' ');
    const dependsOn = needs.split(' ').filter((need) => need !== '');
    const spec = { id, title: id, objective: id, mode: 'autonomous', dependsOn, inputs: [] } as const;
    return [id, { ...newTask(id, spec), status: status as TaskStatus }] as const;
  });
  return { ...emptyRunState('r'), phase: 'running', tasks: new Map(tasks) };
}

describe('a run goes on without a person', () => {
  it('while something is at work, or begins or is skipped in a moment', () => {
    for (const text of [
      'a waiting, b active',
      'a waiting, b pending',
      'a waiting, b completed, c pending < b',
      'a waiting, b failed, c pending < a b',
      'a waiting, b pending < gone',
      'a completed, b failed',
    ])
      assert.equal(waitsForPerson(running(text)), undefined, text);
    assert.equal(waitsForPerson({ ...running('a waiting'), phase: 'answering' }), undefined);
  });

  it('no more when all that could go on waits for a word, or the plan for approval', () => {
    assert.deepEqual(waitsForPerson(running('a waiting, b pending < a, c completed, d waiting, e failed')), ['a', 'd']);
    assert.equal(waitsForPerson({ ...running('a pending'), phase: 'approving' }), 'plan');
  });
});
