/**
 * A run from its first event to its last.
 *
 * Owns: the order plan -> approval -> tasks -> answer, and how the run ended. Does not own: calls (model-call), tasks (run-tasks).
 *
 * 1. Every run that was started ends with one `run.finished`, unless the journal cannot write it.
 * 2. What is there when a run ends early is handed back, marked partial.
 */
import { answerRun, citedInRun, completedResults, joinResults, missingResults, type Answer } from './answering.ts';
import { shownInRun } from './calls-in-doubt.ts';
import { bugFailure, failure, type Failure } from './failure.ts';
import type { RunFinished } from './orchestrator.ts';
import type { Plan, TaskSpec } from './plan/plan.ts';
import { approved, waitingFor } from './control/approval.ts';
import { planRun, type PlanningResult } from './plan/planning.ts';
import { proposalText, proposeEdits } from './edits/propose.ts';
import type { RunContext } from './run-context.ts';
import type { Decision } from './run-event.ts';
import { summarizeTasks, type TaskState } from './run-state.ts';
import { runTasks } from './run-tasks.ts';
import { delegateResult, isSupervised } from './supervise/delegate.ts';
import { isDecidedAsItGoes, supervisorFor } from './supervise/supervised.ts';

export type Goal = 'run' | 'plan-only';

/** Never rejects; a bug ends the run with a failure of reason `internal`. */
export async function driveRun(ctx: RunContext, goal: Goal): Promise<RunFinished> {
  ctx.time.run();
  const ending = await drive(ctx, goal).catch((error: unknown): Ending => {
    ctx.deps.logger.error(`Run ${ctx.run} met a bug`, error);
    return { text: resultsSoFar(ctx), isPartial: true, failure: bugFailure(error) };
  });
  ctx.time.pause();
  const finished = finishedEvent(ctx, ending);
  await ctx.append(finished);
  await ctx.close();
  return finished;
}

interface Ending extends Answer {
  /** Nothing was planned: the text is all there is. */
  readonly isDirect?: boolean;
}

async function drive(ctx: RunContext, goal: Goal): Promise<Ending> {
  const planned = await ensurePlan(ctx, goal);
  if (planned.kind === 'failed') return { text: planned.partialText, isPartial: true, failure: planned.failure };
  if (planned.decision.kind === 'answer')
    return { text: planned.decision.text, isPartial: false, failure: null, isDirect: true };
  const { tasks } = planned.decision;
  if (goal === 'plan-only')
    return { text: planText({ request: ctx.request.text, tasks }), isPartial: false, failure: null, isDirect: true };
  await approved(ctx);
  await runTasks(ctx);
  await proposeEdits(ctx);
  if (isSupervised(ctx.state)) return delegated(ctx);
  const text = resultsSoFar(ctx);
  if (ctx.stopped !== undefined || text === '')
    return { text, isPartial: true, failure: ctx.stopped?.failure ?? allFailed(ctx) };
  return answerRun(ctx, (place) => proposalText(ctx, place));
}

/** What was delivered is the answer as it is; else what there is, and why it is no more. */
function delegated(ctx: RunContext): Ending {
  const result = delegateResult(ctx.state);
  if (result.kind === 'winner') return { text: result.output, isPartial: false, failure: null, isDirect: true };
  return { text: result.partial, isPartial: true, failure: ctx.stopped?.failure ?? result.failure };
}

/** Empty when nothing completed. */
function resultsSoFar(ctx: RunContext): string {
  const results = completedResults(ctx);
  return results.length === 0 ? '' : joinResults(results, missingResults(ctx));
}

/** A given plan, the plan of an earlier process, a supervisor in place of one, or a new one. */
async function ensurePlan(ctx: RunContext, goal: Goal): Promise<PlanningResult> {
  const given = ctx.request.plan;
  if (ctx.state.tasks.size > 0) {
    const tasks = [...ctx.state.tasks.values()].flatMap((task) => (task.spec === null ? [] : [task.spec]));
    return { kind: 'decided', decision: { kind: 'plan', tasks }, backend: ctx.orchestrator ?? '' };
  }
  if (given !== undefined) return withoutPlanner(ctx, 'plan', given.tasks);
  if (goal === 'run' && isDecidedAsItGoes(ctx.request))
    return withoutPlanner(ctx, 'delegate', [supervisorFor(ctx.request)]);
  return planRun(ctx, goal === 'plan-only' || ctx.options.strategy === 'plan' ? 'plan' : 'decide');
}

