/**
 * What the task tree holds: the runs of this process (live folds of the engine) and the last ones of the journal.
 *
 * Owns: which nodes there are, their identity (the same object for the same run or task, for VS Code compares objects) and
 * which of them changed. Does not own: the state of runs (the engine folds it), the look of a row, timing.
 *
 * 1. A run that the engine holds is shown from the engine, never from the journal.
 * 2. The journal is read only when someone looks: its list by `loadHistory`, a run when it is opened in the tree.
 */
import { parentOf, taskForest, type TaskTree } from '../app/task-forest.ts';
import { unreachable } from '../base/assert.ts';
import { ok, type Result } from '../base/result.ts';
import type { Subscription } from '../base/emitter.ts';
import type { Failure } from '../core/failure.ts';
import type { Orchestrator } from '../core/orchestrator.ts';
import { ANSWER_TASK, PLAN_TASK } from '../core/plan.ts';
import type { Journal, RunLiveness, RunSummary } from '../core/ports.ts';
import type { RunEvent } from '../core/run-event.ts';
import { applyEvent, foldRun } from '../core/run-fold.ts';
import type { ProposalState, RunState, TaskState } from '../core/run-state.ts';

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

export type TreeNode = RunNode | TaskNode | EditsNode | EditNode;

/** `root`: the list of runs itself changed. */
export type Changed = TreeNode | 'root';

export interface TreeSource {
  readonly orchestrator: Pick<Orchestrator, 'runs' | 'state' | 'onEvent'>;
  readonly journal: Pick<Journal, 'listRuns' | 'readRun'>;
}

/** A run as it can be shown: whole, or its line in the journal's list. */
export type ShownRun =
  | { readonly kind: 'state'; readonly state: RunState; readonly liveness: RunLiveness }
  | { readonly kind: 'summary'; readonly summary: RunSummary };

const HISTORY_SHOWN = 50;
/** Longer texts stay references; a row shows none of them. */
const TEXTS_UP_TO_BYTES = 2_000;

export class TaskTreeModel {
  readonly #onChange: (changed: readonly Changed[]) => void;
  readonly #nodes = new Map<string, TreeNode>();
  readonly #history = new Map<string, RunSummary>();
  readonly #read = new Map<string, RunState>();
  #source: TreeSource | undefined;
  #subscription: Subscription | undefined;

  constructor(onChange: (changed: readonly Changed[]) => void) {
    this.#onChange = onChange;
  }

