import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withAgent } from '../../../src/core/agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import { applyChange, changeBetween, inverseChange, type PlanChange } from '../../../src/core/plan/plan-change.ts';
import { editPlan, type PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import { takenBack } from '../../../src/core/plan/plan-undo.ts';
import type { TaskFields } from '../../../src/core/plan/plan-fields.ts';
import { MODES, type TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunEvent, RunEventBody } from '../../../src/core/run-event.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/run-request.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { fc, propertyOptions, seededRandom } from '../../support/properties.ts';

const LIMITS = { maxTasks: 14, maxEdges: 24, targets: ['gpu', 'cloud'], agents: BUILT_IN_AGENTS };
const STEPS = 24;

type Random = () => number;

function pick<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}

/** Nested and in need of each other at random; the order is not that of the tree. */
function randomPlan(random: Random): readonly TaskSpec[] {
  const ids = Array.from({ length: 1 + Math.floor(random() * 9) }, (_, at) => `t${at}`);
  const tasks = ids.map((id, at): TaskSpec => {
    const before = ids.slice(0, at);
    const parent = random() < 0.5 ? before[Math.floor(random() * at)] : undefined;
    const spec: TaskSpec = {
      id,
      title: random() < 0.2 ? 'Same' : id.toUpperCase(),
      objective: `do ${id}`,
      mode: pick(random, MODES),
      dependsOn: before.filter(() => random() < 0.25).slice(0, 3),
      inputs: random() < 0.3 ? [{ path: `${id}.ts` }] : [],
      ...(parent === undefined ? {} : { parent }),
      ...(random() < 0.3 ? { edits: random() < 0.5 } : {}),
      ...(random() < 0.4 ? { agent: pick(random, ['coder', 'reviewer', 'reader']) } : {}),
    };
    return withAgent(spec, BUILT_IN_AGENTS);
  });
  return tasks.toSorted(() => random() - 0.5);
}

function someId(random: Random, tasks: readonly TaskSpec[]): string {
  const known = tasks[Math.floor(random() * tasks.length)]?.id ?? 't0';
  return random() < 0.05 ? pick(random, ['gone', '__proto__', 'constructor', '']) : known;
}

function randomFields(random: Random, tasks: readonly TaskSpec[]): TaskFields {
  const needs = Array.from({ length: Math.floor(random() * 4) }, () => someId(random, tasks));
  const all: Required<TaskFields> = {
    title: pick(random, ['Neu', 'Same', 'Ä é 日', '', 'x'.repeat(201)]),
    objective: pick(random, ['other', 'do it', '']),
    mode: pick(random, MODES),
    capability: pick(random, [null, 'code', ' Grunt ']),
    target: pick(random, [null, 'gpu', 'nowhere']),
    agent: pick(random, [null, 'coder', 'reviewer', 'nobody']),
    dependsOn: needs,
    inputs: pick(random, [[], [{ path: 'a.md' }], [{ text: 't' }, { path: 'b' }]]),
    deliverable: pick(random, [null, 'a file']),
    edits: pick(random, [null, true, false]),
    maxTokens: pick(random, [null, 100, 0]),
    maxUsd: pick(random, [null, 0.5, -1]),
    maxMs: pick(random, [null, 60_000, 0.5]),
  };
  return Object.fromEntries(Object.entries(all).filter(([key]) => random() < (key === 'dependsOn' ? 0.6 : 0.15)));
}

function randomEdit(random: Random, tasks: readonly TaskSpec[]): PlanEdit {
  const task = someId(random, tasks);
  const other = someId(random, tasks);
  const conversation = { messages: [{ role: 'assistant', text: 'so' }] } as const;
  switch (Math.floor(random() * 7)) {
    case 0:
      return { kind: 'set', task, fields: randomFields(random, tasks) };
    case 1: {
      const added = { ...randomFields(random, tasks), title: pick(random, ['Neu', 'T1', '日']) };
      return {
        kind: 'add',
        task: { ...added, ...(random() < 0.2 ? { id: other } : {}) },
        ...(random() < 0.6 ? { after: task } : {}),
      };
    }
    case 2:
      return { kind: 'remove', task };
    case 3:
      return { kind: 'clone', task, ...(random() < 0.5 ? { conversation } : {}) };
    case 4:
      return { kind: 'move', task, to: random() < 0.5 ? 'up' : 'down' };
    case 5: {
      const before = random() < 0.4 ? { before: someId(random, tasks) } : {};
      return { kind: 'nest', task, parent: random() < 0.3 ? null : other, ...before };
    }
    default: {
      const kept = tasks
        .filter(() => random() < 0.9)
        .map((one) => (random() < 0.2 ? { ...one, dependsOn: [other] } : one));
      return { kind: 'replace', tasks: random() < 0.5 ? kept.toReversed() : kept };
    }
  }
}

