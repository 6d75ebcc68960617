/**
 * The tasks of a batch that can run, and of the others why not. Pure.
 *
 * 1. A malformed task is an error of its own: the others run.
 * 2. Of tasks that need each other in a circle none runs; what needs a task that cannot run cannot run either, and says which.
 */
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import { findCycle } from '../core/plan/plan-cycle.ts';
import { faultText } from '../core/plan/plan-fault-text.ts';
import type { TaskSpec } from '../core/plan/plan.ts';
import { unknownAgent } from './call-agent.ts';
import { specOf } from './start-plan.ts';
import { batchItem, type BatchItem } from './tool-schemas.ts';

export type PlannedItem =
  | { readonly kind: 'runs'; readonly spec: TaskSpec }
  | { readonly kind: 'faulty'; readonly why: string };

const FIELDS = Object.keys(batchItem.shape);
const EXAMPLE = '{"task": "..."}';
const MOST_FAULTS = 5;

/** One for each item, in their order. */
export function planBatch(
  items: readonly unknown[],
  { agents, ...how }: { readonly isBackground: boolean; readonly agents: readonly AgentProfile[] },
): readonly PlannedItem[] {
  const read = items.map((item, index) => readItem(item, index, { count: items.length, agents }));
  const faults = new Map(read.flatMap((item, index) => (typeof item === 'string' ? [[index, item] as const] : [])));
  nameCycles(read, faults);
  nameDependents(read, faults);
  return read.map((item, index): PlannedItem => {
    const why = faults.get(index);
    if (why !== undefined || typeof item === 'string') return { kind: 'faulty', why: why ?? '' };
    const dependsOn = needsOf(item).map(itemId);
    return { kind: 'runs', spec: specOf(item, { id: itemId(index), dependsOn, ...how }) };
  });
}

/** The task's id in the plan. */
export function itemId(index: number): string {
  return `item-${index}`;
}

/** The item, or what is wrong with it. */
function readItem(
  raw: unknown,
  index: number,
  { count, agents }: { readonly count: number; readonly agents: readonly AgentProfile[] },
): BatchItem | string {
  const label = `tasks[${index}]`;
  const shape = batchItem.safeParse(raw);
  if (!shape.success)
    return shape.error.issues
      .slice(0, MOST_FAULTS)
      .map((issue) => faultText({ label, raw, fields: FIELDS, example: EXAMPLE }, issue))
      .join(' ');
  const agent = unknownAgent(shape.data.agent, agents);
  if (agent !== undefined) return `${label}.agent: ${agent.message} ${agent.whatToDo}`;
  const needs = needsOf(shape.data);
  if (needs.includes(index)) return `${label}: it depends on itself; remove that.`;
  const beyond = needs.find((need) => need >= count);
  if (beyond !== undefined)
    return `${label}: dependsOn names ${beyond}, and the last task is ${count - 1}; places count from 0.`;
  return shape.data;
}

function needsOf({ dependsOn }: BatchItem): readonly number[] {
  return [...new Set(dependsOn ?? [])];
}

type ReadItems = readonly (BatchItem | string)[];

/** Each circle is taken out when it was named, so that the next one is found. */
function nameCycles(items: ReadItems, faults: Map<number, string>): void {
  for (;;) {
    const open = items.flatMap((item, index) =>
      typeof item === 'string' || faults.has(index) ? [] : [{ index, needs: needsOf(item) }],
    );
    const cycle = findCycle(
      open.map(({ index, needs }) => [String(index), needs.filter((need) => !faults.has(need)).map(String)]),
    );
    if (cycle === undefined) return;
    const text = `dependsOn makes a cycle: ${cycle.join(' -> ')}; take one of these dependencies away.`;
    for (const index of new Set(cycle)) faults.set(Number(index), `tasks[${index}]: ${text}`);
  }
}

function nameDependents(items: ReadItems, faults: Map<number, string>): void {
  const users = new Map<number, number[]>();
  for (const [index, item] of items.entries()) {
    if (typeof item === 'string') continue;
    for (const need of needsOf(item)) users.set(need, [...(users.get(need) ?? []), index]);
  }
  const open = [...faults.keys()];
  for (let need = open.shift(); need !== undefined; need = open.shift()) {
    for (const user of users.get(need) ?? []) {
      if (faults.has(user)) continue;
      faults.set(user, `tasks[${user}]: it needs the result of tasks[${need}], which cannot run; mend that one.`);
      open.push(user);
    }
  }
}
