/**
 * A run as it is read in the chat. Owns: what is said when. Pure: events, texts and the fold go in, operations come out.
 *
 * 1. The answer and the cost line are one run of markdown, the last one; only buttons follow. VS Code folds all that is before.
 * 2. Text of a model or a file is never shown but as text or through `SafeMarkdown`.
 * 3. Every row that was begun is ended.
 */
import { citedText } from '../app/proposal-text.ts';
import { formatDuration, formatUsd } from '../app/amounts.ts';
import { plural } from '../base/plural.ts';
import { costLine, spendByBackend } from '../app/run-text.ts';
import { oneLine } from '../app/safe-text.ts';
import type { CallKey } from '../core/backend.ts';
import { describeFailure } from '../core/failure.ts';
import type { RunFinished, TextDelta } from '../core/orchestrator.ts';
import { ANSWER_TASK, PLAN_TASK } from '../core/plan.ts';
import type { RunEvent } from '../core/run-event.ts';
import { isTerminal, type RunState, type TaskState } from '../core/run-state.ts';
import { focusCommand, type ChatOp } from './chat-op.ts';
import { proposalButtons, proposalNote } from './chat-proposal.ts';
import { planDocument, planList, type Foresee } from './chat-plan.ts';
import { COMMANDS, VIEWS } from './ids.ts';
import { SafeMarkdown } from './safe-markdown.ts';
import { asText, type IsFile } from './safe-part.ts';

export interface PresenterOptions {
  readonly isFile: IsFile;
  /** Nothing but the embedded backend is there: say how to add one. */
  readonly isOnlyEmbedded: boolean;
  /** Only the plan was asked for; says where a task would go. */
  readonly planOnly?: Foresee;
}

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

export class ChatPresenter {
  readonly #options: PresenterOptions;
  readonly #rows = new Set<string>();
  readonly #references = new Set<string>();
  #safe: SafeMarkdown;
  #isAfterMarkdown = false;
  /** The answer's text as it came, undefined until the first of it. */
  #answer: string | undefined;

  constructor(options: PresenterOptions) {
    this.#options = options;
    this.#safe = new SafeMarkdown(options.isFile);
  }

  /** A run that was under way before this chat turn looks at it. */
  attach(state: RunState): readonly ChatOp[] {
    if (state.tasks.size === 0) return [];
    const done = [...state.tasks.values()].filter((task) => isTerminal(task.status));
    return [
      { kind: 'markdown', text: `${planList(state)}\n\n` },
      { kind: 'progress', text: `${done.length} of ${plural(state.tasks.size, 'task')} done before` },
    ];
  }