/** Takes away, round after round, what needs nothing that is left. */
function assertOrdered(tasks: readonly TaskSpec[], needs: (task: TaskSpec) => readonly string[]): void {
  let left = tasks;
  for (;;) {
    const ids = new Set(left.map(({ id }) => id));
    const next = left.filter((task) => needs(task).some((id) => ids.has(id)));
    if (next.length === left.length) break;
    left = next;
  }
  assert.deepEqual(left, [], 'no way round');
}

function assertPlan(tasks: readonly TaskSpec[]): void {
  assert.ok(tasks.length > 0 && tasks.length <= LIMITS.maxTasks);
  assert.ok(tasks.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0) <= LIMITS.maxEdges);
  assertOrderedPlan(tasks);
}

function assertOrderedPlan(tasks: readonly TaskSpec[]): void {
  const ids = new Set(tasks.map(({ id }) => id));
  assert.equal(ids.size, tasks.length, 'ids are unique');
  for (const { dependsOn, parent } of tasks)
    for (const id of [...dependsOn, ...(parent === undefined ? [] : [parent])])
      assert.ok(ids.has(id), `${id} is there`);
  assertOrdered(tasks, ({ dependsOn }) => dependsOn);
  assertOrdered(tasks, ({ parent }) => (parent === undefined ? [] : [parent]));
}

interface Walk {
  readonly first: readonly TaskSpec[];
  readonly last: readonly TaskSpec[];
  readonly changes: readonly PlanChange[];
  /** Takes back the change at the same place. */
  readonly inverses: readonly PlanChange[];
  readonly refused: number;
}

/** A worker of a supervisor: it needs what is there, and stands under it. */
function spawned(random: Random, tasks: readonly TaskSpec[], id: string): TaskSpec {
  const any = (): string => pick(random, ['t0', ...tasks.map((task) => task.id)]);
  const there = new Set(tasks.map((task) => task.id));
  const above = any();
  return {
    id,
    title: id,
    objective: `do ${id}`,
    mode: 'autonomous',
    dependsOn: [...new Set([any(), any()])].filter((one) => there.has(one)),
    inputs: [],
    ...(there.has(above) ? { parent: above } : {}),
  };
}

/** `spawns`: workers come meanwhile, whose coming nobody takes back. */
function walk(seed: number, spawns = false): Walk {
  const random = seededRandom(seed);
  const first = randomPlan(random);
  const changes: PlanChange[] = [];
  const inverses: PlanChange[] = [];
  let now = first;
  let refused = 0;
  for (let step = 0; step < STEPS; step++) {
    if (spawns && random() < 0.4 && now.length < 10) now = now.concat(spawned(random, now, `w${step}`));
    const edits = Array.from({ length: random() < 0.8 ? 1 : 2 }, () => randomEdit(random, now));
    const before = JSON.stringify(now);
    const edited = editPlan(now, edits, LIMITS);
    assert.equal(JSON.stringify(now), before, 'an edit changes no plan in its place');
    if (!edited.ok) {
      assert.equal(edited.error.reason, 'rejected');
      assert.ok(edited.error.message !== '' && edited.error.whatToDo !== '');
      refused += 1;
      continue;
    }
    const { tasks, what, added } = edited.value;
    assertPlan(tasks);
    assert.deepEqual(
      [...added].sort(),
      tasks
        .map(({ id }) => id)
        .filter((id) => !now.some((one) => one.id === id))
        .sort(),
    );
    const change = changeBetween(now, tasks, what);
    const meant = edits.map((edit) => (edit.kind === 'set' ? edit.task : undefined));
    if (!meant.includes(undefined))
      assert.deepEqual(
        change.put.filter(({ id }) => !meant.includes(id)),
        [],
        'the other tasks are as they were',
      );
    assert.equal(JSON.stringify(applyChange(now, change)), JSON.stringify(tasks), 'the change leads there');
    changes.push(change);
    inverses.push(inverseChange(now, change));
    now = tasks;
  }
  return { first, last: now, changes, inverses, refused };
}

