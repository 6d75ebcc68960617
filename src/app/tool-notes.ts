import { isTerminal, type TaskState } from '../core/run-state.ts';
import { oneLine } from './safe-text.ts';

/** What a person should know of a task's tools: those that could not be had, and calls whose end is not on record. */
export function toolNotes({ missingTools, begunTools, status }: TaskState): readonly string[] {
  const ended = isTerminal(status) ? 'its end is not on record: look whether it was carried out' : 'has not ended yet';
  return [
    ...missingTools.map(({ name, why }) => `It goes without ${oneLine(name)}: ${oneLine(why, 400)}`),
    ...begunTools.map(({ name }) => `A call of ${oneLine(name)} was begun, and ${ended}.`),
  ];
}
