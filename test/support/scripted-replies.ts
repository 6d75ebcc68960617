import type { ChatRequest } from '../../src/core/backend.ts';
import { failure, type FailureReason } from '../../src/core/failure.ts';
import type { ScriptedReply } from './scripted-backend.ts';

/** A failed call, as a backend reports it. */
export function failsWith(reason: FailureReason, more: { readonly retryAfterMs?: number } = {}): ScriptedReply {
  return { failure: failure(reason, `It failed (${reason}).`, { whatToDo: 'Mend it.', ...more }) };
}

/** A planner's reply; each task needs only what is of interest. */
export function planReply(...tasks: readonly object[]): { readonly text: string } {
  return {
    text: JSON.stringify({
      decision: 'plan',
      answer: '',
      tasks: tasks.map((task) => ({ title: 'T', objective: 'do it', dependsOn: [], inputs: [], ...task })),
    }),
  };
}

/** Plans as given, does any task by naming it, and answers with `answer`. */
export function orchestrates(planned: ScriptedReply, answer = 'The answer.'): (request: ChatRequest) => ScriptedReply {
  return ({ key }) =>
    key.task === '@plan' ? planned : key.task === '@answer' ? { text: answer } : { text: `frontier did ${key.task}` };
}

/** Does any task by naming it. */
export function works({ key }: ChatRequest): ScriptedReply {
  return { text: `${key.task} done` };
}
