import type { DataRule } from '../../src/core/data-rule.ts';
import type { Workspace } from '../../src/core/ports.ts';
import { createNodeWorkspace, type WorkspaceLimits } from '../../src/tools/node-workspace.ts';
import { tempTree, type TempTree } from './temp-tree.ts';

export const signal = new AbortController().signal;

const trees: TempTree[] = [];

/** For `afterEach`. */
export function removeTrees(): void {
  for (const tree of trees.splice(0)) tree.remove();
}

export function treeOf(files: Readonly<Record<string, string | Uint8Array>>): TempTree {
  const tree = tempTree(files);
  trees.push(tree);
  return tree;
}

/** A workspace of one folder with these files. */
export function open(
  files: Readonly<Record<string, string | Uint8Array>>,
  rules: readonly DataRule[] = [],
  limits: Partial<WorkspaceLimits> = {},
): Workspace {
  return createNodeWorkspace({ folders: [{ name: 'ws', path: treeOf(files).path }], dataRules: () => rules, limits });
}

export const user = (glob: string, allow: DataRule['allow']): DataRule => ({ glob, allow, level: 'user' });
export const ofWorkspace = (glob: string, allow: DataRule['allow']): DataRule => ({ glob, allow, level: 'workspace' });

/** Where a file's text may go, or why it is refused. */
export async function outcome(workspace: Workspace, path: string): Promise<string> {
  const read = await workspace.read(path, signal);
  return read.ok ? (read.value.localOnly ? 'local' : 'anywhere') : read.error.kind;
}
