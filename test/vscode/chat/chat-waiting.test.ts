/** A chat turn that ends because its run waits for a person, and one that goes on after a crash. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunEvent, WaitReason } from '../../../src/core/run-event.ts';
import { applyEvent } from '../../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../../src/core/run-state.ts';
import { supervisorTask } from '../../../src/core/supervise/delegate.ts';
import type { ChatOp } from '../../../src/vscode/chat/chat-op.ts';
import { ChatPresenter, type PresenterOptions } from '../../../src/vscode/chat/chat-presenter.ts';
import { showOps } from '../../support/chat-ops.ts';
import { at, journaled, RUN, SAMPLE, WHILE_RUNNING, type TimedBody } from '../../support/sample-run.ts';

const options: PresenterOptions = { isFile: () => false, isOnlyEmbedded: false, isHere: () => true };

describe('a run that waits, in the chat', () => {
  const waiting = (...more: readonly TimedBody[]): readonly RunEvent[] =>
    journaled([
      ...SAMPLE.slice(0, 5),
      at(1_030, {
        type: 'plan.waiting',
        why: 'writes',
        estimate: {
          tasks: {
            read: {
              backend: 'long-1',
              tokens: { low: 1_234, high: 3_456 },
              usd: { low: 0.01, high: 0.02 },
              ms: { low: 1, high: 2 },
            },
            fix: { backend: 'code-1', tokens: { low: 500, high: 500 }, usd: null, ms: { low: 1, high: 2 } },
            tests: { backend: null, tokens: { low: 0, high: 0 }, usd: null, ms: { low: 0, high: 0 } },
          },
          total: {
            tokens: { low: 2_000, high: 9_876 },
            usd: { low: 0.015, high: 0.31 },
            ms: { low: 4_000, high: 61_000 },
          },
          isUsdKnown: false,
        },
      }),
      ...more,
    ]);

  function waits(events: readonly RunEvent[]): { readonly shown: string; readonly ops: readonly ChatOp[] } {
    const { presenter, state, before } = presented(events);
    const ops = presenter.waits(state);
    return { shown: showOps([...before, ...ops]), ops };
  }

  function presented(events: readonly RunEvent[]): {
    readonly presenter: ChatPresenter;
    readonly state: RunState;
    readonly before: readonly ChatOp[];
  } {
    const presenter = new ChatPresenter(options);
    let state: RunState = emptyRunState(RUN);
    const before = events.flatMap((event) => {
      state = applyEvent(state, event);
      return presenter.event(event, state);
    });
    return { presenter, state, before };
  }

  it('ends a turn whose plan waits with the plan, once, with what it will take, and with Run, Edit and Cancel', () => {
    const { shown, ops } = waits(waiting());
    assert.equal(
      shown,
      [
        '… Asking frontier',
        'ANSWER',
        '«**The plan waits for you.** It is to change files, so nothing of it runs before you say so.',
        '',
        '**Plan: 4 tasks**',
        '',
        '- **1** ▸ Read the parser → long-1 · long-context · 1,200–3,500 tokens · \\$0.01–0.02 · 1 s',
        '  - **2** ▸ Read \\*one\\* part',
        '- **3** ▸ Fix the bug → code-1 · 500 tokens · price unknown · 1 s',
        '- **4** ▸ Write tests · after 1, 3 · no backend fits it',
        '',
        'Estimate with the answer: about 2,000–9,900 tokens · \\$0.01–0.31 and what has no price · 4 s–1 min',
        '',
        'Change it as you like: as a text with **Edit**, or each task in the Tasks view.',
        '',
        'Spent \\$0.0180 · 1 call · 1,200 tokens for planning»',
        '[Run] orchestrator.approvePlan',
        '[Edit] orchestrator.editPlan',
        '[Cancel] orchestrator.cancelRun',
      ].join('\n'),
    );
    assert.ok(ops.every((op) => op.kind !== 'button' || op.arguments?.[0] === RUN));
  });

  it('says of a supervisor what its workers may do, and what they may spend', () => {
    const supervised = (why: WaitReason): string =>
      waits(
        journaled([
          ...SAMPLE.slice(0, 1),
          at(1_000, { type: 'request.decided', decision: 'delegate', why: 'Nobody knows yet.' }),
          at(1_010, {
            type: 'plan.accepted',
            tasks: [{ ...supervisorTask('Why is it slow?', true), title: 'Supervisor' }],
          }),
          at(1_020, { type: 'plan.waiting', why, estimate: null }),
        ]),
      ).shown;
    assert.equal(
      supervised('acts'),
      [
        '«*Nobody knows yet.*',
        '',
        '»',
        '… Waiting for you',
        'ANSWER',
        '«**The plan waits for you.** What is done is decided as it goes, and the workers that are briefed then may change files and be given tools of other programs, and what those do is done at once: nothing of it runs before you say so.',
        '',
        '**Plan: decided as it goes**',
        '',
        '- **1** ▸ Supervisor · decides as it goes; its workers may edit files and be any of your agents',
        '',
        'What it will take is not known beforehand, and the run has no limit (orchestrator.budget sets one).',
        '',
        'Change it as you like: as a text with **Edit**, or each task in the Tasks view.»',
        '[Run] orchestrator.approvePlan',
        '[Edit] orchestrator.editPlan',
        '[Cancel] orchestrator.cancelRun',
      ].join('\n'),
    );
    assert.match(supervised('writes'), /may change files: nothing of it runs before you say so\./);
    assert.match(supervised('always'), /\*\*The plan waits for you\.\*\* Nothing of it runs before you say so\./);
  });

  it('tells what a task asks at once, and ends the turn with all questions when nothing else goes on', () => {
    const asks = (task: string, question: string): TimedBody =>
      at(2_000, { type: 'task.waiting', task, turn: 0, question });
    const { shown, ops } = waits(
      waiting(
        at(1_500, { type: 'plan.approved' }),
        asks('read', ''),
        asks('read-part', 'Tabs?\nOr [spaces](command:x)?'),
        at(2_100, { type: 'message.said', task: 'read', text: 'Begin at the top.' }),
        asks('read', 'Both files?'),
      ),
    );
    assert.equal(
      shown.slice(shown.indexOf('… The plan runs')),
      [
        '… The plan runs',
        '«- ? Read the parser waits for your first word (/task 1)',
        '»',
        '«- ? Read \\*one\\* part asks: Tabs? Or \\[spaces\\](command:x)? (/task 2)',
        '»',
        '… You to Read the parser: Begin at the top.',
        '«- ? Read the parser asks: Both files? (/task 1)',
        '»',
        '… Waiting for you',
        'ANSWER',
        '«**2 tasks wait for you** · 0 of 4 ended',
        '',
        '**1 · Read the parser** asks:',
        '',
        '> Both files?',
        '',
        '**2 · Read \\*one\\* part** asks:',
        '',
        '> Tabs?',
        '> Or \\[spaces\\](command:x)?',
        '',
        'Answer here with `@orchestrator /task 1 your words`, or in its conversation.»',
        '[Answer 1] orchestrator.openTask',
        '[Answer 2] orchestrator.openTask',
        '[Show Tasks] orchestrator.showTasks',
      ].join('\n'),
    );
    assert.deepEqual(
      ops.flatMap((op) => (op.kind === 'button' ? [op.arguments ?? []] : [])),
      [[RUN, 'read'], [RUN, 'read-part'], []],
    );
  });

  it('names the calls that had no result when the run was interrupted, with task and backend', () => {
    const key = { run: RUN, task: 'read', turn: 0, attempt: 0 };
    const events = journaled([
      ...SAMPLE.slice(0, WHILE_RUNNING),
      at(9_000, { type: 'run.resumed', inDoubt: [key, { ...key, task: '@plan', attempt: 9 }] }),
    ]);
    assert.equal(
      showOps(presented(events).before.slice(-1)),
      [
        '«Continuing. 2 calls had no result when the run was interrupted, and may have been charged; what they were for is done again:',
        '',
        '- Read the parser · long-1',
        '- Plan · unknown backend',
        '',
        '»',
      ].join('\n'),
    );
  });
});
