/** What `/task …` means. Pure. */
import type { RunState, TaskState } from '../../core/run-state.ts';
import { numberedTasks } from './chat-waiting.ts';

export type TaskWish =
  /** All that wait. */
  | { readonly kind: 'list' }
  /** One task's state and question. */
  | { readonly kind: 'show'; readonly task: TaskState }
  | { readonly kind: 'say'; readonly task: TaskState; readonly text: string }
  | { readonly kind: 'ambiguous'; readonly wanted: string; readonly tasks: readonly TaskState[] }
  | { readonly kind: 'unknown'; readonly wanted: string };

/**
 * A task is named by its number in the plan, its id, or a part of its title; what follows is said to it. A part of a title of
 * more than one word ends with a colon when something follows.
 */
export function readTaskWish(prompt: string, state: RunState): TaskWish {
  const words = prompt.trim();
  if (words === '') return { kind: 'list' };
  const numbered = /^#?(\d+)(?:[:.)](?=\s|$)|(?![\w.-]))[:)]?\s*([\s\S]*)$/.exec(words);
  const byNumber = numbered === null ? undefined : numberedTasks(state)[Number(numbered[1]) - 1];
  if (byNumber !== undefined) return wish(byNumber, numbered?.[2] ?? '');
  const [word, rest] = splitAt(words, /:?(?:\s+|$)/);
  const byId = state.tasks.get(word) ?? state.tasks.get(words);
  if (byId !== undefined) return wish(byId, byId.id === words ? '' : rest);
  const [name, said] = splitAt(words, /:\s*/);
  const found = titled(name, state);
  const [only] = found;
  if (only !== undefined && found.length === 1) return wish(only, said);
  return found.length === 0 ? { kind: 'unknown', wanted: name } : { kind: 'ambiguous', wanted: name, tasks: found };
}

function wish(task: TaskState, text: string): TaskWish {
  return text.trim() === '' ? { kind: 'show', task } : { kind: 'say', task, text: text.trim() };
}

/** Before and after the first place that matches. */
function splitAt(text: string, place: RegExp): readonly [string, string] {
  const match = place.exec(text);
  return match === null ? [text, ''] : [text.slice(0, match.index), text.slice(match.index + match[0].length)];
}

/** The whole title goes before a part of it. */
function titled(name: string, state: RunState): readonly TaskState[] {
  const wanted = name.trim().toLowerCase();
  if (wanted === '') return [];
  const tasks = numberedTasks(state);
  const exact = tasks.filter(({ title }) => title.toLowerCase() === wanted);
  return exact.length > 0 ? exact : tasks.filter(({ title }) => title.toLowerCase().includes(wanted));
}
