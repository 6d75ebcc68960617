/**
 * A result is handed in and judged.
 *
 * 1. It is judged when nothing is at work any more, by the record and the files as they are then.
 * 2. The verdict is on record, with the end of the call, before anybody acts on it.
 * 3. What does not pass goes back to the supervisor, until it has submitted as often as it may.
 */
import { judge } from '../deliverable/judge.ts';
import { RunTruth } from '../deliverable/run-truth.ts';
import { verdictText } from '../deliverable/verdict.ts';
import { depthOf, liveWorkers } from './family.ts';
import { checkMaker } from './make-check.ts';
import { MOST_SUBMISSIONS } from './limits.ts';
import { notDelivered } from './endings.ts';
import { refusedCall, type Coordinated, type Supervisor, type SupervisorTurn } from './supervisor.ts';

export async function submit(
  supervisor: Supervisor,
  { output, call }: { readonly output: string; readonly call: string },
  turn: SupervisorTurn,
): Promise<Coordinated> {
  const { ctx, work, talk } = supervisor;
  const { id } = work.spec;
  const live = liveWorkers(ctx.state, id).map((task) => task.id);
  if (live.length > 0)
    return refusedCall(
      `Nothing was submitted: ${live.join(', ')} ${live.length === 1 ? 'is' : 'are'} at work still. Wait for it, or stop it, then submit.`,
    );
  if (await talk.hasUnheard(turn.said))
    return refusedCall('Nothing was submitted: the user has said something that you have not heard yet. It follows.');
  const deliverable = depthOf(ctx.state, id) === 1 ? ctx.request.delegation?.deliverable : undefined;
  if (deliverable === undefined) return { isOk: true, text: 'Accepted.', end: { kind: 'submitted', output } };
  const { signal } = work.time;
  const truth = new RunTruth({ state: ctx.state, workspace: ctx.deps.workspace, output, signal });
  const verdict = await judge(deliverable, truth, checkMaker(supervisor, truth));
  signal.throwIfAborted();
  const made = (ctx.state.tasks.get(id)?.judged.length ?? 0) + 1;
  const left = MOST_SUBMISSIONS - made;
  const isPassed = verdict.kind === 'passed';
  const next = isPassed
    ? ''
    : left > 0
      ? `\nYou may submit ${left === 1 ? 'once' : `${left} times`} more: mend what is named, by workers, then submit again.`
      : '\nYou have submitted as often as you may.';
  return {
    isOk: isPassed,
    text: `${verdictText(verdict)}${next}`,
    events: [
      { type: 'deliverable.judged', task: id, turn: turn.turn, call, verdict },
      ...(truth.localFiles.length === 0 ? [] : [{ type: 'files.read' as const, task: id, files: truth.localFiles }]),
    ],
    ...(isPassed ? { end: { kind: 'submitted' as const, output } } : {}),
    ...(!isPassed && left <= 0 ? { end: { kind: 'failed' as const, failure: notDelivered(verdict) } } : {}),
  };
}
