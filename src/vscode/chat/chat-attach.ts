/** Chat turns about a run that is there: `/run` shows it (and lets its plan run), `/task` says something to one of its tasks. */
import type { FedRun } from '../../app/run-feed.ts';
import type { RunFolders } from '../../app/run-folders.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { ok, type Result } from '../../base/result.ts';
import { plural } from '../../base/plural.ts';
import { whereInReach } from '../../core/control/whose-folder.ts';
import { describeFailure, failure, type Failure } from '../../core/failure.ts';
import type { RunFinished, RunHandle } from '../../core/orchestrator.ts';
import type { PersonAction } from '../../core/person-action.ts';
import { isTerminal, summarizeTasks, type RunState, type TaskState } from '../../core/run-state.ts';
import { waitsForPerson } from '../../core/waiting.ts';
import type { ChatOp } from './chat-op.ts';
import type { PastTurn } from './chat-history.ts';
import { followElsewhere } from './chat-elsewhere.ts';
import { runNamed, runToShow, runWithTasks } from './chat-past.ts';
import { ChatPresenter } from './chat-presenter.ts';
import { failedText, followRun, type RunTurn, type TurnEnd } from './chat-run.ts';
import { readTaskWish } from './chat-task.ts';
import {
  numberedTasks,
  numberOf,
  taskQuestion,
  waitingTasks,
  waitingTasksButtons,
  waitingTasksText,
} from './chat-waiting.ts';
import { COMMANDS } from '../ids.ts';
import { asText } from '../markdown/safe-part.ts';

export interface AttachTurn {
  readonly opened: Pick<OpenedOrchestrator, 'orchestrator' | 'feed' | 'journal'> & {
    readonly folders: Pick<RunFolders, 'look'>;
  };
  readonly past: readonly PastTurn[];
  readonly prompt: string;
  readonly run: RunTurn;
  readonly progress: (text: string) => void;
}

/** Nothing of a run is shown: `text` is all there is to say. */
export type AttachEnd =
  | (TurnEnd & { readonly kind: 'run' })
  | { readonly kind: 'said'; readonly text: string; readonly run?: string; readonly buttons?: readonly ChatOp[] }
  | { readonly kind: 'interrupted'; readonly state: RunState };

export async function runTurn(turn: AttachTurn): Promise<AttachEnd> {
  const wanted = turn.prompt.trim().replaceAll('`', '');
  const isNamed = wanted !== '' && !/^(?:this|the)\b.*\bplan$/i.test(wanted);
  const found = isNamed ? await runNamed(wanted, turn.opened) : await runToShow(turn.past, turn.opened);
  if (found !== undefined) return attach(found, turn);
  return {
    kind: 'said',
    text: isNamed
      ? `No single run is named ${asText(wanted, 80)}. The Orchestrator view lists them.`
      : 'No plan of this chat waits for you, and nothing of it goes on. Ask for a plan with `/plan` and your request.',
  };
}

async function attach(found: FedRun, turn: AttachTurn): Promise<AttachEnd> {
  const { state, liveness } = found;
  if (liveness === 'finished') return showEnded(state, turn);
  if (state.phase === 'approving') return act(state, { kind: 'approve' }, { turn, attachedTo: approved(state) });
  if (liveness === 'interrupted') return interrupted(state, turn);
  const handle = turn.opened.orchestrator.handle(state.run);
  return handle === undefined
    ? followOther(state.run, turn)
    : { kind: 'run', ...(await followRun(() => Promise.resolve(ok(handle)), { ...turn.run, attachedTo: state })) };
}

/** To resume it is offered only where it can be. */
async function interrupted(state: RunState, { opened }: AttachTurn): Promise<AttachEnd> {
  if (await opened.folders.look(state.workspace)) return { kind: 'interrupted', state };
  return { kind: 'said', text: `The run was interrupted. ${asText(whereInReach(state), 1_000)}` };
}

/** As the plan is shown when it runs: what it was to take is no news any more. */
function approved(state: RunState): RunState {
  return { ...state, phase: 'running', waiting: null };
}

/** Does it, then shows the run to its end, or until it waits for a person again. */
async function act(
  { run }: RunState,
  action: PersonAction,
  { turn, attachedTo }: { readonly turn: AttachTurn; readonly attachedTo?: RunState },
): Promise<AttachEnd> {
  const { orchestrator } = turn.opened;
  let other: string | undefined;
  const start = async (): Promise<Result<RunHandle, Failure>> => {
    const done = await orchestrator.act(run, action);
    if (!done.ok) return done;
    const handle = orchestrator.handle(done.value.run);
    if (handle !== undefined) return ok(handle);
    other = done.value.run;
    return {
      ok: false,
      error: failure('rejected', 'The run is not of this window.', { whatToDo: 'Look in the other one.' }),
    };
  };
  const end = await followRun(start, attachedTo === undefined ? turn.run : { ...turn.run, attachedTo });
  return other === undefined ? { kind: 'run', ...end } : showOrFollow(other, turn);
}

