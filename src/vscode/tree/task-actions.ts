/**
 * The commands by which a person changes tasks and plans: menus, keys, the mouse, other code.
 *
 * Owns: finding what a command is about, telling what came of it. Does not own: what is allowed, and doing it
 * (orchestrator.act), what is asked first (task-wishes.ts).
 *
 * 1. Each command resolves with what was done; undefined: it was not done, and the person has been told why or wanted it so.
 * 2. A command is one wish, however many tasks are selected: what was refused of it is told beside what was done.
 */
import * as vscode from 'vscode';
import { oneLine } from '../../app/safe-text.ts';
import { systemClock } from '../../base/clock.ts';
import { failure } from '../../core/failure.ts';
import type { ActionDone, PersonAction } from '../../core/person-action.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { CLICK_ROW, COMMANDS, SELECTING_BY_KEY } from '../ids.ts';
import { loadRun } from '../runs/load-run.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { commandTarget, noTarget, type CommandTarget } from './task-target.ts';
import { TASK_WISHES, type Wish } from './task-wishes.ts';
import type { TreeNode } from './tree-nodes.ts';

/** The tree as the commands need it. */
export interface TreeHandle {
  selection(): readonly TreeNode[];
  /** Shows the row and selects it, without taking the focus. */
  reveal(run: string, task?: string): Promise<void>;
}

const TELL_MS = 6_000;
const RUN_WISHES: Readonly<Record<string, PersonAction>> = {
  [COMMANDS.undoPlanEdit]: { kind: 'undo-plan' },
  [COMMANDS.cancelRun]: { kind: 'cancel' },
};
export class TaskActions {
  readonly #deps: ShellDeps;
  readonly #tree: TreeHandle;

  constructor(deps: ShellDeps, tree: TreeHandle) {
    this.#deps = deps;
    this.#tree = tree;
  }

  register(): vscode.Disposable {
    const commands: readonly (readonly [string, (target: CommandTarget) => Promise<ActionDone | undefined>])[] = [
      ...Object.entries(TASK_WISHES).map(
        ([id, wish]) => [id, (target: CommandTarget) => this.#onTasks(target, wish)] as const,
      ),
      ...Object.entries(RUN_WISHES).map(([id, wish]) => [id, ({ run }: CommandTarget) => this.act(run, wish)] as const),
    ];
    return vscode.Disposable.from(
      vscode.commands.registerCommand(SELECTING_BY_KEY, () =>
        this.#deps.clicks.selectingByKey(systemClock.monotonicMs(), this.#tree.selection()),
      ),
      vscode.commands.registerCommand(CLICK_ROW, (command: string, ...args: readonly unknown[]) =>
        this.#deps.clicks.isOfKey(undefined, systemClock.monotonicMs())
          ? undefined
          : vscode.commands.executeCommand(command, ...args),
      ),
      ...commands.map(([id, action]) =>
        vscode.commands.registerCommand(id, (...given: readonly unknown[]) => this.#command(given, action)),
      ),
    );
  }

  /** Does it and tells what came of it. */
  async act(run: string, wish: PersonAction): Promise<ActionDone | undefined> {
    const { orchestrator } = await this.#deps.engine.open();
    const done = await orchestrator.act(run, wish);
    if (!done.ok) {
      this.#deps.tell(done.error);
      return undefined;
    }
    await this.#told(run, done.value);
    return done.value;
  }

  async #command(
    given: readonly unknown[],
    action: (target: CommandTarget) => Promise<ActionDone | undefined>,
  ): Promise<ActionDone | undefined> {
    const of = given.length === 0 ? this.#deps.clicks.takeRowsOfKey() : given;
    const target = commandTarget(of, this.#tree.selection());
    if (target === undefined) {
      this.#deps.tell(noTarget(given));
      return undefined;
    }
    try {
      return await action(target);
    } catch (error) {
      this.#deps.tell(error);
      return undefined;
    }
  }

  async #onTasks({ run, tasks: ids, value }: CommandTarget, wish: Wish): Promise<ActionDone | undefined> {
    const opened = await this.#deps.engine.open();
    const loaded = await loadRun(opened, run);
    if (!loaded.ok) {
      this.#deps.tell(loaded.error);
      return undefined;
    }
    const { state, liveness, isHere } = loaded.value;
    const tasks = ids.flatMap((id) => state.tasks.get(id) ?? []);
    const isForRun = wish === TASK_WISHES[COMMANDS.addTask] && ids.length === 0;
    if (tasks.length === 0 && !isForRun) {
      this.#deps.tell(
        failure('rejected', noTask(state, ids), { whatToDo: 'Use this command on a task of the Orchestrator view.' }),
      );
      return undefined;
    }
    const action = await wish({ opened, state, liveness, isHere, tasks: inOrder(state, tasks), value });
    return action === undefined ? undefined : this.act(run, action);
  }

  async #told(asked: string, { run, task, what, left }: ActionDone): Promise<void> {
    vscode.window.setStatusBarMessage(`$(check) ${oneLine(what, 160).replaceAll('$(', '$ (')}`, TELL_MS);
    if (left !== undefined) this.#deps.tell(left);
    if (run !== asked || task !== undefined) await this.#tree.reveal(run, task);
  }
}

function noTask(state: RunState, ids: readonly string[]): string {
  const [first] = ids;
  if (first === undefined) return 'No task was named.';
  return state.turns.has(first)
    ? `"${state.turns.get(first)?.title ?? first}" is a turn of the orchestrator, and no task that could be changed.`
    : `The plan has no task ${first}.`;
}

/** The one that was clicked stays the first, the others as in the plan. */
function inOrder(state: RunState, tasks: readonly TaskState[]): readonly TaskState[] {
  const [clicked, ...others] = tasks;
  const chosen = new Set(others.map(({ id }) => id));
  const rest = [...state.tasks.values()].filter(({ id }) => chosen.has(id));
  return clicked === undefined ? [] : [clicked, ...rest];
}
