/** Which rows of the task tree something new changes. Never more than needed: VS Code reads a row's children again with it. */
import { parentOf } from '../../app/task-forest.ts';
import { unreachable } from '../../base/assert.ts';
import { isProposalEvent, type ProposalEvent } from '../../core/edits/proposal-fold.ts';
import { ANSWER_TASK, PLAN_TASK } from '../../core/plan/plan.ts';
import type { RunEvent } from '../../core/run-event.ts';
import type { RunState } from '../../core/run-state.ts';
import type { Changed, TreeNode, TreeNodes } from './tree-nodes.ts';

/** `state` is that of the run after the event; undefined when it is not at hand. */
export function changedBy(event: RunEvent, state: RunState | undefined, nodes: TreeNodes): readonly Changed[] {
  const run = nodes.run(event.run);
  if (isProposalEvent(event)) return proposalChanged(event, nodes);
  switch (event.type) {
    case 'run.started':
    case 'run.resumed':
      return ['root'];
    case 'call.started':
      return isTurn(event.key.task)
        ? [run, nodes.task(event.run, event.key.task)]
        : [nodes.task(event.run, event.key.task)];
    case 'call.finished':
    case 'call.failed':
      return aroundCall(event.key.task, event.run, { state, nodes });
    case 'route.decided':
    case 'budget.refused':
    case 'inputs.read':
      return [nodes.task(event.run, event.task)];
    case 'task.started':
    case 'task.waiting':
    case 'message.said':
    case 'task.retried':
    case 'task.failed':
    case 'task.cancelled':
    case 'task.skipped':
      return [run, nodes.task(event.run, event.task)];
    case 'task.completed':
    case 'task.marked':
      return [run, nodes.task(event.run, event.task), ...dependents(event.task, state, nodes)];
    case 'reading.planned':
    case 'tools.found':
    case 'tool.started':
    case 'tool.finished':
    case 'deliverable.judged':
    case 'files.read':
    case 'edit.made':
    case 'edits.checked':
      return [nodes.task(event.run, event.task)];
    case 'edit.based':
    case 'workspace.asked':
    case 'message.partial':
    case 'consent.asked':
    case 'consent.decided':
      return [];
    case 'backend.rested':
    case 'request.decided':
    case 'plan.rejected':
    case 'plan.accepted':
    case 'plan.waiting':
    case 'plan.approved':
    case 'plan.edited':
    case 'run.finished':
      return [run];
    default:
      return unreachable(event);
  }
}

interface Shown {
  readonly state: RunState | undefined;
  readonly nodes: TreeNodes;
}

/** A turn's row comes with its first call; of a task also those change that show what was spent below them. */
function aroundCall(task: string, run: string, { state, nodes }: Shown): readonly TreeNode[] {
  if (isTurn(task)) return [nodes.run(run), nodes.task(run, task)];
  const above: TreeNode[] = [];
  // Not by the index, which is made anew for each state.
  for (let at = state?.tasks.get(task); state !== undefined && at !== undefined;) {
    const parent = parentOf(state, at);
    if (parent !== undefined) above.push(nodes.task(run, parent));
    at = parent === undefined ? undefined : state.tasks.get(parent);
  }
  return [nodes.task(run, task), ...above];
}

function proposalChanged(event: ProposalEvent, nodes: TreeNodes): readonly TreeNode[] {
  const { run } = event;
  const paths =
    event.type === 'proposal.made' ? [] : event.type === 'proposal.updated' ? [event.entry.path] : event.paths;
  return [nodes.run(run), nodes.edits(run), ...paths.map((path) => nodes.edit(run, path))];
}

function isTurn(task: string): boolean {
  return task === PLAN_TASK || task === ANSWER_TASK;
}

/** Their rows say what they wait for. */
function dependents(task: string, state: RunState | undefined, nodes: TreeNodes): readonly TreeNode[] {
  if (state === undefined) return [];
  const { run, tasks } = state;
  const waiting: TreeNode[] = [];
  for (const id of tasks.keys())
    if (tasks.get(id)?.spec?.dependsOn.includes(task) === true) waiting.push(nodes.task(run, id));
  return waiting;
}

/** Which rows differ between two states of a run that was read. */
export function changedBetween(before: RunState, now: RunState, nodes: TreeNodes): readonly TreeNode[] {
  const run = nodes.run(now.run);
  const isSameShape =
    before.phase === now.phase &&
    before.revision === now.revision &&
    before.tasks.size === now.tasks.size &&
    before.turns.size === now.turns.size &&
    before.proposal === now.proposal;
  if (!isSameShape) return [run];
  const changed = [...now.turns.values(), ...now.tasks.values()].filter(
    (task) => (before.tasks.get(task.id) ?? before.turns.get(task.id)) !== task,
  );
  const isOutline = changed.some((task) => before.tasks.get(task.id)?.status !== task.status);
  return [...(isOutline ? [run] : []), ...changed.flatMap(({ id }) => aroundCall(id, now.run, { state: now, nodes }))];
}