  /** `state` is the fold with this event in it. */
  event(event: RunEvent, state: RunState): readonly ChatOp[] {
    const ops = this.#eventOps(event, state);
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
    const body =
      this.#options.planOnly === undefined ? this.#rest(finished.answer) : this.#plan(state, this.#options.planOnly);
    const cost =
      state.spent.iterations === 0 && finished.outcome === 'failed' ? [] : [`---\n\n${asText(costText(state))}`];
    const tail = [...proposalNote(state), ...endNote(finished), ...cost].map((part) => `\n\n${part}`).join('');
    const text: readonly ChatOp[] = tail === '' ? [] : [{ kind: 'markdown', text: tail }];
    return [...rows, ...body, ...this.#begin(), ...this.#safe.end(), ...text, ...this.#buttons(state)];
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
        return progress(
          event.inDoubt.length === 0
            ? 'Continuing'
            : `Continuing; ${plural(event.inDoubt.length, 'call')} had no result when the run was interrupted`,
        );
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
      case 'plan.rejected':
        return progress(
          `The plan had ${plural(event.faults.length, 'fault')}${event.repair ? ' and is made once more' : ''}: ${event.faults.join(' ')}`,
        );
      case 'plan.accepted':
        return event.tasks.length === 0 || this.#options.planOnly !== undefined
          ? []
          : [{ kind: 'markdown', text: `${planList(state)}\n\n` }];
      case 'inputs.read':
        return this.#inputs(event);
      case 'reading.planned':
        return progress(readingText(event, state));
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

  #taskOps(event: RunEvent, state: RunState): readonly ChatOp[] {
    if (!('task' in event)) return [];
    const task = state.tasks.get(event.task);
    if (task === undefined) return [];
    switch (event.type) {
      case 'task.started':
        return this.#startRow(task);
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

  #begin(): readonly ChatOp[] {
    if (this.#answer !== undefined) return [];
    this.#answer = '';
    // VS Code joins markdown that follows markdown: something else must stand between.
    return [...(this.#isAfterMarkdown ? progress('Answering') : []), { kind: 'answer' }];
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

  #plan(state: RunState, foresee: Foresee): readonly ChatOp[] {
    if (state.outcome === 'failed' || state.outcome === 'cancelled') return [];
    const text =
      state.tasks.size === 0
        ? 'This needs no plan: one backend answers it directly. Ask it without `/plan`.'
        : planDocument(state, foresee);
    return [...this.#begin(), { kind: 'markdown', text }];
  }

  #buttons(state: RunState): readonly ChatOp[] {
    const buttons: ChatOp[] = [...proposalButtons(state)];
    if (state.tasks.size > 0 && this.#options.planOnly === undefined)
      buttons.push({ kind: 'button', title: 'Show Tasks', command: focusCommand(VIEWS.tasks) });
    if (this.#options.isOnlyEmbedded)
      buttons.push({ kind: 'button', title: 'Add a Backend', command: COMMANDS.addBackend });
    return buttons;
  }
}

/** `Spent $0.0123 · 5 calls · 12,345 tokens · 8.2 s · frontier 2, code 1`. */
function costText(state: RunState): string {
  const backends = spendByBackend(state).map(({ backend, calls }) => `${backend} ${calls}`);
  return backends.length === 0 ? costLine(state) : `${costLine(state)} · ${backends.join(', ')}`;
}

function progress(text: string): readonly ChatOp[] {
  return text === '' ? [] : [{ kind: 'progress', text: asText(text, 400) }];
}

function callText({ key, backend }: { readonly key: CallKey; readonly backend: string }, state: RunState): string {
  if (key.task === PLAN_TASK) return key.turn > 0 ? `Asking ${backend} to mend the plan` : `Asking ${backend}`;
  if (key.task === ANSWER_TASK) return `Writing the answer with ${backend}`;
  // The first call of a task is told by its row.
  return key.attempt === 0 ? '' : `${oneLine(state.tasks.get(key.task)?.title ?? key.task, 100)}: now with ${backend}`;
}

const NEXT: Readonly<Record<EventOf<'call.failed'>['next'], string>> = {
  retry: 'trying again',
  'next-backend': 'another backend is asked',
  'give-up': 'giving up',
};

function failedCallText(event: EventOf<'call.failed'>, state: RunState): string {
  if (event.failure.reason === 'cancelled') return '';
  const task =
    event.key.task === PLAN_TASK || event.key.task === ANSWER_TASK ? undefined : state.tasks.get(event.key.task);
  return `${task === undefined ? '' : `${task.title}: `}${event.backend} failed, ${NEXT[event.next]}. ${event.failure.message}`;
}

function workText(task: TaskState): readonly string[] {
  const { reading } = task;
  const citations = citedText(task.cited, 'task');
  const paths = new Set(task.edits.map((edit) => edit.path));
  return [
    ...(reading === null ? [] : [plural(reading.parts.length, 'part')]),
    ...(citations === undefined ? [] : [citations]),
    ...(paths.size === 0 ? [] : [`${plural(paths.size, 'file')} edited`]),
    ...(task.problems.length === 0 ? [] : [`${plural(task.problems.length, 'problem')} left in the edits`]),
    ...(task.partial ? ['incomplete'] : []),
  ];
}

function endText(task: TaskState, state: RunState): string {
  const title = oneLine(task.title, 100);
  const ms =
    task.startedAtMs === null || task.endedAtMs === null ? '' : formatDuration(task.endedAtMs - task.startedAtMs);
  const cost = task.spent.iterations === 0 ? '' : formatUsd(task.spent);
  const figures = [task.backend ?? '', ms, cost].filter((part) => part !== '').join(' · ');
  switch (task.status) {
    case 'completed':
      return `✓ ${title} · ${[figures, ...workText(task)].join(' · ')}`;
    case 'failed':
      return `✗ ${title} · ${figures === '' ? '' : `${figures} · `}${task.failure === null ? 'failed' : describeFailure(task.failure)}`;
    case 'skipped':
      return `○ ${title} · skipped: "${oneLine(state.tasks.get(task.skippedBecause ?? '')?.title ?? task.skippedBecause ?? '', 60)}" did not complete`;
    case 'cancelled':
      return `○ ${title} · cancelled`;
    case 'pending':
    case 'active':
      return '';
  }
}

function titleOf(task: string, state: RunState): string {
  return oneLine(state.tasks.get(task)?.title ?? task, 100);
}

function readingText(event: EventOf<'reading.planned'>, state: RunState): string {
  const unread = event.unread.length === 0 ? '' : `; ${plural(event.unread.length, 'line')} too long for any backend`;
  return `${titleOf(event.task, state)}: read in ${plural(event.parts.length, 'part')}${unread}`;
}

/** Why the answer is not whole; a failure without an answer is said by the turn itself. */
function endNote(finished: RunFinished): readonly string[] {
  const why = finished.failure === null ? '' : ` ${asText(describeFailure(finished.failure))}`;
  switch (finished.outcome) {
    case 'partial':
      return [`> **Partial answer.**${why === '' ? ' Some tasks did not complete.' : why}`];
    case 'cancelled':
      return ['> **Cancelled.** Nothing runs any more.'];
    case 'answered':
    case 'failed':
      return [];
  }
}
