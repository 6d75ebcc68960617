/** Tasks that are dragged: dropped on a task they come under it, dropped on the run they come to the top. */
import { plural } from '../../base/plural.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { PersonAction } from '../../core/person-action.ts';
import type { RunState } from '../../core/run-state.ts';
import { editEach } from './group-wishes.ts';
import { taskIndex } from './task-index.ts';
import type { TreeNode } from './tree-nodes.ts';

/** What is dragged, as it travels with the mouse. */
export interface Dragged {
  readonly run: string;
  readonly tasks: readonly string[];
}

/** The tasks among the rows, of the first one's run; undefined: none of them can be dragged. */
export function draggedFrom(rows: readonly TreeNode[]): Dragged | undefined {
  const tasks = rows.flatMap((row) => (row.kind === 'task' && !row.task.startsWith('@') ? [row] : []));
  const [first] = tasks;
  if (first === undefined) return undefined;
  return { run: first.run, tasks: tasks.filter(({ run }) => run === first.run).map(({ task }) => task) };
}

/** The wish that does it; undefined when everything is there already. Cycles are for the engine to refuse. */
export function dropWish(
  { run, tasks }: Dragged,
  onto: TreeNode,
  state: RunState,
): Result<PersonAction | undefined, Failure> {
  if (onto.kind === 'more' || onto.run !== run)
    return err(
      failure('rejected', `${tasks.length === 1 ? 'A task' : plural(tasks.length, 'task')} cannot go to another run.`, {
        whatToDo: 'Drop it on a task of its own run, or on the row of that run.',
      }),
    );
  const parent = onto.kind === 'task' && !onto.task.startsWith('@') ? onto.task : null;
  const index = taskIndex(state);
  const moved = new Set(tasks);
  const isCarried = (task: string): boolean => {
    for (let at = index.parentOf(task); at !== undefined; at = index.parentOf(at)) if (moved.has(at)) return true;
    return false;
  };
  const isThere = (task: string): boolean => task === parent || (index.parentOf(task) ?? null) === parent;
  const going = tasks.filter((task) => !isCarried(task) && !isThere(task));
  return ok(editEach(going.map((task) => ({ kind: 'nest', task, parent }))));
}
