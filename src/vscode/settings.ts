import * as vscode from 'vscode';
import type { RawSettings } from '../app/shell.ts';
import { EXTENSION_SECTION } from './ids.ts';

/** Full names of the settings that package.json declares. */
export function declaredSettings(packageJson: unknown): readonly string[] {
  const configuration = member(member(packageJson, 'contributes'), 'configuration');
  const parts: readonly unknown[] = Array.isArray(configuration) ? configuration : [configuration];
  return parts
    .flatMap((part) => Object.keys(member(part, 'properties') ?? {}))
    .filter((key) => key.startsWith(`${EXTENSION_SECTION}.`));
}

function member(value: unknown, name: string): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'object' && found !== null ? found : undefined;
}

/** Each setting as the user's and the workspace's files say it, unchecked; defaults are left to the reader. */
export function readSettings(names: readonly string[]): RawSettings {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const configuration = vscode.workspace.getConfiguration(undefined, folder);
  return Object.fromEntries(
    names.map((name) => {
      const found = configuration.inspect<unknown>(name);
      return [name, { user: found?.globalValue, workspace: found?.workspaceFolderValue ?? found?.workspaceValue }];
    }),
  );
}
