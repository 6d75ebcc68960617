/**
 * What the task tree holds: the runs of this process (live folds of the engine) and those of the journal, a page at a time.
 *
 * Owns: which rows there are and which of them changed. Does not own: the state of runs (the engine and the feed fold it),
 * the look of a row, timing.
 *
 * 1. A run that the engine has is shown from the engine, never from the journal.
 * 2. The journal is read only when someone looks: its list by `loadRuns`, a run when its row is opened.
 * 3. What is kept of a run of the journal is forgotten when its row is closed.
 */
import type { RunFeed } from '../../app/run-feed.ts';
import type { RunFolders } from '../../app/run-folders.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Subscription } from '../../base/emitter.ts';
import type { RunSeen } from '../../core/control/whose-folder.ts';
import type { Failure } from '../../core/failure.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import { ANSWER_TASK, PLAN_TASK } from '../../core/plan/plan.ts';
import type { Journal, RunSummary } from '../../core/ports.ts';
import type { RunEvent } from '../../core/run-event.ts';
import type { ProposalState, RunState, TaskState } from '../../core/run-state.ts';
import { waitsForUser } from '../../core/waiting.ts';
import { ListedRuns, type ListChange } from '../runs/listed-runs.ts';
import { OpenedRuns, type OpenRun } from '../runs/opened-runs.ts';
import { taskIndex } from './task-index.ts';
import { changedBetween, changedBy } from './tree-changes.ts';
import { MORE, TreeNodes, type Changed, type RunNode, type TaskNode, type TreeNode } from './tree-nodes.ts';

export interface TreeSource {
  readonly orchestrator: Pick<Orchestrator, 'runs' | 'state' | 'handle' | 'onEvent'>;
  readonly journal: Pick<Journal, 'listRuns' | 'readRun' | 'summary'>;
  readonly feed: RunFeed;
  readonly folders: Pick<RunFolders, 'isHere' | 'onChange'>;
}

/** A run as it can be shown: whole, or its line in the journal's list. */
export type ShownRun =
  | ({ readonly kind: 'state'; readonly state: RunState } & RunSeen)
  | { readonly kind: 'summary'; readonly summary: RunSummary; readonly isHere: boolean };

export interface ShownTask extends RunSeen {
  readonly task: TaskState;
  readonly state: RunState;
}

export class TaskTreeModel {
  readonly #onChange: (changed: readonly Changed[]) => void;
  readonly #listed = new ListedRuns();
  readonly nodes = new TreeNodes();
  #source: TreeSource | undefined;
  #opened: OpenedRuns | undefined;
  #subscriptions: readonly Subscription[] = [];
  /** Of the oldest page that was read whole: own runs that ended before and are not listed were deleted. */
  #listedAtMs = 0;

  constructor(onChange: (changed: readonly Changed[]) => void) {
    this.#onChange = onChange;
  }

