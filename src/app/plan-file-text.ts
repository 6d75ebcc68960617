/** A plan as a text that a person reads and edits: the plan file of the command line. */
import type { TaskSpec } from '../core/plan/plan.ts';
import { visibleJson } from './safe-text.ts';

/** What is left out has its default; a conversation that a task goes on from is no part of the text. */
export function planFileText(plan: { readonly request: string; readonly tasks: readonly TaskSpec[] }): string {
  return visibleJson(`${JSON.stringify({ request: plan.request, tasks: plan.tasks.map(fileTask) }, undefined, 2)}\n`);
}

function fileTask(task: TaskSpec): object {
  return {
    id: task.id,
    title: task.title,
    objective: task.objective,
    mode: task.mode,
    ...given('capability', task.capability),
    ...given('target', task.target),
    ...given('agent', task.agent),
    ...given('parent', task.parent),
    ...(task.dependsOn.length === 0 ? {} : { dependsOn: task.dependsOn }),
    ...(task.inputs.length === 0 ? {} : { inputs: task.inputs }),
    ...given('deliverable', task.deliverable),
    ...given('edits', task.edits),
    ...given('maxTokens', task.maxTokens),
    ...given('maxUsd', task.maxUsd),
    ...given('maxMs', task.maxMs),
  };
}

function given(name: keyof TaskSpec, value: unknown): object {
  return value === undefined ? {} : { [name]: value };
}

/** The tasks of a text that names no conversation, with those that tasks of the same id went on from before. */
export function withConversations(tasks: readonly TaskSpec[], before: readonly TaskSpec[]): readonly TaskSpec[] {
  const known = new Map(before.map((task) => [task.id, task.conversation]));
  return tasks.map((task) => {
    const conversation = known.get(task.id);
    return conversation === undefined || task.conversation !== undefined ? task : { ...task, conversation };
  });
}
