/** How what supervisors submitted was judged, as text. */
import { verdictText } from '../core/deliverable/verdict.ts';
import type { Judged, RunState, TaskState } from '../core/run-state.ts';
import { fenced, oneLine } from './safe-text.ts';

/** Sections of a Markdown document; checks quote files and what commands printed. */
export function checksSections({ judged }: TaskState): readonly string[] {
  return judged.length === 0 ? [] : ['## Checks', ...judged.map(checksBlock)];
}

export function checksBlock({ verdict }: Judged): string {
  return fenced(verdictText(verdict));
}

/** For a terminal: the last verdict of each task that has one. */
export function checksLines(state: RunState): readonly string[] {
  return [...state.tasks.values()].flatMap(({ title, judged }) => {
    const last = judged.at(-1);
    const which = judged.length > 1 ? `, submission ${judged.length}` : '';
    return last === undefined ? [] : [`Checks of ${oneLine(title, 60)}${which}: ${verdictText(last.verdict)}`];
  });
}
