/** What a supervisor says to a worker that is at work. */
import { localOnlySource } from '../local-only.ts';
import { isTerminal } from '../run-state.ts';
import { workersOf } from './family.ts';
import { refusedCall, type Coordinated, type Supervisor } from './supervisor.ts';
import { noSuchWorker } from './watch.ts';

interface Word {
  readonly task: string;
  readonly message: string;
}

/** To be called in line with other changes. `isAnswer`: only what it asked is answered. */
export function sayTo(supervisor: Supervisor, { task: id, message }: Word, isAnswer: boolean): Coordinated {
  const { ctx, work } = supervisor;
  const task = workersOf(ctx.state, work.spec.id).find((one) => one.id === id);
  if (task === undefined) return noSuchWorker(supervisor, id);
  if (isTerminal(task.status))
    return refusedCall(
      `${id} has ended (${task.status}) and hears nothing any more. Start another one with what it needs.`,
    );
  if (isAnswer && task.status !== 'waiting')
    return refusedCall(`${id} asks nothing now. To tell it something all the same, use steer.`);
  if (!canHear(supervisor, id))
    return refusedCall(
      `${id} may go on elsewhere, and what you were shown stays on this machine by a data rule. Stop it, and start another one with what it needs: that stays here.`,
    );
  return {
    isOk: true,
    text: isAnswer ? `Answered ${id}.` : `Said it to ${id}; its next call hears it.`,
    events: [{ type: 'message.said', task: id, text: message, by: work.spec.id }],
    after: () => ctx.running.control(id)?.said(),
  };
}

/** What must stay here is only said to a worker that stays here. */
function canHear({ ctx, work }: Supervisor, worker: string): boolean {
  const isKept = work.read.localRule !== undefined || localOnlySource(ctx.state, work.spec.id) !== undefined;
  return !isKept || localOnlySource(ctx.state, worker) !== undefined;
}