async function withoutPlanner(
  ctx: RunContext,
  decision: Decision,
  tasks: readonly TaskSpec[],
): Promise<PlanningResult> {
  await ctx.append(
    { type: 'request.decided', decision },
    { type: 'plan.accepted', tasks },
    ...(await waitingFor(ctx, tasks)),
  );
  return { kind: 'decided', decision: { kind: 'plan', tasks }, backend: '' };
}

function finishedEvent(ctx: RunContext, ending: Ending): RunFinished {
  const { state } = ctx;
  const endedMs = ctx.clock.wallMs();
  const failedTasks = [...state.tasks.values()].filter((task) => task.status !== 'completed');
  const cited = citedInRun(ctx);
  return {
    type: 'run.finished',
    ...howItEnded(ctx, ending, failedTasks),
    answer: ending.text,
    failure: ending.failure ?? failedTasks.find((task) => task.failure !== null)?.failure ?? null,
    spent: { ...shownInRun(state), ms: Math.max(0, endedMs - state.startedAtMs) },
    tasks: summarizeTasks(state),
    ...(cited === undefined ? {} : { cited }),
  };
}

function howItEnded(
  ctx: RunContext,
  ending: Ending,
  failedTasks: readonly TaskState[],
): Pick<RunFinished, 'outcome' | 'stoppedBy'> {
  const hasText = ending.text.trim() !== '';
  const isStopped = ending.failure?.reason === 'cancelled' && !hasText;
  if (ctx.stopped?.kind === 'cancel' || isStopped) return { outcome: 'cancelled', stoppedBy: 'cancel' };
  const isBudget =
    ctx.stopped?.kind === 'budget' ||
    ending.failure?.reason === 'budget' ||
    failedTasks.some((task) => task.failure?.reason === 'budget') ||
    [...ctx.state.tasks.values()].some((task) => task.partial && task.isBudgetRefused);
  if (ending.isDirect === true) return { outcome: 'answered', stoppedBy: null };
  if (ending.failure !== null && !hasText) return { outcome: 'failed', stoppedBy: isBudget ? 'budget' : 'failures' };
  if (ending.failure !== null || ending.isPartial || failedTasks.length > 0) {
    return {
      outcome: 'partial',
      stoppedBy: isBudget ? 'budget' : ending.failure !== null || failedTasks.length > 0 ? 'failures' : null,
    };
  }
  return { outcome: 'answered', stoppedBy: null };
}

/** Why there is nothing. */
function allFailed(ctx: RunContext): Failure {
  const failures = [...ctx.state.tasks.values()].flatMap((task) =>
    task.failure === null || task.status === 'skipped' ? [] : [{ title: task.title, failure: task.failure }],
  );
  const [first] = failures;
  const stopped = [...ctx.state.tasks.values()].filter(({ status }) => status === 'cancelled');
  if (first === undefined && stopped.length > 0) return allStopped(stopped);
  if (first === undefined)
    return failure('internal', 'No task of the plan ran.', { whatToDo: 'Look into the Orchestrator log.' });
  if (failures.length === 1) return first.failure;
  return {
    ...first.failure,
    message: `All ${failures.length} tasks that ran failed. "${first.title}": ${first.failure.message}`,
  };
}

/** One by one, by the user. */
function allStopped(stopped: readonly TaskState[]): Failure {
  const [first] = stopped;
  const what = stopped.length === 1 ? `"${first?.title ?? ''}"` : `${stopped.length} tasks`;
  return failure('cancelled', `You stopped ${what}, and no other task completed.`, {
    whatToDo: 'Retry or continue a task, which makes a new run, or ask again.',
  });
}

function planText(plan: Plan): string {
  return JSON.stringify(plan, null, 2);
}
