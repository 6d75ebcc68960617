import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunSeen } from '../../../src/core/control/whose-folder.ts';
import { failure } from '../../../src/core/failure.ts';
import type { RunLiveness } from '../../../src/core/ports.ts';
import type { RouteDecision } from '../../../src/core/route.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { applyEvent, foldRun } from '../../../src/core/run-fold.ts';
import { changeOf } from '../../../src/vscode/conversation/conversation-changes.ts';
import { ConversationModel } from '../../../src/vscode/conversation/conversation-model.ts';
import type { ConversationView } from '../../../src/webview/conversation/conversation-view.ts';
import { assertGolden } from '../../support/golden.ts';
import { judgedRun } from '../../support/judged-run.ts';
import {
  at,
  EDIT_WHILE_RUNNING,
  journaled,
  RUN,
  SAMPLE,
  sampleEditRun,
  spend,
  START_MS,
  WHILE_RUNNING,
  type TimedBody,
} from '../../support/sample-run.ts';
import { shownConversation } from '../../support/shown-conversation.ts';

const NOW_MS = START_MS + 60_000;

function folded(bodies: readonly TimedBody[]): RunState {
  return foldRun(RUN, journaled(bodies));
}

function viewOf(
  model: ConversationModel,
  state: RunState,
  liveness: RunLiveness = state.phase === 'finished' ? 'finished' : 'running',
): ConversationView {
  const now = { nowMs: NOW_MS, liveness, isHere: true };
  return model.show(state, now) ?? assert.fail('there is no such task');
}

function shown(task: string, bodies: readonly TimedBody[], liveness?: RunLiveness): string {
  return shownConversation(viewOf(new ConversationModel(task), folded(bodies), liveness));
}

const key = { run: RUN, task: 'fix', turn: 0, attempt: 0 };
const ceiling = { inputTokens: 10, outputTokens: 10 };

function routeTo(backend: string, why: string): RouteDecision {
  return { kind: 'chosen', backend, why, candidates: [{ backend, verdict: 'chosen', score: 1, why }] };
}

/** A plan of one hybrid task that was begun, asked something and was answered. */
function talk(): readonly TimedBody[] {
  return [
    ...SAMPLE.slice(0, 1),
    at(20, {
      type: 'plan.accepted',
      tasks: [
        { id: 'fix', title: 'Fix it', objective: 'Fix it.', mode: 'hybrid', dependsOn: [], inputs: [] },
        { id: 'next', title: 'Go on', objective: 'Go on.', mode: 'autonomous', dependsOn: ['fix'], inputs: [] },
      ],
    }),
    at(30, { type: 'route.decided', task: 'fix', decision: routeTo('code-1', 'good at code') }),
    at(30, { type: 'task.started', task: 'fix', attempt: 0, backend: 'code-1' }),
    at(31, { type: 'message.said', task: 'fix', text: 'Be quick.' }),
    at(32, { type: 'call.started', key, backend: 'code-1', promptVersion: 'task@4', ceiling, prompt: '[]', said: 1 }),
    at(132, {
      type: 'call.finished',
      key,
      backend: 'code-1',
      finish: 'stop',
      text: 'ASK THE USER: Which **one**?',
      spent: spend(10, 5, { ms: 100 }),
    }),
    at(133, { type: 'task.waiting', task: 'fix', turn: 0, question: 'Which **one**?' }),
  ];
}

/** What follows the answer: a tool, a failed call, a new attempt. */
function afterAnswer(): readonly TimedBody[] {
  const second = { ...key, turn: 1 };
  const third = { ...key, turn: 2 };
  const started = { type: 'call.started', backend: 'code-1', promptVersion: 'task@4', ceiling, prompt: '[]' } as const;
  return [
    at(200, { type: 'message.said', task: 'fix', text: 'The second.' }),
    at(201, { ...started, key: second, said: 2 }),
    at(301, {
      type: 'call.finished',
      key: second,
      backend: 'code-1',
      finish: 'tools',
      text: '',
      toolCalls: '[]',
      spent: spend(20, 5, { ms: 100 }),
    }),
    at(302, {
      type: 'tool.finished',
      task: 'fix',
      turn: 1,
      call: 'c1',
      name: 'search_files',
      arguments: '{"query":"limit\\n","glob":"src/**","more":{"a":1}}',
      result: 'Nothing.',
      isOk: false,
      ms: 12,
    }),
    at(303, { ...started, key: third }),
    at(403, {
      type: 'call.failed',
      key: third,
      backend: 'code-1',
      failure: failure('timeout', 'code-1 sent nothing for 30 s.', { whatToDo: 'See whether it runs.' }),
      partial: 'Half a',
      spent: spend(30, 2, { ms: 100, tokensKnown: false, usdKnown: false }),
      next: 'give-up',
    }),
    at(404, {
      type: 'task.failed',
      task: 'fix',
      failure: failure('timeout', 'code-1 sent nothing for 30 s.', { whatToDo: 'See whether it runs.' }),
      partial: 'Half a',
    }),
    at(500, { type: 'task.retried', task: 'fix', because: null }),
    at(500, { type: 'route.decided', task: 'fix', decision: routeTo('code-2', 'the user chose it') }),
    at(501, { type: 'task.started', task: 'fix', attempt: 1, backend: 'code-2' }),
    at(502, { ...started, key: { ...key, attempt: 1 }, backend: 'code-2' }),
  ];
}

