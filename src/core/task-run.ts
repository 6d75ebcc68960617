/** One task, from its inputs to its recorded end. */
import { codeTask } from './agent/code-task.ts';
import { bugFailure, type FailureReason } from './failure.ts';
import { plainTask } from './plain-task.ts';
import type { TaskSpec } from './plan.ts';
import { countCited } from './read/citation.ts';
import { readingTask } from './read/reading-task.ts';
import type { RunContext } from './run-context.ts';
import { readInputs } from './task-inputs.ts';
import { taskKind, taskTime, type TaskOutcome, type TaskWork } from './task-work.ts';

export type TaskEnd = 'completed' | 'failed';

export async function runTask(ctx: RunContext, spec: TaskSpec, priority: number): Promise<TaskEnd> {
  const time = taskTime(ctx);
  try {
    return await recordEnd(ctx, spec, await doTask(ctx, { spec, priority, time }));
  } catch (error) {
    ctx.deps.logger.error(`Task ${spec.id} of run ${ctx.run} met a bug`, error);
    return await recordEnd(ctx, spec, { kind: 'failed', failure: bugFailure(error), partialText: '' });
  } finally {
    time.pause();
  }
}

async function doTask(ctx: RunContext, given: Pick<TaskWork, 'spec' | 'priority' | 'time'>): Promise<TaskOutcome> {
  const { spec, time } = given;
  time.run();
  const read = await readInputs(ctx, spec.inputs, time.signal);
  time.pause();
  if (!time.signal.aborted)
    await ctx.append({ type: 'inputs.read', task: spec.id, files: read.files, withheld: read.withheld });
  const work: TaskWork = {
    ...given,
    read,
    pool: ctx.pool.child(`task ${spec.id}`, ctx.options.perTask, ctx.state.tasks.get(spec.id)?.spent),
    start: { isAnnounced: false },
    isHandedBack: false,
  };
  const outcome = await doKind(ctx, work);
  if (!isHandedBack(spec, outcome)) return outcome;
  const again = await doKind(ctx, { ...work, isHandedBack: true });
  // Where the orchestrator may not do it either, what the task itself could not find says more.
  return again.kind === 'failed' && NOBODY.has(again.failure.reason) ? outcome : again;
}

const NOBODY: ReadonlySet<FailureReason> = new Set(['no-orchestrator', 'no-fit']);

function doKind(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  switch (taskKind(work.spec)) {
    case 'code':
      return codeTask(ctx, work);
    case 'reading':
      return readingTask(ctx, work);
    case 'plain':
    default:
      return plainTask(ctx, work);
  }
}

/** What fits no backend goes back to the orchestrator, which does it itself. */
function isHandedBack(spec: TaskSpec, outcome: TaskOutcome): boolean {
  return outcome.kind === 'failed' && outcome.failure.reason === 'no-fit' && spec.target === undefined;
}

async function recordEnd(ctx: RunContext, spec: TaskSpec, outcome: TaskOutcome): Promise<TaskEnd> {
  if (outcome.kind === 'done') {
    const { backend, text, isPartial, citations } = outcome;
    await ctx.append({
      type: 'task.completed',
      task: spec.id,
      backend,
      result: text,
      partial: isPartial,
      ...(citations === undefined ? {} : { citations: JSON.stringify(citations), cited: countCited(citations) }),
    });
    return 'completed';
  }
  const { failure, partialText } = outcome;
  await ctx.append(
    failure.reason === 'cancelled'
      ? { type: 'task.cancelled', task: spec.id, partial: partialText }
      : { type: 'task.failed', task: spec.id, failure, partial: partialText },
  );
  return 'failed';
}
