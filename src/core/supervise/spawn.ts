/**
 * A worker comes into the plan.
 *
 * 1. Its budget is reserved before it is in the plan, and given back when it does not come into it.
 * 2. It and the end of the call that spawned it are one append: no crash leaves one without the other.
 * 3. It comes in through the same check as a person's change of the plan.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { menuOf } from '../plan/menu.ts';
import { localOnlySource } from '../local-only.ts';
import { editPlan } from '../plan/plan-edit.ts';
import { changeBetween } from '../plan/plan-change.ts';
import type { AddedTask } from '../plan/plan-fields.ts';
import type { TaskSpec } from '../plan/plan.ts';
import type { Limits } from '../run-request.ts';
import { planOf } from '../run-state.ts';
import type { Given } from './coordination-tools.ts';
import { depthOf, liveWorkers } from './family.ts';
import { MOST_DEPTH, MOST_WORKERS } from './limits.ts';
import { shareOf } from './shares.ts';
import { mostOf, refusedCall, type Coordinated, type Supervisor } from './supervisor.ts';

/** To be called in line with other changes of the plan, and its events to be journaled in the same turn. */
export function spawn(supervisor: Supervisor, given: Given<'spawn'>): Coordinated {
  const { ctx, work, account } = supervisor;
  const refusal = whyNot(supervisor, given);
  if (refusal !== undefined) return refusedCall(refusal);
  const made = withWorker(supervisor, given);
  if (!made.ok) return refusedCall(`No worker was started: ${made.error}`);
  const live = liveWorkers(ctx.state, work.spec.id).length;
  const places = mostOf(ctx.request.delegation?.maxWorkers, MOST_WORKERS) - live;
  const { spec } = made.value;
  const limits = shareOf(ctx, { supervisor: work.spec.id, account, asked: limitsOf(given), spec, places });
  if (!limits.ok) return refusedCall(`No worker was started. ${limits.error}`);
  const worker: TaskSpec = { ...spec, limits: limits.value };
  const lent = ctx.accounts.lend(worker, account);
  if (!lent.ok) return refusedCall(`No worker was started. ${lent.error.message} Ask for less, or wait.`);
  const before = planOf(ctx.state);
  const change = changeBetween(before, [...before, worker], `Spawned "${worker.title}"`);
  return {
    isOk: true,
    text: `Started ${worker.id} "${worker.title}"${limitText(limits.value)}.`,
    events: [{ type: 'plan.edited', change: { ...change, order: null }, undoes: false, by: work.spec.id }],
    spawned: 1,
  };
}

function whyNot({ ctx, work }: Supervisor, given: Given<'spawn'>): string | undefined {
  const { delegation } = ctx.request;
  const live = liveWorkers(ctx.state, work.spec.id);
  const most = mostOf(delegation?.maxWorkers, MOST_WORKERS);
  if (live.length >= most)
    return `No worker was started: ${live.length} are at work (${live.map(({ id }) => id).join(', ')}), and at most ${most} can be. Wait for one to end, or stop one.`;
  if (given.supervises !== true) return undefined;
  const depth = depthOf(ctx.state, work.spec.id);
  const deepest = mostOf(delegation?.maxDepth, MOST_DEPTH);
  if (depth >= deepest)
    return `No worker was started: supervisors stand ${depth} deep already, and ${deepest} is the most. Spawn workers that do the work themselves.`;
  const { capability, target, agent, edits } = given;
  if (capability !== undefined || target !== undefined || agent !== undefined || edits === true)
    return 'No worker was started: a supervisor goes to a backend that may orchestrate, and changes nothing itself. Leave capability, target, agent and edits out.';
  return undefined;
}

/** The worker as a task of the plan, checked like a change that a person makes. */
function withWorker(supervisor: Supervisor, given: Given<'spawn'>): Result<{ readonly spec: TaskSpec }, string> {
  const { ctx, work } = supervisor;
  const before = planOf(ctx.state);
  const id = nextId(before, work.spec.id);
  const kept = work.read.localRule ?? localOnlySource(ctx.state, work.spec.id);
  const task: AddedTask = {
    id,
    title: given.title,
    objective: given.objective,
    mode: given.mayAsk === true ? 'hybrid' : 'autonomous',
    dependsOn: given.dependsOn ?? [],
    inputs: [...(given.files ?? []).map((path) => ({ path })), ...(given.texts ?? []).map((text) => ({ text }))],
    ...(given.capability === undefined ? {} : { capability: given.capability }),
    ...(given.target === undefined ? {} : { target: given.target }),
    ...(given.agent === undefined ? {} : { agent: given.agent }),
    ...(given.deliverable === undefined ? {} : { deliverable: given.deliverable }),
    ...(given.edits === undefined ? {} : { edits: given.edits }),
    // What the supervisor was shown may be in the brief.
    ...(kept === undefined ? {} : { conversation: { messages: [], keptBy: kept } }),
  };
  const { maxTasks, maxEdges } = ctx.options;
  const edited = editPlan(
    before,
    [
      { kind: 'add', task },
      { kind: 'nest', task: id, parent: work.spec.id },
    ],
    { maxTasks, maxEdges, targets: menuOf(ctx).map((entry) => entry.id), agents: ctx.agents },
  );
  if (!edited.ok) return err(`${edited.error.message} ${edited.error.whatToDo}`);
  const spec = edited.value.tasks.find((one) => one.id === id);
  if (spec === undefined) return err('the plan did not take it.');
  return ok({ spec: given.supervises === true ? { ...spec, supervises: true } : spec });
}

/** `w1`, `w2` and so on; below a worker `w1.1`. */
function nextId(tasks: readonly TaskSpec[], supervisor: string): string {
  const taken = new Set(tasks.map(({ id }) => id));
  const parent = tasks.find(({ id }) => id === supervisor)?.parent;
  const prefix = parent === undefined ? 'w' : `${supervisor}.`;
  for (let number = 1; ; number++) {
    const id = `${prefix}${number}`;
    if (!taken.has(id)) return id;
  }
}

function limitsOf({ maxTokens, maxUsd, maxCalls, maxSeconds }: Given<'spawn'>): Limits {
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(maxUsd === undefined ? {} : { maxUsd }),
    ...(maxCalls === undefined ? {} : { maxIterations: maxCalls }),
    ...(maxSeconds === undefined ? {} : { maxMs: maxSeconds * 1000 }),
  };
}

function limitText({ maxTokens, maxUsd, maxIterations, maxMs }: Limits): string {
  const parts = [
    ...(maxTokens === undefined ? [] : [`${maxTokens.toLocaleString('en-US')} tokens`]),
    ...(maxUsd === undefined ? [] : [`$${maxUsd.toFixed(4)}`]),
    ...(maxIterations === undefined ? [] : [`${maxIterations.toLocaleString('en-US')} calls`]),
    ...(maxMs === undefined ? [] : [`${(maxMs / 1000).toLocaleString('en-US')} s`]),
  ];
  return parts.length === 0 ? '' : `; it may spend ${parts.join(', ')}`;
}
