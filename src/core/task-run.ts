/** One attempt of a task, from its inputs to its recorded end. */
import { ok, type Result } from '../base/result.ts';
import { codeTask } from './agent/code-task.ts';
import { worksWithTools } from './agent/task-tools.ts';
import { firstWord } from './control/talk.ts';
import type { TaskControl } from './control/task-control.ts';
import { bugFailure, failure, type Failure, type FailureReason } from './failure.ts';
import { stopFailure } from './turn.ts';
import { plainTask } from './plain-task.ts';
import type { Limits } from './limits.ts';
import type { TaskSpec } from './plan/plan.ts';
import { countCited } from './read/citation.ts';
import { readingTask } from './read/reading-task.ts';
import { reuseResult } from './reuse/reuse.ts';
import { taskKey } from './reuse/task-key.ts';
import type { RunContext } from './run-context.ts';
import { countedInAttempt } from './supervise/accounts.ts';
import { supervisorTask } from './supervise/supervisor-task.ts';
import { readInputs } from './task-inputs.ts';
import { taskKind, taskTime, type TaskOutcome, type TaskWork } from './task-work.ts';

/** Its end is in the journal, unless a person ended it and records what follows. */
export async function runTask(ctx: RunContext, spec: TaskSpec, how: TaskRun): Promise<void> {
  const { control } = how;
  const time = taskTime(ctx, spec, control);
  let key: string | undefined;
  try {
    const prepared = await prepare(ctx, spec, { ...how, time });
    if (!prepared.ok) {
      const outcome = { kind: 'failed' as const, failure: prepared.error, partialText: '' };
      return await recordEnd(ctx, { spec, control }, { outcome, key });
    }
    const work = prepared.value;
    key = await taskKey(ctx, work);
    if (await reuseResult(ctx, work, key)) return;
    await recordEnd(ctx, work, { outcome: await doTask(ctx, work), key });
  } catch (error) {
    ctx.deps.logger.error(`Task ${spec.id} of run ${ctx.run} met a bug`, error);
    await recordEnd(
      ctx,
      { spec, control },
      { outcome: { kind: 'failed', failure: bugFailure(error), partialText: '' }, key },
    );
  } finally {
    time.pause();
  }
}

export interface TaskRun {
  readonly priority: number;
  readonly control: TaskControl;
}

/** Fails when the budget that its supervisor lent it cannot be had any more. */
async function prepare(
  ctx: RunContext,
  spec: TaskSpec,
  given: TaskRun & Pick<TaskWork, 'time'>,
): Promise<Result<TaskWork, Failure>> {
  const { time } = given;
  const account = ctx.accounts.of(spec);
  if (!account.ok) return account;
  time.run();
  const read = await readInputs(ctx, spec.inputs, time.signal);
  time.pause();
  if (!time.signal.aborted)
    await ctx.append({ type: 'inputs.read', task: spec.id, files: read.files, withheld: read.withheld });
  return ok({
    ...given,
    spec,
    agent: spec.agent === undefined ? undefined : ctx.agents.find(({ name }) => name === spec.agent),
    read,
    pool: account.value.child(`task ${spec.id}`, ownLimits(ctx, spec), countedInAttempt(ctx.state, spec.id)),
    start: { isAnnounced: false },
    isHandedBack: false,
  });
}

/** Of one attempt: the user's for any task, and what the plan says of this one where that is less. */
function ownLimits({ options: { perTask } }: RunContext, { maxUsd }: TaskSpec): Limits {
  return maxUsd === undefined ? perTask : { ...perTask, maxUsd: Math.min(maxUsd, perTask.maxUsd ?? maxUsd) };
}

async function doTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const { agent: name } = work.spec;
  if (name !== undefined && work.agent === undefined)
    return { kind: 'failed', failure: noAgent(name), partialText: '' };
  if (!(await firstWord(ctx, work)))
    return {
      kind: 'failed',
      failure: stopFailure(ctx, { task: work.spec.id, timeLeftMs: work.time.timeLeftMs, control: work.control }),
      partialText: '',
    };
  const outcome = await doKind(ctx, work);
  if (ctx.request.leavesNoFit === true || !isHandedBack(work.spec, outcome)) return outcome;
  const again = await doKind(ctx, { ...work, isHandedBack: true });
  // Where the orchestrator may not do it either, what the task itself could not find says more.
  return again.kind === 'failed' && NOBODY.has(again.failure.reason) ? outcome : again;
}

function noAgent(name: string): Failure {
  return failure('no-fit', `There is no agent "${name}".`, {
    whatToDo: 'Define it in orchestrator.agents or as .orchestrator/agents/NAME.md, or give the task another one.',
  });
}

const NOBODY: ReadonlySet<FailureReason> = new Set(['no-orchestrator', 'no-fit']);

function doKind(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  if (worksWithTools(work.spec, work.agent)) return codeTask(ctx, work);
  switch (taskKind(work.spec)) {
    case 'supervisor':
      return supervisorTask(ctx, work);
    case 'reading':
      return readingTask(ctx, work);
    case 'code':
    case 'plain':
    default:
      return plainTask(ctx, work);
  }
}

/** What fits no backend goes back to the orchestrator, which does it itself. */
function isHandedBack(spec: TaskSpec, outcome: TaskOutcome): boolean {
  return (
    outcome.kind === 'failed' &&
    outcome.failure.reason === 'no-fit' &&
    spec.target === undefined &&
    spec.supervises !== true
  );
}

async function recordEnd(
  ctx: RunContext,
  { spec, control }: Pick<TaskWork, 'spec' | 'control'>,
  end: { readonly outcome: TaskOutcome; readonly key: string | undefined },
): Promise<void> {
  if (control.ending === 'handed') return;
  const { outcome } = end;
  const { missingTools = [], begunTools = [] } = ctx.state.tasks.get(spec.id) ?? {};
  // With its tools, or with what is in doubt settled, it may come out otherwise.
  const key = missingTools.length + begunTools.length > 0 ? undefined : end.key;
  if (outcome.kind === 'done') {
    const { backend, text, isPartial, citations } = outcome;
    const isKept = control.ending === 'keep';
    await ctx.append({
      type: 'task.completed',
      task: spec.id,
      backend,
      result: text,
      partial: isPartial || isKept,
      ...(citations === undefined ? {} : { citations: JSON.stringify(citations), cited: countCited(citations) }),
      ...(key === undefined || isPartial || isKept ? {} : { key }),
      ...(isKept ? { kept: true } : {}),
    });
    return;
  }
  const { failure, partialText } = outcome;
  await ctx.append(
    failure.reason === 'cancelled'
      ? { type: 'task.cancelled', task: spec.id, partial: partialText }
      : { type: 'task.failed', task: spec.id, failure, partial: partialText },
  );
}