describe('the conversation of a task, as it is shown', () => {
  it('tells brief, route, messages, result and spend of a finished task, in their order', () => {
    assertGolden('conversation/completed.txt', shown('read', SAMPLE));
  });

  it('tells what went wrong, once, and what was not started because of it', () => {
    assertGolden('conversation/failed.txt', `${shown('fix', SAMPLE)}\n${shown('tests', SAMPLE)}`);
  });

  it('tells what is in flight, and what a call without an end means', () => {
    const bodies = SAMPLE.slice(0, WHILE_RUNNING);
    assertGolden('conversation/running.txt', `${shown('read', bodies)}\n${shown('read', bodies, 'interrupted')}`);
  });

  it('tells how far a reading in parts is, and the edits of a task with their lines', () => {
    const bodies = sampleEditRun();
    assertGolden(
      'conversation/work.txt',
      [shown('read', bodies.slice(0, EDIT_WHILE_RUNNING)), shown('read', bodies), shown('tests', bodies)].join('\n'),
    );
  });

  it('puts an open question above the box, then into its place with the answer, and folds an earlier attempt', () => {
    const later = [...talk(), ...afterAnswer()];
    const asking = [...talk(), at(140, { type: 'task.waiting', task: 'fix', turn: 1, question: 'By a tool?' })];
    assertGolden(
      'conversation/talk.txt',
      [
        shown('fix', talk()),
        shown('fix', asking),
        shown('next', talk()),
        shown('fix', later.slice(0, 11)),
        shown('fix', later),
      ].join('\n'),
    );
  });

  it('shows a call that somebody stopped as no fault, and what was kept of it once', () => {
    const stopped = failure('cancelled', 'You stopped this task.', { whatToDo: 'Retry the task, or mark it as done.' });
    const second = { ...key, turn: 1 };
    const begun: readonly TimedBody[] = [
      ...talk(),
      ...afterAnswer().slice(0, 2),
      at(300, {
        type: 'call.failed',
        key: second,
        backend: 'code-1',
        failure: stopped,
        partial: 'Half a',
        spent: spend(30, 2, { ms: 100, tokensKnown: false, usdKnown: false }),
        next: 'give-up',
      }),
    ];
    const cancelled = [...begun, at(301, { type: 'task.cancelled', task: 'fix', partial: '' })];
    const kept = [
      ...begun,
      at(301, { type: 'task.completed', task: 'fix', backend: 'code-1', result: 'Half a', partial: true, kept: true }),
    ];
    assertGolden('conversation/stopped.txt', `${shown('fix', cancelled)}\n${shown('fix', kept)}`);
  });

  it('says how a result came about that no call brought', () => {
    const marked = [...talk(), at(300, { type: 'task.marked', task: 'fix', result: 'Mine.' })];
    const kept = [
      ...talk(),
      at(300, { type: 'message.said', task: 'fix', text: '' }),
      at(301, { type: 'task.completed', task: 'fix', backend: 'code-1', result: 'Half', partial: true, kept: true }),
    ];
    const reused = [
      ...talk().slice(0, 2),
      at(300, {
        type: 'task.completed',
        task: 'fix',
        backend: 'code-1',
        result: 'Old.',
        partial: false,
        reusedFrom: 'run-0',
      }),
    ];
    assertGolden('conversation/ends.txt', [marked, kept, reused].map((bodies) => shown('fix', bodies)).join('\n'));
  });

  it('tells how each submission was judged, behind the judge, with what failed and what could not be checked', () => {
    assertGolden('conversation/checks.txt', shown('boss', judgedRun()));
  });

  it('offers nothing that cannot be done where another folder is open, and says what to do', () => {
    const boxIn = (bodies: readonly TimedBody[], task: string, seen: RunSeen): string => {
      const state = { ...folded(bodies), workspace: '/home/me/shop' };
      const view = new ConversationModel(task).show(state, { nowMs: NOW_MS, ...seen });
      const { send, buttons, whyNot } = view?.box ?? assert.fail(task);
      return [send?.act ?? '-', ...buttons.map(({ act }) => act), send === null ? whyNot : ''].join(' ').trim();
    };
    const away =
      '- The run worked on /home/me/shop, which is not open here. Open that folder to go on with it, to run it again or to decide about its edits.';
    assert.match(
      boxIn(SAMPLE, 'fix', { liveness: 'finished', isHere: true }),
      /^continue retry retry-elsewhere mark-done/,
    );
    assert.match(boxIn(talk(), 'fix', { liveness: 'interrupted', isHere: true }), /^- resume /);
    assert.equal(boxIn(SAMPLE, 'fix', { liveness: 'finished', isHere: false }), away);
    assert.equal(boxIn(talk(), 'fix', { liveness: 'interrupted', isHere: false }), away);
    assert.equal(boxIn(SAMPLE, '@plan', { liveness: 'interrupted', isHere: false }), away);
    // The process that has it does it.
    assert.equal(
      boxIn(talk(), 'fix', { liveness: 'running', isHere: false }),
      boxIn(talk(), 'fix', { liveness: 'running', isHere: true }),
    );
    const noteOf = (state: RunState): unknown =>
      new ConversationModel('fix')
        .show(state, { nowMs: NOW_MS, liveness: 'interrupted', isHere: false })
        ?.items.flatMap((item) => (item.kind === 'note' ? [item.text] : []));
    for (const [workspace, where] of [
      ['/w/shop', 'where its folder is open'],
      ['', 'in a window without a folder'],
    ] as const)
      assert.deepEqual(noteOf({ ...folded(talk()), workspace }), [
        `The run was interrupted: its process is gone. It can be resumed ${where}; nothing that finished is repeated.`,
      ]);
  });

  it('has no piece for a task that the run does not have', () => {
    assert.equal(
      new ConversationModel('gone').show(folded(SAMPLE), { nowMs: NOW_MS, liveness: 'finished', isHere: true }),
      undefined,
    );
  });

  it('hands over the beginning of a long text, and the whole by its key', () => {
    const long = 'x'.repeat(30_000);
    const ref = { hash: 'abc', bytes: 100_000 };
    const model = new ConversationModel('fix');
    const bodies = [
      ...talk().slice(0, 2),
      at(300, { type: 'message.said', task: 'fix', text: ref }),
      at(301, { type: 'task.completed', task: 'fix', backend: 'code-1', result: long, partial: false }),
    ];
    const { items } = viewOf(model, folded(bodies));
    const texts = items.flatMap((item) => (item.kind === 'message' || item.kind === 'result' ? [item.text] : []));
    assert.deepEqual(texts, [
      { text: '', more: { key: '0.talk.0', bytes: 100_000 } },
      { text: 'x'.repeat(20_000), more: { key: '0.result', bytes: 30_000 } },
    ]);
    assert.deepEqual(model.text('0.talk.0'), ref);
    assert.equal(model.text('0.result'), long);
    assert.equal(model.text('0.call.0.prompt'), undefined);
  });
});

