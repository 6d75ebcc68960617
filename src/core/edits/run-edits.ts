import type { RunState, TaskState } from '../run-state.ts';
import type { TaskEdits } from './merged-file.ts';
import { MergedFiles } from './merged-files.ts';
import { overlayOf, type Overlay } from './overlay.ts';

/** The edits of a run at one moment, task upon task. A task that has not completed contributes nothing. Merges when asked. */
export class RunEdits {
  readonly #tasks: ReadonlyMap<string, TaskState>;
  readonly #overlays = new Map<string, Overlay>();
  readonly #below = new Map<string, MergedFiles>();
  /** Completed tasks that edited something, each after those it depends on, else in the plan's order. */
  readonly #order: readonly TaskState[];

  constructor(state: Pick<RunState, 'tasks'>) {
    this.#tasks = state.tasks;
    this.#order = inOrder(state.tasks).filter(({ status, edits }) => status === 'completed' && edits.length > 0);
  }

  all(): MergedFiles {
    return this.#merge(this.#order);
  }

  /** What a task sees before its own edits. */
  below(task: string): MergedFiles {
    const known = this.#below.get(task);
    if (known !== undefined) return known;
    const needed = this.ancestors(task);
    const merged = this.#merge(this.#order.filter(({ id }) => needed.has(id)));
    this.#below.set(task, merged);
    return merged;
  }

  overlay(task: TaskState): Overlay {
    const known = this.#overlays.get(task.id);
    if (known !== undefined) return known;
    const overlay = overlayOf(task);
    this.#overlays.set(task.id, overlay);
    return overlay;
  }

  /** Ids of the tasks that a task depends on, directly or not. */
  ancestors(task: string): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [task];
    for (let id = open.pop(); id !== undefined; id = open.pop())
      for (const needed of this.#tasks.get(id)?.spec?.dependsOn ?? []) {
        if (found.has(needed)) continue;
        found.add(needed);
        open.push(needed);
      }
    return found;
  }

  /** Why the edits cannot be merged, for a person; `of` undefined: of all completed tasks. */
  missing(of?: ReadonlySet<string>): readonly string[] {
    return this.#order.filter(({ id }) => of?.has(id) ?? true).flatMap((task) => this.overlay(task).missing);
  }

  #merge(tasks: readonly TaskState[]): MergedFiles {
    return new MergedFiles(
      tasks.map((task): TaskEdits => ({
        task: task.id,
        title: task.title,
        overlay: this.overlay(task),
        below: this.below(task.id),
        ancestors: this.ancestors(task.id),
      })),
    );
  }
}

/** Dependencies first, else the order of the plan. */
function inOrder(tasks: ReadonlyMap<string, TaskState>): readonly TaskState[] {
  const order = new Set<TaskState>();
  const entered = new Set<string>();
  const add = (id: string): void => {
    const task = tasks.get(id);
    if (task === undefined || entered.has(id)) return;
    entered.add(id);
    for (const needed of task.spec?.dependsOn ?? []) add(needed);
    order.add(task);
  };
  for (const id of tasks.keys()) add(id);
  return [...order];
}