  attach(source: TreeSource): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#opened?.closeAll();
    this.#source = source;
    this.#opened = new OpenedRuns({
      ...source,
      onChange: (_run, now, before) => this.#onChange(changedBetween(before, now, this.nodes)),
    });
    this.#subscriptions = [
      source.orchestrator.onEvent((event) => this.#onEvent(event)),
      source.folders.onChange(() => this.#onChange(['root'])),
    ];
    this.#onChange(['root']);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#opened?.closeAll();
    this.#source = undefined;
  }

  /** Reads the newest page of the journal's list, or all that was read of it, and says what is different. `nowMs`: wall time. */
  async loadRuns(nowMs: number, what: 'newest' | 'all' = 'newest'): Promise<Result<null, Failure>> {
    if (this.#source === undefined) return ok(null);
    const { journal } = this.#source;
    const change = await (what === 'all' ? this.#listed.reload(journal) : this.#listed.refresh(journal));
    if (!change.ok) return change;
    this.#listedAtMs = nowMs;
    this.#tellList(change.value);
    return ok(null);
  }

  async loadMore(): Promise<Result<null, Failure>> {
    if (this.#source === undefined) return ok(null);
    const change = await this.#listed.more(this.#source.journal);
    if (!change.ok) return change;
    this.#tellList(change.value);
    return ok(null);
  }

  /** Makes the run one that is shown, however old it is. False: there is none. */
  async include(run: string): Promise<Result<boolean, Failure>> {
    if (this.#source === undefined || this.shown(run) !== undefined) return ok(this.#source !== undefined);
    const summary = await this.#source.journal.summary(run);
    if (!summary.ok) return summary;
    if (summary.value !== undefined && this.#listed.name(summary.value)) this.#onChange(['root']);
    return ok(summary.value !== undefined);
  }

  /** The newest first, then what leads to more of them. */
  top(): readonly TreeNode[] {
    return [...this.runs(), ...(this.#listed.hasMore ? [MORE] : [])];
  }

  /** Newest first. */
  runs(): readonly RunNode[] {
    const own = (this.#source?.orchestrator.runs() ?? []).filter((state) => !this.#isDeleted(state));
    const ownIds = new Set(own.map(({ run }) => run));
    const others = this.#listed.all().filter(({ run }) => !ownIds.has(run));
    return [...own, ...others].sort((a, b) => b.startedAtMs - a.startedAtMs).map(({ run }) => this.nodes.run(run));
  }

  shown(run: string): ShownRun | undefined {
    const open = this.#own(run) ?? this.#opened?.get(run);
    if (open !== undefined) return { kind: 'state', ...open, isHere: this.#isHere(open.state) };
    const summary = this.#listed.get(run);
    return summary === undefined ? undefined : { kind: 'summary', summary, isHere: this.#isHere(summary) };
  }

  task(node: TaskNode): ShownTask | undefined {
    const shown = this.shown(node.run);
    if (shown?.kind !== 'state') return undefined;
    const { state, liveness, isHere } = shown;
    const task = state.tasks.get(node.task) ?? state.turns.get(node.task);
    return task === undefined ? undefined : { task, state, liveness, isHere };
  }

  edits(run: string): ProposalState | undefined {
    const shown = this.shown(run);
    return shown?.kind === 'state' ? (shown.state.proposal ?? undefined) : undefined;
  }

  /** The plan turn, the tasks without a parent, the answer turn, the edits; or what is under one of these. */
  async children(node: TreeNode): Promise<Result<readonly TreeNode[], Failure>> {
    if (node.kind === 'more' || node.kind === 'edit') return ok([]);
    const opened = await this.#open(node.run);
    if (!opened.ok) return opened;
    if (opened.value === undefined) return ok([]);
    const { state } = opened.value;
    if (node.kind === 'edits')
      return ok([...(state.proposal?.files.keys() ?? [])].map((path) => this.nodes.edit(node.run, path)));
    const index = taskIndex(state);
    const asNodes = (ids: readonly string[]): readonly TaskNode[] => ids.map((id) => this.nodes.task(node.run, id));
    if (node.kind === 'task') return ok(asNodes(index.childrenOf(node.task)));
    const turn = (id: string): readonly TaskNode[] => (state.turns.has(id) ? asNodes([id]) : []);
    return ok([
      ...turn(PLAN_TASK),
      ...asNodes(index.roots),
      ...turn(ANSWER_TASK),
      ...(state.proposal === null ? [] : [this.nodes.edits(node.run)]),
    ]);
  }

  hasChildren(node: TaskNode): boolean {
    const shown = this.shown(node.run);
    return shown?.kind === 'state' && taskIndex(shown.state).childrenOf(node.task).length > 0;
  }

  parent(node: TreeNode): TreeNode | undefined {
    if (node.kind === 'run' || node.kind === 'more') return undefined;
    if (node.kind === 'edits') return this.nodes.run(node.run);
    if (node.kind === 'edit') return this.nodes.edits(node.run);
    const shown = this.shown(node.run);
    const parent = shown?.kind === 'state' ? taskIndex(shown.state).parentOf(node.task) : undefined;
    return parent === undefined ? this.nodes.run(node.run) : this.nodes.task(node.run, parent);
  }

  /** Was it read, or is it being read? */
  isOpen(run: string): boolean {
    return this.isOwn(run) || this.#opened?.has(run) === true;
  }

  /** The row was closed. */
  close(run: string): void {
    if (this.isOwn(run)) return;
    this.#opened?.close(run);
    this.nodes.forgetParts(run);
  }

  /** It is no longer in the record. */
  forget(run: string): void {
    this.#opened?.close(run);
    this.#listed.drop(run);
    this.nodes.forget(run);
  }

  /** Runs of other processes are followed only while somebody sees them. */
  watch(isWatched: boolean): void {
    this.#opened?.watch(isWatched);
  }

  /** Tasks and turns of this process that are being worked on. */
  active(): readonly TaskNode[] {
    return this.#ownTasks(({ status }) => status === 'active');
  }

  /** Tasks of this process that wait for the user. */
  waiting(): readonly TaskNode[] {
    return this.#ownTasks(waitsForUser);
  }

  isOwn(run: string): boolean {
    return this.#own(run) !== undefined;
  }

  /** Does a run of another process run, as far as the list that was read last tells? */
  hasOthersRunning(): boolean {
    return this.#listed.all().some(({ run, liveness }) => liveness === 'running' && !this.isOwn(run));
  }

  #isHere({ workspace }: Pick<RunState, 'workspace'>): boolean {
    return this.#source?.folders.isHere(workspace) === true;
  }

  #onEvent(event: RunEvent): void {
    const own = this.#own(event.run);
    if (own === undefined) this.#opened?.apply(event);
    this.#onChange(changedBy(event, own?.state ?? this.#opened?.get(event.run)?.state, this.nodes));
  }

  #tellList({ others: comeAndGone, isOtherEnd, changed }: ListChange): void {
    // What follows a run may have seen its owner go when the list, read less often, did not; and the other way round.
    const outdated = this.#listed.all().filter((summary) => this.#opened?.isOutdated(summary) === true);
    for (const { run } of outdated) this.#opened?.close(run);
    const others = new Set([...changed, ...outdated].flatMap(({ run }) => (this.isOwn(run) ? [] : [run])));
    // Runs of this process are there since they began.
    if (isOtherEnd || comeAndGone.some((run) => !this.isOwn(run))) this.#onChange(['root']);
    else if (others.size > 0) this.#onChange([...others].map((run) => this.nodes.run(run)));
  }

  #isDeleted({ run, phase, startedAtMs, endedAtMs }: RunState): boolean {
    if (phase !== 'finished' || (endedAtMs ?? 0) >= this.#listedAtMs || this.#listed.get(run) !== undefined)
      return false;
    const oldest = this.#listed.oldest();
    return !this.#listed.hasMore || startedAtMs > (oldest?.startedAtMs ?? 0);
  }

  /** The engine keeps the fold of a run that stopped here unfinished; somebody else may have gone on with it. */
  #own(run: string): OpenRun | undefined {
    const state = this.#source?.orchestrator.state(run);
    if (state === undefined) return undefined;
    if (state.phase === 'finished') return { state, liveness: 'finished' };
    return this.#source?.orchestrator.handle(run) === undefined ? undefined : { state, liveness: 'running' };
  }

  #ownTasks(isMeant: (task: TaskState, state: RunState) => boolean): readonly TaskNode[] {
    const running = (this.#source?.orchestrator.runs() ?? []).filter(
      ({ run, phase }) => phase !== 'finished' && this.isOwn(run),
    );
    return running.flatMap((state) =>
      [...state.turns.values(), ...state.tasks.values()].flatMap((task) =>
        isMeant(task, state) ? [this.nodes.task(state.run, task.id)] : [],
      ),
    );
  }

  async #open(run: string): Promise<Result<OpenRun | undefined, Failure>> {
    const own = this.#own(run);
    if (own !== undefined || this.#opened === undefined) return ok(own);
    return this.#opened.open(run, this.#listed.get(run));
  }
}
