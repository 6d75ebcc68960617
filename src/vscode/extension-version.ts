import type * as vscode from 'vscode';
import { isObject } from './is-object.ts';

/** As package.json says. */
export function versionOf(context: vscode.ExtensionContext): string {
  const manifest: unknown = context.extension.packageJSON;
  return isObject(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '0.0.0';
}
