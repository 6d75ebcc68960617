/**
 * What lists and searches know of a run beyond its request, kept up to date event by event: where its tasks stand, whether it
 * waits for the user, and the texts that are searched. It follows the fold (core/run-fold.ts): events that the fold passes
 * over change nothing here. Both journals use it.
 */
import { goneWith, type PlanChange } from '../core/plan/plan-change.ts';
import type { TaskSpec } from '../core/plan/plan.ts';
import type { Payload, RunEventBody } from '../core/run-event.ts';

export type Stand = 'open' | 'waiting' | 'completed' | 'ended';
export type TextKind = 'request' | 'task' | 'result' | 'answer';

/** Where it is written. Texts of the request and the answer are of no task: ''. */
export interface RunDigest {
  stand(task: string): Stand | undefined;
  /** All tasks of the plan. */
  tasks(): readonly string[];
  setStand(task: string, stand: Stand): void;
  setPlanWaits(waits: boolean): void;
  removeTask(task: string): void;
  setFrom(run: string | null): void;
  setText(kind: TextKind, task: string, text: Payload): void;
  removeText(kind: TextKind, task: string): void;
  /** The end: these figures stay, and nothing waits any more. */
  finish(figures: { readonly tasks: number; readonly completed: number }): void;
}

/** The types of event that `digest` heeds. */
export const DIGESTED_TYPES = [
  'run.started',
  'run.resumed',
  'run.finished',
  'plan.accepted',
  'plan.waiting',
  'plan.approved',
  'plan.edited',
  'task.started',
  'task.waiting',
  'message.said',
  'task.retried',
  'task.marked',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.skipped',
] as const satisfies readonly RunEventBody['type'][];

type DigestedType = (typeof DIGESTED_TYPES)[number];
type DigestedBody = Extract<RunEventBody, { readonly type: DigestedType }>;
type TaskBody = Exclude<DigestedBody, { readonly type: `run.${string}` | `plan.${string}` }>;

const TYPES: ReadonlySet<string> = new Set(DIGESTED_TYPES);

export function isDigested<B extends { readonly type: string }>(body: B): body is B & DigestedBody {
  return TYPES.has(body.type);
}

export function digest(body: DigestedBody, run: RunDigest): void {
  switch (body.type) {
    case 'run.started':
      run.setFrom(body.from ?? null);
      return run.setText('request', '', body.request);
    case 'run.resumed':
      return run.tasks().forEach((task) => {
        if (run.stand(task) === 'waiting') run.setStand(task, 'open');
      });
    case 'run.finished':
      if (body.answer !== '') run.setText('answer', '', body.answer);
      return run.finish({
        tasks: body.tasks.length,
        completed: body.tasks.filter(({ status }) => status === 'completed').length,
      });
    case 'plan.accepted':
      if (run.tasks().length === 0) for (const spec of body.tasks) addTask(spec, run);
      return;
    case 'plan.waiting':
      return run.setPlanWaits(true);
    case 'plan.approved':
      return run.setPlanWaits(false);
    case 'plan.edited':
      return changePlan(body.change, run);
    default:
      return digestTask(body, run);
  }
}

function addTask(spec: TaskSpec, run: RunDigest): void {
  run.setStand(spec.id, run.stand(spec.id) ?? 'open');
  run.setText('task', spec.id, `${spec.title}\n${spec.objective}`);
}

/** The title in the searched text of a task. */
export function titleIn(brief: string): string | null {
  return brief.split('\n', 1)[0] || null;
}

function changePlan(change: PlanChange, run: RunDigest): void {
  for (const task of goneWith(change)) {
    run.removeTask(task);
    run.removeText('task', task);
    run.removeText('result', task);
  }
  for (const spec of change.put) addTask(spec, run);
}

function digestTask(body: TaskBody, run: RunDigest): void {
  const { task } = body;
  const stand = run.stand(task);
  if (stand === undefined) return;
  if (body.type === 'task.retried') return run.setStand(task, 'open');
  if (stand === 'completed' || stand === 'ended') return;
  switch (body.type) {
    case 'task.waiting':
      return run.setStand(task, 'waiting');
    case 'task.started':
    case 'message.said':
      return stand === 'waiting' ? run.setStand(task, 'open') : undefined;
    case 'task.completed':
    case 'task.marked':
      run.setStand(task, 'completed');
      return run.setText('result', task, body.result);
    case 'task.failed':
    case 'task.cancelled':
      // What it had so far is shown as its result.
      if (body.partial !== '') run.setText('result', task, body.partial);
      return run.setStand(task, 'ended');
    default:
      return run.setStand(task, 'ended');
  }
}
