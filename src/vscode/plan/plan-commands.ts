/** The commands about a whole plan: run it, edit it as a text. */
import * as vscode from 'vscode';
import { failure } from '../../core/failure.ts';
import { COMMANDS, PARTICIPANT_NAME } from '../ids.ts';
import { openChat } from '../chat/open-chat.ts';
import { showPlan } from './plan-document.ts';
import type { PlanPlace } from './plan-ranges.ts';
import { runOfPlan } from './plan-uri.ts';
import type { ShellDeps } from '../shell-deps.ts';

export function registerPlanCommands(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const register = (id: string, act: (run: string, more: readonly unknown[]) => Promise<unknown>): void => {
    const run = async (given: unknown, ...more: readonly unknown[]): Promise<unknown> => {
      const named = runNamed(given);
      if (named !== undefined) return act(named, more).catch(deps.tell);
      return deps.tell(
        failure('rejected', 'No run was named.', { whatToDo: 'Use this command from a row of the Orchestrator view.' }),
      );
    };
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  };
  register(COMMANDS.approvePlan, (run, [how]) => (isInChat(how) ? runInChat(run) : approve(run, deps)));
  register(COMMANDS.editPlan, (run, [task, field]) =>
    showPlan({ run, ...(typeof task === 'string' ? { at: placeIn(task, field) } : {}) }, deps),
  );
}

/** The chat stays free for other things; a notification tells of the answer. */
async function approve(run: string, { engine, tell }: ShellDeps): Promise<void> {
  const done = await (await engine.open()).orchestrator.act(run, { kind: 'approve' });
  if (!done.ok) tell(done.error);
}

/** The answer streams into the chat. */
function runInChat(run: string): Promise<unknown> {
  return openChat(`@${PARTICIPANT_NAME} /run ${run}`, { send: true });
}

function isInChat(how: unknown): boolean {
  return typeof how === 'object' && how !== null && 'inChat' in how && how.inChat === true;
}

function placeIn(task: string, field: unknown): PlanPlace {
  return typeof field === 'string' ? { task, field } : { task };
}

/** A run's id, a row of the tree, or the document of a plan. */
function runNamed(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  if (given instanceof vscode.Uri) return runOfPlan(given);
  if (typeof given !== 'object' || given === null || !('run' in given)) return undefined;
  return typeof given.run === 'string' ? given.run : undefined;
}
