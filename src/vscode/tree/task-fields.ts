/** The fields of a task as a person changes them: which there are, how each reads, how each is asked for. */
import { oneLine } from '../../app/safe-text.ts';
import { formatDuration } from '../../base/duration.ts';
import { plural } from '../../base/plural.ts';
import type { TaskActionName } from '../../core/control/action-table.ts';
import type { TaskSpec } from '../../core/plan/plan.ts';
import {
  askAgent,
  askBackend,
  askCapability,
  askDependencies,
  askEdits,
  askMode,
  askMost,
  askParent,
  askText,
  askTitle,
  type AskedField,
  type FieldContext,
} from './ask-field.ts';

export interface Field {
  readonly label: string;
  /** What must be allowed to change it. */
  readonly action: TaskActionName;
  readonly shown: (context: FieldContext) => string;
  readonly ask: (context: FieldContext) => Promise<AskedField>;
  /** Its name in the plan's text. */
  readonly key: keyof TaskSpec;
}

const NOTHING = 'none';
const NO_LIMIT = 'no limit';
/** An input box shows one line. */
const LINE_CHARS = 300;

export const FIELDS: readonly Field[] = [
  {
    label: 'Title',
    key: 'title',
    action: 'rename',
    shown: ({ spec }) => oneLine(spec.title, 80),
    ask: askTitle,
  },
  {
    label: 'Objective',
    key: 'objective',
    action: 'edit',
    shown: ({ spec }) => oneLine(spec.objective, 120),
    ask: async ({ spec }) => {
      if (!isOneLine(spec.objective)) return 'text';
      const text = await askText('Objective: the complete brief', { value: spec.objective, isNeeded: true });
      return text === undefined ? undefined : { objective: text };
    },
  },
  { label: 'Mode', key: 'mode', action: 'change-mode', shown: ({ spec }) => spec.mode, ask: askMode },
  {
    label: 'Capability',
    key: 'capability',
    action: 'change-backend',
    shown: ({ spec }) => spec.capability ?? NOTHING,
    ask: askCapability,
  },
  {
    label: 'Backend',
    key: 'target',
    action: 'change-backend',
    shown: ({ spec }) => spec.target ?? 'any',
    ask: askBackend,
  },
  {
    label: 'Depends on',
    key: 'dependsOn',
    action: 'depends-on',
    shown: ({ spec, state }) =>
      spec.dependsOn.map((id) => oneLine(state.tasks.get(id)?.title ?? id, 40)).join(', ') || NOTHING,
    ask: askDependencies,
  },
  {
    label: 'Nested under',
    key: 'parent',
    action: 'nest',
    shown: ({ spec, state }) =>
      spec.parent === undefined ? NOTHING : oneLine(state.tasks.get(spec.parent)?.title ?? spec.parent, 80),
    ask: askParent,
  },
  {
    label: 'Inputs',
    key: 'inputs',
    action: 'edit',
    shown: ({ spec }) =>
      spec.inputs.map((input) => ('path' in input ? input.path : `“${oneLine(input.text, 30)}”`)).join(', ') || NOTHING,
    ask: async () => 'text',
  },
  {
    label: 'Deliverable',
    key: 'deliverable',
    action: 'edit',
    shown: ({ spec }) => oneLine(spec.deliverable ?? NOTHING, 120),
    ask: async ({ spec }) => {
      if (!isOneLine(spec.deliverable ?? '')) return 'text';
      const text = await askText('Deliverable: what must be true when it is done', { value: spec.deliverable ?? '' });
      return text === undefined ? undefined : { deliverable: text === '' ? null : text };
    },
  },
  {
    label: 'Changes files',
    key: 'edits',
    action: 'edit',
    shown: ({ spec }) => (spec.edits === undefined ? 'as its capability says' : spec.edits ? 'yes' : 'no'),
    ask: askEdits,
  },
  {
    label: 'Agent',
    key: 'agent',
    action: 'edit',
    shown: ({ spec }) => spec.agent ?? NOTHING,
    ask: askAgent,
  },
  {
    label: 'Most output tokens',
    key: 'maxTokens',
    action: 'edit',
    shown: ({ spec }) => (spec.maxTokens === undefined ? NO_LIMIT : plural(spec.maxTokens, 'token')),
    ask: async ({ spec: { maxTokens } }) => {
      const most = await askMost('maxTokens', maxTokens);
      return most === undefined ? undefined : { maxTokens: most };
    },
  },
  {
    label: 'Most cost',
    key: 'maxUsd',
    action: 'edit',
    shown: ({ spec }) => (spec.maxUsd === undefined ? NO_LIMIT : `$${spec.maxUsd}`),
    ask: async ({ spec: { maxUsd } }) => {
      const most = await askMost('maxUsd', maxUsd);
      return most === undefined ? undefined : { maxUsd: most };
    },
  },
  {
    label: 'Most time',
    key: 'maxMs',
    action: 'edit',
    shown: ({ spec }) => (spec.maxMs === undefined ? NO_LIMIT : formatDuration(spec.maxMs)),
    ask: async ({ spec: { maxMs } }) => {
      const most = await askMost('maxMs', maxMs);
      return most === undefined ? undefined : { maxMs: most };
    },
  },
];

function isOneLine(text: string): boolean {
  return text.length <= LINE_CHARS && !text.includes('\n');
}
