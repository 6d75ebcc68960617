import * as vscode from 'vscode';
import { SUBTASK_SCHEME } from '../ids.ts';

export interface SubtaskAddress {
  readonly run: string;
  readonly task?: string;
}

/** `subtask:/<run>` or `subtask:/<run>/<task>`. */
export function subtaskUri({ run, task }: SubtaskAddress): vscode.Uri {
  return vscode.Uri.from({ scheme: SUBTASK_SCHEME, path: task === undefined ? `/${run}` : `/${run}/${task}` });
}

export function parseSubtaskUri(uri: vscode.Uri): SubtaskAddress | undefined {
  if (uri.scheme !== SUBTASK_SCHEME) return undefined;
  const [, run, task, ...more] = uri.path.split('/');
  if (run === undefined || run === '' || more.length > 0) return undefined;
  return task === undefined || task === '' ? { run } : { run, task };
}
