/**
 * Writes accepted edits through VS Code, so that its Undo takes them back.
 *
 * Owns: the one edit that all files go into, saving it, and putting everything back when a part of it fails. Does not own:
 * the walk along a path and the reading of what is there (`disk`), which way a file takes (edit-plan.ts), what is accepted.
 *
 * 1. All files go into one WorkspaceEdit: one Undo, in any of them, takes back all.
 * 2. After Undo and saving every byte is as it was: what VS Code would not write byte by byte is deleted and created anew.
 * 3. Deletions come first, then texts, then creations. VS Code takes back neighbouring operations on files in the order in
 *    which they were done, so that a file deleted and created anew would fail to come back: a text edit stands between. And
 *    of operations on files it does not take back a single text whose file is not open: there is a second one.
 * 4. Only documents that the edit touches are saved.
 * 5. A part that fails takes back the others, also what was saved already.
 * 6. A document with unsaved changes is edited only when the edit stands on exactly these; they are saved with it.
 */
import * as vscode from 'vscode';
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { EditTarget, FileChange } from '../../core/ports.ts';
import { hashOf, openDocument, planEdit, type EditPlan } from './edit-plan.ts';
import { freshSeparator } from './edit-uri.ts';

type Hashes = ReadonlyMap<string, string | null>;

/** `onAltered` gets the paths that were saved with other bytes than were accepted, as formatters on save do. */
export function createEditorEditTarget(disk: EditTarget, onAltered: (paths: readonly string[]) => void): EditTarget {
  return {
    look: (path, signal) => disk.look(path, signal),
    write: async (changes, { label, signal }) => {
      const plans = await planAll(changes, disk, signal);
      if (!plans.ok) return plans;
      const writing = new Writing(disk, plans.value, label);
      const written = await writing.run();
      if (written.ok && writing.altered.length > 0) onAltered(writing.altered);
      return written;
    },
  };
}

async function planAll(
  changes: readonly FileChange[],
  disk: EditTarget,
  signal: AbortSignal,
): Promise<Result<readonly EditPlan[], Failure>> {
  const plans: EditPlan[] = [];
  for (const change of changes) {
    if (signal.aborted)
      return err(failure('cancelled', 'Applying was cancelled.', { whatToDo: 'Apply again when you want to.' }));
    const plan = await planEdit(change, disk, signal);
    if (!plan.ok) return plan;
    plans.push(plan.value);
  }
  return ok(plans);
}

/** From here on nothing is cancelled: it is done whole or taken back whole. */
class Writing {
  readonly altered: string[] = [];
  readonly #disk: EditTarget;
  readonly #plans: readonly EditPlan[];
  readonly #label: string;
  readonly #signal = new AbortController().signal;

  constructor(disk: EditTarget, plans: readonly EditPlan[], label: string) {
    this.#disk = disk;
    this.#plans = plans;
    this.#label = label;
  }

  async run(): Promise<Result<Hashes, Failure>> {
    const shown = this.#shownReplacements();
    const opened = openTabs();
    const problem = (await this.#apply()) ?? (await this.#save());
    const hashes = problem === undefined ? await this.#look() : err(problem);
    if (!hashes.ok) return err(await this.#takeBack(hashes.error));
    await showAgain(shown);
    await this.#closeOpenedSince(opened);
    return hashes;
  }

  async #apply(): Promise<Failure | undefined> {
    const moved = this.#plans.find((plan) =>
      plan.kind === 'text' ? plan.document.version !== plan.version : openDocument(plan.uri)?.isDirty === true,
    );
    if (moved !== undefined) return refused(`${moved.path} was changed in an editor just now`);
    try {
      if (await vscode.workspace.applyEdit(toWorkspaceEdit(this.#plans, this.#label))) return undefined;
      return refused(`VS Code did not take the edit of ${this.#names()}`);
    } catch (error) {
      return refused(`VS Code could not edit ${this.#names()}: ${messageOf(error)}`);
    }
  }

  async #save(): Promise<Failure | undefined> {
    const texts = this.#plans.filter((plan) => plan.kind === 'text');
    // At the same time: VS Code opens an editor for what stays unsaved for more than an instant.
    const saved = await Promise.all(
      texts.map(async ({ path, document }) => {
        const isSaved = !document.isDirty || (await document.save());
        return isSaved && !document.isDirty ? undefined : path;
      }),
    );
    const unsaved = saved.filter((path) => path !== undefined);
    return unsaved.length === 0 ? undefined : refused(`${unsaved.join(', ')} could not be saved`);
  }

  /** Editors that VS Code opened because a text was not saved for an instant. */
  async #closeOpenedSince(before: ReadonlySet<string>): Promise<void> {
    const edited = new Set(this.#plans.flatMap((plan) => (plan.kind === 'text' ? [plan.uri.toString()] : [])));
    const opened = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter((tab) => {
        const address = addressOf(tab);
        return address !== undefined && edited.has(address) && !before.has(address) && !tab.isDirty;
      });
    if (opened.length > 0) await vscode.window.tabGroups.close(opened, true);
  }

  async #look(): Promise<Result<Hashes, Failure>> {
    const hashes = new Map<string, string | null>();
    for (const { path, after } of this.#plans) {
      const found = await this.#disk.look(path, this.#signal);
      if (!found.ok) return err(refused(`${path} cannot be read after it was written: ${found.error.why}`));
      const hash = found.value?.hash ?? null;
      if ((hash === null) !== (after === null)) return err(refused(`${path} is not as it was written`));
      if (hash !== hashOrNull(after)) this.altered.push(path);
      hashes.set(path, hash);
    }
    return ok(hashes);
  }

  /** The failure that is told: what went wrong, and what could not be put back. */
  async #takeBack(problem: Failure): Promise<Failure> {
    const lost: string[] = [];
    for (const plan of this.#plans) {
      const isBack = await this.#putBack(plan).catch(() => false);
      if (!isBack) lost.push(plan.path);
    }
    if (lost.length === 0) return { ...problem, message: `${problem.message} Everything is as it was before.` };
    return {
      ...problem,
      message: `${problem.message} ${lost.join(', ')} could not be put back.`,
      whatToDo: 'Undo in the editor, or revert the edits of this run.',
    };
  }

