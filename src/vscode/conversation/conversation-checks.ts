/** How what the task submitted was judged. */
import { checkNotes, verdictOpening } from '../../core/deliverable/verdict.ts';
import type { TaskState } from '../../core/run-state.ts';
import type { Item } from '../../webview/conversation/conversation-view.ts';
import type { AttemptShelf } from './conversation-shelf.ts';

/** Of what was submitted in that turn. */
export function checkItems({ judged }: TaskState, turn: number, shelf: AttemptShelf): readonly Item[] {
  return judged.flatMap((one, index) =>
    one.turn !== turn
      ? []
      : [
          shelf.keep(`${shelf.prefix}checks.${index}`, [one], () => ({
            kind: 'checks',
            verdict: verdictOpening(one.verdict),
            checks: one.verdict.checks.map((check) => ({
              check: check.check,
              outcome: check.outcome,
              why: check.why,
              notes: checkNotes(check),
            })),
          })),
        ],
  );
}