/** It may have ended by now. */
async function showOrFollow(run: string, turn: AttachTurn): Promise<AttachEnd> {
  const looked = await turn.opened.feed.look(run);
  if (looked.ok && looked.value.liveness === 'finished') return showEnded(looked.value.state, turn);
  return followOther(run, turn);
}

async function followOther(run: string, turn: AttachTurn): Promise<AttachEnd> {
  turn.progress('This run goes on in another window or terminal; it is followed here');
  const { cancellation } = turn.run;
  const now = await followElsewhere(run, { feed: turn.opened.feed, cancellation, progress: turn.progress });
  if (now === undefined) {
    const cancelled = await turn.opened.orchestrator.act(run, { kind: 'cancel' });
    return { kind: 'run', run, error: cancelled.ok ? undefined : describeFailure(cancelled.error) };
  }
  if (now.liveness === 'finished') return showEnded(now.state, turn);
  if (now.liveness === 'interrupted') return interrupted(now.state, turn);
  const stream = turn.run.answer(run);
  stream.write(new ChatPresenter(turn.run.presenter).waits(now.state));
  await stream.drained();
  return { kind: 'run', run, error: undefined, waits: waitsForPerson(now.state) === 'plan' ? 'plan' : 'tasks' };
}

async function showEnded(state: RunState, turn: AttachTurn): Promise<AttachEnd> {
  // What is shown in the chat stays as it is.
  await turn.opened.folders.look(state.workspace);
  const finished = finishedOf(state);
  const stream = turn.run.answer(state.run);
  stream.write(new ChatPresenter(turn.run.presenter).finish(finished, state));
  await stream.drained();
  return { kind: 'run', run: state.run, error: finished.outcome === 'failed' ? failedText(finished) : undefined };
}

function finishedOf(state: RunState): RunFinished {
  return {
    type: 'run.finished',
    outcome: state.outcome ?? 'failed',
    stoppedBy: state.stoppedBy,
    answer: state.answer ?? '',
    failure: state.failure,
    spent: state.spent,
    tasks: summarizeTasks(state),
  };
}

export async function taskTurn(turn: AttachTurn): Promise<AttachEnd> {
  const found = await runWithTasks(turn.past, turn.opened);
  if (found === undefined)
    return {
      kind: 'said',
      text: 'No run of this chat goes on. Open a task of an ended run from the Orchestrator view to continue it.',
    };
  const { state } = found;
  const wish = readTaskWish(turn.prompt, state);
  switch (wish.kind) {
    case 'list':
      return listed(state);
    case 'show':
      return {
        kind: 'said',
        text: taskText(wish.task, state),
        run: state.run,
        buttons: [openButton(wish.task, state)],
      };
    case 'say':
      turn.progress(`Telling "${wish.task.title}"`);
      return act(state, { kind: 'say', task: wish.task.id, text: wish.text }, { turn });
    case 'ambiguous':
      return {
        kind: 'said',
        run: state.run,
        text: `${plural(wish.tasks.length, 'task')} are named ${asText(wish.wanted, 80)}; say which by its number:\n\n${taskLines(wish.tasks, state)}`,
      };
    case 'unknown':
      return {
        kind: 'said',
        run: state.run,
        text: `No task is named ${asText(wish.wanted, 80)}. Name one by its number, its id or a part of its title and a colon, then say what it is to know:\n\n${taskLines(numberedTasks(state), state)}`,
      };
  }
}

function listed(state: RunState): AttachEnd {
  if (waitingTasks(state).length > 0)
    return { kind: 'said', run: state.run, text: waitingTasksText(state), buttons: waitingTasksButtons(state) };
  return {
    kind: 'said',
    run: state.run,
    text: `No task waits for you. To tell one something all the same, name it by its number:\n\n${taskLines(numberedTasks(state), state)}`,
    buttons: [{ kind: 'button', title: 'Show Tasks', command: COMMANDS.showTasks }],
  };
}

function taskLines(tasks: readonly TaskState[], state: RunState): string {
  return tasks.map((task) => `- **${numberOf(task, state)}** ${asText(task.title, 120)} · ${task.status}`).join('\n');
}

function taskText(task: TaskState, state: RunState): string {
  if (task.status === 'waiting') return taskQuestion(task, state);
  const where = task.backend === null ? '' : ` · ${asText(task.backend, 64)}`;
  const hint = isTerminal(task.status)
    ? 'It has ended; continue or retry it from the Orchestrator view.'
    : 'It asks nothing. What you tell it is heard by its next call.';
  return `**${numberOf(task, state)} · ${asText(task.title, 120)}** · ${task.status}${where}\n\n${hint}`;
}

function openButton(task: TaskState, { run }: RunState): ChatOp {
  return { kind: 'button', title: 'Open Conversation', command: COMMANDS.openTask, arguments: [run, task.id] };
}
