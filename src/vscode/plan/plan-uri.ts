import * as vscode from 'vscode';
import { oneLine } from '../../app/safe-text.ts';
import { PLAN_SCHEME } from '../ids.ts';

/** By this ending VS Code knows the schema of a plan (package.json, `jsonValidation`). */
const ENDING = '.orchestrator-plan.json';

/** `orchestrator-plan:/<run>/<title>.orchestrator-plan.json`. */
export function planUri(run: string, title: string): vscode.Uri {
  const name = oneLine(title, 200)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 40)
    .replaceAll(/^-|-$/g, '');
  return vscode.Uri.from({ scheme: PLAN_SCHEME, path: `/${run}/${name || 'plan'}${ENDING}` });
}

/** The run whose plan it is; undefined: it is no such address. */
export function runOfPlan(uri: vscode.Uri): string | undefined {
  if (uri.scheme !== PLAN_SCHEME || !uri.path.endsWith(ENDING)) return undefined;
  const [, run, name, ...more] = uri.path.split('/');
  return run === undefined || run === '' || name === undefined || more.length > 0 ? undefined : run;
}
