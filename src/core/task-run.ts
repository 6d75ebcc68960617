/** One task, from its inputs to its recorded end. */
import type { BackendDescription, ChatRequest } from './backend.ts';
import { bugFailure } from './failure.ts';
import { localOnlySource } from './local-only.ts';
import { runTurn, type Turn, type TurnResult } from './model-call.ts';
import type { TaskSpec } from './plan.ts';
import { promptVersion } from './prompts/prompt.ts';
import { taskPrompt } from './prompts/task.ts';
import type { RunContext } from './run-context.ts';
import type { RouteNeed } from './route.ts';
import type { TaskResult } from './subject.ts';
import { fitInputs, readInputs, resultTokens, type ReadInputs } from './task-inputs.ts';
import { estimateTokens } from './tokens.ts';

const TASK_OUTPUT_TOKENS = 4_096;
/** A task with inputs is not sent where less than this much of them fits. */
const LEAST_INPUT_TOKENS = 1_000;
/** What the prompt itself says. */
const FIXED_TOKENS = 600;

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

async function doTask(ctx: RunContext, work: Omit<TaskWork, 'read'>): Promise<TurnResult> {
  const { spec, time } = work;
  time.run();
  const read = await readInputs(ctx, spec.inputs, time.signal);
  time.pause();
  if (!time.signal.aborted)
    await ctx.append({ type: 'inputs.read', task: spec.id, files: read.files, withheld: read.withheld });
  const turn = taskTurn(ctx, { ...work, read });
  const result = await runTurn(ctx, turn);
  if (!isHandedBack(spec, result)) return result;
  const again = await runTurn(ctx, { ...turn, route: ownRoute(ctx, turn.route) });
  // Where nobody may orchestrate either, what the task itself could not find says more.
  return again.kind === 'failed' && again.failure.reason === 'no-orchestrator' ? result : again;
}

/** What fits no backend goes back to the orchestrator, which does it itself. */
function isHandedBack(spec: TaskSpec, result: TurnResult): boolean {
  return result.kind === 'failed' && result.failure.reason === 'no-fit' && spec.target === undefined;
}

/** To the run's orchestrator; a given plan had none so far, so the best there is takes it. */
function ownRoute(ctx: RunContext, route: Turn['route']): Turn['route'] {
  const { capability: _unmet, ...rest } = route;
  return ctx.orchestrator === undefined
    ? { ...rest, role: 'orchestrate' }
    : { ...rest, role: 'reduce', target: ctx.orchestrator };
}

async function recordEnd(ctx: RunContext, spec: TaskSpec, result: TurnResult): Promise<TaskEnd> {
  if (result.kind === 'done') {
    await ctx.append({
      type: 'task.completed',
      task: spec.id,
      backend: result.backend,
      result: result.text,
      partial: result.finish === 'length',
    });
    return 'completed';
  }
  const { failure, partialText } = result;
  await ctx.append(
    failure.reason === 'cancelled'
      ? { type: 'task.cancelled', task: spec.id, partial: partialText }
      : { type: 'task.failed', task: spec.id, failure, partial: partialText },
  );
  return 'failed';
}

interface TaskTime {
  readonly signal: AbortSignal;
  readonly timeLeftMs: () => number;
  readonly run: () => void;
  /** Also to be called at the end: no timer is left. */
  readonly pause: () => void;
}

/** A task's time runs while it reads and from its first call on, not while it waits for its first slot. */
function taskTime(ctx: RunContext): TaskTime {
  const { maxMs } = ctx.options.perTask;
  if (maxMs === undefined)
    return {
      signal: ctx.signal,
      timeLeftMs: () => Number.POSITIVE_INFINITY,
      run: () => undefined,
      pause: () => undefined,
    };
  const own = new AbortController();
  let leftMs = maxMs;
  let running: { readonly sinceMs: number; readonly cancel: () => void } | undefined;
  const usedMs = (): number => (running === undefined ? 0 : ctx.clock.monotonicMs() - running.sinceMs);
  return {
    signal: AbortSignal.any([ctx.signal, own.signal]),
    // A timer may fire a little before the clock shows it.
    timeLeftMs: () => (own.signal.aborted ? 0 : leftMs - usedMs()),
    run: () => {
      running ??= {
        sinceMs: ctx.clock.monotonicMs(),
        cancel: ctx.clock.schedule(leftMs, () => own.abort(new Error('time limit of the task'))),
      };
    },
    pause: () => {
      running?.cancel();
      leftMs -= usedMs();
      running = undefined;
    },
  };
}

