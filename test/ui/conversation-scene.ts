/** The team of the conversation test: four tasks that read, change with a question, write and wait, and two that are held. */
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { promptOf } from '../support/reading-brains.ts';

export const REQUEST = 'Let the sliding window forget idle clients, and tell the users about it.';

const TASKS = [
  {
    id: 'read',
    title: 'Read the two limiters',
    capability: 'long-context',
    inputs: ['src/token-bucket.ts', 'src/sliding-window.ts'],
    objective: 'Find out how the token bucket forgets idle clients, and what the sliding window lacks for it.',
    deliverable: 'Each claim names the lines that it rests on.',
  },
  {
    id: 'forget',
    title: 'Forget idle clients',
    capability: 'code',
    mode: 'hybrid',
    inputs: ['src/sliding-window.ts'],
    edits: true,
    dependsOn: ['read'],
    objective:
      'Add a method `sweep` to `SlidingWindow` that forgets clients which were idle for a while, as the token bucket does. Keep the rest as it is.',
    deliverable: '`sweep` returns how many clients it forgot.',
  },
  {
    id: 'note',
    title: 'Write the release note',
    capability: 'grunt',
    objective: 'Write a release note of five lines.',
  },
  {
    id: 'name',
    title: 'Name the setting',
    capability: 'reasoning',
    mode: 'interactive',
    objective: 'Find a name for the setting.',
  },
];

const SWEEP = `  }

  /** Forgets clients that were not seen for two windows, so that memory does not grow with every address. */
  sweep(nowMs: number): number {
    let swept = 0;
    for (const [client, window] of this.#windows) {
      if (nowMs - window.startMs < 2 * this.#windowMs) continue;
      this.#windows.delete(client);
      swept += 1;
    }
    return swept;
  }

  #rolled(`;

const CLAIMS = [
  {
    text: 'The bucket forgets clients whose bucket has been full for a while',
    quotes: [{ path: 'src/token-bucket.ts', line: 40, text: 'Forgets clients whose bucket has been full for a while' }],
  },
  {
    text: 'The sliding window keeps every client that it ever saw',
    quotes: [{ path: 'src/sliding-window.ts', line: 35, text: 'this.#windows.set(client, fresh);' }],
  },
];

const QUESTION =
  'How long is an idle client remembered?\n\n1. **two windows** (I would take this: nothing that still counts is lost)\n2. one window\n3. a setting of its own';

/** For a second run: two tasks that are held while they stream. */
const MORE = [
  { id: 'long', title: 'Write at length', capability: 'grunt', objective: 'Write three paragraphs.' },
  { id: 'short', title: 'Write in short', capability: 'grunt', objective: 'Write one paragraph.' },
];
const PARAGRAPHS =
  'First paragraph, which has arrived.\n\nSecond paragraph, which has arrived too.\n\nThird, and the last.';

const NOTE = `**Idle clients are forgotten.**

- The sliding window now drops clients that were idle for a while, so memory stays flat.
- Nothing changes for clients that are active.
- Call \`sweep\` from a timer, as for the token bucket.
`;

export function replyTo(call: BrainCall): BrainReply {
  const prompt = promptOf(call);
  if (prompt.includes('You are the orchestrator.')) {
    const tasks = (prompt.includes('paragraphs twice') ? MORE : TASKS).map((task) => ({
      target: null,
      mode: 'autonomous',
      edits: false,
      deliverable: null,
      dependsOn: [],
      inputs: [],
      ...task,
    }));
    return { json: { decision: 'plan', answer: '', tasks } };
  }
  const task = [...TASKS, ...MORE].find(({ title }) => prompt.includes(`Task: ${title}\n`));
  switch (task?.id) {
    case 'read':
      return { json: { claims: CLAIMS, missing: '' } };
    case 'forget':
      return forget(call);
    case 'note':
      return { text: prompt.includes('The user says') ? `${NOTE}- Upgrading needs no migration.\n` : NOTE };
    case 'long':
    case 'short':
      return { text: PARAGRAPHS };
    case 'name':
      return { text: prompt.includes('snake_case') ? 'idle_windows' : 'idleWindows' };
    default:
      return { text: 'All of it is done.' };
  }
}

/** Looks, asks, changes, reports. */
function forget(call: BrainCall): BrainReply {
  const replies = call.messages.filter(({ role }) => role === 'assistant').length;
  const turns: readonly BrainReply[] = [
    {
      text: 'I look at how the bucket does it first.',
      toolCalls: [
        { name: 'read_file', arguments: { path: 'src/token-bucket.ts' } },
        { name: 'search_files', arguments: { query: 'sweep' } },
      ],
    },
    { toolCalls: [{ name: 'ask_user', arguments: { question: QUESTION } }] },
    {
      text: 'Then two windows it is.',
      toolCalls: [
        {
          name: 'edit_file',
          arguments: { path: 'src/sliding-window.ts', edits: [{ search: '  }\n\n  #rolled(', replace: SWEEP }] },
        },
      ],
    },
  ];
  return (
    turns[replies] ?? {
      text: '`sweep` in `src/sliding-window.ts` forgets clients that were idle for **two windows** and returns how many it forgot, as the token bucket does. Call it from the same timer.',
    }
  );
}
