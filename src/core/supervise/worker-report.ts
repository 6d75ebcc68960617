/** What a supervisor is told of its workers. */
import { unreachable } from '../../base/assert.ts';
import { describeFailure } from '../failure.ts';
import { payloadText, type Payload, type RunEventBody } from '../run-event.ts';
import type { TaskState } from '../run-state.ts';
import { workedMs } from '../stint.ts';
import { showingOf, withheldText } from './kept-here.ts';
import { LONGEST_SHOWN } from './limits.ts';
import { spentText } from './standing.ts';
import type { Supervisor, SupervisorTurn } from './supervisor.ts';

export interface Report {
  readonly text: string;
  /** To be journaled with it. */
  readonly events: readonly RunEventBody[];
}

/** One line. */
export function workerLine({ ctx }: Supervisor, task: TaskState): string {
  const { id, title, status, backend, spent } = task;
  const seconds = Math.round(workedMs(task, ctx.clock.wallMs()) / 1000);
  const where = backend === null ? '' : ` on ${backend}`;
  const cost = spent.iterations === 0 ? '' : `; spent ${spentText(spent)}`;
  return `- ${id} "${title}": ${statusText(task)}${where}${status === 'active' ? `, ${seconds} s` : ''}${cost}`;
}

function statusText({ status, failure }: TaskState): string {
  switch (status) {
    case 'pending':
      return 'waits for its turn';
    case 'active':
      return 'at work';
    case 'waiting':
      return 'asks you something';
    case 'completed':
      return 'completed';
    case 'failed':
      return `failed${failure === null ? '' : ` (${failure.reason})`}`;
    case 'cancelled':
      return 'called off';
    case 'skipped':
      return 'skipped';
    default:
      return unreachable(status);
  }
}

/** All there is to tell; of a long result from the character `from` on. */
export function workerReport(
  supervisor: Supervisor,
  task: TaskState,
  how: { readonly turn: SupervisorTurn; readonly from?: number | undefined },
): Report {
  const { ctx, work } = supervisor;
  const { turn, from = 0 } = how;
  const showing = showingOf(ctx, task.id, turn.backend);
  const isHidden = showing.kind === 'withheld';
  const show = (text: string): string => (showing.kind === 'withheld' ? withheldText(showing.rule) : text);
  const changed = [...new Set(task.edits.map(({ path, to }) => to ?? path))];
  const parts = [
    `## ${task.id} ${JSON.stringify(task.title)}: ${statusText(task)}; spent ${spentText(task.spent)}`,
    ...(changed.length === 0 || isHidden ? [] : [`Proposed edits of: ${changed.join(', ')}`]),
    ...(task.problems.length === 0 ? [] : [show(`Problems in its edits:\n${task.problems.join('\n')}`)]),
    ...endParts(task, { show, isHidden, from }),
  ];
  const events: readonly RunEventBody[] =
    showing.kind === 'here' ? [{ type: 'files.read', task: work.spec.id, files: showing.files }] : [];
  return { text: parts.join('\n'), events };
}

interface Shown {
  readonly show: (text: string) => string;
  readonly isHidden: boolean;
  readonly from: number;
}

function endParts(task: TaskState, { show, isHidden, from }: Shown): readonly string[] {
  const { status, failure, result, partial, talk } = task;
  if (status === 'waiting') {
    const question = talk.findLast(({ by }) => by === 'task')?.text ?? '';
    return [show(`Asks you:\n${payloadText(question)}`)];
  }
  // A server that was shown the files may repeat them in its error.
  const why = failure === null ? [] : [`Why: ${isHidden ? failure.reason : describeFailure(failure)}`];
  const text = textOf(result);
  const label = status === 'completed' ? (partial ? 'Result (incomplete):' : 'Result:') : 'So far:';
  return [...why, ...(text.trim() === '' ? [] : [`${label}\n${show(shownFrom(text, { task: task.id, from }))}`])];
}

function textOf(result: Payload | null): string {
  return result === null ? '' : payloadText(result);
}

function shownFrom(text: string, { task, from }: { readonly task: string; readonly from: number }): string {
  const shown = text.slice(from, from + LONGEST_SHOWN).toWellFormed();
  const end = from + LONGEST_SHOWN;
  const rest =
    text.length > end ? `\n[${text.length - end} more characters: observe {"task": "${task}", "from": ${end}}]` : '';
  return `${shown}${rest}`;
}