  async #putBack(plan: EditPlan): Promise<boolean> {
    if (plan.kind === 'text' && plan.document.getText() !== plan.textBefore) {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(plan.uri, wholeRange(plan.document), plan.textBefore);
      if (!(await vscode.workspace.applyEdit(edit))) return false;
      if (!plan.wasDirty) await plan.document.save();
    }
    const { path, before, after } = plan;
    const now = await this.#disk.look(path, this.#signal);
    if (!now.ok) return false;
    const hash = now.value?.hash ?? null;
    if (hash === hashOrNull(before)) return true;
    // Somebody else wrote it meanwhile.
    if (hash !== hashOrNull(after)) return false;
    const content = before === null ? null : { kind: 'bytes' as const, base64: Buffer.from(before).toString('base64') };
    const change = { path, expect: hash, content, acceptedByItself: true as const };
    return (await this.#disk.write([change], { label: this.#label, signal: this.#signal })).ok;
  }

  /** Editors that VS Code closes, because their file is deleted for a moment. */
  #shownReplacements(): readonly vscode.TextEditor[] {
    const replaced = new Set(this.#plans.flatMap((plan) => (plan.kind === 'replace' ? [plan.uri.toString()] : [])));
    return vscode.window.visibleTextEditors.filter(({ document }) => replaced.has(document.uri.toString()));
  }

  #names(): string {
    const paths = this.#plans.map(({ path }) => path);
    return paths.length > 3 ? `${paths.slice(0, 2).join(', ')} and ${paths.length - 2} more files` : paths.join(', ');
  }
}

function hashOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : hashOf(bytes);
}

function toWorkspaceEdit(plans: readonly EditPlan[], label: string): vscode.WorkspaceEdit {
  const metadata = { label, needsConfirmation: false };
  const edit = new vscode.WorkspaceEdit();
  const deleted = plans.filter(({ kind }) => kind === 'delete' || kind === 'replace');
  const texts = plans.filter((plan) => plan.kind === 'text');
  const created = plans.filter(({ kind }) => kind === 'create' || kind === 'replace');
  for (const { uri } of deleted) edit.deleteFile(uri, {}, metadata);
  for (const { uri, document, changes } of texts)
    for (const { start, end, text } of changes)
      edit.replace(uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text, metadata);
  const edited = texts.filter(({ changes }) => changes.length > 0);
  if (edited.length < 2 && deleted.length + created.length > 0)
    edit.insert(freshSeparator(), new vscode.Position(0, 0), '', metadata);
  for (const { uri, after } of created) edit.createFile(uri, { contents: after ?? new Uint8Array() }, metadata);
  return edit;
}

function addressOf({ input }: vscode.Tab): string | undefined {
  return input instanceof vscode.TabInputText ? input.uri.toString() : undefined;
}

function openTabs(): ReadonlySet<string> {
  const addresses = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(addressOf);
  return new Set(addresses.filter((address) => address !== undefined));
}

function wholeRange(document: vscode.TextDocument): vscode.Range {
  return new vscode.Range(new vscode.Position(0, 0), document.positionAt(document.getText().length));
}

async function showAgain(editors: readonly vscode.TextEditor[]): Promise<void> {
  for (const { document, viewColumn, selection } of editors)
    await vscode.window.showTextDocument(document.uri, {
      ...(viewColumn === undefined ? {} : { viewColumn }),
      selection,
      preserveFocus: true,
      preview: false,
    });
}

function refused(what: string): Failure {
  return failure('rejected', `${what.replace(/\.$/, '')}.`, {
    whatToDo: 'See whether the files can be written, then apply again.',
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
