/** Addresses of the sides of a proposed edit. */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { EDIT_SCHEME } from '../ids.ts';

export type EditSide = 'base' | 'proposed';

export interface EditAddress {
  readonly run: string;
  readonly path: string;
}

/**
 * Both sides have the same path: VS Code takes different ones for a rename. The ending makes every language support see plain
 * text; one that knew a JSON file would fetch the schemas that a proposal names.
 */
export function editUri({ run, path }: EditAddress, side: EditSide): vscode.Uri {
  const query = new URLSearchParams({ run, side }).toString();
  return vscode.Uri.from({ scheme: EDIT_SCHEME, path: `/${path}${PLAIN}`, query });
}

const PLAIN = '.txt';

export function parseEditUri(uri: vscode.Uri | undefined): (EditAddress & { readonly side: EditSide }) | undefined {
  if (uri?.scheme !== EDIT_SCHEME || !uri.path.endsWith(PLAIN)) return undefined;
  const query = new URLSearchParams(uri.query);
  const run = query.get('run');
  const side = query.get('side');
  if (run === null || (side !== 'base' && side !== 'proposed')) return undefined;
  return { run, side, path: uri.path.slice(1, -PLAIN.length) };
}

/** An empty text that is never shown; each its own, for edits of the same text are only undone in their order. */
export function freshSeparator(): vscode.Uri {
  return vscode.Uri.from({ scheme: EDIT_SCHEME, path: `/${randomUUID()}` });
}
