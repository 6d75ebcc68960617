/** What can be done with a run of the past. Each command takes a run's id, or a row of a view. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { exportFormatOf, isExportOf } from '../../app/export-format.ts';
import { noticeText } from '../../app/safe-text.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { plural } from '../../base/plural.ts';
import { failure } from '../../core/failure.ts';
import type { RunSummary } from '../../core/ports.ts';
import { confirm } from '../confirm.ts';
import { deleteQuestion, exportName } from './history-text.ts';
import { COMMANDS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';

export function registerHistoryCommands(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const commands = new HistoryCommands(deps);
  const register = (id: string, action: (run: string, more: unknown) => Promise<unknown>): void => {
    const take = async (given: unknown, more: unknown): Promise<unknown> => {
      const run = runOf(given);
      if (run !== undefined) return action(run, more).catch(deps.tell);
      return deps.tell(
        failure('rejected', 'No run was named.', { whatToDo: 'Use this command from a row of the History view.' }),
      );
    };
    context.subscriptions.push(vscode.commands.registerCommand(id, take));
  };
  register(COMMANDS.openRun, (run) => commands.open(run));
  register(COMMANDS.runAgain, (run) => commands.again(run, { isFresh: false }));
  register(COMMANDS.runAgainFresh, (run) => commands.again(run, { isFresh: true }));
  register(COMMANDS.exportRun, (run, to) => commands.exportTo(run, to instanceof vscode.Uri ? to : undefined));
  register(COMMANDS.deleteRun, (run, what) => commands.delete(run, isDeletion(what) ? what : undefined));
}

/** Without a question: the run alone, or with the files that it was exported to. */
type Deletion = 'run' | 'run and exports';

function isDeletion(what: unknown): what is Deletion {
  return what === 'run' || what === 'run and exports';
}

/** An id, or a row of a view. */
function runOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  const isRow = typeof given === 'object' && given !== null && 'run' in given;
  return isRow && typeof given.run === 'string' ? given.run : undefined;
}

class HistoryCommands {
  readonly #deps: ShellDeps;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
  }

  async open(run: string): Promise<void> {
    this.#deps.runSignals.reveal.fire(run);
    await vscode.commands.executeCommand(COMMANDS.openTask, run);
  }

  /** Resolves to the new run. */
  async again(run: string, how: { readonly isFresh: boolean }): Promise<string | undefined> {
    const { orchestrator } = await this.#deps.engine.open();
    const started = await orchestrator.again(run, how);
    if (!started.ok) {
      this.#deps.tell(started.error);
      return undefined;
    }
    await vscode.commands.executeCommand(COMMANDS.showTasks);
    this.#deps.runSignals.reveal.fire(started.value.run);
    return started.value.run;
  }

  /** Resolves to where it was written. */
  async exportTo(run: string, given: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
    const opened = await this.#deps.engine.open();
    const summary = await this.#summary(opened, run);
    if (summary === undefined) return undefined;
    const to = given ?? (await askWhereTo(summary));
    if (to === undefined) return undefined;
    const format = exportFormatOf(to.path);
    if (format === undefined) {
      this.#deps.tell(
        failure('rejected', 'An export is a file that ends in .md or .json.', {
          whatToDo: 'Export again, with one of these endings.',
        }),
      );
      return undefined;
    }
    const text = await opened.exportRun(run, format);
    // Noted first: a note of a file that is not there does no harm, a file that nobody knows of outlives its run.
    const noted = !text.ok || to.scheme !== 'file' ? text : await opened.journal.noteExport(run, to.fsPath);
    if (!text.ok || !noted.ok) {
      this.#deps.tell(text.ok ? (noted.ok ? undefined : noted.error) : text.error);
      return undefined;
    }
    await vscode.workspace.fs.writeFile(to, Buffer.from(text.value, 'utf8'));
    offerToOpen(to);
    return to;
  }

  /** Resolves to true when it is gone. */
  async delete(run: string, told: Deletion | undefined): Promise<boolean> {
    const opened = await this.#deps.engine.open();
    const summary = await this.#summary(opened, run);
    if (summary === undefined) return false;
    if (summary.liveness === 'running') {
      this.#deps.tell(
        failure('rejected', 'A run that goes on cannot be deleted.', { whatToDo: 'Cancel it first, then delete it.' }),
      );
      return false;
    }
    if (told === undefined && !(await confirm({ ...deleteQuestion(summary), button: 'Delete Run' }))) return false;
    const deleted = await opened.journal.deleteRun(run);
    if (!deleted.ok) {
      this.#deps.tell(deleted.error);
      return false;
    }
    opened.orchestrator.forget(run);
    this.#deps.runSignals.deleted.fire(run);
    const files = await exportsOf(run, deleted.value.exports);
    if (files.length > 0 && (told === 'run and exports' || (told === undefined && (await askForExports(files)))))
      for (const file of files) await vscode.workspace.fs.delete(file, { useTrash: false });
    return true;
  }

  async #summary({ journal }: OpenedOrchestrator, run: string): Promise<RunSummary | undefined> {
    const summary = await journal.summary(run);
    if (summary.ok && summary.value !== undefined) return summary.value;
    this.#deps.tell(
      summary.ok
        ? failure('journal', `There is no run ${run} in the record.`, { whatToDo: 'Refresh the History view.' })
        : summary.error,
    );
    return undefined;
  }
}

async function askWhereTo(summary: RunSummary): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  return vscode.window.showSaveDialog({
    title: 'Export Run',
    saveLabel: 'Export',
    defaultUri: vscode.Uri.joinPath(folder, `${exportName(summary)}.md`),
    filters: { Markdown: ['md'], JSON: ['json'] },
  });
}

function offerToOpen(file: vscode.Uri): void {
  const name = file.path.split('/').at(-1) ?? file.path;
  void vscode.window
    .showInformationMessage(`Orchestrator: ${noticeText(`Exported to ${name}.`)}`, 'Open')
    .then((button) => (button === undefined ? undefined : vscode.commands.executeCommand('vscode.open', file)));
}

function askForExports(files: readonly vscode.Uri[]): Promise<boolean> {
  return confirm({
    message: `The run is deleted. Delete the ${files.length === 1 ? 'file' : plural(files.length, 'file')} that it was exported to?`,
    detail: `All texts of the run stand there:\n${files.map(({ fsPath }) => fsPath).join('\n')}`,
    button: files.length === 1 ? 'Delete Exported File' : `Delete ${files.length} Exported Files`,
  });
}

/** Those that are there and still hold this run: something else may stand at that path by now. */
async function exportsOf(run: string, paths: readonly string[]): Promise<readonly vscode.Uri[]> {
  const files: vscode.Uri[] = [];
  for (const path of paths) {
    const file = vscode.Uri.file(path);
    try {
      const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString('utf8');
      if (isExportOf(text, run)) files.push(file);
    } catch {
      // It is gone already.
    }
  }
  return files;
}
