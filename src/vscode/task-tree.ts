/**
 * The "Tasks" view: runs, newest first, and under them the plan turn, the tasks and the answer turn, live.
 *
 * 1. VS Code is told of changes at most every 250 ms, and only of the rows that changed.
 * 2. Nothing is loaded before the view is looked at.
 * 3. Runs of other processes are read again every 2 s, while one of them runs and someone can see the view.
 * 4. Once a second the rows that run are written anew, for their time passes; only while someone can see them, and not in
 *    the 10 s after a hover was asked for: VS Code closes a hover when anything of its run is drawn again.
 */
import * as vscode from 'vscode';
import { noticeText } from '../app/safe-text.ts';
import { unreachable } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { ChangeBatch } from './change-batch.ts';
import { editRow, editsRow, editTooltip, type EditView } from './edit-text.ts';
import { COMMANDS, SUBTASK_SCHEME, VIEWS } from './ids.ts';
import type { ShellDeps } from './shell-deps.ts';
import { parseSubtaskUri, subtaskUri } from './subtask-uri.ts';
import { TaskTreeModel, type Changed, type EditNode, type RunNode, type TreeNode } from './task-tree-model.ts';
import { runRow, runTooltip, summaryRow, taskRow, taskTooltip, type Row } from './task-tree-text.ts';

const REFRESH_EVERY_MS = 250;
const TICK_MS = 1_000;
const READ_HOVER_MS = 10_000;
const FOLLOW_MS = 2_000;

export function registerTaskTree(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const tree = new TaskTree(deps);
  context.subscriptions.push(
    tree,
    vscode.window.registerFileDecorationProvider(tree.dimming),
    vscode.commands.registerCommand(COMMANDS.refreshTasks, () => tree.reload()),
  );
}

class TaskTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #model: TaskTreeModel;
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
    provideFileDecoration: (uri) => this.#decoration(uri),
  };
  /** Why open edits do not stand on what is there now, as far as somebody looked; by run and path. */
  readonly #stale = new Map<string, ReadonlyMap<string, string>>();
  #history: Promise<void> | undefined;
  #cancelTick: (() => void) | undefined;
  #tickNotBeforeMs = 0;
  #cancelFollow: (() => void) | undefined;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#model = new TaskTreeModel((changed) => this.#onChange(changed));
    this.#view = vscode.window.createTreeView(VIEWS.tasks, { treeDataProvider: this, showCollapseAll: true });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#didChange,
      this.#didDim,
      { dispose: () => this.#model.dispose() },
      { dispose: () => this.#cancelTick?.() },
      { dispose: () => this.#cancelFollow?.() },
      deps.engine.onDidOpen((opened) => this.#model.attach(opened)),
      deps.proposals.onDidChange((run) => this.#stale.delete(run)),
      // Runs of other processes may have come or ended meanwhile.
      this.#view.onDidChangeVisibility(({ visible }) =>
        visible && this.#history !== undefined ? this.reload() : this.#tick(),
      ),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  /** Reads the journal's list of runs again. */
  reload(): void {
    this.#history = undefined;
    this.#stale.clear();
    this.#deps.proposals.lookAgain();
    this.#changed.add('root');
    this.#tick();
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    try {
      await this.#deps.engine.open();
      if (node === undefined) {
        this.#history ??= this.#loadHistory();
        await this.#history;
        return [...this.#model.runs()];
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
    const row = this.#row(node);
    if (row === undefined) return new vscode.TreeItem('No longer there');
    const item = new vscode.TreeItem(row.label, this.#collapsible(node));
    item.id = idOf(node);
    item.description = row.description;
    item.iconPath = new vscode.ThemeIcon(row.icon.name, new vscode.ThemeColor(row.icon.color));
    item.contextValue = row.contextValue;
    item.accessibilityInformation = { label: row.spoken };
    if (isSubtask(node)) item.resourceUri = subtaskUri(node);
    item.command = commandOf(node);
    return item;
  }

  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    item.tooltip = new vscode.MarkdownString(this.#tooltip(node));
    this.#tickNotBeforeMs = systemClock.monotonicMs() + READ_HOVER_MS;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#tick();
    return item;
  }

  #collapsible(node: TreeNode): vscode.TreeItemCollapsibleState {
    if (node.kind === 'edit') return vscode.TreeItemCollapsibleState.None;
    if (node.kind === 'edits') return vscode.TreeItemCollapsibleState.Collapsed;
    if (node.kind === 'task')
      return this.#model.hasChildren(node)
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.None;
    return this.#model.isOwn(node.run)
      ? vscode.TreeItemCollapsibleState.Expanded
      : vscode.TreeItemCollapsibleState.Collapsed;
  }

  #row(node: TreeNode): Row | undefined {
    const nowMs = systemClock.wallMs();
    if (node.kind === 'task') {
      const found = this.#model.task(node);
      return found === undefined ? undefined : taskRow(found.task, found.state, { nowMs, liveness: found.liveness });
    }
    if (node.kind === 'edit') {
      const edit = this.#edit(node);
      return edit === undefined ? undefined : editRow(edit);
    }
    if (node.kind === 'edits') {
      const proposal = this.#model.edits(node.run);
      return proposal === undefined ? undefined : editsRow(proposal);
    }
    const shown = this.#model.shown(node.run);
    if (shown === undefined) return undefined;
    return shown.kind === 'summary'
      ? summaryRow(shown.summary)
      : runRow(shown.state, { nowMs, liveness: shown.liveness, isElsewhere: !this.#model.isOwn(node.run) });
  }

  #tooltip(node: TreeNode): string {
    const nowMs = systemClock.wallMs();
    if (node.kind === 'task') {
      const found = this.#model.task(node);
      return found === undefined ? '' : taskTooltip(found.task, found.state, { nowMs, liveness: found.liveness });
    }
    const shown = this.#model.shown(node.run);
    if (node.kind === 'edit') {
      const edit = this.#edit(node);
      return edit === undefined || shown?.kind !== 'state' ? '' : editTooltip(edit, shown.state);
    }
    return shown?.kind === 'state' ? runTooltip(shown.state, { nowMs, liveness: shown.liveness }) : '';
  }

  #edit({ run, path }: EditNode): EditView | undefined {
    const file = this.#model.edits(run)?.files.get(path);
    return file === undefined ? undefined : { ...file, stale: this.#stale.get(run)?.get(path) };
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
    this.#stale.set(run, new Map(stale));
  }

  #decoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== SUBTASK_SCHEME) return undefined;
    const address = parseSubtaskUri(uri);
    if (address === undefined) return undefined;
    const row = this.#row(
      address.task === undefined
        ? { kind: 'run', run: address.run }
        : { kind: 'task', run: address.run, task: address.task },
    );
    return row?.isDimmed === true
      ? { color: new vscode.ThemeColor('disabledForeground'), propagate: false }
      : undefined;
  }

  async #loadHistory(): Promise<void> {
    const loaded = await this.#model.loadHistory();
    this.#view.message = loaded.ok
      ? ''
      : noticeText(`Earlier runs cannot be read: ${loaded.error.message} ${loaded.error.whatToDo}`);
    this.#followOthers();
  }

  #followOthers(): void {
    this.#cancelFollow?.();
    this.#cancelFollow = undefined;
    if (!this.#view.visible || !this.#model.hasOthersRunning()) return;
    this.#cancelFollow = systemClock.schedule(FOLLOW_MS, () => this.reload());
  }

  #onChange(changed: readonly Changed[]): void {
    this.#changed.add(...changed);
    this.#tick();
  }

  #refresh(changed: readonly Changed[]): void {
    const active = this.#model.active();
    this.#view.badge =
      active.length === 0
        ? undefined
        : {
            value: active.length,
            tooltip: active.length === 1 ? '1 task is running' : `${active.length} tasks are running`,
          };
    const nodes = changed.filter((one): one is TreeNode => one !== 'root');
    this.#didDim.fire(nodes.filter(isSubtask).map(subtaskUri));
    this.#didChange.fire(nodes.length < changed.length ? undefined : nodes);
  }

  #tick(): void {
    if (this.#cancelTick !== undefined || !this.#view.visible || this.#model.active().length === 0) return;
    const waitMs = Math.max(TICK_MS, this.#tickNotBeforeMs - systemClock.monotonicMs());
    this.#cancelTick = systemClock.schedule(waitMs, () => {
      this.#cancelTick = undefined;
      const active = this.#model.active();
      const runs = new Set<RunNode>(active.map(({ run }) => this.#model.runNode(run)));
      this.#changed.add(...active, ...runs);
      this.#tick();
    });
  }
}

type Subtask = Extract<TreeNode, { readonly kind: 'run' | 'task' }>;

function isSubtask(node: TreeNode): node is Subtask {
  return node.kind === 'run' || node.kind === 'task';
}

function idOf(node: TreeNode): string {
  const head = `${node.kind}:${node.run}`;
  if (node.kind === 'task') return `${head}/${node.task}`;
  return node.kind === 'edit' ? `${head}/${node.path}` : head;
}

/** What a click does. */
function commandOf(node: TreeNode): vscode.Command {
  switch (node.kind) {
    case 'run':
      return { command: COMMANDS.openTask, title: 'Open', arguments: [node.run] };
    case 'task':
      return { command: COMMANDS.openTask, title: 'Open', arguments: [node.run, node.task] };
    case 'edits':
      return { command: COMMANDS.reviewEdits, title: 'Review', arguments: [node.run] };
    case 'edit':
      return { command: COMMANDS.openEditDiff, title: 'Open Diff', arguments: [node.run, node.path] };
    default:
      return unreachable(node);
  }
}
