/** The commands about runs and tasks. Each takes ids, or the tree's row that it was called on. */
import * as vscode from 'vscode';
import { costLine, renderTree } from '../app/run-text.ts';
import { systemClock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import { COMMANDS, PARTICIPANT_NAME } from './ids.ts';
import { loadRun } from './load-run.ts';
import { openChat } from './open-chat.ts';
import type { ShellDeps } from './shell-deps.ts';
import { showSubtask } from './subtask-document.ts';
import type { SubtaskAddress } from './subtask-uri.ts';

const SAMPLE_REQUEST = 'Where does this project start, and what are its main parts?';

export function registerRunCommands(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const register = (id: string, action: (address: SubtaskAddress) => Promise<unknown>): void => {
    const run = async (...given: readonly unknown[]): Promise<unknown> => {
      const address = addressOf(given);
      if (address === undefined)
        return deps.tell(
          failure('rejected', 'No run was named.', {
            whatToDo: 'Use this command from a row of the Orchestrator view.',
          }),
        );
      return action(address).catch(deps.tell);
    };
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  };
  register(COMMANDS.openTask, showSubtask);
  register(COMMANDS.cancelRun, ({ run }) => cancelRun(run, deps));
  register(COMMANDS.copyResult, (address) => copyResult(address, deps));
  register(COMMANDS.resumeRun, ({ run }) =>
    openChat(`@${PARTICIPANT_NAME} /resume ${run}`, { send: true, wait: true }),
  );
  register(COMMANDS.showRunText, ({ run }) => runText(run, deps));
  context.subscriptions.push(
    vscode.commands.registerCommand(COMMANDS.askSample, () =>
      openChat(`@${PARTICIPANT_NAME} ${SAMPLE_REQUEST}`, { send: false }),
    ),
    vscode.commands.registerCommand(COMMANDS.showLog, () => deps.log.show()),
  );
}

/** `(run, task?)`, or a row of the tree. */
function addressOf([first, second]: readonly unknown[]): SubtaskAddress | undefined {
  if (typeof first === 'string') return typeof second === 'string' ? { run: first, task: second } : { run: first };
  if (typeof first !== 'object' || first === null || !('run' in first) || typeof first.run !== 'string')
    return undefined;
  return 'task' in first && typeof first.task === 'string' ? { run: first.run, task: first.task } : { run: first.run };
}

async function cancelRun(run: string, { engine, tell }: ShellDeps): Promise<void> {
  const { orchestrator } = await engine.open();
  if (orchestrator.cancel(run) || orchestrator.state(run) !== undefined) return;
  tell(
    failure('rejected', 'This run does not run in this window.', {
      whatToDo: 'Stop it where it was started, or refresh the view.',
    }),
  );
}

async function copyResult(address: SubtaskAddress, deps: ShellDeps): Promise<string | undefined> {
  const text = await resultText(address, deps);
  if (!text.ok) {
    deps.tell(text.error);
    return undefined;
  }
  await vscode.env.clipboard.writeText(text.value);
  vscode.window.setStatusBarMessage('Result copied', 3_000);
  return text.value;
}

async function resultText({ run, task: id }: SubtaskAddress, { engine }: ShellDeps): Promise<Result<string, Failure>> {
  const opened = await engine.open();
  const loaded = await loadRun(opened, run);
  if (!loaded.ok) return loaded;
  const { state } = loaded.value;
  const result = id === undefined ? state.answer : (state.tasks.get(id) ?? state.turns.get(id))?.result;
  if (result === null || result === undefined || result === '')
    return {
      ok: false,
      error: failure('rejected', 'There is no result yet.', { whatToDo: 'Wait until it has completed.' }),
    };
  return typeof result === 'string' ? ok(result) : opened.journal.readBlob(result);
}

async function runText(run: string, { engine, tell }: ShellDeps): Promise<string | undefined> {
  const loaded = await loadRun(await engine.open(), run);
  if (!loaded.ok) {
    tell(loaded.error);
    return undefined;
  }
  const { state, liveness } = loaded.value;
  const view = { nowMs: systemClock.wallMs(), liveness };
  return [
    renderTree(state, view),
    ...(state.answer === null || state.answer === '' ? [] : [state.answer]),
    costLine(state, view),
  ].join('\n\n');
}
