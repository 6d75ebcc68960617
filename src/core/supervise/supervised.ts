/** A request that a supervisor decides about as it goes, in place of a plan beforehand. */
import type { TaskSpec } from '../plan/plan.ts';
import type { EarlierTurn, RunRequest } from '../run-request.ts';
import { supervisorTask } from './delegate.ts';

/** A plan that is given, or is to be looked at first, is not decided about as it goes. */
export function isDecidedAsItGoes({ options, plan, isDraft }: RunRequest): boolean {
  return options.strategy === 'delegate' && plan === undefined && isDraft !== true;
}

/** The one task of its plan; what that hands in is the answer. */
export function supervisorFor({ text, history, isUnattended }: RunRequest): TaskSpec {
  const said = historyText(history);
  const inputs = said === '' ? [] : [{ text: said }];
  // The run has the words of the request already.
  return { ...supervisorTask(text, isUnattended === true), title: 'Supervisor', inputs };
}

/** Who supervises may be anywhere: what stays on this machine is left out. */
function historyText(history: readonly EarlierTurn[]): string {
  const lines = history.map(
    ({ role, text, localOnly }) =>
      `${role === 'user' ? 'User' : 'You'}: ${localOnly === true ? '(this stays on the user’s machine)' : text}`,
  );
  return lines.length === 0 ? '' : `What was said before:\n\n${lines.join('\n\n')}`;
}
