import { editPlan, type PlanEdit } from '../plan/plan-edit.ts';
import { planOf, type RunState, type TaskState } from '../run-state.ts';
import { exportConversation } from './earlier-conversation.ts';

const MAX_TITLE_CHARS = 180;

type Added = Extract<PlanEdit, { readonly kind: 'add' }>;

/**
 * The edit that adds a task which goes on from the conversation of one that has ended. It depends on that one if it completed,
 * else on what that one could rest on: nothing comes any more of what has failed or was stopped. It is done as the same agent,
 * and may ask where that one could; `text` is the first word that an interactive one would wait for. What had to be true when
 * it is done still has to be where that work was not completed; of completed work it was the old brief's, and `text` is a new one.
 */
export function continuation(state: RunState, { id, title, spec, status }: TaskState, text: string): Added {
  const needs = (spec?.dependsOn ?? []).filter((need) => state.tasks.get(need)?.status === 'completed');
  return {
    kind: 'add',
    after: id,
    task: {
      title: `${title.slice(0, MAX_TITLE_CHARS)}, continued`,
      objective: text.trim() === '' ? 'Go on from where the conversation ended.' : text,
      mode: spec?.mode === undefined || spec.mode === 'autonomous' ? 'autonomous' : 'hybrid',
      dependsOn: status === 'completed' ? [id] : needs,
      inputs: spec?.inputs ?? [],
      conversation: exportConversation(state, id),
      ...(spec?.agent === undefined ? {} : { agent: spec.agent }),
      ...(spec?.capability === undefined ? {} : { capability: spec.capability }),
      ...(spec?.target === undefined ? {} : { target: spec.target }),
      ...(spec?.deliverable === undefined || status === 'completed' ? {} : { deliverable: spec.deliverable }),
      ...(spec?.edits === undefined ? {} : { edits: spec.edits }),
      ...(spec?.maxTokens === undefined ? {} : { maxTokens: spec.maxTokens }),
      ...(spec?.maxUsd === undefined ? {} : { maxUsd: spec.maxUsd }),
      ...(spec?.maxMs === undefined ? {} : { maxMs: spec.maxMs }),
    },
  };
}

/**
 * The same in a new run, where all that has no result is done: there it takes the place of a task that did not complete, which
 * would be done from its beginning otherwise. `added` is the new task's id.
 */
export function continuedAgain(
  before: RunState,
  task: TaskState,
  text: string,
): { readonly edits: readonly PlanEdit[]; readonly added: string | undefined } {
  const tasks = planOf(before);
  const add = continuation(before, task, text);
  const edited = editPlan(tasks, [add], { maxTasks: tasks.length + 1, maxEdges: Number.MAX_SAFE_INTEGER });
  const added = edited.ok ? edited.value.added[0] : undefined;
  if (task.status === 'completed' || added === undefined) return { edits: [add], added };
  const users = tasks.filter(({ dependsOn }) => dependsOn.includes(task.id));
  return {
    added,
    edits: [
      { ...add, task: { ...add.task, id: added } },
      ...users.map(({ id, dependsOn }): PlanEdit => ({
        kind: 'set',
        task: id,
        fields: { dependsOn: dependsOn.map((need) => (need === task.id ? added : need)) },
      })),
      { kind: 'remove', task: task.id },
    ],
  };
}
