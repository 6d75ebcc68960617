import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { referencedBlobs, renderRunDocument, renderTaskDocument } from '../../src/app/task-document.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import type { RunState, TaskState } from '../../src/core/run-state.ts';
import { assertGolden } from '../support/golden.ts';
import { journaled, RUN, SAMPLE, START_MS, WHILE_RUNNING } from '../support/sample-run.ts';

const finished = foldRun(RUN, journaled(SAMPLE));
const running = foldRun(RUN, journaled(SAMPLE.slice(0, WHILE_RUNNING)));

function taskOf(state: RunState, id: string): TaskState {
  const task = state.tasks.get(id) ?? state.turns.get(id);
  assert.ok(task !== undefined);
  return task;
}

describe('the document of a task', () => {
  it('tells brief, inputs, routing, messages, result and spend', () => {
    assertGolden(
      'documents/task-completed.md',
      renderTaskDocument(taskOf(finished, 'read'), finished, { nowMs: START_MS }),
    );
  });

  it('of a failed task says what went wrong and what to do', () => {
    assertGolden(
      'documents/task-failed.md',
      renderTaskDocument(taskOf(finished, 'fix'), finished, { nowMs: START_MS }),
    );
  });

  it('of a running task shows what has arrived so far', () => {
    const text = renderTaskDocument(taskOf(running, 'fix'), running, {
      nowMs: START_MS + 2_071,
      streaming: 'const ```` x',
    });
    assert.match(text, /^# Fix the bug\n\nactive · code-1 · 1\.0 s · task fix · run run-1\n/);
    assert.match(text, /## Arriving now\n\n`````\nconst ```` x\n`````\n/);
    assert.doesNotMatch(text, /## Result/);
  });

  it('of a waiting and of a skipped task says what it waits or waited for', () => {
    const waiting = renderTaskDocument(taskOf(running, 'tests'), running, { nowMs: START_MS });
    assert.match(waiting, /Waits for:\n\n- Read the parser \(active\)\n- Fix the bug \(active\)\n/);
    const skipped = renderTaskDocument(taskOf(finished, 'tests'), finished, { nowMs: START_MS });
    assert.match(skipped, /Not started, because `fix` did not complete\./);
  });

  it('shows texts that the journal keeps apart, and says what is missing when they cannot be read', () => {
    const ref = { hash: 'a'.repeat(64), bytes: 70_000 };
    const task = { ...taskOf(finished, 'read'), result: ref };
    assert.deepEqual(referencedBlobs(finished, task), [ref]);
    const read = renderTaskDocument(task, finished, { nowMs: START_MS, blobs: new Map([[ref.hash, 'the long text']]) });
    assert.match(read, /## Result\n\n```\nthe long text\n```/);
    assert.match(
      renderTaskDocument(task, finished, { nowMs: START_MS }),
      /## Result\n\n```\n\[70000 bytes, aaaaaaaaaaaa\]\n```/,
    );
  });

  it('cuts a text that nobody could read and says how much is left out', () => {
    const task = { ...taskOf(finished, 'read'), result: 'x'.repeat(100_005) };
    assert.match(renderTaskDocument(task, finished, { nowMs: START_MS }), /x\n… 5 more characters\n```/);
  });
});

describe('the document of a run', () => {
  it('tells request, tasks, answer and spend by backend', () => {
    assertGolden('documents/run-finished.md', renderRunDocument(finished, { nowMs: START_MS }));
  });

  it('can be drawn at every moment of a run', () => {
    for (let events = 1; events <= SAMPLE.length; events += 1) {
      const state = foldRun(RUN, journaled(SAMPLE.slice(0, events)));
      assert.match(
        renderRunDocument(state, { nowMs: START_MS + 40_000 }),
        /^# Explain \\\[this\\\]\(command:x\) \\<b>project\\<\/b> and fix it\n/,
      );
      for (const task of [...state.tasks.values(), ...state.turns.values()])
        assert.match(renderTaskDocument(task, state, { nowMs: START_MS }), /^# .+\n\n.+ · run run-1\n/);
    }
  });
});
