/**
 * A run as it is read in the chat. Owns: what is said when. Pure: events, texts and the fold go in, operations come out.
 *
 * 1. The answer and the cost line are one run of markdown, the last one; only buttons follow. VS Code folds all that is before.
 * 2. Text of a model or a file is never shown but as text or through `SafeMarkdown`.
 * 3. Every row that was begun is ended.
 * 4. A plan that waits is shown once, in the markdown that ends the turn.
 */
import { formatDuration } from '../../app/amounts.ts';
import { plural } from '../../base/plural.ts';
import { planTree } from '../../app/plan-text.ts';
import { oneLine } from '../../app/safe-text.ts';
import type { RunSeen } from '../../core/control/whose-folder.ts';
import { describeFailure } from '../../core/failure.ts';
import type { RunFinished, TextDelta } from '../../core/orchestrator.ts';
import { ANSWER_TASK } from '../../core/plan/plan.ts';
import { payloadText, type RunEvent } from '../../core/run-event.ts';
import { isTerminal, type RunState, type TaskState } from '../../core/run-state.ts';
import { ChatCrowd, isCrowd } from './chat-crowd.ts';
import {
  callText,
  costText,
  endNote,
  endText,
  failedCallText,
  readingText,
  resumedText,
  saidText,
  titleOf,
} from './chat-lines.ts';
import { focusCommand, type ChatOp } from './chat-op.ts';
import { proposalButtons, proposalNote } from './chat-proposal.ts';
import {
  waitingPlanButtons,
  waitingPlanText,
  waitingTasksButtons,
  waitingTasksText,
  waitsLine,
} from './chat-waiting.ts';
import { COMMANDS, VIEWS } from '../ids.ts';
import { SafeMarkdown } from '../markdown/safe-markdown.ts';
import { asText, type IsFile } from '../markdown/safe-part.ts';

export interface PresenterOptions {
  readonly isFile: IsFile;
  /** Nothing but the embedded backend is there: say how to add one. */
  readonly isOnlyEmbedded: boolean;
  /** Did a run work on the folder that is open here? By `RunState.workspace`. */
  readonly isHere: (workspace: string) => boolean;
}

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

export class ChatPresenter {
  readonly #options: PresenterOptions;
  readonly #rows = new Set<string>();
  readonly #crowd = new ChatCrowd();
  readonly #references = new Set<string>();
  #safe: SafeMarkdown;
  #isAfterMarkdown = false;
  /** The answer's text as it came, undefined until the first of it. */
  #answer: string | undefined;
  /** The plan is there and not shown yet: what follows tells whether it waits. */
  #isPlanDue = false;

  constructor(options: PresenterOptions) {
    this.#options = options;
    this.#safe = new SafeMarkdown(options.isFile);
  }

