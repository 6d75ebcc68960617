/**
 * The "History" view: past runs by day, or what a search found.
 *
 * 1. Nothing is loaded before the view is looked at.
 * 2. Runs that begin and end in this process are taken up at most once a second, while the view is seen; those of others by the
 *    refresh button, and when the view is seen again.
 * 3. Of two searches the later one is shown.
 * 4. While the view is seen it is looked once a minute whether runs were removed for their age, by whatever process; and when a
 *    new day begins, what was today is drawn as yesterday.
 */
import * as vscode from 'vscode';
import { noticeText } from '../../app/safe-text.ts';
import { systemClock } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import type { Failure } from '../../core/failure.ts';
import { unreachable } from '../../base/assert.ts';
import { ChangeBatch } from '../change-batch.ts';
import { eachMidnight } from '../each-midnight.ts';
import { registerHistoryCommands } from './history-commands.ts';
import { HistoryModel, idOfHistoryNode, type HistoryNode, type HistoryRunNode } from './history-model.ts';
import { dayLabel, dayOf, foundRow, historyRow, searchMessage } from './history-text.ts';
import { COMMANDS, SEARCHING, VIEWS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { runTooltip } from '../tree/task-tree-text.ts';

const FOLLOW_EVERY_MS = 1_000;
const LOOK_FOR_REMOVED_MS = 60_000;
/** After these the line of a run reads differently. */
const TOLD = new Set([
  'run.started',
  'run.resumed',
  'plan.accepted',
  'plan.waiting',
  'plan.approved',
  'task.waiting',
  'message.said',
  'task.completed',
  'run.finished',
]);

export function registerHistory(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const history = new HistoryView(deps);
  const register = (id: string, action: (text: unknown) => Promise<unknown>): vscode.Disposable =>
    vscode.commands.registerCommand(id, (text: unknown) => action(text).catch(deps.tell));
  context.subscriptions.push(
    history,
    register(COMMANDS.searchHistory, (text) => history.search(typeof text === 'string' ? text : undefined)),
    register(COMMANDS.clearSearch, () => history.clearSearch()),
    register(COMMANDS.refreshHistory, () => history.reload()),
    register(COMMANDS.moreHistory, () => history.more()),
  );
  registerHistoryCommands(context, deps);
}

class HistoryView implements vscode.TreeDataProvider<HistoryNode>, vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #view: vscode.TreeView<HistoryNode>;
  readonly #didChange = new vscode.EventEmitter<HistoryNode[] | undefined>();
  readonly #followed = new ChangeBatch<'runs'>({ everyMs: FOLLOW_EVERY_MS, clock: systemClock }, () => this.#follow());
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.#didChange.event;
  #model: HistoryModel | undefined;
  #loading: Promise<HistoryModel | undefined> | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#view = vscode.window.createTreeView(VIEWS.history, { treeDataProvider: this, showCollapseAll: true });
    this.#subscriptions = [
      this.#view,
      this.#didChange,
      this.#followed,
      { dispose: () => this.#cancelLook?.() },
      { dispose: eachMidnight(systemClock, () => this.#show()) },
      deps.engine.onDidOpen(({ orchestrator, folders }) =>
        this.#subscriptions.push(
          orchestrator.onEvent(({ type }) => (TOLD.has(type) ? this.#followed.add('runs') : undefined)),
          folders.onChange(() => this.#show()),
        ),
      ),
      deps.runSignals.deleted.event((run) => {
        this.#model?.drop(run);
        this.#show();
      }),
      // Other processes may have begun and ended runs, and it may be another day.
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible && this.#model !== undefined) this.#told(this.reload());
        this.#lookForRemoved();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async reload(): Promise<void> {
    const model = await this.#load();
    if (model === undefined) return;
    const read = await model.reload();
    this.#show();
    this.#tell(read);
  }

  async more(): Promise<void> {
    if (this.#model === undefined) return;
    this.#tell(await this.#model.more());
    this.#didChange.fire(undefined);
  }

  /** Asks for the words when there are none. */
  async search(given: string | undefined): Promise<void> {
    const text = given ?? (await this.#askForWords());
    if (text === undefined) return;
    if (text.trim() === '') return this.clearSearch();
    await vscode.commands.executeCommand(`${VIEWS.history}.focus`);
    const model = await this.#load();
    if (model === undefined) return;
    const found = await model.find(text.trim());
    await this.#showSearch();
    this.#tell(found);
  }

  async clearSearch(): Promise<void> {
    this.#model?.clearSearch();
    await this.#showSearch();
  }

  async getChildren(node?: HistoryNode): Promise<HistoryNode[]> {
    try {
      const model = await this.#load();
      return model === undefined ? [] : [...model.children(node)];
    } catch (error) {
      this.#deps.tell(error);
      return [];
    }
  }

  getParent(node: HistoryNode): HistoryNode | undefined {
    return this.#model?.parent(node);
  }

  getTreeItem(node: HistoryNode): vscode.TreeItem {
    const item = this.#item(node);
    // What is open among the days is not what is open among things that were found.
    item.id = `${this.#model?.search === undefined ? 'list' : 'search'}:${idOfHistoryNode(node)}`;
    return item;
  }

  async resolveTreeItem(item: vscode.TreeItem, node: HistoryNode): Promise<vscode.TreeItem> {
    const opened = node.kind === 'run' ? this.#deps.engine.opened() : undefined;
    if (opened === undefined || node.kind !== 'run') return item;
    const looked = await opened.feed.look(node.run);
    if (!looked.ok) return item;
    const { state, liveness, isHere } = looked.value;
    item.tooltip = new vscode.MarkdownString(runTooltip(state, { nowMs: systemClock.wallMs(), liveness, isHere }));
    return item;
  }

  #item(node: HistoryNode): vscode.TreeItem {
    switch (node.kind) {
      case 'day':
        return this.#dayItem(node.day);
      case 'run':
        return this.#runItem(node);
      case 'found':
        return this.#foundItem(node);
      case 'more': {
        const item = new vscode.TreeItem('Older runs…');
        item.iconPath = new vscode.ThemeIcon('history');
        item.contextValue = 'more';
        item.command = { command: COMMANDS.moreHistory, title: 'Show Older Runs' };
        return item;
      }
      default:
        return unreachable(node);
    }
  }

  #dayItem(day: string): vscode.TreeItem {
    const nowMs = systemClock.wallMs();
    const isToday = day === dayOf(nowMs);
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(dayLabel(day, nowMs), isToday ? Expanded : Collapsed);
    const count = this.#model?.countOf(day) ?? 0;
    item.description = String(count);
    item.contextValue = 'day';
    item.accessibilityInformation = { label: `${dayLabel(day, nowMs)}, ${count === 1 ? '1 run' : `${count} runs`}` };
    return item;
  }

  #runItem(node: HistoryRunNode): vscode.TreeItem {
    const summary = this.#model?.summary(node.run);
    if (summary === undefined) return new vscode.TreeItem('No longer there');
    const isFound = this.#model?.search !== undefined;
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    const hits = this.#model?.children(node).length ?? 0;
    const isHere = this.#deps.engine.opened()?.folders.isHere(summary.workspace) === true;
    const row = historyRow(summary, { nowMs: systemClock.wallMs(), withDay: isFound, isHere });
    const item = new vscode.TreeItem(row.label, isFound && hits > 0 ? Expanded : None);
    item.description = row.description;
    item.iconPath = new vscode.ThemeIcon(row.icon.name, new vscode.ThemeColor(row.icon.color));
    item.contextValue = row.contextValue;
    item.accessibilityInformation = { label: row.spoken };
    item.command = { command: COMMANDS.openRun, title: 'Open', arguments: [node.run] };
    return item;
  }

  #foundItem(node: Extract<HistoryNode, { readonly kind: 'found' }>): vscode.TreeItem {
    const found = this.#model?.found(node);
    if (found === undefined) return new vscode.TreeItem('No longer there');
    const row = foundRow(found);
    const label = { label: row.label, highlights: row.highlights.map(([from, to]): [number, number] => [from, to]) };
    const item = new vscode.TreeItem(label);
    item.description = row.description;
    item.contextValue = 'found';
    item.accessibilityInformation = { label: row.spoken };
    item.command =
      found.task === null
        ? { command: COMMANDS.openRun, title: 'Open', arguments: [node.run] }
        : { command: COMMANDS.openTask, title: 'Open', arguments: [node.run, found.task] };
    return item;
  }

  /** The first call opens the engine and reads the first page. */
  #load(): Promise<HistoryModel | undefined> {
    this.#loading ??= this.#loadOnce().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #loadOnce(): Promise<HistoryModel | undefined> {
    const { journal } = await this.#deps.engine.open();
    const model = new HistoryModel(journal);
    const read = await model.refresh();
    this.#model = model;
    this.#tell(read);
    this.#lookForRemoved();
    return model;
  }

  #lookForRemoved(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const model = this.#model;
    if (model === undefined || !this.#view.visible) return;
    this.#cancelLook = systemClock.schedule(LOOK_FOR_REMOVED_MS, () => {
      this.#lookForRemoved();
      const looked = model.followRemoval().then((lost) => {
        if (!lost.ok) this.#tell(lost);
        else if (lost.value) this.#show();
      });
      this.#told(looked);
    });
  }

  #follow(): void {
    const model = this.#model;
    if (model === undefined || !this.#view.visible) return;
    const refreshed = model.refresh().then((change) => {
      if (!change.ok) return this.#tell(change);
      this.#view.message = this.#message();
      const { others, isOtherEnd, changed } = change.value;
      if (isOtherEnd || others.length > 0) this.#didChange.fire(undefined);
      else if (changed.length > 0) this.#didChange.fire(changed.map(({ run }) => model.run(run)));
    });
    this.#told(refreshed);
  }

  async #showSearch(): Promise<void> {
    await vscode.commands.executeCommand('setContext', SEARCHING, this.#model?.search !== undefined);
    this.#show();
  }

  #show(): void {
    this.#view.message = this.#message();
    this.#didChange.fire(undefined);
  }

  #message(): string {
    const search = this.#model?.search;
    return search === undefined ? '' : searchMessage({ ...search, found: search.found.length });
  }

  async #askForWords(): Promise<string | undefined> {
    return vscode.window.showInputBox({
      title: 'Search Runs',
      prompt: 'Words that all stand in the request, a task, a result or the answer.',
      value: this.#model?.search?.text ?? '',
    });
  }

  /** A journal that cannot be read says so where the runs would be. */
  #tell(read: Result<unknown, Failure>): void {
    if (!read.ok) this.#view.message = noticeText(`Runs cannot be read: ${read.error.message} ${read.error.whatToDo}`);
  }

  #told(work: Promise<unknown>): void {
    work.catch(this.#deps.tell);
  }
}
