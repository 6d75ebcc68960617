/**
 * The `subtask:` documents: a task or a run to read, up to date while it runs.
 *
 * 1. An open document is read anew at most every 300 ms, and only while its own run changes.
 * 2. Opening one never takes the focus.
 */
import * as vscode from 'vscode';
import { referencedBlobs, renderRunDocument, renderTaskDocument } from '../../app/task-document.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { systemClock } from '../../base/clock.ts';
import { describeFailure } from '../../core/failure.ts';
import { ANSWER_TASK } from '../../core/plan/plan.ts';
import { ChangeBatch } from '../change-batch.ts';
import { SUBTASK_SCHEME } from '../ids.ts';
import { LiveTexts } from '../runs/live-texts.ts';
import { loadRun, readBlobs } from '../runs/load-run.ts';
import type { EngineHost, ShellDeps } from '../shell-deps.ts';
import { parseSubtaskUri, subtaskUri, type SubtaskAddress } from './subtask-uri.ts';

const REFRESH_EVERY_MS = 300;

export function registerSubtaskDocuments(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const documents = new SubtaskDocuments(deps.engine);
  context.subscriptions.push(
    documents,
    vscode.workspace.registerTextDocumentContentProvider(SUBTASK_SCHEME, documents),
  );
}

/** Opens the document beside the editor, or shows it again where it is. */
export async function showSubtask(address: SubtaskAddress): Promise<void> {
  const uri = subtaskUri(address);
  const opened = await vscode.workspace.openTextDocument(uri);
  const document =
    opened.languageId === 'markdown' ? opened : await vscode.languages.setTextDocumentLanguage(opened, 'markdown');
  await vscode.window.showTextDocument(document, { viewColumn: columnFor(uri), preserveFocus: true, preview: true });
}

/** Where the document is shown already, else where another one is, else beside; not beside nothing. */
function columnFor(uri: vscode.Uri): vscode.ViewColumn {
  const shown = vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === SUBTASK_SCHEME);
  const editor = shown.find(({ document }) => document.uri.toString() === uri.toString()) ?? shown[0];
  if (editor?.viewColumn !== undefined) return editor.viewColumn;
  return vscode.window.tabGroups.activeTabGroup.tabs.length === 0 ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
}

class SubtaskDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #engine: EngineHost;
  readonly #live = new LiveTexts();
  readonly #didChange = new vscode.EventEmitter<vscode.Uri>();
  readonly #changedRuns = new ChangeBatch<string>({ everyMs: REFRESH_EVERY_MS, clock: systemClock }, (runs) =>
    this.#refresh(runs),
  );
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChange = this.#didChange.event;

  constructor(engine: EngineHost) {
    this.#engine = engine;
    this.#subscriptions = [engine.onDidOpen((opened) => this.#follow(opened)), this.#didChange, this.#changedRuns];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = parseSubtaskUri(uri);
    if (address === undefined)
      return 'This address names no task. Expected subtask:/<run>/<task>; open tasks from the Orchestrator view.\n';
    return this.#render(await this.#engine.open(), address);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #render(opened: OpenedOrchestrator, { run, task: id }: SubtaskAddress): Promise<string> {
    const loaded = await loadRun(opened, run);
    if (!loaded.ok) return `${describeFailure(loaded.error)}\n`;
    const { state, liveness } = loaded.value;
    const task = id === undefined ? undefined : (state.tasks.get(id) ?? state.turns.get(id));
    if (id !== undefined && task === undefined)
      return `Run ${run} has no task ${id}. Open tasks from the Orchestrator view.\n`;
    const streaming = this.#live.text(run, id ?? ANSWER_TASK);
    const view = {
      nowMs: systemClock.wallMs(),
      liveness,
      blobs: await readBlobs(opened, referencedBlobs(state, task)),
      ...(streaming === undefined ? {} : { streaming }),
    };
    return task === undefined ? renderRunDocument(state, view) : renderTaskDocument(task, state, view);
  }

  #follow({ orchestrator }: OpenedOrchestrator): void {
    this.#subscriptions.push(
      orchestrator.onEvent((event) => {
        this.#live.follow(event);
        this.#changedRuns.add(event.run);
      }),
      orchestrator.onText((delta) => {
        this.#live.add(delta);
        this.#changedRuns.add(delta.run);
      }),
    );
  }

  #refresh(runs: readonly string[]): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      const address = parseSubtaskUri(uri);
      if (address !== undefined && runs.includes(address.run)) this.#didChange.fire(uri);
    }
  }
}
