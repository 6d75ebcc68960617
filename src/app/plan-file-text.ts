/** A plan as a text that a person reads and edits: the plan file of the command line. */
import type { TaskSpec } from '../core/plan/plan.ts';
import { visibleJson } from './safe-text.ts';

/** What is left out has its default; a conversation that a task goes on from, and what the engine set, are no part of the text. */
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

/**
 * The tasks of a text, with what the text left unsaid of those that were there before: the conversation that one goes on from,
 * and what the engine set.
 */
export function withUnsaid(tasks: readonly TaskSpec[], before: readonly TaskSpec[]): readonly TaskSpec[] {
  const known = new Map(before.map((task) => [task.id, task]));
  return tasks.map((task) => {
    const { conversation, supervises, limits } = known.get(task.id) ?? {};
    return {
      ...(conversation === undefined ? {} : { conversation }),
      ...(supervises === undefined ? {} : { supervises }),
      ...(limits === undefined ? {} : { limits }),
      ...task,
    };
  });
}
