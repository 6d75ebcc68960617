/** Which run and tasks a command is about. Commands are called on a row, by a key, or with ids by other code. */
import { failure, type Failure } from '../../core/failure.ts';
import type { TreeNode } from './tree-nodes.ts';

export interface CommandTarget {
  readonly run: string;
  /** Empty: the run itself. All are of the one run; the first is the one that was clicked. */
  readonly tasks: readonly string[];
  /** What the caller already knows, so that nobody is asked. */
  readonly value: unknown;
}

/** `(run, task?, value?)`, `(row, selected rows?)`, or nothing: then the selection counts. */
export function commandTarget(given: readonly unknown[], selection: readonly TreeNode[]): CommandTarget | undefined {
  const [first, second, value] = given;
  if (typeof first === 'string') return { run: first, tasks: typeof second === 'string' ? [second] : [], value };
  const rows = first === undefined ? selection : [first, ...selectedWith(first, second)];
  const [clicked, ...others] = rows.flatMap((row) => placeOf(row) ?? []);
  if (clicked === undefined) return undefined;
  const tasks = [clicked, ...others].flatMap(({ run, task }) =>
    run === clicked.run && task !== undefined ? [task] : [],
  );
  return { run: clicked.run, tasks: clicked.task === undefined ? [] : [...new Set(tasks)], value };
}

/** Of a command that was called with these, when there is nothing that it could be about. */
export function noTarget(given: readonly unknown[]): Failure {
  // VS Code knows no row between telling that rows changed and being asked for them again.
  if (given.length > 0 && given[0] === undefined)
    return failure('rejected', 'The row was being drawn anew.', { whatToDo: 'Do it again.' });
  return failure('rejected', 'No run was named.', { whatToDo: 'Use this command on a row of the Orchestrator view.' });
}

/** VS Code hands over the whole selection only when the row that was clicked belongs to it. */
function selectedWith(clicked: unknown, selected: unknown): readonly unknown[] {
  return Array.isArray(selected) && selected.includes(clicked) ? selected : [];
}

function placeOf(row: unknown): { readonly run: string; readonly task: string | undefined } | undefined {
  if (typeof row !== 'object' || row === null || !('run' in row) || typeof row.run !== 'string') return undefined;
  return { run: row.run, task: 'task' in row && typeof row.task === 'string' ? row.task : undefined };
}
