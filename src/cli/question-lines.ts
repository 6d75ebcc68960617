/** What a task that waits wants to know, as lines for a terminal. Pure. */
import { oneLine, withoutHidden } from '../app/safe-text.ts';
import { payloadText } from '../core/run-event.ts';
import type { TaskState } from '../core/run-state.ts';

/** Before its first word, its brief. */
export function questionLines(task: TaskState): readonly string[] {
  const last = task.talk.at(-1);
  const question = last?.by === 'task' ? payloadText(last.text).trim() : '';
  const title = oneLine(task.title, 100);
  const [head, text] =
    question === ''
      ? [`[?] ${title} waits for your first word. Its brief:`, task.spec?.objective ?? '']
      : [`[?] ${title} asks:`, question];
  return [
    head,
    ...withoutHidden(text)
      .split(/\r?\n/)
      .map((line) => `    ${line}`),
  ];
}
