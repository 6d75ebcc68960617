/**
 * The tasks of a run that has too many to be told one by one: each row and each line of a chat answer costs VS Code a round
 * trip and a drawing, and hundreds of them come faster than it takes them. Pure.
 *
 * 1. A task that waits for the user is always told, and so are the first that did not complete.
 * 2. How far the run is is told at most TOLD_TIMES times.
 */
import { formatCount } from '../../app/amounts.ts';
import type { RunEvent } from '../../core/run-event.ts';
import { isTerminal, type RunState, type TaskState } from '../../core/run-state.ts';
import { endText } from './chat-lines.ts';
import type { ChatOp } from './chat-op.ts';
import { waitsLine } from './chat-waiting.ts';
import { asText } from '../markdown/safe-part.ts';

const TOLD_ONE_BY_ONE = 40;
const TOLD_TIMES = 20;
const MOST_LINES = 20;

export function isCrowd({ tasks }: RunState): boolean {
  return tasks.size > TOLD_ONE_BY_ONE;
}

export class ChatCrowd {
  #ended = 0;
  #lines = 0;

  taskOps(type: RunEvent['type'], task: TaskState, state: RunState): readonly ChatOp[] {
    if (type === 'task.waiting') return [{ kind: 'markdown', text: `- ${waitsLine(task, state)}\n` }];
    if (!isTerminal(task.status)) return [];
    this.#ended += 1;
    return [...this.#lineOf(task, state), ...this.#howFar(state)];
  }

  #lineOf(task: TaskState, state: RunState): readonly ChatOp[] {
    if (task.status === 'completed' || this.#lines === MOST_LINES) return [];
    this.#lines += 1;
    const more = this.#lines === MOST_LINES ? '- … the others are in the tree\n' : '';
    return [{ kind: 'markdown', text: `- ${asText(endText(task, state), 400)}\n${more}` }];
  }

  #howFar({ tasks }: RunState): readonly ChatOp[] {
    if (this.#ended % Math.ceil(tasks.size / TOLD_TIMES) !== 0) return [];
    const done = [...tasks.values()].filter(({ status }) => isTerminal(status)).length;
    return [{ kind: 'progress', text: `${formatCount(done)} of ${formatCount(tasks.size)} tasks done` }];
  }
}
