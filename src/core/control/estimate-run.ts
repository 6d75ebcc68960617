/** What the plan of a run will take: where its tasks would go now, how long their inputs are, how fast backends were lately. */
import { unlessAborted } from '../../base/abort.ts';
import { policyOf, statusesOf } from '../claim.ts';
import { paceOf } from '../plan/backend-pace.ts';
import type { PlanEstimate, TaskEstimate } from '../plan/estimate.ts';
import type { Pace } from '../plan/estimate-work.ts';
import { estimatePlan } from '../plan/plan-estimate.ts';
import type { TaskSpec } from '../plan/plan.ts';
import { expectReuse } from '../reuse/expect-reuse.ts';
import { route } from '../route.ts';
import type { RunContext } from '../run-context.ts';
import { inputPathTokens } from '../task-inputs.ts';
import { estimateTokens } from '../tokens.ts';

/** Calls of this long ago still tell how fast a backend is. */
const PACE_OF_MS = 7 * 24 * 3_600_000;

const NOTHING = { low: 0, high: 0 };

/** Without supervisors, of whose work nobody knows it. Null when there is nothing else, or the run was stopped meanwhile. */
export async function estimateOf(ctx: RunContext, all: readonly TaskSpec[]): Promise<PlanEstimate | null> {
  const tasks = all.filter(({ supervises }) => supervises !== true);
  if (tasks.length === 0) return null;
  const reused = expectReuse(ctx, all);
  const open = tasks.filter(({ id }) => !reused.has(id) && ctx.state.tasks.get(id)?.status !== 'completed');
  const inputs = await inputTokensOf(ctx, open);
  const paces = await pacesOf(ctx);
  if (ctx.signal.aborted) return null;
  const { options } = ctx;
  const estimate = estimatePlan(open, {
    place: (task) => placeOf(ctx, task, inputs.get(task.id) ?? 0),
    inputTokens: (task) => inputs.get(task.id) ?? 0,
    pace: (backend) => paces.get(backend),
    synthesis: options.synthesis && open.length > 0 && tasks.length === all.length,
    answerer: answererOf(ctx),
  });
  const nothing = tasks.flatMap(({ id }): [string, TaskEstimate][] =>
    reused.has(id)
      ? [
          [
            id,
            {
              backend: ctx.before?.tasks.get(id)?.backend ?? null,
              tokens: NOTHING,
              usd: NOTHING,
              ms: NOTHING,
              isReused: true,
            },
          ],
        ]
      : [],
  );
  return { ...estimate, tasks: { ...estimate.tasks, ...Object.fromEntries(nothing) } };
}

function placeOf(ctx: RunContext, task: TaskSpec, inputTokens: number): ReturnType<typeof answerPlace> {
  const policy = policyOf(ctx, ctx.pool);
  const isUsdLimited = policy.isUsdLimited || (task.maxUsd ?? ctx.options.perTask.maxUsd) !== undefined;
  const decision = route(
    {
      role: 'task',
      ...(task.capability === undefined ? {} : { capability: task.capability }),
      ...(task.target === undefined ? {} : { target: task.target }),
      minInputTokens: 0,
      fullInputTokens: inputTokens,
      outputTokens: 0,
      tried: new Map(),
      rotation: 0,
    },
    { statuses: statusesOf(ctx), policy: { ...policy, isUsdLimited } },
  );
  if (decision.kind === 'chosen') return describe(ctx, decision.backend);
  // What fits nowhere goes back to the orchestrator, but a task whose backend is not there fails.
  return task.target === undefined ? answerPlace(ctx) : undefined;
}

function answerPlace(ctx: RunContext): { readonly backend: NonNullable<ReturnType<typeof answererOf>> } | undefined {
  const backend = answererOf(ctx);
  return backend === undefined ? undefined : { backend };
}

function describe(ctx: RunContext, id: string): ReturnType<typeof answerPlace> {
  const found = statusesOf(ctx).find(({ description }) => description.id === id);
  return found === undefined ? undefined : { backend: found.description };
}

function answererOf(ctx: RunContext): ReturnType<typeof statusesOf>[number]['description'] | undefined {
  const prefer = ctx.options.reducer ?? ctx.orchestrator ?? ctx.request.orchestrator;
  const decision = route(
    {
      role: ctx.options.reducer === undefined ? 'orchestrate' : 'reduce',
      ...(prefer === undefined ? {} : { prefer }),
      minInputTokens: 0,
      fullInputTokens: 0,
      outputTokens: 0,
      tried: new Map(),
      rotation: 0,
    },
    { statuses: statusesOf(ctx), policy: policyOf(ctx, ctx.pool) },
  );
  return decision.kind === 'chosen' ? describe(ctx, decision.backend)?.backend : undefined;
}

async function inputTokensOf(ctx: RunContext, tasks: readonly TaskSpec[]): Promise<ReadonlyMap<string, number>> {
  const tokens = new Map<string, number>();
  for (const { id, inputs } of tasks) {
    const texts = inputs.flatMap((input) => ('text' in input ? [estimateTokens(input.text)] : []));
    const paths = inputs.flatMap((input) => ('path' in input ? [input.path] : []));
    const ofPaths = paths.length === 0 ? 0 : await inputPathTokens(ctx, paths);
    tokens.set(
      id,
      texts.reduce((sum, count) => sum + count, ofPaths),
    );
  }
  return tokens;
}

/** Without a record of calls, estimates go by what is usual. */
async function pacesOf(ctx: RunContext): Promise<ReadonlyMap<string, Pace>> {
  const spent = await unlessAborted(
    ctx.deps.journal.spendSince(ctx.clock.wallMs() - PACE_OF_MS),
    ctx.signal,
    undefined,
  );
  if (spent === undefined || !spent.ok) return new Map();
  return new Map(
    spent.value.flatMap((row): [string, Pace][] => {
      const pace = paceOf(row);
      return pace === undefined ? [] : [[row.backend, pace]];
    }),
  );
}
