import type { PlanEdit } from '../plan-edit.ts';
import type { RunState, TaskState } from '../run-state.ts';
import { exportConversation } from './earlier-conversation.ts';

const MAX_TITLE_CHARS = 180;

/** The edit that adds a task which goes on from the conversation of a finished one, and depends on it. */
export function continuation(state: RunState, { id, title, spec }: TaskState, text: string): PlanEdit {
  return {
    kind: 'add',
    after: id,
    task: {
      title: `${title.slice(0, MAX_TITLE_CHARS)}, continued`,
      objective: text.trim() === '' ? 'Go on from where the conversation ended.' : text,
      mode: 'autonomous',
      dependsOn: [id],
      inputs: spec?.inputs ?? [],
      conversation: exportConversation(state, id),
      ...(spec?.capability === undefined ? {} : { capability: spec.capability }),
      ...(spec?.target === undefined ? {} : { target: spec.target }),
      ...(spec?.edits === undefined ? {} : { edits: spec.edits }),
      ...(spec?.maxTokens === undefined ? {} : { maxTokens: spec.maxTokens }),
    },
  };
}
