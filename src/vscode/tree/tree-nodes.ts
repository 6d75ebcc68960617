/**
 * What the rows of the task tree stand for.
 *
 * Owns: the one object of each row. VS Code compares objects, so the same run or task must always be the same one.
 *
 * 1. What is forgotten of a run is made anew when it is looked at again: only runs that are open take memory.
 */

export interface RunNode {
  readonly kind: 'run';
  readonly run: string;
}

export interface TaskNode {
  readonly kind: 'task';
  readonly run: string;
  readonly task: string;
}

/** The proposal of a run. */
export interface EditsNode {
  readonly kind: 'edits';
  readonly run: string;
}

/** One file of a proposal. */
export interface EditNode {
  readonly kind: 'edit';
  readonly run: string;
  readonly path: string;
}

/** Older runs than those that are shown. */
export interface MoreNode {
  readonly kind: 'more';
}

/** A row of one run. */
export type RunPartNode = RunNode | TaskNode | EditsNode | EditNode;
export type TreeNode = RunPartNode | MoreNode;

/** `root`: the list of runs itself changed. */
export type Changed = TreeNode | 'root';

export const MORE: MoreNode = { kind: 'more' };

interface NodesOfRun {
  readonly run: RunNode;
  readonly edits: EditsNode;
  readonly tasks: Map<string, TaskNode>;
  readonly files: Map<string, EditNode>;
}

export class TreeNodes {
  readonly #runs = new Map<string, NodesOfRun>();

  run(run: string): RunNode {
    return this.#of(run).run;
  }

  task(run: string, task: string): TaskNode {
    const { tasks } = this.#of(run);
    const known = tasks.get(task) ?? { kind: 'task', run, task };
    tasks.set(task, known);
    return known;
  }

  edits(run: string): EditsNode {
    return this.#of(run).edits;
  }

  edit(run: string, path: string): EditNode {
    const { files } = this.#of(run);
    const known = files.get(path) ?? { kind: 'edit', run, path };
    files.set(path, known);
    return known;
  }

  /** What is under the run; the row of the run itself stays. */
  forgetParts(run: string): void {
    const known = this.#runs.get(run);
    known?.tasks.clear();
    known?.files.clear();
  }

  forget(run: string): void {
    this.#runs.delete(run);
  }

  get size(): number {
    return [...this.#runs.values()].reduce((sum, { tasks, files }) => sum + 2 + tasks.size + files.size, 0);
  }

  #of(run: string): NodesOfRun {
    const known = this.#runs.get(run);
    if (known !== undefined) return known;
    const made: NodesOfRun = {
      run: { kind: 'run', run },
      edits: { kind: 'edits', run },
      tasks: new Map(),
      files: new Map(),
    };
    this.#runs.set(run, made);
    return made;
  }
}
