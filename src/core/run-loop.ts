/**
 * A run from its first event to its last.
 *
 * Owns: the order plan -> tasks -> answer, and how the run ended. Does not own: calls (model-call), what may start (scheduler).
 *
 * 1. Every run that was started ends with one `run.finished`, unless the journal cannot write it.
 * 2. A task is begun once; a task that an earlier process ended keeps its end.
 * 3. What is there when a run ends early is handed back, marked partial.
 */
import { answerRun, citedInRun, completedResults, joinResults, missingResults, type Answer } from './answering.ts';
import { bugFailure, failure, type Failure } from './failure.ts';
import type { RunFinished } from './orchestrator.ts';
import type { Plan, TaskSpec } from './plan.ts';
import { planRun, type PlanningResult } from './planning.ts';
import { proposalText, proposeEdits } from './propose.ts';
import type { RunContext } from './run-context.ts';
import { isTerminal, summarizeTasks, type TaskState } from './run-state.ts';
import { Scheduler, type Skip } from './scheduler.ts';
import { runTask } from './task-run.ts';

export type Goal = 'run' | 'plan-only';

/** Never rejects; a bug ends the run with a failure of reason `internal`. */
export async function driveRun(ctx: RunContext, goal: Goal): Promise<RunFinished> {
  const { maxMs } = ctx.options.limits;
  const cancelTimer =
    maxMs === undefined
      ? (): void => undefined
      : ctx.clock.schedule(maxMs, () => ctx.stop('budget', timeFailure(maxMs)));
  const ending = await drive(ctx, goal).catch((error: unknown): Ending => {
    ctx.deps.logger.error(`Run ${ctx.run} met a bug`, error);
    return { text: resultsSoFar(ctx), isPartial: true, failure: bugFailure(error) };
  });
  cancelTimer();
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
  await runTasks(ctx, tasks);
  await proposeEdits(ctx);
  const text = resultsSoFar(ctx);
  if (ctx.stopped !== undefined || text === '')
    return { text, isPartial: true, failure: ctx.stopped?.failure ?? allFailed(ctx) };
  return answerRun(ctx, (place) => proposalText(ctx, place));
}

/** Empty when nothing completed. */
function resultsSoFar(ctx: RunContext): string {
  const results = completedResults(ctx);
  return results.length === 0 ? '' : joinResults(results, missingResults(ctx));
}

/** A given plan, the plan of an earlier process, or a new one. */
async function ensurePlan(ctx: RunContext, goal: Goal): Promise<PlanningResult> {
  const given = ctx.request.plan;
  if (ctx.state.tasks.size > 0) {
    const tasks = [...ctx.state.tasks.values()].flatMap((task) => (task.spec === null ? [] : [task.spec]));
    return { kind: 'decided', decision: { kind: 'plan', tasks }, backend: ctx.orchestrator ?? '' };
  }
  if (given !== undefined) {
    await ctx.append({ type: 'request.decided', decision: 'plan' }, { type: 'plan.accepted', tasks: given.tasks });
    return { kind: 'decided', decision: { kind: 'plan', tasks: given.tasks }, backend: '' };
  }
  return planRun(ctx, goal === 'plan-only' || ctx.options.strategy === 'plan' ? 'plan' : 'decide');
}

async function runTasks(ctx: RunContext, tasks: readonly TaskSpec[]): Promise<void> {
  const scheduler = new Scheduler(tasks);
  const specs = new Map(tasks.map((task) => [task.id, task]));
  await recordSkips(ctx, restore(scheduler, ctx.state.tasks));
  const running = new Set<Promise<void>>();
  const idle = Promise.withResolvers<void>();
  const begin = (): void => {
    for (const id of ctx.stopped === undefined ? scheduler.ready() : []) {
      const spec = specs.get(id);
      if (spec === undefined) continue;
      scheduler.start(id);
      const work = runOne(ctx, spec, scheduler).then(() => {
        running.delete(work);
        begin();
      });
      running.add(work);
      work.catch(idle.reject);
    }
    if (running.size === 0) idle.resolve();
  };
  try {
    begin();
    await idle.promise;
  } catch (error) {
    // No call goes on without its run, and each is recorded.
    ctx.stop('bug', bugFailure(error));
    await Promise.allSettled(running);
    throw error;
  }
  await recordUnstarted(ctx, scheduler);
}

async function runOne(ctx: RunContext, spec: TaskSpec, scheduler: Scheduler): Promise<void> {
  const end = await runTask(ctx, spec, scheduler.remainingPath(spec.id));
  if (end === 'completed') return scheduler.complete(spec.id);
  await recordSkips(ctx, scheduler.fail(spec.id));
}

async function recordSkips(ctx: RunContext, skips: readonly Skip[]): Promise<void> {
  const events = skips.map(({ task, because }) => {
    const title = ctx.state.tasks.get(because)?.title ?? because;
    const why = failure('dependency-failed', `It needs the result of "${title}", which did not complete.`, {
      whatToDo: `See why "${title}" failed, and run again.`,
    });
    return { type: 'task.skipped' as const, task, because, failure: why };
  });
  if (events.length > 0) await ctx.append(...events);
}

/** Ends from an earlier process, in an order in which the scheduler can take them. Returns skips that it did not come to record. */
function restore(scheduler: Scheduler, states: ReadonlyMap<string, TaskState>): readonly Skip[] {
  const skips: Skip[] = [];
  for (let changed = true; changed;) {
    changed = false;
    for (const id of scheduler.ready()) {
      const status = states.get(id)?.status;
      if (status === 'completed') scheduler.complete(id);
      else if (status !== undefined && isTerminal(status)) skips.push(...scheduler.fail(id));
      else continue;
      changed = true;
    }
  }
  return skips.filter((skip) => !isTerminal(states.get(skip.task)?.status ?? 'pending'));
}

/** After a stop, what never ran is recorded as cancelled. */
async function recordUnstarted(ctx: RunContext, scheduler: Scheduler): Promise<void> {
  const open = [...ctx.state.tasks.values()].filter(
    (task) => !isTerminal(task.status) && scheduler.status(task.id) !== 'completed',
  );
  if (open.length > 0)
    await ctx.append(...open.map((task) => ({ type: 'task.cancelled' as const, task: task.id, partial: '' })));
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
    spent: { ...state.spent, ms: Math.max(0, endedMs - state.startedAtMs) },
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
  if (ctx.stopped?.kind === 'cancel') return { outcome: 'cancelled', stoppedBy: 'cancel' };
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

function allFailed(ctx: RunContext): Failure {
  const failures = [...ctx.state.tasks.values()].flatMap((task) =>
    task.failure === null || task.status === 'skipped' ? [] : [{ title: task.title, failure: task.failure }],
  );
  const [first] = failures;
  if (first === undefined)
    return failure('internal', 'No task of the plan ran.', { whatToDo: 'Look into the Orchestrator log.' });
  if (failures.length === 1) return first.failure;
  return {
    ...first.failure,
    message: `All ${failures.length} tasks that ran failed. "${first.title}": ${first.failure.message}`,
  };
}

function timeFailure(maxMs: number): Failure {
  return failure('budget', `The time limit of the run, ${maxMs.toLocaleString('en-US')} ms, has passed.`, {
    whatToDo: 'Raise maxMs (orchestrator.budget or --max-ms) and ask again.',
  });
}

function planText(plan: Plan): string {
  return JSON.stringify(plan, null, 2);
}
