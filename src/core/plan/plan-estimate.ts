/**
 * What a plan will take, estimated before it runs. Pure: who does a task, how long its inputs are and how fast a backend was
 * lately come from outside; estimate-work.ts says what calls a task makes.
 *
 * The low end takes what goes well: short replies, few turns, one round. The high end takes replies to their limits and as
 * many turns as work of that kind usually has. Failures, retries and the time that a person takes are in neither.
 */
import type { BackendDescription } from '../backend.ts';
import type { PlanEstimate, Range, TaskEstimate } from './estimate.ts';
import { add, answerWork, briefTokens, cap, costOf, later, NONE, same, workOf, type Pace } from './estimate-work.ts';
import type { TaskSpec } from './plan.ts';

export interface EstimateOptions {
  /** Where a task would go as things are now; undefined: nothing fits. */
  readonly place: (task: TaskSpec) => { readonly backend: BackendDescription } | undefined;
  /** Tokens of a task's inputs. */
  readonly inputTokens: (task: TaskSpec) => Range | number;
  /** What is known of a backend's speed, by its id. */
  readonly pace: (backend: string) => Pace | undefined;
  /** Results become one answer in a call of its own. */
  readonly synthesis: boolean;
  /** Who writes that, and does what nothing else fits. */
  readonly answerer: BackendDescription | undefined;
}

interface Sized {
  readonly estimate: TaskEstimate;
  /** Tokens that a dependent is given. */
  readonly result: Range;
  readonly backend: BackendDescription | undefined;
  readonly busyMs: Range;
}

/** Tasks in a way round are left out: such a plan cannot run. */
export function estimatePlan(tasks: readonly TaskSpec[], options: EstimateOptions): PlanEstimate {
  const sized = new Map<string, Sized>();
  const ends = new Map<string, Range>();
  let path = NONE;
  for (const task of inOrder(tasks)) {
    const results = task.dependsOn.flatMap((id) => sized.get(id)?.result ?? []);
    const one = sizeTask(task, results.reduce(add, NONE), options);
    const begin = task.dependsOn.flatMap((id) => ends.get(id) ?? []).reduce(later, NONE);
    const end = add(begin, one.estimate.ms);
    sized.set(task.id, one);
    ends.set(task.id, end);
    path = later(path, end);
  }
  const all = [...sized.values()];
  const answer = options.synthesis ? answerCost(all, options) : [];
  const counted = [...all.map(({ estimate }) => estimate), ...answer];
  return {
    tasks: Object.fromEntries(
      tasks.flatMap(({ id }) => {
        const estimate = sized.get(id)?.estimate;
        return estimate === undefined ? [] : [[id, estimate]];
      }),
    ),
    total: {
      tokens: counted.map(({ tokens }) => tokens).reduce(add, NONE),
      usd: counted.map(({ usd }) => usd ?? NONE).reduce(add, NONE),
      ms: answer.map(({ ms }) => ms).reduce(add, later(path, slotsMs(all))),
    },
    isUsdKnown: counted.every(({ usd }) => usd !== null),
  };
}

/** Each after all that it depends on. */
function inOrder(tasks: readonly TaskSpec[]): readonly TaskSpec[] {
  const users = new Map<string, TaskSpec[]>(tasks.map(({ id }) => [id, []]));
  const open = new Map(tasks.map(({ id, dependsOn }) => [id, dependsOn.filter((need) => users.has(need)).length]));
  for (const task of tasks) for (const need of task.dependsOn) users.get(need)?.push(task);
  const ready = tasks.filter(({ id }) => open.get(id) === 0);
  for (const { id } of ready) {
    for (const user of users.get(id) ?? []) {
      const left = (open.get(user.id) ?? 0) - 1;
      open.set(user.id, left);
      if (left === 0) ready.push(user);
    }
  }
  return ready;
}

function sizeTask(task: TaskSpec, results: Range, options: EstimateOptions): Sized {
  const placed = options.place(task)?.backend;
  // What nothing fits goes back to the orchestrator, unless the plan names who has to do it.
  const backend = placed ?? (task.target === undefined ? options.answerer : undefined);
  if (backend === undefined)
    return { estimate: { backend: null, tokens: NONE, usd: NONE, ms: NONE }, result: NONE, backend, busyMs: NONE };
  const given = options.inputTokens(task);
  const inputs = typeof given === 'number' ? same(given) : given;
  const work = workOf(task, { brief: add(results, same(briefTokens(task))), inputs }, backend);
  const { tokens, usd, ms, busyMs } = costOf(work, backend, options.pace(backend.id));
  const within = {
    usd: usd === null ? null : cap(usd, task.maxUsd),
    ms: cap(ms, task.maxMs),
  };
  return {
    estimate: { backend: placed?.id ?? null, tokens, ...within },
    result: work.result,
    backend,
    busyMs: cap(busyMs, task.maxMs),
  };
}

function answerCost(
  all: readonly Sized[],
  { answerer, pace }: EstimateOptions,
): readonly Pick<TaskEstimate, 'tokens' | 'usd' | 'ms'>[] {
  const results = all.map(({ result }) => result).reduce(add, NONE);
  return [costOf(answerWork(results, answerer), answerer, answerer === undefined ? undefined : pace(answerer.id))];
}

/** However wide the plan is, a backend does its work in no more calls at once than it takes. */
function slotsMs(all: readonly Sized[]): Range {
  const busy = new Map<string, { readonly slots: number; readonly ms: Range }>();
  for (const { backend, busyMs } of all) {
    if (backend === undefined) continue;
    const { ms = NONE } = busy.get(backend.id) ?? {};
    busy.set(backend.id, { slots: Math.max(1, backend.maxConcurrency), ms: add(ms, busyMs) });
  }
  return [...busy.values()]
    .map(({ slots, ms }): Range => ({ low: ms.low / slots, high: ms.high / slots }))
    .map(({ low, high }): Range => ({ low: Math.round(low), high: Math.round(high) }))
    .reduce(later, NONE);
}
