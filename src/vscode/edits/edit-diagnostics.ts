/**
 * What the editor's language support finds wrong with proposed texts, before anything is written.
 *
 * Owns: documents of a scheme of their own that hold a proposed text while it is looked at. Does not own: which texts are
 * looked at, and what is done about the problems.
 *
 * 1. Only errors that the text before did not have are told.
 * 2. No text is opened whose readers fetch addresses that it names or start programs (JSON schemas, pages, PHP).
 * 3. Waiting is bounded. Of a language that says nothing in time a checker tells no problems, and a diagnosis that nobody looked.
 */
import * as vscode from 'vscode';
import type { Diagnosis, Diagnostics, DiagnosticsOptions } from '../../core/deliverable/check-ports.ts';
import type { CheckedText, EditChecker } from '../../core/ports.ts';
import { CHECK_SCHEME } from '../ids.ts';

const ANSWER_WITHIN_MS = 1_500;
/** For a diagnosis, which waits until a language has woken up. */
const DIAGNOSED_WITHIN_MS = 10_000;
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

export class EditDiagnostics implements EditChecker, Diagnostics, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #provider: vscode.Disposable;
  readonly #diagnosedWithinMs: number;
  #count = 0;

  constructor(diagnosedWithinMs = DIAGNOSED_WITHIN_MS) {
    this.#diagnosedWithinMs = diagnosedWithinMs;
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

  diagnose(texts: readonly CheckedText[], options: DiagnosticsOptions): Promise<readonly Diagnosis[]> {
    return Promise.all(texts.map((text) => this.#diagnosisOf(text, options)));
  }

  async #diagnosisOf(file: CheckedText, { severity, signal }: DiagnosticsOptions): Promise<Diagnosis> {
    if (!LANGUAGES.test(file.path) || file.text.length > MOST_CHARS)
      return { kind: 'unknown', why: 'language support is not asked about files of this kind or size' };
    const { found, isHeard } = await this.#heardOf(file, { withinMs: this.#diagnosedWithinMs, signal });
    if (!isHeard)
      return {
        kind: 'unknown',
        why: `no language support said anything of it within ${this.#diagnosedWithinMs / 1_000} s`,
      };
    const least = severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
    const problems = found
      .filter((one) => one.severity <= least)
      .map(({ range, message }) => ({ line: range.start.line + 1, message }));
    return { kind: 'read', problems, isSyntaxOnly: false };
  }

  async #problemsOf({ path, text, before }: Checked, signal: AbortSignal): Promise<readonly string[]> {
    const now = await this.#errorsIn({ path, text }, signal);
    if (now.length === 0) return [];
    const known = new Set(
      (before === null ? [] : await this.#errorsIn({ path, text: before }, signal)).map((one) => one.message),
    );
    return now
      .filter((one) => !known.has(one.message))
      .slice(0, MOST_PROBLEMS)
      .map((one) => `${path}:${one.range.start.line + 1}: ${one.message}`);
  }

  async #errorsIn(file: CheckedText, signal: AbortSignal): Promise<readonly vscode.Diagnostic[]> {
    const { found } = await this.#heardOf(file, { withinMs: ANSWER_WITHIN_MS, signal });
    return found.filter(isTold);
  }

  async #heardOf({ path, text }: CheckedText, { withinMs, signal }: Listening): Promise<Heard> {
    const uri = vscode.Uri.from({ scheme: CHECK_SCHEME, path: `/${++this.#count}/${path}` });
    this.#texts.set(uri.toString(), text);
    try {
      const heard = listenFor(uri, { withinMs, signal });
      await vscode.workspace.openTextDocument(uri);
      const isHeard = await heard;
      return { isHeard, found: signal.aborted ? [] : vscode.languages.getDiagnostics(uri) };
    } finally {
      this.#texts.delete(uri.toString());
    }
  }
}

interface Listening {
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

interface Heard {
  readonly found: readonly vscode.Diagnostic[];
  /** Somebody said something of it, be it that there is nothing to say. */
  readonly isHeard: boolean;
}

function isTold({ severity }: vscode.Diagnostic): boolean {
  return severity === vscode.DiagnosticSeverity.Error;
}

/** Resolves a moment after something was said about the document, at the latest after `withinMs`, at once on abort. */
function listenFor(uri: vscode.Uri, { withinMs, signal }: Listening): Promise<boolean> {
  const wanted = uri.toString();
  return new Promise((resolve) => {
    let isHeard = false;
    let timer = setTimeout(finish, withinMs);
    const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (!uris.some((one) => one.toString() === wanted)) return;
      clearTimeout(timer);
      isHeard = true;
      timer = setTimeout(finish, QUIET_AFTER_MS);
    });
    function finish(): void {
      clearTimeout(timer);
      listener.dispose();
      signal.removeEventListener('abort', finish);
      resolve(isHeard);
    }
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
