import * as vscode from 'vscode';
import { noticeText } from '../app/safe-text.ts';
import { describeFailure, FAILURE_REASONS, type Failure, type FailureReason } from '../core/failure.ts';
import { COMMANDS } from './ids.ts';
import type { Log, Tell, WayOut } from './shell-deps.ts';

const SHOW_LOG: WayOut = { title: 'Show Log', command: COMMANDS.showLog };
const ADD_BACKEND: WayOut = { title: 'Add a Backend', command: COMMANDS.addBackend };
const OPEN_ROSTER: WayOut = { title: 'Open Roster', command: COMMANDS.openRoster };
const OPEN_BUDGET: WayOut = {
  title: 'Open Setting',
  command: 'workbench.action.openSettings',
  arguments: ['orchestrator.budget'],
};

const WAYS_OUT: { readonly [reason in FailureReason]?: readonly WayOut[] } = {
  'no-fit': [OPEN_ROSTER, ADD_BACKEND],
  'no-orchestrator': [ADD_BACKEND, OPEN_ROSTER],
  'secret-origin': [OPEN_ROSTER],
  unauthorized: [OPEN_ROSTER],
  connection: [OPEN_ROSTER],
  redirected: [OPEN_ROSTER],
  budget: [OPEN_BUDGET],
};

export function createTell(log: Log): Tell {
  return (problem, waysOut = []) => {
    if (!isFailure(problem)) {
      log.error('Something went wrong that should not have', problem);
      notify(`${whatBroke(problem)} Try again; the log has the details.`, [...waysOut, SHOW_LOG]);
      return;
    }
    log.warn(`${problem.reason}: ${describeFailure(problem)}`);
    // The person did that, there is nothing to tell.
    if (problem.reason === 'cancelled') return;
    notify(describeFailure(problem), [...waysOut, ...(WAYS_OUT[problem.reason] ?? []), SHOW_LOG]);
  };
}

function notify(text: string, waysOut: readonly WayOut[]): void {
  const buttons = [...new Map(waysOut.map((way) => [way.title, way])).values()];
  void vscode.window
    .showErrorMessage(`Orchestrator: ${noticeText(text)}`, ...buttons.map(({ title }) => title))
    .then((title) => {
      const chosen = buttons.find((way) => way.title === title);
      return chosen === undefined
        ? undefined
        : vscode.commands.executeCommand(chosen.command, ...(chosen.arguments ?? []));
    });
}

/** The first line: what follows in some errors is for the log. */
function whatBroke(problem: unknown): string {
  const message = problem instanceof Error ? problem.message : String(problem);
  return `Something broke: ${message.split('\n')[0] || 'no message'}.`.replace(/\.\.$/, '.');
}

function isFailure(problem: unknown): problem is Failure {
  if (
    typeof problem !== 'object' ||
    problem === null ||
    !('reason' in problem) ||
    !('message' in problem) ||
    !('whatToDo' in problem)
  )
    return false;
  return (
    FAILURE_REASONS.some((reason) => reason === problem.reason) &&
    typeof problem.message === 'string' &&
    typeof problem.whatToDo === 'string'
  );
}
