/** What the editor knows of files: unsaved texts, and symbols of a language's own support. */
import { realpathSync } from 'node:fs';
import * as vscode from 'vscode';
import type { SymbolInfo } from '../../core/ports.ts';

const SYMBOLS_WITHIN_MS = 3_000;

/** The text of an open document that was changed and not saved; `path` is absolute, links resolved. */
export function unsavedText(path: string): string | undefined {
  const dirty = vscode.workspace.textDocuments.filter((one) => one.uri.scheme === 'file' && one.isDirty);
  return dirty.find(({ uri }) => realPath(uri.fsPath) === path)?.getText();
}

/** Synchronous: there are few unsaved documents. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path; // it was deleted on disk, and stands only in the editor
  }
}

/** `path` is absolute. Undefined when the text is not what the editor has for the path, or no language support answers in time. */
export async function documentSymbols(
  path: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly SymbolInfo[] | undefined> {
  const uri = vscode.Uri.file(path);
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    if (withLf(document.getText()) !== withLf(text)) return undefined;
    const asked = vscode.commands.executeCommand<readonly vscode.DocumentSymbol[] | undefined>(
      'vscode.executeDocumentSymbolProvider',
      uri,
    );
    const found = await within(asked, SYMBOLS_WITHIN_MS, signal);
    return found === undefined ? undefined : found.flatMap((symbol) => flatten(symbol, 0));
  } catch {
    return undefined; // a binary or vanished file; the text is read by lines then
  }
}

function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function flatten(symbol: vscode.DocumentSymbol, depth: number): readonly SymbolInfo[] {
  const { name, kind, range, children } = symbol;
  return [
    {
      name,
      kind: (vscode.SymbolKind[kind] ?? 'symbol').toLowerCase(),
      startLine: range.start.line + 1,
      endLine: range.end.line + 1,
      depth,
    },
    // Providers of the older kind give no children.
    ...(children ?? []).flatMap((child) => flatten(child, depth + 1)),
  ];
}

/** Undefined when it does not come in time. */
async function within<T>(asked: Thenable<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  const stop = (): void => late.resolve(undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
