/** Why an action is refused, and of which tasks, in words for a person. The names of reasons stand in the table of DESIGN.md. */
import { plural } from '../../base/plural.ts';

export interface RefusalText {
  readonly why: string;
  /** One imperative sentence. */
  readonly whatToDo: string;
}

export const REFUSALS = {
  planning: { why: 'The plan is still being made.', whatToDo: 'Wait for it, or cancel the run.' },
  'not-approved': { why: 'Nothing of this plan has run yet.', whatToDo: 'Run the plan first.' },
  'not-running': {
    why: 'Nothing of this plan has run yet.',
    whatToDo: 'Delete the task if it is not wanted, or cancel the run.',
  },
  answering: {
    why: 'The answer is being written from the results as they are.',
    whatToDo: 'Wait for it; after that a change makes a new run.',
  },
  interrupted: { why: 'The run was interrupted.', whatToDo: 'Resume the run first.' },
  'out-of-reach': {
    why: 'The run did not work on what is open here.',
    whatToDo: 'Do it in a window where the folder of the run is open, or in one without a folder if it had none.',
  },
  busy: { why: 'The task is at work on its brief.', whatToDo: 'Say it to the task, or stop it first.' },
  'busy-delete': { why: 'The task is at work.', whatToDo: 'Stop it if it should not go on.' },
  'has-calls': {
    why: 'The task has calls or a result, and what was made with it stays on record.',
    whatToDo: 'Leave it where it is, or delete it when the run has finished: that makes a new run without it.',
  },
  'not-begun': { why: 'The task has not begun.', whatToDo: 'Change it as you like: the change counts when it begins.' },
  'needs-another': {
    why: 'It needs the result of a task that did not complete.',
    whatToDo: 'Retry that one, or mark it as done with a result of your own: this one then goes on by itself.',
  },
  'not-ended': { why: 'The task has not ended.', whatToDo: 'Say it to the task instead.' },
  'nothing-to-keep': {
    why: 'There is nothing of it to keep yet.',
    whatToDo: 'Stop it, or mark it as done with a result of your own.',
  },
  ended: { why: 'The task has ended.', whatToDo: 'Retry it if you want it done anew.' },
  'ended-say': { why: 'The task has ended and hears nothing any more.', whatToDo: 'Use Continue or Retry.' },
  'ended-mode': {
    why: 'The task has ended; a mode counts while it works.',
    whatToDo: 'Retry it, then change its mode.',
  },
  completed: { why: 'The task is done.', whatToDo: 'Retry it if its result is not what you want.' },
  'no-conversation': { why: 'The task has no conversation in this run.', whatToDo: 'Clone it without one.' },
  'nothing-to-continue': {
    why: 'The task has no conversation in this run to go on from.',
    whatToDo: 'Retry it, or add a task below it.',
  },
  'no-result': { why: 'The task has no result.', whatToDo: 'Open its conversation to see how far it is.' },
  finished: { why: 'The run has finished.', whatToDo: 'Retry the task: that makes a new run.' },
  'finished-say': {
    why: 'The run has finished, and nothing hears it.',
    whatToDo: 'Use Continue or Retry: they make a new run.',
  },
  'finished-mark': {
    why: 'The task is done, and the run has finished.',
    whatToDo: 'Retry the task, and mark it as done in the new run.',
  },
} as const satisfies Readonly<Record<string, RefusalText>>;

export type Refusal = keyof typeof REFUSALS;

const MOST_TITLES = 3;

/** `"A"`, `"A" and "B"`, `"A", "B", "C" and 4 more tasks`. */
export function titlesOf(tasks: readonly { readonly title: string }[]): string {
  const titles = tasks.map(({ title }) => `"${title}"`);
  const more = titles.length - MOST_TITLES;
  const named = more > 0 ? [...titles.slice(0, MOST_TITLES), plural(more, 'more task')] : titles;
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}
