/** What a conversation says of a task that waits, was interrupted or went on later: where it stands, not what was said. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunLiveness } from '../../../src/core/ports.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { changeOf } from '../../../src/vscode/conversation/conversation-changes.ts';
import { ConversationModel } from '../../../src/vscode/conversation/conversation-model.ts';
import type { ConversationView, Item } from '../../../src/webview/conversation/conversation-view.ts';
import {
  at,
  journaled,
  RUN,
  SAMPLE,
  samplePlan,
  sampleTalk,
  spend,
  START_MS,
  type TimedBody,
} from '../../support/sample-run.ts';

const ceiling = { inputTokens: 10, outputTokens: 10 };

/** Views of one task, as one panel is told them. */
function panelOf(task: string): (state: RunState, liveness?: RunLiveness) => ConversationView {
  const model = new ConversationModel(task);
  return (state, liveness = 'running') =>
    model.show(state, { liveness, isHere: true, nowMs: START_MS + 60_000 }) ?? assert.fail('there is no such task');
}

function folded(bodies: readonly TimedBody[]): RunState {
  return foldRun(RUN, journaled(bodies));
}

/** `fix` has begun; `tests` needs it and `read`, which has completed. */
function begun(...more: readonly TimedBody[]): RunState {
  return folded([
    ...SAMPLE.slice(0, 5),
    at(1_100, { type: 'task.completed', task: 'read', backend: 'long-1', result: 'Read.', partial: false }),
    at(1_200, { type: 'task.started', task: 'fix', attempt: 0, backend: 'code-1' }),
    ...more,
  ]);
}

function call(atMs: number, turn: number, attempt = 0): TimedBody {
  const key = { run: RUN, task: 'fix', turn, attempt };
  return at(atMs, { type: 'call.started', key, backend: 'code-1', promptVersion: 'task@4', ceiling, prompt: '[]' });
}

function reply(atMs: number, text: string, { turn = 0, attempt = 0 } = {}): TimedBody {
  const key = { run: RUN, task: 'fix', turn, attempt };
  return at(atMs, { type: 'call.finished', key, backend: 'code-1', finish: 'stop', text, spent: spend(10, 5) });
}

function notes({ items }: ConversationView): readonly string[] {
  return items.flatMap((item) => (item.kind === 'note' ? [`${item.text} ${item.link?.task ?? ''}`.trim()] : []));
}

function told({ items }: ConversationView): readonly string[] {
  return items.flatMap((item) => (item.kind === 'message' ? [`${item.meta}: ${item.text.text}`] : []));
}

function results({ items }: ConversationView): readonly string[] {
  return items.flatMap((item: Item) => (item.kind === 'result' ? [`${item.title}: ${item.text.text}`] : []));
}

function acts({ box }: ConversationView): readonly string[] {
  return box.buttons.map(({ act }) => act);
}

describe('where the task of a conversation stands', () => {
  it('names what it still waits for, and nothing of that while the plan waits for the user', () => {
    assert.deepEqual(notes(panelOf('tests')(begun())), ['Waits for fix']);
    assert.deepEqual(notes(panelOf('draw')(folded(samplePlan()))), ['The plan waits for you: nothing of it has run.']);
  });

  it('of an interrupted run offers to resume it and nothing that wants it to go on', () => {
    assert.deepEqual(acts(panelOf('build')(folded(sampleTalk()), 'interrupted')), ['resume']);
    assert.deepEqual(acts(panelOf('name')(folded(samplePlan()), 'interrupted')), ['resume']);
  });

  it('shows what had arrived when its run was interrupted, and a call that was in flight as one without an end', () => {
    const panel = panelOf('fix');
    const state = begun(call(1_201, 0), at(1_300, { type: 'message.partial', task: 'fix', text: 'Half' }));
    const running = panel(state);
    assert.deepEqual([told(running), results(running)], [['in flight: '], []]);
    const interrupted = panel(state, 'interrupted');
    assert.deepEqual(told(interrupted), ['this call had no end: what it cost nobody knows: ']);
    assert.deepEqual(results(interrupted), ['What had arrived: Half']);
    assert.equal(changeOf(interrupted, panel(state, 'interrupted')), undefined, 'nothing of it is told again');
  });

  it('counts the time that was worked before an interruption, and goes on from there', () => {
    const { head } = panelOf('fix')(
      begun(
        call(1_201, 0),
        at(2_200, { type: 'backend.rested', backend: 'x', why: 'y', forMs: 1 }),
        at(50_000, { type: 'run.resumed', inDoubt: [] }),
        at(50_100, { type: 'task.started', task: 'fix', attempt: 0, backend: 'code-1' }),
      ),
    );
    assert.deepEqual(head.time, { ms: 1_000, sinceMs: START_MS + 50_100 });
  });

  it('shows a tool once, also where its turn was called for twice', () => {
    const tool = { turn: 0, call: 'c', name: 'read_file', arguments: '{}', result: 'x', isOk: true, ms: 1 };
    const { items } = panelOf('fix')(
      begun(
        call(1_201, 0),
        reply(1_300, 'Looking.'),
        call(1_301, 0, 1),
        reply(1_400, 'Looking again.', { attempt: 1 }),
        at(1_500, { type: 'tool.finished', task: 'fix', ...tool }),
      ),
    );
    assert.equal(items.filter(({ kind }) => kind === 'tool').length, 1);
  });

  it('leaves out the last reply alone where it is the result, not one before that said the same', () => {
    const view = panelOf('fix')(
      begun(
        call(1_201, 0),
        reply(1_300, 'Done.'),
        call(1_301, 1),
        reply(1_400, 'Done.', { turn: 1 }),
        at(1_500, { type: 'task.completed', task: 'fix', backend: 'code-1', result: 'Done.', partial: false }),
      ),
    );
    assert.deepEqual([told(view).length, results(view)], [1, ['Result: Done.']]);
  });
});
