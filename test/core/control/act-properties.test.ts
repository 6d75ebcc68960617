import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PersonAction } from '../../../src/core/person-action.ts';
import { MODES, type TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunEvent } from '../../../src/core/run-event.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import { allCalls, isTerminal, type RunState } from '../../../src/core/run-state.ts';
import { addSpend, NO_SPEND } from '../../../src/core/spend.ts';
import { engineFixture } from '../../support/engine-fixture.ts';
import { fc, propertyOptions, seededRandom } from '../../support/properties.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';

type Random = () => number;

function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  assert.ok(item !== undefined);
  return item;
}

function randomPlan(random: Random): readonly TaskSpec[] {
  return Array.from({ length: 1 + Math.floor(random() * 7) }, (_, index) => ({
    id: `t${index}`,
    title: `T${index}`,
    objective: 'Do it.',
    mode: random() < 0.6 ? 'autonomous' : pick(random, MODES),
    dependsOn: Array.from({ length: index }, (__, before) => `t${before}`).filter(() => random() < 0.3),
    inputs: [],
  }));
}

function randomAction(random: Random, state: RunState): PersonAction {
  const task = pick(random, [...state.tasks.keys()]);
  const several = [...state.tasks.keys()].filter((id) => id === task || random() < 0.5);
  return pick<() => PersonAction>(random, [
    () => ({ kind: 'say', task, text: random() < 0.3 ? '' : 'Use tabs.' }),
    () => ({ kind: 'stop-task', task, keep: random() < 0.5 }),
    () => ({ kind: 'retry', task, ...(random() < 0.3 ? { target: 'b' } : {}) }),
    () => ({ kind: 'mark-done', task, result: 'By hand.' }),
    () => ({ kind: 'stop-task', task: several, keep: random() < 0.5 }),
    () => ({ kind: 'retry', task: several, ...(random() < 0.3 ? { target: 'b' } : {}) }),
    () => ({ kind: 'mark-done', task: several, result: 'By hand.' }),
    () => ({
      kind: 'edit-plan',
      perTask: true,
      edits: several.map((id) => (random() < 0.5 ? { kind: 'remove', task: id } : { kind: 'clone', task: id })),
    }),
    () => ({ kind: 'continue', task, text: 'And more.' }),
    () => ({ kind: 'undo-plan' }),
    () => ({ kind: 'edit-plan', edits: [{ kind: 'set', task, fields: { mode: pick(random, MODES) } }] }),
    () => ({ kind: 'edit-plan', edits: [{ kind: 'set', task, fields: { objective: `Do it ${random()}.` } }] }),
    () => ({
      kind: 'edit-plan',
      edits: [{ kind: 'set', task, fields: { dependsOn: [pick(random, [...state.tasks.keys()])] } }],
    }),
    () => ({ kind: 'edit-plan', edits: [{ kind: 'clone', task }] }),
    () => ({ kind: 'edit-plan', edits: [{ kind: 'remove', task }] }),
    () => ({
      kind: 'edit-plan',
      edits: [{ kind: 'add', task: { title: 'New', objective: 'Do.', dependsOn: [task] } }],
    }),
    () => ({
      kind: 'edit-plan',
      edits: [{ kind: 'nest', task, parent: random() < 0.5 ? null : pick(random, [...state.tasks.keys()]) }],
    }),
    () => ({ kind: 'approve' }),
  ])();
}

/** Lets a random part of what can happen happen. */
async function someSteps(random: Random): Promise<void> {
  for (let step = Math.floor(random() * 30); step >= 0; step--) await Promise.resolve();
  if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
}

