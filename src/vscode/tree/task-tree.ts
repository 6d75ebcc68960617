/**
 * The "Tasks" view: runs, newest first, and under them the plan turn, the tasks and the answer turn, live.
 *
 * 1. VS Code is told of changes at most every 250 ms, and only of the rows that changed.
 * 2. Nothing is loaded before the view is looked at; a run of the journal when its row is opened, and it is forgotten when the
 *    row is closed.
 * 3. While someone can see the view, the list of runs is read again every 2 s when a run of another process runs, else every
 *    5 s; the rows of such a run, when it is open, follow it live.
 * 4. Once a second the tasks that run are written anew, for their time passes; only while someone can see them, and not in
 *    the 10 s after a hover was asked for: VS Code closes a hover when anything of its run is drawn again. Never
 *    runs and tasks with others below them: until VS Code has asked for the children of a row again it does not know them,
 *    and what a person does with one of them would come to nothing. So a run shows no time while it runs.
 */
import * as vscode from 'vscode';
import { noticeText } from '../../app/safe-text.ts';
import { systemClock } from '../../base/clock.ts';
import { plural } from '../../base/plural.ts';
import { ChangeBatch } from '../change-batch.ts';
import { COMMANDS, VIEWS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { subtaskUri } from '../documents/subtask-uri.ts';
import { TaskActions, type TreeHandle } from './task-actions.ts';
import { TaskDrag } from './task-drag.ts';
import { TaskTreeModel } from './task-tree-model.ts';
import type { Changed, TreeNode } from './tree-nodes.ts';
import { isSubtask, TreeRows } from './tree-rows.ts';

const REFRESH_EVERY_MS = 250;
const TICK_MS = 1_000;
const READ_HOVER_MS = 10_000;
const ASKED_WITHIN_MS = 200;
const LIST_WHILE_OTHERS_RUN_MS = 2_000;
const LIST_MS = 5_000;

export function registerTaskTree(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const tree: TaskTree = new TaskTree(deps, {
    selection: () => tree.selection(),
    reveal: (run, task) => tree.reveal(run, task),
  });
  context.subscriptions.push(
    tree,
    tree.actions.register(),
    vscode.window.registerFileDecorationProvider(tree.dimming),
    vscode.commands.registerCommand(COMMANDS.refreshTasks, () => tree.reload()),
    vscode.commands.registerCommand(COMMANDS.moreRuns, () => tree.more()),
    deps.runSignals.deleted.event((run) => tree.forget(run)),
    deps.runSignals.reveal.event((run) => {
      tree.reveal(run).catch(deps.tell);
    }),
  );
}

class TaskTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #model: TaskTreeModel;
  readonly #rows: TreeRows;
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #changed = new ChangeBatch<Changed>({ everyMs: REFRESH_EVERY_MS, clock: systemClock }, (changed) =>
    this.#refresh(changed),
  );
  readonly #didChange = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly #didDim = new vscode.EventEmitter<vscode.Uri[]>();
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.#didChange.event;
  /** Rows of cancelled and skipped tasks are gray. */
  readonly dimming: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: this.#didDim.event,
    provideFileDecoration: (uri) => this.#rows.decoration(uri),
  };
  #list: Promise<void> | undefined;
  #cancelTick: (() => void) | undefined;
  #tickNotBeforeMs = 0;
  #cancelList: (() => void) | undefined;
  readonly #cancelAfterExpanding = new Set<() => void>();
  readonly actions: TaskActions;

  constructor(deps: ShellDeps, handle: TreeHandle) {
    this.#deps = deps;
    this.actions = new TaskActions(deps, handle);
    this.#model = new TaskTreeModel((changed) => this.#onChange(changed));
    this.#rows = new TreeRows(this.#model);
    this.#view = vscode.window.createTreeView(VIEWS.tasks, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
      dragAndDropController: new TaskDrag(deps, this.actions),
    });
    // An extension host that died leaves its badge behind; VS Code is told only of what is another than before.
    this.#view.badge = { value: 0, tooltip: '' };
    this.#view.badge = undefined;
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#didChange,
      this.#didDim,
      { dispose: () => this.#model.dispose() },
      { dispose: () => this.#cancelTick?.() },
      { dispose: () => this.#cancelList?.() },
      { dispose: () => this.#cancelAfterExpanding.forEach((cancel) => cancel()) },
      deps.engine.onDidOpen((opened) => this.#model.attach(opened)),
      deps.proposals.onDidChange((run) => this.#rows.stale.delete(run)),
      this.#view.onDidChangeVisibility(({ visible }) => this.#onVisible(visible)),
      this.#view.onDidExpandElement(({ element }) => this.#onExpanded(element)),
      this.#view.onDidCollapseElement(({ element }) => {
        if (element.kind === 'run') this.#model.close(element.run);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  /** Reads what is shown of the journal's list of runs again, and all rows. */
  reload(): void {
    this.#rows.stale.clear();
    this.#deps.proposals.lookAgain();
    this.#list = undefined;
    this.#changed.add('root');
    this.#tick();
  }

  /** Older runs. */
  async more(): Promise<void> {
    const loaded = await this.#model.loadMore();
    if (!loaded.ok) this.#deps.tell(loaded.error);
  }

  /** It was deleted. */
  forget(run: string): void {
    this.#model.forget(run);
    this.reload();
  }

  selection(): readonly TreeNode[] {
    return this.#view.selection;
  }

  async reveal(run: string, task?: string): Promise<void> {
    await this.#deps.engine.open();
    const found = await this.#model.include(run);
    if (!found.ok) return this.#deps.tell(found.error);
    const row = this.#model.nodes.run(run);
    // A task's row is found through its parents, which are known once its run was read.
    if (task !== undefined) await this.#model.children(row);
    const node = task === undefined ? row : this.#model.nodes.task(run, task);
    try {
      await this.#view.reveal(node, { select: true, focus: false, expand: true });
    } catch (error) {
      // Meanwhile it was deleted, or its rows are being drawn anew.
      this.#deps.log.info(`A row is not shown: ${String(error)}`);
    }
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    try {
      await this.#deps.engine.open();
      if (node === undefined) {
        this.#list ??= this.#loadRuns('all');
        await this.#list;
        return [...this.#model.top()];
      }
      if (node.kind === 'edits') await this.#lookForStale(node.run);
      const children = await this.#model.children(node);
      if (children.ok) return [...children.value];
      this.#deps.tell(children.error);
    } catch (error) {
      this.#deps.tell(error);
    }
    return [];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.#model.parent(node);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return this.#rows.item(node);
  }

  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    if (node.kind === 'more') return item;
    item.tooltip = new vscode.MarkdownString(this.#rows.tooltip(node));
    this.#tickNotBeforeMs = systemClock.monotonicMs() + READ_HOVER_MS;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#tick();
    return item;
  }

  /** Reads every file of the proposal: only when its rows are looked at. */
  async #lookForStale(run: string): Promise<void> {
    const isOpen = [...(this.#model.edits(run)?.files.values() ?? [])].some(({ status }) => status === 'open');
    if (!isOpen) return;
    const reviewed = await this.#deps.proposals.open(run);
    // What is wrong with the whole is told by whoever decides about it; the rows are there anyway.
    if (!reviewed.ok) return;
    const stale = reviewed.value.files.flatMap((one) =>
      one.stale === undefined ? [] : [[one.file.path, one.stale] as const],
    );
    this.#rows.stale.set(run, new Map(stale));
  }

  async #loadRuns(what: 'newest' | 'all'): Promise<void> {
    const loaded = await this.#model.loadRuns(systemClock.wallMs(), what);
    this.#view.message = loaded.ok
      ? ''
      : noticeText(`Earlier runs cannot be read: ${loaded.error.message} ${loaded.error.whatToDo}`);
    this.#listAgain();
  }

  /** Runs of other processes come and end. */
  #listAgain(): void {
    this.#cancelList?.();
    this.#cancelList = undefined;
    if (!this.#view.visible) return;
    const waitMs = this.#model.hasOthersRunning() ? LIST_WHILE_OTHERS_RUN_MS : LIST_MS;
    this.#cancelList = systemClock.schedule(waitMs, () => {
      this.#loadRuns('newest').catch(this.#deps.tell);
    });
  }

  #onVisible(isVisible: boolean): void {
    this.#model.watch(isVisible);
    if (isVisible && this.#list !== undefined) this.reload();
    else this.#tick();
  }

  /**
   * VS Code keeps the children of a row that it shows again; what they stood for was forgotten. Of a row that it shows first
   * it asks for them, now or in a moment; told meanwhile that the row has changed it would lose those below them.
   */
  #onExpanded(node: TreeNode): void {
    if (node.kind !== 'run') return;
    const cancel = systemClock.schedule(ASKED_WITHIN_MS, () => {
      this.#cancelAfterExpanding.delete(cancel);
      if (!this.#model.isOpen(node.run)) this.#changed.add(node);
    });
    this.#cancelAfterExpanding.add(cancel);
  }

  #onChange(changed: readonly Changed[]): void {
    this.#changed.add(...changed);
    this.#tick();
  }

  #refresh(changed: readonly Changed[]): void {
    this.#view.badge = this.#badge();
    const nodes = changed.filter((one): one is TreeNode => one !== 'root');
    this.#didDim.fire(nodes.filter(isSubtask).map(subtaskUri));
    this.#didChange.fire(nodes.length < changed.length ? undefined : nodes);
  }

  #badge(): vscode.ViewBadge | undefined {
    const waiting = this.#model.waiting().length;
    if (waiting > 0)
      return { value: waiting, tooltip: `${plural(waiting, 'task')} ${waiting === 1 ? 'waits' : 'wait'} for you` };
    const active = this.#model.active().length;
    if (active === 0) return undefined;
    return { value: active, tooltip: `${plural(active, 'task')} ${active === 1 ? 'is' : 'are'} running` };
  }

  #tick(): void {
    if (this.#cancelTick !== undefined || !this.#view.visible || this.#model.active().length === 0) return;
    const waitMs = Math.max(TICK_MS, this.#tickNotBeforeMs - systemClock.monotonicMs());
    this.#cancelTick = systemClock.schedule(waitMs, () => {
      this.#cancelTick = undefined;
      this.#changed.add(...this.#model.active().filter((node) => !this.#model.hasChildren(node)));
      this.#tick();
    });
  }
}
