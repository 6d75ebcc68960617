import type { TaskState } from '../core/run-state.ts';
import { isTerminal } from '../core/run-state.ts';
import { oneLine } from './safe-text.ts';

/** What a person should know of a task's tools: those that could not be had, and calls of which nobody knows how they ended. */
export function toolNotes({ missingTools, begunTools, status }: TaskState): readonly string[] {
  const inDoubt = isTerminal(status) || status === 'pending' ? begunTools : [];
  return [
    ...missingTools.map(({ name, why }) => `It goes without ${name}: ${oneLine(why, 400)}`),
    ...inDoubt.map(
      ({ name }) => `A call of ${name} was begun and its end is not on record: look whether it was carried out.`,
    ),
  ];
}
