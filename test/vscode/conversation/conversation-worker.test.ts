/** A worker talks with its supervisor, and with the user: everywhere it is named who it is. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { renderRunMarkdown } from '../../../src/app/run-markdown.ts';
import { describeTask } from '../../../src/app/run-text.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import { ConversationModel } from '../../../src/vscode/conversation/conversation-model.ts';
import { assertGolden } from '../../support/golden.ts';
import { at, journaled, RUN, SAMPLE, spend, START_MS, type TimedBody } from '../../support/sample-run.ts';
import { shownConversation } from '../../support/shown-conversation.ts';

const plan = { mode: 'hybrid', dependsOn: [], inputs: [] } as const;
const ceiling = { inputTokens: 10, outputTokens: 10 };

/** One call of the worker that asks. */
function asks(turn: number, ms: number, question: string): readonly TimedBody[] {
  const call = { key: { run: RUN, task: 'worker', turn, attempt: 0 }, backend: 'code-1' };
  return [
    at(ms, { type: 'call.started', ...call, promptVersion: 'task@4', ceiling, prompt: '[]', said: turn }),
    at(ms + 5, {
      type: 'call.finished',
      ...call,
      finish: 'stop',
      text: `ASK THE USER: ${question}`,
      spent: spend(10, 5, { ms: 5 }),
    }),
    at(ms + 6, { type: 'task.waiting', task: 'worker', turn, question }),
  ];
}

const ASKED: readonly TimedBody[] = [
  ...SAMPLE.slice(0, 1),
  at(20, {
    type: 'plan.accepted',
    tasks: [
      { ...plan, id: 'boss', title: 'See to it', objective: 'See to it.', supervises: true },
      { ...plan, id: 'worker', title: 'Do it', objective: 'Do it.', parent: 'boss' },
    ],
  }),
  ...['boss', 'worker'].map((task) => at(30, { type: 'task.started', task, attempt: 0, backend: 'code-1' })),
  ...asks(0, 40, 'Which colour?'),
];
const ANSWERED: readonly TimedBody[] = [
  ...ASKED,
  at(60, { type: 'message.said', task: 'worker', text: 'Blue.', by: 'boss' }),
  at(61, { type: 'message.said', task: 'worker', text: '', by: 'boss' }),
  at(62, { type: 'message.said', task: 'worker', text: 'Light blue.' }),
  ...asks(1, 70, 'How light?'),
];
const ALONE: readonly TimedBody[] = [...ANSWERED, at(90, { type: 'task.cancelled', task: 'boss', partial: '' })];

const folded = (bodies: readonly TimedBody[]): RunState => foldRun(RUN, journaled(bodies));
const view = { nowMs: START_MS + 60_000, liveness: 'running', isHere: true } as const;

describe('the conversation of a worker with its supervisor', () => {
  it('names who said what and who is asked', () => {
    const shown = (bodies: readonly TimedBody[]): string => {
      const now = new ConversationModel('worker').show(folded(bodies), view);
      return shownConversation(now ?? assert.fail('there is no such task'));
    };
    assertGolden('conversation/worker.txt', [shown(ASKED), shown(ANSWERED), shown(ALONE)].join('\n'));
  });

  it('is named so in lists and in what is kept of it', () => {
    const lines = [ASKED, ALONE].map((bodies) => {
      const state = folded(bodies);
      const worker = state.tasks.get('worker') ?? assert.fail('there is no such task');
      return describeTask(worker, state, view);
    });
    assert.match(lines[0] ?? '', /waits for its supervisor/);
    assert.match(lines[1] ?? '', /waits for you/);
    const kept = renderRunMarkdown(folded(ANSWERED), { ...view, diff: '' });
    assert.match(kept, /\*\*It asked its supervisor\*\*|asks its supervisor/);
    assert.match(kept, /\*\*Its supervisor said\*\*\n\n```+\w*\nBlue\.\n/);
    assert.match(kept, /\*\*You said\*\*\n\n```+\w*\nLight blue\.\n/);
  });
});
