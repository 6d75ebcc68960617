/** What a row of the task tree is to VS Code: label, icon, menu words, what a click does, tooltip. */
import * as vscode from 'vscode';
import { unreachable } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import type { RunSeen } from '../../core/control/whose-folder.ts';
import { editRow, editsRow, editTooltip, type EditView } from '../edits/edit-text.ts';
import { whereInReachNote } from '../row-folder.ts';
import { CLICK_ROW, COMMANDS, SUBTASK_SCHEME } from '../ids.ts';
import { parseSubtaskUri, subtaskUri } from '../documents/subtask-uri.ts';
import type { TaskTreeModel } from './task-tree-model.ts';
import { moreRow, runRow, runTooltip, summaryRow, taskRow, taskTooltip } from './task-tree-text.ts';
import type { Row } from '../row.ts';
import type { EditNode, RunPartNode, TreeNode } from './tree-nodes.ts';

export class TreeRows {
  readonly #model: TaskTreeModel;
  /** Why open edits do not stand on what is there now, as far as somebody looked; by run and path. */
  readonly stale = new Map<string, ReadonlyMap<string, string>>();

  constructor(model: TaskTreeModel) {
    this.#model = model;
  }

  item(node: TreeNode): vscode.TreeItem {
    const row = this.#row(node);
    if (row === undefined) return new vscode.TreeItem('No longer there');
    const item = new vscode.TreeItem(row.label, this.#collapsible(node));
    item.id = idOf(node, item.collapsibleState !== vscode.TreeItemCollapsibleState.None);
    item.description = row.description;
    item.iconPath = iconOf(row);
    item.contextValue = row.contextValue;
    item.accessibilityInformation = { label: row.spoken };
    if (isSubtask(node)) item.resourceUri = subtaskUri(node);
    item.command = commandOf(node);
    return item;
  }

  #collapsible(node: TreeNode): vscode.TreeItemCollapsibleState {
    if (node.kind === 'edit' || node.kind === 'more') return vscode.TreeItemCollapsibleState.None;
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
    if (node.kind === 'more') return moreRow();
    if (node.kind === 'task') {
      const found = this.#model.task(node);
      return found === undefined ? undefined : taskRow(found.task, found.state, { nowMs, ...seenOf(found) });
    }
    const shown = this.#model.shown(node.run);
    if (shown === undefined) return undefined;
    if (node.kind === 'run')
      return shown.kind === 'summary'
        ? summaryRow(shown.summary, shown)
        : runRow(shown.state, { nowMs, ...seenOf(shown), isElsewhere: !this.#model.isOwn(node.run) });
    if (shown.kind === 'summary') return undefined;
    if (node.kind === 'edit') {
      const edit = this.#edit(node);
      return edit === undefined ? undefined : editRow(edit, shown);
    }
    const { proposal, workspace } = shown.state;
    return proposal === null ? undefined : editsRow(proposal, { ...seenOf(shown), workspace });
  }

  tooltip(node: RunPartNode): string {
    const nowMs = systemClock.wallMs();
    if (node.kind === 'task') {
      const found = this.#model.task(node);
      return found === undefined ? '' : taskTooltip(found.task, found.state, { nowMs, ...seenOf(found) });
    }
    const shown = this.#model.shown(node.run);
    if (node.kind === 'edit') {
      const edit = this.#edit(node);
      return edit === undefined || shown?.kind !== 'state' ? '' : editTooltip(edit, shown.state, shown);
    }
    if (shown === undefined) return '';
    if (shown.kind === 'summary')
      return whereInReachNote(shown.summary, { liveness: shown.summary.liveness, isHere: shown.isHere }).join('');
    return runTooltip(shown.state, { nowMs, ...seenOf(shown) });
  }

  #edit({ run, path }: EditNode): EditView | undefined {
    const file = this.#model.edits(run)?.files.get(path);
    return file === undefined ? undefined : { ...file, stale: this.stale.get(run)?.get(path) };
  }

  decoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
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
}

function seenOf({ liveness, isHere }: RunSeen): RunSeen {
  return { liveness, isHere };
}

type Subtask = Extract<TreeNode, { readonly kind: 'run' | 'task' }>;

export function isSubtask(node: TreeNode): node is Subtask {
  return node.kind === 'run' || node.kind === 'task';
}

/** VS Code opens a row by itself only when it meets its id first: one that becomes a parent is another one to it. */
function idOf(node: TreeNode, isParent: boolean): string {
  if (node.kind === 'more') return 'more';
  const head = `${node.kind}:${node.run}`;
  if (node.kind === 'task') return `${head}/${node.task}${isParent ? '/' : ''}`;
  return node.kind === 'edit' ? `${head}/${node.path}` : head;
}

function iconOf({ icon }: Row): vscode.ThemeIcon {
  return new vscode.ThemeIcon(icon.name, new vscode.ThemeColor(icon.color));
}

/** What a click does. `clicked` tells it from a call by other code: two clicks are more than one. */
function commandOf(node: TreeNode): vscode.Command {
  switch (node.kind) {
    case 'run':
      return { command: COMMANDS.openTask, title: 'Open', arguments: [node.run, undefined, { clicked: true }] };
    case 'task':
      return { command: COMMANDS.openTask, title: 'Open', arguments: [node.run, node.task, { clicked: true }] };
    case 'edits':
      return { command: CLICK_ROW, title: 'Review', arguments: [COMMANDS.reviewEdits, node.run] };
    case 'edit':
      return { command: CLICK_ROW, title: 'Open Diff', arguments: [COMMANDS.openEditDiff, node.run, node.path] };
    case 'more':
      return { command: CLICK_ROW, title: 'More Runs', arguments: [COMMANDS.moreRuns] };
    default:
      return unreachable(node);
  }
}