  attach(source: TreeSource): void {
    this.#subscription?.dispose();
    this.#source = source;
    this.#subscription = source.orchestrator.onEvent((event) => {
      this.#follow(event);
      this.#onChange(this.#changedBy(event));
    });
    this.#onChange(['root']);
  }

  dispose(): void {
    this.#subscription?.dispose();
    this.#source = undefined;
  }

  /** Reads the journal's list of runs. */
  async loadHistory(): Promise<Result<null, Failure>> {
    if (this.#source === undefined) return ok(null);
    const listed = await this.#source.journal.listRuns({ limit: HISTORY_SHOWN });
    if (!listed.ok) return listed;
    this.#history.clear();
    for (const [run, state] of this.#read) if (state.phase !== 'finished') this.#read.delete(run);
    for (const summary of listed.value) this.#history.set(summary.run, summary);
    return ok(null);
  }

  /** Newest first. */
  runs(): readonly RunNode[] {
    const own = (this.#source?.orchestrator.runs() ?? []).map((state) => ({
      run: state.run,
      startedAtMs: state.startedAtMs,
    }));
    const ownIds = new Set(own.map(({ run }) => run));
    const others = [...this.#history.values()].filter(({ run }) => !ownIds.has(run));
    return [...own, ...others].sort((a, b) => b.startedAtMs - a.startedAtMs).map(({ run }) => this.runNode(run));
  }

  shown(run: string): ShownRun | undefined {
    const own = this.#source?.orchestrator.state(run);
    if (own !== undefined)
      return { kind: 'state', state: own, liveness: own.phase === 'finished' ? 'finished' : 'running' };
    const summary = this.#history.get(run);
    const read = this.#read.get(run);
    if (read !== undefined) return { kind: 'state', state: read, liveness: summary?.liveness ?? 'finished' };
    return summary === undefined ? undefined : { kind: 'summary', summary };
  }

  task(
    node: TaskNode,
  ): { readonly task: TaskState; readonly state: RunState; readonly liveness: RunLiveness } | undefined {
    const shown = this.shown(node.run);
    if (shown?.kind !== 'state') return undefined;
    const task = shown.state.tasks.get(node.task) ?? shown.state.turns.get(node.task);
    return task === undefined ? undefined : { task, state: shown.state, liveness: shown.liveness };
  }

  edits(run: string): ProposalState | undefined {
    const shown = this.shown(run);
    return shown?.kind === 'state' ? (shown.state.proposal ?? undefined) : undefined;
  }

  /** The plan turn, the tasks without a parent, the answer turn, the edits; or what is under one of these. */
  async children(node: TreeNode): Promise<Result<readonly TreeNode[], Failure>> {
    const loaded = await this.#load(node.run);
    if (!loaded.ok) return loaded;
    const state = loaded.value;
    if (state === undefined || node.kind === 'edit') return ok([]);
    if (node.kind === 'edits')
      return ok([...(state.proposal?.files.keys() ?? [])].map((path) => this.#editNode(node.run, path)));
    const forest = taskForest(state);
    if (node.kind === 'task')
      return ok((find(forest, node.task)?.children ?? []).map(({ task }) => this.#taskNode(node.run, task.id)));
    const turn = (id: string): readonly TaskNode[] => (state.turns.has(id) ? [this.#taskNode(node.run, id)] : []);
    return ok([
      ...turn(PLAN_TASK),
      ...forest.map(({ task }) => this.#taskNode(node.run, task.id)),
      ...turn(ANSWER_TASK),
      ...(state.proposal === null ? [] : [this.editsNode(node.run)]),
    ]);
  }

  hasChildren(node: TaskNode): boolean {
    const shown = this.shown(node.run);
    return (
      shown?.kind === 'state' &&
      [...shown.state.tasks.values()].some((task) => parentOf(shown.state, task) === node.task)
    );
  }

  parent(node: TreeNode): TreeNode | undefined {
    if (node.kind === 'run') return undefined;
    if (node.kind === 'edits') return this.runNode(node.run);
    if (node.kind === 'edit') return this.editsNode(node.run);
    const found = this.task(node);
    const parent = found === undefined ? undefined : parentOf(found.state, found.task);
    return parent === undefined ? this.runNode(node.run) : this.#taskNode(node.run, parent);
  }

  /** Tasks and turns of this process that are being worked on. */
  active(): readonly TaskNode[] {
    const running = (this.#source?.orchestrator.runs() ?? []).filter((state) => state.phase !== 'finished');
    return running.flatMap((state) =>
      [...state.turns.values(), ...state.tasks.values()]
        .filter((task) => task.status === 'active')
        .map((task) => this.#taskNode(state.run, task.id)),
    );
  }

  isOwn(run: string): boolean {
    return this.#source?.orchestrator.state(run) !== undefined;
  }

  /** Does a run of another process run, as far as the list that was read last tells? */
  hasOthersRunning(): boolean {
    return [...this.#history.values()].some(({ run, liveness }) => liveness === 'running' && !this.isOwn(run));
  }

  runNode(run: string): RunNode {
    return this.#node(`run:${run}`, { kind: 'run', run });
  }

  editsNode(run: string): EditsNode {
    return this.#node(`edits:${run}`, { kind: 'edits', run });
  }

  #taskNode(run: string, task: string): TaskNode {
    return this.#node(`task:${run}/${task}`, { kind: 'task', run, task });
  }

  #editNode(run: string, path: string): EditNode {
    return this.#node(`edit:${run}/${path}`, { kind: 'edit', run, path });
  }

  /** The one object for this key; `made` when there was none. */
  #node<T extends TreeNode>(key: string, made: T): T {
    const known = this.#nodes.get(key);
    // A key names its kind.
    if (known?.kind === made.kind) return known as T;
    this.#nodes.set(key, made);
    return made;
  }

  /** What the user decides about a run that was read from the journal. */
  #follow(event: RunEvent): void {
    const read = this.#read.get(event.run);
    if (read !== undefined && !this.isOwn(event.run)) this.#read.set(event.run, applyEvent(read, event));
  }

  async #load(run: string): Promise<Result<RunState | undefined, Failure>> {
    const own = this.#source?.orchestrator.state(run);
    if (own !== undefined) return ok(own);
    const known = this.#read.get(run);
    // What another process still runs is read again each time someone looks.
    if (known?.phase === 'finished') return ok(known);
    if (this.#source === undefined) return ok(undefined);
    const events = await this.#source.journal.readRun(run, { textsUpToBytes: TEXTS_UP_TO_BYTES });
    if (!events.ok) return events;
    const folded = foldRun(run, events.value);
    const summary = this.#history.get(run);
    const state =
      typeof folded.request === 'string' || summary === undefined ? folded : { ...folded, request: summary.request };
    this.#read.set(run, state);
    return ok(state);
  }

  #changedBy(event: RunEvent): readonly Changed[] {
    const run = this.runNode(event.run);
    switch (event.type) {
      case 'run.started':
      case 'run.resumed':
        return ['root'];
      case 'call.started':
      case 'call.finished':
      case 'call.failed':
        return [run, this.#taskNode(event.run, event.key.task)];
      case 'route.decided':
      case 'budget.refused':
      case 'inputs.read':
      case 'task.started':
      case 'task.failed':
      case 'task.cancelled':
      case 'task.skipped':
        return [run, this.#taskNode(event.run, event.task)];
      case 'task.completed':
        return [run, this.#taskNode(event.run, event.task), ...this.#dependents(event.run, event.task)];
      case 'reading.planned':
      case 'tool.finished':
      case 'files.read':
      case 'edit.made':
      case 'edits.checked':
        return [this.#taskNode(event.run, event.task)];
      case 'proposal.made':
        return [run, this.editsNode(event.run)];
      case 'proposal.updated':
        return this.#editsChanged(event.run, [event.entry.path]);
      case 'proposal.applying':
      case 'proposal.applied':
      case 'proposal.not-applied':
      case 'proposal.discarded':
      case 'proposal.reverted':
        return this.#editsChanged(event.run, event.paths);
      case 'edit.based':
      case 'message.partial':
      case 'consent.asked':
      case 'consent.decided':
        return [];
      case 'backend.rested':
      case 'request.decided':
      case 'plan.rejected':
      case 'plan.accepted':
      case 'run.finished':
        return [run];
      default:
        return unreachable(event);
    }
  }

  #editsChanged(run: string, paths: readonly string[]): readonly TreeNode[] {
    return [this.runNode(run), this.editsNode(run), ...paths.map((path) => this.#editNode(run, path))];
  }

  /** Their rows say what they wait for. */
  #dependents(run: string, task: string): readonly TaskNode[] {
    const state = this.#source?.orchestrator.state(run);
    const dependents = [...(state?.tasks.values() ?? [])].filter((one) => one.spec?.dependsOn.includes(task) === true);
    return dependents.map((one) => this.#taskNode(run, one.id));
  }
}

function find(forest: readonly TaskTree[], id: string): TaskTree | undefined {
  for (const tree of forest) {
    const found = tree.task.id === id ? tree : find(tree.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