describe('what a panel is told of a change', () => {
  it('is the pieces that are new or changed, and nothing when nothing changed', () => {
    const model = new ConversationModel('fix');
    const events = journaled([...talk(), ...afterAnswer()]);
    let state = foldRun(RUN, events.slice(0, 8));
    let last = viewOf(model, state);
    assert.equal(changeOf(last, viewOf(model, state)), undefined);
    const told: string[] = [];
    for (const event of events.slice(8, 14)) {
      state = applyEvent(state, event);
      const view = viewOf(model, state);
      const change = changeOf(last, view);
      last = view;
      if (change?.type !== 'change') continue;
      const parts = [change.head === null ? [] : ['head'], change.box === null ? [] : ['box']].flat();
      told.push([...change.put.map((item) => item.key), ...parts].join(' '));
    }
    assert.deepEqual(told, [
      '0.call.0 0.talk.2 head box',
      '0.call.1',
      '0.call.1 spend head',
      '0.tool.0',
      '0.call.2',
      '0.call.2 spend head',
    ]);
  });

  it('is one piece of 500 when one call ended, and the others are the same objects', () => {
    const bodies = [...talk().slice(0, 4), ...manyCalls(500)];
    const events = journaled(bodies);
    const model = new ConversationModel('fix');
    const state = foldRun(RUN, events.slice(0, -1));
    const before = viewOf(model, state);
    const after = events.slice(-1).reduce(applyEvent, state);
    const change = changeOf(before, viewOf(model, after));
    assert.ok(change?.type === 'change');
    assert.deepEqual(
      change.put.map((item) => item.key),
      ['0.call.499', 'spend'],
    );
    assert.equal(change.order, null);
  });
});

function manyCalls(count: number): readonly TimedBody[] {
  return Array.from({ length: count }, (_, turn): readonly TimedBody[] => [
    at(100 + turn, {
      type: 'call.started',
      key: { ...key, turn },
      backend: 'code-1',
      promptVersion: 'code@1',
      ceiling,
      prompt: '[]',
    }),
    at(100 + turn, {
      type: 'call.finished',
      key: { ...key, turn },
      backend: 'code-1',
      finish: 'tools',
      text: `Turn ${turn}`,
      spent: spend(1, 1),
    }),
  ]).flat();
}
