/** The commands that show runs and tasks and what came of them. Each takes ids, or the tree's row that it was called on. */
import * as vscode from 'vscode';
import { costLine, renderTree } from '../app/run-text.ts';
import { systemClock } from '../base/clock.ts';
import { ruleFor, situationOf } from '../core/control/action-table.ts';
import { showConversation } from './conversation/conversation-panel.ts';
import { COMMANDS, PARTICIPANT_NAME, RESULT_SCHEME } from './ids.ts';
import { isObject } from './is-object.ts';
import { loadRun } from './runs/load-run.ts';
import { openChat } from './chat/open-chat.ts';
import { ResultDocuments } from './documents/result-document.ts';
import type { EngineHost, ShellDeps } from './shell-deps.ts';
import { showSubtask } from './documents/subtask-document.ts';
import type { SubtaskAddress } from './documents/subtask-uri.ts';
import { commandTarget, noTarget } from './tree/task-target.ts';

const SAMPLE_REQUEST = 'Where does this project start, and what are its main parts?';

type Action = (address: SubtaskAddress, value: unknown) => Promise<unknown>;

export function registerRunCommands(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const register = (id: string, action: Action): void => {
    context.subscriptions.push(vscode.commands.registerCommand(id, onAddress(action, deps)));
  };
  const results = new ResultDocuments(deps);
  const { clicks } = deps;
  register(COMMANDS.openTask, async (address, how) => {
    const isClick = isObject(how) && how['clicked'] === true;
    if (isClick && clicks.isOfKey(address, systemClock.monotonicMs())) return;
    if (isClick && clicks.isDouble(rowOf(address), systemClock.monotonicMs())) await toNextMode(address, deps.engine);
    else await openTask(address, how);
  });
  register(COMMANDS.copyResult, (address) => results.copy(address));
  register(COMMANDS.openResult, (address) => results.open(address));
  register(COMMANDS.resumeRun, ({ run }) =>
    openChat(`@${PARTICIPANT_NAME} /resume ${run}`, { send: true, wait: true }),
  );
  register(COMMANDS.showRunText, ({ run }) => runText(run, deps));
  context.subscriptions.push(
    results,
    vscode.workspace.registerTextDocumentContentProvider(RESULT_SCHEME, results),
    vscode.commands.registerCommand(COMMANDS.askSample, () =>
      openChat(`@${PARTICIPANT_NAME} ${SAMPLE_REQUEST}`, { send: false }),
    ),
    vscode.commands.registerCommand(COMMANDS.showLog, () => deps.log.show()),
  );
}

/** `(run, task?, value?)`, or a row of the tree. */
function onAddress(action: Action, { tell }: ShellDeps): (...given: readonly unknown[]) => Promise<unknown> {
  return async (...given) => {
    const target = commandTarget(given, []);
    if (target === undefined) return tell(noTarget(given));
    const [task] = target.tasks;
    const address = task === undefined ? { run: target.run } : { run: target.run, task };
    return action(address, target.value).catch(tell);
  };
}

/** `how`: `{takeFocus: true}` when the person wants to write at once. */
async function openTask({ run, task }: SubtaskAddress, how: unknown): Promise<void> {
  if (task === undefined) return showSubtask({ run });
  await showConversation({ run, task }, { takeFocus: isObject(how) && how['takeFocus'] === true });
}

function rowOf({ run, task }: SubtaskAddress): string {
  return task === undefined ? run : `${run}/${task}`;
}

/** It has been opened by the first click of the two. */
async function toNextMode({ run, task }: SubtaskAddress, engine: EngineHost): Promise<void> {
  if (task !== undefined && (await isModeOpen(run, task, engine)))
    await vscode.commands.executeCommand(COMMANDS.changeMode, run, task);
}

/** Not of a run that has finished: there it would make a new run, which is more than a double click should. */
async function isModeOpen(run: string, id: string, engine: EngineHost): Promise<boolean> {
  const loaded = await loadRun(await engine.open(), run);
  if (!loaded.ok) return false;
  const { state } = loaded.value;
  const task = state.tasks.get(id);
  if (task === undefined || task.spec === null) return false;
  return ruleFor('change-mode', situationOf(task, state, loaded.value)).kind === 'change';
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