  /** A run that was under way before this chat turn looks at it. */
  attach(state: RunState): readonly ChatOp[] {
    if (state.tasks.size === 0) return [];
    const tasks = [...state.tasks.values()];
    const done = tasks.filter((task) => isTerminal(task.status)).length;
    return [
      { kind: 'markdown', text: `${planTree(state, { format: 'markdown' })}\n\n` },
      ...(done === 0 ? [] : progress(`${done} of ${plural(tasks.length, 'task')} done before`)),
      ...(isCrowd(state)
        ? []
        : tasks.filter(({ status }) => status === 'active').flatMap((task) => this.#startRow(task))),
    ];
  }

  /** `state` is the fold with this event in it. */
  event(event: RunEvent, state: RunState): readonly ChatOp[] {
    const ops = [...this.#duePlan(event, state), ...this.#eventOps(event, state)];
    const last = ops.findLast((op) => op.kind === 'markdown' || op.kind === 'progress' || op.kind === 'row');
    if (last !== undefined) this.#isAfterMarkdown = last.kind === 'markdown';
    // Within the answer nothing else is said; references stand beside it, and a row must end.
    return this.#answer === undefined ? ops : ops.filter((op) => op.kind === 'reference' || op.kind === 'row-end');
  }

  text(delta: TextDelta): readonly ChatOp[] {
    if (delta.task !== ANSWER_TASK) return [];
    const again = delta.restart ? this.#restart() : [];
    return delta.text === '' ? again : [...again, ...this.#write(delta.text)];
  }

  /** The end of the answer: what has not been streamed, why it is partial, the cost, and the buttons. */
  finish(finished: RunFinished, state: RunState): readonly ChatOp[] {
    const rows = this.abandon();
    const body = this.#rest(finished.answer);
    const cost =
      state.spent.iterations === 0 && finished.outcome === 'failed' ? [] : [`---\n\n${asText(costText(state))}`];
    const seen = this.#seen(state);
    const tail = [...proposalNote(state, seen), ...endNote(finished), ...cost].map((part) => `\n\n${part}`).join('');
    const text: readonly ChatOp[] = tail === '' ? [] : [{ kind: 'markdown', text: tail }];
    return [...rows, ...body, ...this.#begin(), ...this.#safe.end(), ...text, ...this.#buttons(state, seen)];
  }

  /** The end of a turn whose run goes on when a person has said what it waits for. */
  waits(state: RunState): readonly ChatOp[] {
    const isPlan = state.phase === 'approving';
    const text = isPlan ? waitingPlanText(state) : waitingTasksText(state);
    const buttons = isPlan ? waitingPlanButtons(state) : waitingTasksButtons(state);
    return [...this.abandon(), ...this.#begin('Waiting for you'), { kind: 'markdown', text }, ...buttons];
  }

  /** Nobody looks any more: ends the rows. */
  abandon(): readonly ChatOp[] {
    const rows = [...this.#rows].map((key): ChatOp => ({ kind: 'row-end', key }));
    this.#rows.clear();
    return rows;
  }

  #eventOps(event: RunEvent, state: RunState): readonly ChatOp[] {
    switch (event.type) {
      case 'run.resumed':
        return event.inDoubt.length === 0
          ? progress('Continuing')
          : [{ kind: 'markdown', text: resumedText(event.inDoubt, state) }];
      case 'consent.asked': // stays readable while other things go on, as a progress line would not
        return [
          { kind: 'markdown', text: `*Waiting for your answer: may data go to ${asText(event.host, 100)}?*\n\n` },
        ];
      case 'consent.decided':
        return event.allowed ? [] : progress(`${event.host} was not allowed; its backends are left out`);
      case 'call.started':
        return progress(callText(event, state));
      case 'call.failed':
        return progress(failedCallText(event, state));
      case 'budget.refused':
        return progress(describeFailure(event.failure));
      case 'backend.rested':
        return progress(`${event.backend} is left alone for ${formatDuration(event.forMs)}: ${event.why}`);
      case 'request.decided':
        return event.why === undefined ? [] : [{ kind: 'markdown', text: `*${asText(event.why, 300)}*\n\n` }];
      case 'plan.rejected':
        return progress(
          `The plan had ${plural(event.faults.length, 'fault')}${event.repair ? ' and is made once more' : ''}: ${event.faults.join(' ')}`,
        );
      case 'plan.accepted':
        // A supervisor alone is no plan to look at: its workers are told of as they come.
        this.#isPlanDue = event.tasks.some((task) => task.supervises !== true);
        return [];
      case 'plan.approved':
        return progress('The plan runs');
      case 'plan.edited':
        return progress(event.change.what);
      case 'inputs.read':
        return this.#inputs(event);
      case 'reading.planned':
        return progress(readingText(event, state));
      case 'tools.found':
        return event.missing.length === 0
          ? []
          : progress(
              `${titleOf(event.task, state)} goes on without ${event.missing.map(({ name }) => name).join(', ')}: ${event.missing[0]?.why ?? ''}`,
            );
      case 'edits.checked':
        return event.again
          ? progress(
              `${titleOf(event.task, state)}: ${plural(event.problems.length, 'problem')} in its edits, which it mends`,
            )
          : [];
      default:
        return this.#taskOps(event, state);
    }
  }

  #duePlan(event: RunEvent, state: RunState): readonly ChatOp[] {
    if (!this.#isPlanDue) return [];
    this.#isPlanDue = false;
    return event.type === 'plan.waiting'
      ? []
      : [{ kind: 'markdown', text: `${planTree(state, { format: 'markdown' })}\n\n` }];
  }

  #taskOps(event: RunEvent, state: RunState): readonly ChatOp[] {
    if (!('task' in event)) return [];
    const task = state.tasks.get(event.task);
    if (task === undefined) return [];
    if (isCrowd(state) && event.type.startsWith('task.')) return this.#crowd.taskOps(event.type, task, state);
    switch (event.type) {
      case 'task.started':
        return this.#startRow(task);
      case 'task.waiting':
        return [{ kind: 'markdown', text: `- ${waitsLine(task, state)}\n` }];
      case 'message.said':
        return progress(saidText(task, payloadText(event.text)));
      case 'task.retried':
        return [...this.#endRow(task), ...progress(`${task.title}: done anew`)];
      case 'task.marked':
      case 'task.completed':
      case 'task.failed':
      case 'task.cancelled':
      case 'task.skipped':
        return [...this.#endRow(task), { kind: 'markdown', text: `- ${asText(endText(task, state), 400)}\n` }];
      default:
        return [];
    }
  }

  #startRow(task: TaskState): readonly ChatOp[] {
    const where = task.backend === null ? '' : ` → ${task.backend}`;
    if (this.#rows.has(task.id)) return progress(`${task.title}${where} (attempt ${task.attempt + 1})`);
    this.#rows.add(task.id);
    return [{ kind: 'row', key: task.id, text: oneLine(`${task.title}${where}`, 200) }];
  }

  #endRow(task: TaskState): readonly ChatOp[] {
    return this.#rows.delete(task.id) ? [{ kind: 'row-end', key: task.id }] : [];
  }

  #inputs(event: EventOf<'inputs.read'>): readonly ChatOp[] {
    const fresh = event.files.filter((file) => !this.#references.has(file.path));
    for (const file of fresh) this.#references.add(file.path);
    return [
      ...fresh.map((file): ChatOp => ({ kind: 'reference', path: file.path })),
      ...event.withheld.flatMap((file) => progress(`${file.path} was not read: ${file.why}`)),
    ];
  }

  #begin(between = 'Answering'): readonly ChatOp[] {
    if (this.#answer !== undefined) return [];
    this.#answer = '';
    // VS Code joins markdown that follows markdown: something else must stand between.
    return [...(this.#isAfterMarkdown ? progress(between) : []), { kind: 'answer' }];
  }

  #write(text: string): readonly ChatOp[] {
    const begin = this.#begin();
    this.#answer = (this.#answer ?? '') + text;
    return [...begin, ...this.#safe.push(text)];
  }

  /** What was shown cannot be taken back, so it is set apart from what counts. */
  #restart(): readonly ChatOp[] {
    if (this.#answer === undefined || this.#answer === '') return [];
    const rest = this.#safe.end();
    this.#safe = new SafeMarkdown(this.#options.isFile);
    this.#answer = undefined;
    return [...rest, { kind: 'markdown', text: '\n\n---\n\n*The answer above broke off; here it is again.*\n\n' }];
  }

  #rest(answer: string): readonly ChatOp[] {
    const shown = this.#answer ?? '';
    if (answer.startsWith(shown)) return answer.length === shown.length ? [] : this.#write(answer.slice(shown.length));
    return answer.trim() === shown.trim() ? [] : [...this.#restart(), ...this.#write(answer)];
  }

  /** At its end. */
  #seen({ workspace }: RunState): RunSeen {
    return { liveness: 'finished', isHere: this.#options.isHere(workspace) };
  }

  #buttons(state: RunState, seen: RunSeen): readonly ChatOp[] {
    const buttons: ChatOp[] = [...proposalButtons(state, seen)];
    if (state.tasks.size > 0) buttons.push({ kind: 'button', title: 'Show Tasks', command: focusCommand(VIEWS.tasks) });
    if (this.#options.isOnlyEmbedded)
      buttons.push({ kind: 'button', title: 'Add a Backend', command: COMMANDS.addBackend });
    return buttons;
  }
}

function progress(text: string): readonly ChatOp[] {
  return text === '' ? [] : [{ kind: 'progress', text: asText(text, 400) }];
}
