import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState } from '../../src/core/run-state.ts';
import { changeOf } from '../../src/vscode/conversation/conversation-changes.ts';
import { ConversationModel } from '../../src/vscode/conversation/conversation-model.ts';
import { Announcer } from '../../src/webview/conversation/announcer.ts';
import type { ConversationView } from '../../src/webview/conversation/conversation-view.ts';
import { judgedRun } from '../support/judged-run.ts';
import { at, journaled, RUN, SAMPLE, spend, START_MS, type TimedBody } from '../support/sample-run.ts';

const call = {
  key: { run: RUN, task: 'fix', turn: 0, attempt: 0 },
  backend: 'code-1',
  promptVersion: 'task@4',
  ceiling: { inputTokens: 10, outputTokens: 10 },
} as const;
const BEGUN: readonly TimedBody[] = [
  ...SAMPLE.slice(0, 1),
  at(20, {
    type: 'plan.accepted',
    tasks: [{ id: 'fix', title: 'Fix it', objective: 'Fix it.', mode: 'hybrid', dependsOn: [], inputs: [] }],
  }),
  at(30, { type: 'task.started', task: 'fix', attempt: 0, backend: 'code-1' }),
  at(32, { type: 'call.started', ...call, prompt: '[]' }),
];
const REPLIED = at(132, {
  type: 'call.finished',
  key: call.key,
  backend: 'code-1',
  finish: 'stop',
  text: 'ASK THE USER: Tabs or spaces?',
  spent: spend(10, 5),
});
const ASKED = at(133, { type: 'task.waiting', task: 'fix', turn: 0, question: 'Tabs or spaces?' });
const ANSWERED = at(200, { type: 'message.said', task: 'fix', text: 'Tabs.' });

/** What stands in the live region after each step; the first step is what the page begins with. */
function heard(task: string, ...steps: readonly (readonly TimedBody[])[]): readonly string[] {
  const model = new ConversationModel(task);
  const place = { textContent: '' };
  const announcer = new Announcer(place);
  let state = emptyRunState(RUN);
  let before: ConversationView | undefined;
  const all = journaled(steps.flat());
  return steps.map((step) => {
    place.textContent = '';
    for (const event of all.slice(state.lastSeq, state.lastSeq + step.length)) state = applyEvent(state, event);
    const view =
      model.show(state, { liveness: 'running', isHere: true, nowMs: START_MS }) ?? assert.fail('there is no such task');
    const change = before === undefined ? undefined : changeOf(before, view);
    if (before === undefined) announcer.begin(view);
    else if (change?.type === 'change') announcer.changed(change);
    before = view;
    return place.textContent;
  });
}

describe('who listens to a conversation', () => {
  it('hears what the task asks, with all else that came at once, and not again when it is answered', () => {
    assert.deepEqual(heard('fix', BEGUN, [REPLIED, ASKED], [ANSWERED]), [
      '',
      'The task: waits for you. It asks you: Tabs or spaces?',
      'The task: active.',
    ]);
  });

  it('hears it also where reply and question come one after the other', () => {
    assert.deepEqual(heard('fix', BEGUN, [REPLIED], [ASKED]).slice(1), [
      'code-1 replied.',
      'The task: waits for you. It asks you: Tabs or spaces?',
    ]);
  });

  it('hears what waits for an answer when the page begins, and nothing else of what stands there', () => {
    assert.deepEqual(heard('fix', [...BEGUN, REPLIED, ASKED]), ['It asks you: Tabs or spaces?']);
    assert.deepEqual(heard('read', SAMPLE), ['']);
  });

  it('hears the beginning of a long question, and the same question once', () => {
    const long = at(133, { type: 'task.waiting', task: 'fix', turn: 0, question: 'x'.repeat(1_000) });
    assert.deepEqual(heard('fix', BEGUN, [REPLIED, long], [long]).slice(1), [
      `code-1 replied. The task: waits for you. It asks you: ${'x'.repeat(300)}…`,
      '',
    ]);
  });

  it('hears how a submission was judged', () => {
    const run = judgedRun();
    const [judged = -1] = run.flatMap(({ type }, index) => (type === 'deliverable.judged' ? [index] : []));
    assert.deepEqual(
      heard('boss', run.slice(0, judged), run.slice(judged, judged + 1), run.slice(judged + 1)).slice(1),
      [
        'Checks: 1 passed, 1 failed, 1 broken. The deliverable is not there.',
        'code-1, as judge replied. Checks: 3 passed. The deliverable is there. The result is there. The task: completed.',
      ],
    );
  });
});
