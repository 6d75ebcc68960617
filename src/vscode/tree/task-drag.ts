/** Dragging tasks in the tree with the mouse. */
import * as vscode from 'vscode';
import { isObject } from '../is-object.ts';
import { VIEWS } from '../ids.ts';
import { loadRun } from '../runs/load-run.ts';
import type { ShellDeps } from '../shell-deps.ts';
import type { TaskActions } from './task-actions.ts';
import { draggedFrom, dropWish, type Dragged } from './tree-drag.ts';
import type { TreeNode } from './tree-nodes.ts';

/** VS Code names the type by the view's id, in lower case. */
const MIME = `application/vnd.code.tree.${VIEWS.tasks.toLowerCase()}`;

export class TaskDrag implements vscode.TreeDragAndDropController<TreeNode> {
  readonly dragMimeTypes = [MIME];
  readonly dropMimeTypes = [MIME];
  readonly #deps: ShellDeps;
  readonly #actions: Pick<TaskActions, 'act'>;

  constructor(deps: ShellDeps, actions: Pick<TaskActions, 'act'>) {
    this.#deps = deps;
    this.#actions = actions;
  }

  handleDrag(rows: readonly TreeNode[], transfer: vscode.DataTransfer): void {
    const dragged = draggedFrom(rows);
    if (dragged !== undefined) transfer.set(MIME, new vscode.DataTransferItem(JSON.stringify(dragged)));
  }

  async handleDrop(onto: TreeNode | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const item = transfer.get(MIME);
    const dragged = item === undefined ? undefined : readDragged(await item.asString());
    if (onto === undefined || dragged === undefined) return;
    try {
      const opened = await this.#deps.engine.open();
      const loaded = await loadRun(opened, dragged.run);
      const wish = loaded.ok ? dropWish(dragged, onto, loaded.value.state) : loaded;
      if (!wish.ok) this.#deps.tell(wish.error);
      else if (wish.value !== undefined) await this.#actions.act(dragged.run, wish.value);
    } catch (error) {
      this.#deps.tell(error);
    }
  }
}

/** Anything may be dropped, also from elsewhere. */
function readDragged(text: string): Dragged | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || typeof value['run'] !== 'string' || !Array.isArray(value['tasks'])) return undefined;
    return { run: value['run'], tasks: value['tasks'].filter((task): task is string => typeof task === 'string') };
  } catch {
    return undefined;
  }
}
