/** Between VS Code's addresses and the engine's paths (relative with `/`; with several folders they begin with the folder's name). */
import { statSync } from 'node:fs';
import * as vscode from 'vscode';

/** Undefined for what is not in a folder of the workspace. */
export function pathOf(uri: vscode.Uri): string | undefined {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (folder === undefined || uri.scheme !== 'file') return undefined;
  const below = uri.path.slice(folder.uri.path.length).replace(/^\//, '');
  return hasSeveralFolders() ? [folder.name, below].filter((part) => part !== '').join('/') : below;
}

/** The address of a path; undefined when it would leave the workspace. */
export function uriOf(path: string): vscode.Uri | undefined {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const parts = path.split('/');
  if (path === '' || path.startsWith('/') || path.includes('\\') || path.includes('\0') || parts.includes('..'))
    return undefined;
  const [first, ...rest] = parts;
  const folder = hasSeveralFolders() ? folders.find((one) => one.name === first) : folders[0];
  return folder === undefined ? undefined : vscode.Uri.joinPath(folder.uri, ...(hasSeveralFolders() ? rest : parts));
}

function hasSeveralFolders(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).length > 1;
}

export type PathKind = 'file' | 'folder' | 'none';

/** What is there now. Synchronous: it is asked in the middle of a stream, for few paths. */
export function kindOf(uri: vscode.Uri): PathKind {
  if (uri.scheme !== 'file') return 'none';
  try {
    const found = statSync(uri.fsPath, { throwIfNoEntry: false, bigint: false });
    if (found === undefined) return 'none';
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'none';
  } catch {
    // A name the file system refuses, or a folder that may not be entered.
    return 'none';
  }
}

/** Answers whether a path is a file of the workspace; each path is looked up once. */
export function fileLookup(): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const uri = path.length > 1_000 ? undefined : uriOf(path);
    const isFile = uri !== undefined && kindOf(uri) === 'file';
    known.set(path, isFile);
    return isFile;
  };
}
