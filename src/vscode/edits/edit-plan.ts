/** Which way one accepted change takes into a WorkspaceEdit, and whether it may still be made. */
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { err, ok, type Result } from '../../base/result.ts';
import { encodeText } from '../../core/edits/encode-text.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { EditTarget, FileChange, FileOnDisk, NewContent } from '../../core/ports.ts';
import { textChanges, type TextChange } from './edit-ranges.ts';
import { uriOf } from '../workspace-path.ts';

interface PlannedFile {
  readonly path: string;
  readonly uri: vscode.Uri;
  /** On disk; null: no such file. */
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
}

/** Edited as text in its document; `textBefore` is what the document shows, unsaved when the edit stands on that. */
interface TextPlan extends PlannedFile {
  readonly kind: 'text';
  readonly document: vscode.TextDocument;
  /** Of the document that `changes` were worked out for. */
  readonly version: number;
  readonly textBefore: string;
  readonly wasDirty: boolean;
  readonly changes: readonly TextChange[];
}

export type EditPlan =
  | TextPlan
  | (PlannedFile & { readonly kind: 'create' | 'delete' })
  /** Deleted and created with exactly these bytes. */
  | (PlannedFile & { readonly kind: 'replace'; readonly after: Uint8Array });

export async function planEdit(
  change: FileChange,
  disk: EditTarget,
  signal: AbortSignal,
): Promise<Result<EditPlan, Failure>> {
  const { path, expect } = change;
  const uri = uriOf(path);
  if (uri === undefined) return err(refusal(path, 'is not in this workspace', 'Open the folder that it belongs to.'));
  const looked = await disk.look(path, signal);
  if (!looked.ok) return err(refusal(path, `cannot be written: ${looked.error.why}`, 'Mend that, then apply again.'));
  const after = bytesOf(change.content);
  if (!after.ok) return err(refusal(path, `cannot be written: ${after.error}`, 'Discard its edit.'));
  const file = { path, uri, after: after.value };
  if (looked.value !== null) return planExisting(file, looked.value, expect);
  return expect === null && after.value !== null
    ? ok({ ...file, before: null, kind: 'create' })
    : err(refusal(path, 'is not there any more', 'Merge it again, or discard its edit.'));
}

async function planExisting(
  { path, uri, after }: Omit<PlannedFile, 'before'>,
  standing: FileOnDisk,
  expect: string | null,
): Promise<Result<EditPlan, Failure>> {
  if (expect === null)
    return err(refusal(path, 'is there by now, and the edit creates it', 'Merge it again, or move that file away.'));
  const open = openDocument(uri);
  const isDirty = open?.isDirty === true;
  const stands = isDirty ? await hashOfDocument(open) : standing.hash;
  const isUnsaved = isDirty ? stands !== expect : standing.unsavedText !== undefined;
  if (isUnsaved || isDirtyNotebook(uri)) return err(unsavedRefusal(path));
  if (stands !== expect)
    return err(refusal(path, 'was changed since the edit was proposed', 'Merge it again, then apply.'));
  const file = { path, uri, before: Buffer.from(standing.base64, 'base64') };
  const asText = after === null ? undefined : await planText(file, after, expect);
  if (asText !== undefined) return ok(asText);
  if (isDirty) return err(unsavedRefusal(path));
  return ok(after === null ? { ...file, after, kind: 'delete' } : { ...file, after, kind: 'replace' });
}

/** Undefined when VS Code would not write exactly these bytes, or on Undo not exactly those that were there. */
async function planText(
  file: Omit<PlannedFile, 'after'>,
  after: Uint8Array,
  expect: string,
): Promise<TextPlan | undefined> {
  const document = await openTextOf(file.uri);
  if (document === undefined) return undefined;
  const { encoding, version } = document;
  const textBefore = document.getText();
  if (hashOf(await vscode.workspace.encode(textBefore, { encoding })) !== expect) return undefined;
  const decoded = (await vscode.workspace.decode(after, { encoding })).replace(/^\uFEFF/, '');
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const text = decoded.replaceAll(/\r\n?|\n/g, eol);
  if (!Buffer.from(after).equals(await vscode.workspace.encode(text, { encoding }))) return undefined;
  const changes = textChanges(textBefore, text);
  return { ...file, after, kind: 'text', document, version, textBefore, wasDirty: document.isDirty, changes };
}

async function openTextOf(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  try {
    return openDocument(uri) ?? (await vscode.workspace.openTextDocument(uri));
  } catch {
    return undefined; // a binary file, or one too large for an editor
  }
}

export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  const address = uri.toString();
  return vscode.workspace.textDocuments.find((one) => !one.isClosed && one.uri.toString() === address);
}

function isDirtyNotebook(uri: vscode.Uri): boolean {
  const address = uri.toString();
  return vscode.workspace.notebookDocuments.some((one) => one.isDirty && one.uri.toString() === address);
}

/** Of the bytes that saving it would give. */
async function hashOfDocument(document: vscode.TextDocument): Promise<string> {
  return hashOf(await vscode.workspace.encode(document.getText(), { encoding: document.encoding }));
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function bytesOf(content: NewContent | null): Result<Uint8Array | null, string> {
  if (content === null) return ok(null);
  return content.kind === 'text' ? encodeText(content.text, content.format) : ok(Buffer.from(content.base64, 'base64'));
}

function unsavedRefusal(path: string): Failure {
  return refusal(path, 'has changes in an editor that are not saved', 'Save or undo them, then apply again.');
}

function refusal(path: string, what: string, whatToDo: string): Failure {
  return failure('rejected', `Nothing was written. ${path} ${what.replace(/\.$/, '')}.`, { whatToDo });
}
