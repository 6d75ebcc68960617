/** A request that a supervisor decides about as it goes, in place of a plan beforehand. */
import type { EarlierTurn, RunRequest } from '../run-request.ts';
import { delegateRun } from './delegate.ts';

/** A plan that is given, or is to be looked at first, is not decided about as it goes. */
export function isDecidedAsItGoes({ options, plan, isDraft }: RunRequest): boolean {
  return options.strategy === 'delegate' && plan === undefined && isDraft !== true;
}

/** The run whose plan is one supervisor; what it hands in is the answer. */
export function supervised(request: RunRequest): RunRequest {
  const { text, history, editor } = request;
  const files = [...new Set([...request.files, ...(editor?.openFile === undefined ? [] : [editor.openFile])])];
  const { plan, delegation } = delegateRun({ ...request, intent: text, files });
  const said = historyText(history);
  const inputs = said === '' ? [] : [{ text: said }];
  return {
    ...request,
    files,
    plan: { request: text, tasks: (plan?.tasks ?? []).map((task) => ({ ...task, inputs })) },
    ...(delegation === undefined ? {} : { delegation }),
  };
}

/** Who supervises may be anywhere: what stays on this machine is left out. */
function historyText(history: readonly EarlierTurn[]): string {
  const lines = history.map(
    ({ role, text, localOnly }) =>
      `${role === 'user' ? 'User' : 'You'}: ${localOnly === true ? '(this stays on the user’s machine)' : text}`,
  );
  return lines.length === 0 ? '' : `What was said before:\n\n${lines.join('\n\n')}`;
}