interface TaskWork {
  readonly spec: TaskSpec;
  readonly read: ReadInputs;
  readonly priority: number;
  readonly time: TaskTime;
}

function taskTurn(ctx: RunContext, work: TaskWork): Turn {
  const { spec, read } = work;
  const results = dependencyResults(ctx, spec);
  const needed = results.reduce((sum, result) => sum + resultTokens(result), 0);
  const fixedTokens =
    FIXED_TOKENS +
    estimateTokens(`${spec.title}${spec.objective}${spec.deliverable ?? ''}`) +
    needed +
    withheldTokens(read);
  return {
    task: spec.id,
    turn: 0,
    route: routeNeed(ctx, work, fixedTokens),
    priority: work.priority,
    pool: ctx.pool.child(`task ${spec.id}`, ctx.options.perTask, ctx.state.tasks.get(spec.id)?.spent),
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(taskPrompt),
    build: (_description: BackendDescription, inputTokens: number) =>
      buildRequest(ctx, work, { results, maxInputTokens: Math.max(0, inputTokens - fixedTokens) }),
    onText: (delta) => ctx.showText(spec.id, delta),
    onRestart: () => ctx.showText(spec.id, '', true),
    announceStart: true,
    onStart: work.time.run,
  };
}

function routeNeed(
  ctx: RunContext,
  { spec, read }: TaskWork,
  fixedTokens: number,
): Omit<RouteNeed, 'tried' | 'rotation'> {
  const localOnlyPath = read.localOnlyPath ?? localOnlySource(ctx.state, spec.id);
  return {
    role: 'task',
    ...(spec.capability === undefined ? {} : { capability: spec.capability }),
    ...(spec.target === undefined ? {} : { target: spec.target }),
    minInputTokens: fixedTokens + Math.min(read.tokens, LEAST_INPUT_TOKENS),
    fullInputTokens: fixedTokens + read.tokens,
    outputTokens: spec.maxTokens ?? TASK_OUTPUT_TOKENS,
    ...(localOnlyPath === undefined ? {} : { localDataRule: `on ${localOnlyPath}` }),
  };
}

function buildRequest(
  ctx: RunContext,
  { spec, read }: TaskWork,
  fit: { readonly results: readonly TaskResult[]; readonly maxInputTokens: number },
): Pick<ChatRequest, 'messages' | 'subject'> {
  const inputs = fitInputs(read.inputs, fit.maxInputTokens);
  return {
    messages: taskPrompt.render({
      title: spec.title,
      objective: spec.objective,
      ...(spec.deliverable === undefined ? {} : { deliverable: spec.deliverable }),
      inputs,
      results: fit.results,
      withheld: read.withheld,
      mark: ctx.mark,
    }),
    subject: {
      kind: 'task',
      title: spec.title,
      objective: spec.objective,
      ...(spec.capability === undefined ? {} : { capability: spec.capability }),
      inputs,
      results: fit.results,
    },
  };
}

function withheldTokens(read: ReadInputs): number {
  return read.withheld.reduce((sum, file) => sum + estimateTokens(`${file.path} (${file.why}); `), 0);
}

function dependencyResults(ctx: RunContext, spec: TaskSpec): readonly TaskResult[] {
  return spec.dependsOn.map((id) => ({
    task: id,
    title: ctx.state.tasks.get(id)?.title ?? id,
    text: ctx.resultText(id),
    partial: ctx.state.tasks.get(id)?.partial ?? false,
  }));
}
