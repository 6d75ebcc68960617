/**
 * Which tasks of a plan may start, and which comes first.
 *
 * Owns: what waits for what, and what can no longer run. Does not own: slots, calls, time, retries.
 *
 * 1. A task is ready when all it depends on completed, and at once when they have (no waves).
 * 2. A failed or cancelled task skips only those that need it, directly or through others.
 * 3. A terminal task never changes.
 * 4. Ready tasks come longest remaining path first, then in the plan's order.
 */
import { invariant } from '../base/assert.ts';

export interface SchedulerTask {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

export type ScheduleStatus = 'waiting' | 'ready' | 'started' | 'completed' | 'failed' | 'skipped';

export interface Skip {
  readonly task: string;
  /** The task whose failure is the cause. */
  readonly because: string;
}

export class Scheduler {
  readonly #status = new Map<string, ScheduleStatus>();
  readonly #dependents = new Map<string, string[]>();
  readonly #openDependencies = new Map<string, number>();
  readonly #remainingPath: ReadonlyMap<string, number>;
  readonly #order = new Map<string, number>();

  /** The tasks must form a directed acyclic graph whose names are all known (a checked plan). */
  constructor(tasks: readonly SchedulerTask[]) {
    for (const [index, task] of tasks.entries()) {
      const dependencies = new Set(task.dependsOn);
      this.#order.set(task.id, index);
      this.#status.set(task.id, dependencies.size === 0 ? 'ready' : 'waiting');
      this.#openDependencies.set(task.id, dependencies.size);
      for (const dependency of dependencies) {
        const list = this.#dependents.get(dependency) ?? [];
        list.push(task.id);
        this.#dependents.set(dependency, list);
      }
    }
    this.#remainingPath = remainingPaths(tasks, this.#dependents);
  }

  /** Tasks on the longest path from this one to an end, itself included. */
  remainingPath(task: string): number {
    return this.#remainingPath.get(task) ?? 0;
  }

  status(task: string): ScheduleStatus | undefined {
    return this.#status.get(task);
  }

  ready(): readonly string[] {
    return [...this.#status]
      .filter(([, status]) => status === 'ready')
      .map(([id]) => id)
      .sort(
        (a, b) =>
          this.remainingPath(b) - this.remainingPath(a) || (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0),
      );
  }

  get isDone(): boolean {
    return [...this.#status.values()].every(
      (status) => status === 'completed' || status === 'failed' || status === 'skipped',
    );
  }

  start(task: string): void {
    invariant(this.#status.get(task) === 'ready', `task ${task} started while ${this.#status.get(task)}`);
    this.#status.set(task, 'started');
  }

  /** Also used for work that an earlier process completed: then the task need not have been started. */
  complete(task: string): void {
    const before = this.#status.get(task);
    invariant(before === 'started' || before === 'ready', `task ${task} completed while ${before}`);
    this.#status.set(task, 'completed');
    for (const dependent of this.#dependents.get(task) ?? []) {
      const open = (this.#openDependencies.get(dependent) ?? 0) - 1;
      this.#openDependencies.set(dependent, open);
      if (open === 0 && this.#status.get(dependent) === 'waiting') this.#status.set(dependent, 'ready');
    }
  }

  /** Returns what can no longer run, in the plan's order. */
  fail(task: string): readonly Skip[] {
    const before = this.#status.get(task);
    invariant(before === 'started' || before === 'ready', `task ${task} failed while ${before}`);
    this.#status.set(task, 'failed');
    const skipped: Skip[] = [];
    const queue = [...(this.#dependents.get(task) ?? [])];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (this.#status.get(next) !== 'waiting') continue;
      this.#status.set(next, 'skipped');
      skipped.push({ task: next, because: task });
      queue.push(...(this.#dependents.get(next) ?? []));
    }
    return skipped.sort((a, b) => (this.#order.get(a.task) ?? 0) - (this.#order.get(b.task) ?? 0));
  }
}

/** Kahn's order from the ends, so that a chain of any length needs no recursion. */
function remainingPaths(
  tasks: readonly SchedulerTask[],
  dependents: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, number> {
  const dependencies = new Map(tasks.map((task) => [task.id, [...new Set(task.dependsOn)]]));
  const open = new Map(tasks.map((task) => [task.id, dependents.get(task.id)?.length ?? 0]));
  const length = new Map(tasks.map((task) => [task.id, 1]));
  const queue = tasks.filter((task) => open.get(task.id) === 0).map((task) => task.id);
  let settled = 0;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    settled += 1;
    for (const dependency of dependencies.get(next) ?? []) {
      length.set(dependency, Math.max(length.get(dependency) ?? 1, (length.get(next) ?? 1) + 1));
      const left = (open.get(dependency) ?? 0) - 1;
      open.set(dependency, left);
      if (left === 0) queue.push(dependency);
    }
  }
  invariant(settled === tasks.length, 'the plan has a cycle or an unknown dependency');
  return length;
}