async function runWithWishes(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const answer = (): { readonly text: string } => ({ text: random() < 0.2 ? 'ASK THE USER: Which?' : 'Done.' });
  const slow = async (): Promise<{ readonly text: string }> => {
    await someSteps(random);
    return answer();
  };
  const backends = ['a', 'b'].map((id) => new ScriptedBackend({ id, maxConcurrency: 2 }, slow));
  const fixture = engineFixture({ backends });
  const tasks = randomPlan(random);
  const handle = await fixture.start(
    { text: 'go', plan: { request: 'go', tasks }, isDraft: random() < 0.5 },
    { synthesis: false },
  );
  const { run } = handle;
  const now = (): RunState | undefined => fixture.engine.state(run);
  const wishes = Array.from({ length: 12 }, async () => {
    await someSteps(random);
    const state = now();
    if (state !== undefined && state.tasks.size > 0 && state.phase !== 'finished')
      await fixture.engine.act(run, randomAction(random, state));
  });
  await Promise.all(wishes);
  // The person approves and answers whatever is left, so that it can end.
  let isOver = false;
  void handle.finished.then(() => (isOver = true));
  for (let step = 0; !isOver; step++) {
    assert.ok(step < 3_000, `seed ${seed}: the run does not end`);
    await new Promise((resolve) => setImmediate(resolve));
    await fixture.engine.act(run, { kind: 'approve' });
    for (const task of now()?.tasks.values() ?? [])
      if (task.status === 'waiting') await fixture.engine.act(run, { kind: 'say', task: task.id, text: 'Go on.' });
  }
  checkEnd(
    fixture.events.filter((event) => event.run === run),
    now(),
    backends,
  );
  assert.deepEqual(fixture.errors, []);
}

function checkEnd(
  events: readonly RunEvent[],
  state: RunState | undefined,
  backends: readonly ScriptedBackend[],
): void {
  assert.ok(state !== undefined);
  assert.deepEqual(foldRun(state.run, events), state, 'the record says the same as what was shown');
  assert.equal(events.at(-1)?.type, 'run.finished');
  for (const task of state.tasks.values())
    assert.ok(isTerminal(task.status), `${task.id} is ${task.status} at the end`);
  for (const task of state.tasks.values())
    if (task.status === 'completed' && !task.isMarked && task.calls.length > 0)
      for (const need of task.spec?.dependsOn ?? [])
        assert.equal(state.tasks.get(need)?.status, 'completed', `${task.id} completed without ${need}`);
  checkOrder(events, state);
  const calls = backends.flatMap((backend) => backend.calls.map(({ request }) => JSON.stringify(request.key)));
  assert.equal(new Set(calls).size, calls.length, 'no call is made twice under one key');
  assert.ok(backends.every(({ openCalls, peak }) => openCalls === 0 && peak <= 2));
  const removed = events.some((event) => event.type === 'plan.edited');
  const counted = [...state.tasks.values()]
    .flatMap(allCalls)
    .map(({ spent }) => spent)
    .reduce(addSpend, NO_SPEND);
  if (!removed) assert.equal(counted.iterations, state.spent.iterations, 'every call is counted in a task');
}

/** Each result was made from the results as they are, and what was skipped was skipped because of something. */
function checkOrder(events: readonly RunEvent[], state: RunState): void {
  for (const task of state.tasks.values()) {
    const needs = (task.spec?.dependsOn ?? []).map((id) => state.tasks.get(id)?.status);
    if (task.status === 'skipped')
      assert.ok(
        needs.some((status) => status !== undefined && status !== 'completed'),
        `${task.id} is skipped although all that it needs completed`,
      );
    if (task.status !== 'completed') continue;
    const keys = new Set(task.calls.map(({ key }) => JSON.stringify(key)));
    const begun = events.findIndex((event) => event.type === 'call.started' && keys.has(JSON.stringify(event.key)));
    for (const need of keys.size === 0 ? [] : (task.spec?.dependsOn ?? [])) {
      const made = events.findLastIndex(
        (event) => (event.type === 'task.completed' || event.type === 'task.marked') && event.task === need,
      );
      assert.ok(made < begun, `${task.id} was begun with an older result of ${need}`);
    }
  }
}

describe('a run whose user changes everything at any moment', () => {
  it('always ends, with a record that says the same, every call counted once and no task done before what it needs', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), runWithWishes), propertyOptions('wishes', 8));
  });
});