function specsOf(state: RunState): readonly (TaskSpec | null)[] {
  return [...state.tasks.values()].map(({ spec }) => spec);
}

/** As they come out of a journal. */
function eventsOf(bodies: readonly RunEventBody[]): readonly RunEvent[] {
  return bodies.map((body, at) => {
    const event = { v: 1, run: 'r', seq: at + 1, at: at + 1, ...body };
    return JSON.parse(JSON.stringify(event)) as RunEvent;
  });
}

describe('any sequence of plan edits', () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 });

  it('keeps the plan a plan, and taking the changes back gives the first plan, byte for byte', () => {
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { first, last, inverses, changes, ...rest } = walk(seed);
        taken += changes.length;
        refused += rest.refused;
        const back = inverses.reduceRight<readonly TaskSpec[]>(applyChange, last);
        assert.equal(JSON.stringify(back), JSON.stringify(first));
      }),
      propertyOptions('edits and back', 2),
    );
    assert.ok(taken > refused / 10 && refused > taken / 10, `both happen: ${taken} taken, ${refused} refused`);
  });

  it('is taken back among workers that were spawned meanwhile, and what is left is a plan at every step', () => {
    let workers = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { first, last, inverses } = walk(seed, true);
        let now = last;
        for (const inverse of inverses.toReversed()) {
          now = applyChange(now, takenBack(now, inverse));
          assertOrderedPlan(now);
        }
        const own = new Set(first.map(({ id }) => id));
        workers += now.length - first.length;
        assert.equal(JSON.stringify(now.filter(({ id }) => own.has(id))), JSON.stringify(first));
      }),
      propertyOptions('edits and back among workers', 2),
    );
    assert.ok(workers > 0);
  });

  it('is taken back through the record as well, wherever one begins to', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const { first, changes } = walk(seed);
        const count = Math.floor(share * changes.length);
        const bodies: RunEventBody[] = [
          {
            type: 'run.started',
            request: 'q',
            context: '{}',
            source: 'test',
            options: DEFAULT_OPTIONS,
            workspace: 'w',
          },
          { type: 'plan.accepted', tasks: first },
          { type: 'plan.waiting', why: 'draft', estimate: null },
          ...changes.map((change): RunEventBody => ({ type: 'plan.edited', change, undoes: false })),
        ];
        // Some are taken back, others made again, then all are taken back.
        const undo = (): void => {
          const change = foldRun('r', eventsOf(bodies)).undo.at(-1);
          if (change !== undefined) bodies.push({ type: 'plan.edited', change, undoes: true });
        };
        for (let times = 0; times < count; times++) undo();
        const middle = foldRun('r', eventsOf(bodies));
        assert.equal(middle.undo.length, changes.length - count);
        const half = specsOf(middle).flatMap((spec) => spec ?? []);
        assert.equal(
          JSON.stringify(half),
          JSON.stringify(changes.slice(0, changes.length - count).reduce(applyChange, first)),
        );
        const edited = editPlan(half, [{ kind: 'add', task: { title: 'Again' } }], { ...LIMITS, maxTasks: 99 });
        assert.ok(edited.ok);
        bodies.push({ type: 'plan.edited', change: changeBetween(half, edited.value.tasks, 'again'), undoes: false });
        for (let times = 0; times <= changes.length - count; times++) undo();
        const end = foldRun('r', eventsOf(bodies));
        assert.equal(JSON.stringify(specsOf(end)), JSON.stringify(first));
        assert.deepEqual([end.undo, end.revision], [[], bodies.length - 3]);
      }),
      propertyOptions('edits through the record', 4),
    );
  });
});
