/** What a person reads of a call of one of our tools, before and while it runs. The input is a model's, and unchecked. */
import { formatCount } from '../../app/amounts.ts';
import { oneLine } from '../../app/safe-text.ts';
import { plural } from '../../base/plural.ts';
import { isObject } from '../is-object.ts';

/** As package.json offers them, after `orchestrator_`. */
export const ENGINE_TOOLS = [
  'delegate',
  'call_agent',
  'delegate_many',
  'list_targets',
  'get_task_status',
  'reply_to_task',
  'cancel_task',
] as const;
export type EngineToolName = (typeof ENGINE_TOOLS)[number];

const TASKS_SHOWN = 8;
const TITLE_CHARS = 120;

/** `Giving "Read the log" to a model`. */
export function invocationText(name: EngineToolName, input: unknown): string {
  const fields = isObject(input) ? input : {};
  const task = textOf(fields['task']);
  switch (name) {
    case 'delegate':
      return `Delegating ${quoted(textOf(fields['intent']))} to a supervisor`;
    case 'call_agent':
      return `Giving ${quoted(task)} to ${whoOf(fields)}`;
    case 'delegate_many':
      return `Giving ${countOf(fields['tasks'])} to the models that fit`;
    case 'list_targets':
      return 'Looking at the backends';
    case 'get_task_status':
      return `Looking at ${task === '' ? 'a task' : oneLine(task, TITLE_CHARS)}`;
    case 'reply_to_task':
      return `Replying to ${task === '' ? 'a task' : oneLine(task, TITLE_CHARS)}`;
    case 'cancel_task':
      return `Cancelling ${task === '' ? 'a task' : oneLine(task, TITLE_CHARS)}`;
  }
}

export interface Confirmation {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Undefined: it only looks, and nobody is asked. */
export function confirmationOf(name: EngineToolName, input: unknown): Confirmation | undefined {
  const fields = isObject(input) ? input : {};
  switch (name) {
    case 'delegate':
      return {
        title: 'Delegate this to a supervisor?',
        lines: [
          oneLine(textOf(fields['intent']), 400),
          'A model of your roster briefs as many workers as it needs, until what you see is done or the budget is used.',
          COST,
        ],
      };
    case 'call_agent':
      return {
        title: 'Give a task to a model of your roster?',
        lines: [oneLine(textOf(fields['task']), 400), ...placeLines(fields), COST],
      };
    case 'delegate_many':
      return {
        title: `Give ${countOf(fields['tasks'])} to models of your roster?`,
        lines: [...taskLines(fields['tasks']), COST],
      };
    case 'reply_to_task':
      return {
        title: 'Reply to a task of Orchestrator?',
        lines: [oneLine(textOf(fields['task']), TITLE_CHARS), oneLine(textOf(fields['message']), 400)],
      };
    case 'cancel_task':
      return {
        title: 'Cancel a task of Orchestrator?',
        lines: [
          oneLine(textOf(fields['task']), TITLE_CHARS),
          'What depends on it is skipped. What has finished stays on record.',
        ],
      };
    case 'list_targets':
    case 'get_task_status':
      return undefined;
  }
}

const COST = 'Your roster, budget and data rules hold. Edits of files become a proposal that you review.';

function placeLines(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const files = Array.isArray(fields['files']) ? fields['files'].filter((file) => typeof file === 'string') : [];
  return [
    `To ${whoOf(fields)}.`,
    ...(files.length === 0
      ? []
      : [
          `With ${files
            .slice(0, TASKS_SHOWN)
            .map((file) => oneLine(file, TITLE_CHARS))
            .join(', ')}${files.length > TASKS_SHOWN ? ` and ${formatCount(files.length - TASKS_SHOWN)} more` : ''}.`,
        ]),
  ];
}

function taskLines(tasks: unknown): readonly string[] {
  if (!Array.isArray(tasks)) return [];
  const shown = tasks
    .slice(0, TASKS_SHOWN)
    .map((item: unknown) => `• ${oneLine(textOf(isObject(item) ? item['task'] : ''), TITLE_CHARS)}`);
  return tasks.length > TASKS_SHOWN ? [...shown, `… and ${formatCount(tasks.length - TASKS_SHOWN)} more`] : shown;
}

function whoOf({ agent, target, capability }: Readonly<Record<string, unknown>>): string {
  if (textOf(agent) !== '') return `the agent ${oneLine(textOf(agent), 64)}`;
  if (textOf(target) !== '') return oneLine(textOf(target), 64);
  return textOf(capability) === ''
    ? 'the model that fits'
    : `a model that is good at ${oneLine(textOf(capability), 64)}`;
}

function quoted(text: string): string {
  return text === '' ? 'a task' : `"${oneLine(text, TITLE_CHARS)}"`;
}

function countOf(tasks: unknown): string {
  return Array.isArray(tasks) ? plural(tasks.length, 'task') : 'tasks';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
