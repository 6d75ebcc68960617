/** What can be asked next, above the chat input. */
import type * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { oneLine } from '../../app/safe-text.ts';
import { waitingTasks, numberOf } from './chat-waiting.ts';
import { PARTICIPANT } from '../ids.ts';
import { runIdOf } from './chat-request.ts';

/** What a finished turn was; kept by VS Code with the chat. */
export type TurnKind = 'answer' | 'waiting-plan' | 'waiting-tasks' | 'interrupted' | 'aside';

const MOST_TASKS = 3;

/** Participant and command are always named: VS Code would else take over those of the turn before. */
export async function followups(
  done: vscode.ChatResult,
  opened: OpenedOrchestrator | undefined,
): Promise<vscode.ChatFollowup[]> {
  const metadata: { readonly kind?: unknown; readonly runs?: unknown } = done.metadata ?? {};
  const run = runIdOf(done);
  switch (metadata.kind) {
    case 'answer':
      return run === undefined ? [] : [to('spend', 'today', 'Show what it cost')];
    case 'waiting-plan':
      return [to('run', 'this plan', 'Run this plan')];
    case 'waiting-tasks':
      return run === undefined || opened === undefined ? [] : taskFollowups(run, opened);
    case 'interrupted':
      return (Array.isArray(metadata.runs) ? metadata.runs : []).flatMap((one: unknown) =>
        isChoice(one) ? [to('resume', one.run, `Resume "${one.title.slice(0, 40)}"`)] : [],
      );
    default:
      return [];
  }
}

async function taskFollowups(run: string, { feed }: OpenedOrchestrator): Promise<vscode.ChatFollowup[]> {
  const looked = await feed.look(run);
  if (!looked.ok || looked.value.liveness !== 'running') return [];
  const { state } = looked.value;
  return waitingTasks(state)
    .slice(0, MOST_TASKS)
    .map((task) =>
      to('task', `${numberOf(task, state)}`, `/task ${numberOf(task, state)}: ${oneLine(task.title, 40)}`),
    );
}

function to(command: string, prompt: string, label: string): vscode.ChatFollowup {
  return { participant: PARTICIPANT, command, prompt, label };
}

function isChoice(value: unknown): value is { readonly run: string; readonly title: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'run' in value &&
    typeof value.run === 'string' &&
    'title' in value &&
    typeof value.title === 'string'
  );
}
