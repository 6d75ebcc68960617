/**
 * What the editor's language support finds wrong with proposed texts, before anything is written.
 *
 * Owns: documents of a scheme of their own that hold a proposed text while it is looked at. Does not own: which texts are
 * looked at, and what is done about the problems.
 *
 * 1. Only errors that the text before did not have are told.
 * 2. No text is opened whose readers fetch addresses that it names or start programs (JSON schemas, pages, PHP).
 * 3. Waiting is bounded; a language that says nothing in time has no problems.
 */
import * as vscode from 'vscode';
import type { EditChecker } from '../core/ports.ts';
import { CHECK_SCHEME } from './ids.ts';

const ANSWER_WITHIN_MS = 1_500;
/** After the first word of a language nothing more is expected for long. */
const QUIET_AFTER_MS = 300;
const MOST_FILES = 20;
const MOST_CHARS = 1_000_000;
const MOST_PROBLEMS = 10;
/**
 * Their support reads the text and nothing else. VS Code's own support for scripts and style sheets looks only at documents
 * in tabs (seen in 1.139): script-syntax.ts reads scripts.
 */
const LANGUAGES = /\.(?:py|go|rs|java|kt|cs|rb|swift|c|cc|cpp|h|hpp)$/i;

type Checked = Parameters<EditChecker['check']>[0][number];

export class EditDiagnostics implements EditChecker, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #provider: vscode.Disposable;
  #count = 0;

  constructor() {
    this.#provider = vscode.workspace.registerTextDocumentContentProvider(CHECK_SCHEME, {
      provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? '',
    });
  }

  dispose(): void {
    this.#provider.dispose();
  }

  async check(files: readonly Checked[], signal: AbortSignal): Promise<readonly string[]> {
    const looked = files.filter(({ path, text }) => LANGUAGES.test(path) && text.length <= MOST_CHARS);
    const found = await Promise.all(looked.slice(0, MOST_FILES).map((file) => this.#problemsOf(file, signal)));
    return found.flat();
  }

  async #problemsOf({ path, text, before }: Checked, signal: AbortSignal): Promise<readonly string[]> {
    const now = await this.#errorsIn(path, text, signal);
    if (now.length === 0) return [];
    const known = new Set(
      (before === null ? [] : await this.#errorsIn(path, before, signal)).map((one) => one.message),
    );
    return now
      .filter((one) => !known.has(one.message))
      .slice(0, MOST_PROBLEMS)
      .map((one) => `${path}:${one.range.start.line + 1}: ${one.message}`);
  }

  async #errorsIn(path: string, text: string, signal: AbortSignal): Promise<readonly vscode.Diagnostic[]> {
    const uri = vscode.Uri.from({ scheme: CHECK_SCHEME, path: `/${++this.#count}/${path}` });
    this.#texts.set(uri.toString(), text);
    try {
      const heard = listenFor(uri, signal);
      await vscode.workspace.openTextDocument(uri);
      await heard;
      return signal.aborted ? [] : vscode.languages.getDiagnostics(uri).filter(isTold);
    } finally {
      this.#texts.delete(uri.toString());
    }
  }
}

function isTold({ severity }: vscode.Diagnostic): boolean {
  return severity === vscode.DiagnosticSeverity.Error;
}

/** Resolves a moment after something was said about the document, at the latest after ANSWER_WITHIN_MS, at once on abort. */
function listenFor(uri: vscode.Uri, signal: AbortSignal): Promise<void> {
  const wanted = uri.toString();
  return new Promise((resolve) => {
    let timer = setTimeout(finish, ANSWER_WITHIN_MS);
    const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (!uris.some((one) => one.toString() === wanted)) return;
      clearTimeout(timer);
      timer = setTimeout(finish, QUIET_AFTER_MS);
    });
    function finish(): void {
      clearTimeout(timer);
      listener.dispose();
      signal.removeEventListener('abort', finish);
      resolve();
    }
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
