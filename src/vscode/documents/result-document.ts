/** Results to read and to take along: of a task, or the answer of a run. In an editor each is `orchestrator-result:/<run>/<task>/<title>.md`. */
import * as vscode from 'vscode';
import { oneLine } from '../../app/safe-text.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { describeFailure, failure, type Failure } from '../../core/failure.ts';
import { ANSWER_TASK } from '../../core/plan/plan.ts';
import { RESULT_SCHEME } from '../ids.ts';
import { loadRun } from '../runs/load-run.ts';
import type { EngineHost, ShellDeps } from '../shell-deps.ts';
import type { SubtaskAddress } from './subtask-uri.ts';

interface ResultText {
  readonly title: string;
  readonly text: string;
}

export class ResultDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #deps: Pick<ShellDeps, 'engine' | 'tell'>;
  readonly #didChange = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#didChange.event;

  constructor(deps: Pick<ShellDeps, 'engine' | 'tell'>) {
    this.#deps = deps;
  }

  dispose(): void {
    this.#didChange.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const [, run = '', task = ''] = uri.path.split('/');
    const found = await resultText({ run, task }, this.#deps.engine);
    return found.ok ? found.value.text : `${describeFailure(found.error)}\n`;
  }

  /** Resolves with the document's address; undefined: there is no result, and the person has been told. */
  async open(address: SubtaskAddress): Promise<vscode.Uri | undefined> {
    const found = await resultText(address, this.#deps.engine);
    if (!found.ok) {
      this.#deps.tell(found.error);
      return undefined;
    }
    const name = found.value.title.replaceAll(/[^\p{L}\p{N} _.-]+/gu, ' ').trim() || 'Result';
    const uri = vscode.Uri.from({
      scheme: RESULT_SCHEME,
      path: `/${address.run}/${address.task ?? ANSWER_TASK}/${name}.md`,
    });
    // A new attempt may have another result than the one that is still open.
    this.#didChange.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true });
    return uri;
  }

  async copy(address: SubtaskAddress): Promise<string | undefined> {
    const found = await resultText(address, this.#deps.engine);
    if (!found.ok) {
      this.#deps.tell(found.error);
      return undefined;
    }
    await vscode.env.clipboard.writeText(found.value.text);
    vscode.window.setStatusBarMessage('Result copied', 3_000);
    return found.value.text;
  }
}

async function resultText({ run, task: id }: SubtaskAddress, engine: EngineHost): Promise<Result<ResultText, Failure>> {
  const opened = await engine.open();
  const loaded = await loadRun(opened, run);
  if (!loaded.ok) return loaded;
  const { state } = loaded.value;
  const task = id === undefined ? undefined : (state.tasks.get(id) ?? state.turns.get(id));
  const isAnswer = id === undefined || (id === ANSWER_TASK && task === undefined);
  const result = isAnswer ? state.answer : task?.result;
  if (result === null || result === undefined || result === '')
    return err(failure('rejected', 'There is no result yet.', { whatToDo: 'Wait until it has completed.' }));
  const title = isAnswer ? 'Answer' : oneLine(task?.title ?? '', 60);
  if (typeof result === 'string') return ok({ title, text: result });
  const read = await opened.journal.readBlob(result);
  return read.ok ? ok({ title, text: read.value }) : read;
}
