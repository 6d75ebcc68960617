import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failure } from '../../../src/core/failure.ts';
import type { RunFinished } from '../../../src/core/orchestrator.ts';
import type { RunEvent } from '../../../src/core/run-event.ts';
import { applyEvent, foldRun } from '../../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../../src/core/run-state.ts';
import { showOps } from '../../support/chat-ops.ts';
import type { ChatOp } from '../../../src/vscode/chat/chat-op.ts';
import { ChatPresenter, type PresenterOptions } from '../../../src/vscode/chat/chat-presenter.ts';
import {
  at,
  journaled,
  RUN,
  SAMPLE,
  sampleEditRun,
  spend,
  START_MS,
  WHILE_RUNNING,
  type TimedBody,
} from '../../support/sample-run.ts';

const options: PresenterOptions = {
  isFile: (path) => path === 'src/parser.ts',
  isOnlyEmbedded: false,
  isHere: () => true,
};

interface Step {
  readonly event?: RunEvent;
  readonly text?: string;
  readonly restart?: boolean;
}

/** Plays events and answer text to a presenter; the run's last event ends it. */
function play(steps: readonly Step[], own: Partial<PresenterOptions> = {}): readonly ChatOp[] {
  const presenter = new ChatPresenter({ ...options, ...own });
  let state: RunState = emptyRunState(RUN);
  return steps.flatMap(({ event, text, restart }) => {
    if (event === undefined)
      return presenter.text({ run: RUN, task: '@answer', text: text ?? '', restart: restart ?? false });
    state = applyEvent(state, event);
    const ops = presenter.event(event, state);
    return event.type === 'run.finished' ? [...ops, ...presenter.finish(event, state)] : ops;
  });
}

function eventsOf(bodies: readonly TimedBody[]): readonly Step[] {
  return journaled(bodies).map((event) => ({ event }));
}

const end = (more: Partial<RunFinished>): TimedBody =>
  at(9_000, {
    type: 'run.finished',
    outcome: 'answered',
    stoppedBy: null,
    answer: '',
    failure: null,
    spent: spend(0, 0),
    tasks: [],
    ...more,
  });

describe('a run in the chat', () => {
  it('tells how a file is read in parts, how quotations fared, and what is proposed, with buttons that decide it', () => {
    const shown = showOps(play(eventsOf(sampleEditRun()), { isFile: () => true }));
    assert.match(shown, /… Read the library: read in 3 parts/);
    assert.match(shown, /«- ✓ Read the library · .*3 parts · 2 citations verified, 1 struck/);
    assert.match(shown, /\*\*Proposed edits\*\* · \d files: .*1 conflict.* Nothing is written before you apply it\./);
    assert.match(shown, /conflict between Fix the bug and Write tests: choose a side/);
    assert.match(shown, /protected, applied only by itself: /);
    const buttons = shown.split('\n').filter((line) => /^\[.*\] /.test(line));
    assert.deepEqual(buttons, [
      '[Review Edits] orchestrator.reviewEdits',
      '[Apply] orchestrator.applyEdits',
      '[Choose Files] orchestrator.chooseEdits',
      '[Discard] orchestrator.discardEdits',
      '[Show Tasks] orchestrator.tasks.focus',
    ]);
  });

  it('offers only to look at the edits of a run of another folder, and says where they can be decided about', () => {
    const shown = showOps(play(eventsOf(sampleEditRun()), { isHere: (workspace) => workspace !== '/project' }));
    assert.deepEqual(
      shown.split('\n').filter((line) => /^\[.*\] orchestrator\.\w*Edits/.test(line)),
      ['[Review Edits] orchestrator.reviewEdits'],
    );
    assert.match(
      shown.replaceAll('\\', ''),
      /\*\*Proposed edits\*\* · .*The run worked on \/project, which is not open here\. Open that folder/,
    );
    assert.doesNotMatch(shown, /before you apply it/);
  });

  it('shows the plan, a row for each task that runs, what it read, how each ended, and one final answer with the cost', () => {
    assert.equal(
      showOps(play(eventsOf(SAMPLE))),
      [
        '… Asking frontier',
        '«**Plan: 4 tasks**',
        '',
        '- **1** ▸ Read the parser · long-context',
        '  - **2** ▸ Read \\*one\\* part',
        '- **3** ▸ Fix the bug → code-1',
        '- **4** ▸ Write tests · after 1, 3',
        '',
        '»',
        'reference src/parser.ts',
        '… .env was not read: data rule .env: nowhere',
        'row read: Read the parser → long-1',
        'row read-part: Read *one* part → local',
        'row fix: Fix the bug → code-1',
        'row-end read',
        '«- ✓ Read the parser · long-1 · 2.0 s · \\$0.0050',
        '»',
        'row-end read-part',
        '«- ✓ Read \\*one\\* part · local · 3.0 s · \\$0 · incomplete',
        '»',
        '… Fix the bug: code-1 failed, giving up. code-1 sent nothing for 30 s.',
        'row-end fix',
        '«- ✗ Fix the bug · code-1 · 30.0 s · price unknown · code-1 sent nothing for 30 s. See whether its server runs.',
        '»',
        '«- ○ Write tests · skipped: "Fix the bug" did not complete',
        '»',
        '… Writing the answer with frontier',
        'ANSWER',
        '«It parses; the fix is »',
        '«missing.»',
        '«',
        '',
        '> **Partial answer.** Some tasks did not complete.',
        '',
        '---',
        '',
        'Spent \\~\\$0.0378 · 5 calls · \\~7,793 tokens · 32.1 s · frontier 2, long-1 1, local 1, code-1 1»',
        '[Show Tasks] orchestrator.tasks.focus',
      ].join('\n'),
    );
  });

  it('streams the answer once: what came as text is not repeated by the end, the rest is added', () => {
    const [begin, ...rest] = eventsOf([SAMPLE[0], end({ answer: 'Hello world, this is all.\n\n*cut*' })]);
    assert.ok(begin !== undefined);
    assert.equal(
      showOps(play([begin, { text: 'Hello wor' }, { text: 'ld, this ' }, { text: 'is all.' }, ...rest])),
      ['ANSWER', '«Hello »', '«world, this »', '«is »', '«all.\n\n*cut*»', '«\n\n---\n\nSpent \\$0 · no calls»'].join(
        '\n',
      ),
    );
  });

  it('says why a request is worked on as it is', () => {
    const why = 'Nobody knows *the* cause.';
    const said = showOps(play(eventsOf([SAMPLE[0], at(10, { type: 'request.decided', decision: 'delegate', why })])));
    const supervisor = { id: 's', title: 'S', objective: 'o', mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const alone = at(20, { type: 'plan.accepted', tasks: [{ ...supervisor, supervises: true }] });
    assert.doesNotMatch(showOps(play(eventsOf([SAMPLE[0], alone, end({ answer: 'x' })]))), /Plan:/);
    assert.match(said, /\*Nobody knows \\\*the\\\* cause\.\*/);
  });

  it('sets an answer that broke off apart from the one that counts, and shows the tasks of a plan that came instead', () => {
    const [begin, planned, started, finished] = eventsOf([
      SAMPLE[0],
      at(10, { type: 'plan.accepted', tasks: [] }),
      at(20, { type: 'backend.rested', backend: 'frontier', why: 'it broke off', forMs: 30_000 }),
      end({ answer: 'Second.' }),
    ]);
    assert.ok(begin !== undefined && planned !== undefined && started !== undefined && finished !== undefined);
    assert.equal(
      showOps(
        play([
          begin,
          { text: 'First half ```' },
          { restart: true },
          { restart: true },
          planned,
          started,
          { text: 'Second.' },
          finished,
        ]),
      ),
      [
        'ANSWER',
        '«First half »',
        '«\\`\\`\\`»',
        '«\n\n---\n\n*The answer above broke off; here it is again.*\n\n»',
        '… frontier is left alone for 30.0 s: it broke off',
        'ANSWER',
        '«Second.»',
        '«\n\n---\n\nSpent \\$0 · no calls»',
      ].join('\n'),
    );
  });

  it('says nothing in the middle of the answer, and ends the rows that are still open', () => {
    const events = eventsOf(SAMPLE.slice(0, WHILE_RUNNING));
    const late = journaled(SAMPLE).slice(WHILE_RUNNING, WHILE_RUNNING + 2);
    const ops = play([
      ...events,
      { text: 'Already ' },
      ...late.map((event) => ({ event })),
      {
        event: { ...end({ outcome: 'cancelled', answer: 'Already ' }), v: 1, seq: 99, at: START_MS + 9_000, run: RUN },
      },
    ]);
    const answer = ops.findIndex((op) => op.kind === 'answer');
    assert.equal(
      showOps(ops.slice(answer)),
      [
        'ANSWER',
        '«Already »',
        'row-end read',
        'row-end read-part',
        'row-end fix',
        '«\n\n> **Cancelled.** Nothing runs any more.\n\n---\n\nSpent \\$0.0230 · 2 calls · 5,700 tokens · 9.0 s · frontier 1, long-1 1»',
        '[Show Tasks] orchestrator.tasks.focus',
      ].join('\n'),
    );
  });

  it('leaves a failure without calls to the error, and offers to add a backend where only the embedded one is there', () => {
    const why = failure('no-orchestrator', 'No backend may orchestrate.', { whatToDo: 'Add one.' });
    assert.equal(
      showOps(play(eventsOf([SAMPLE[0], end({ outcome: 'failed', failure: why })]), { isOnlyEmbedded: true })),
      ['ANSWER', '[Add a Backend] orchestrator.addBackend'].join('\n'),
    );
  });

  it('begins with what is done when it attaches to a run that was under way', () => {
    const state = foldRun(RUN, journaled(SAMPLE.slice(0, WHILE_RUNNING + 2)));
    assert.equal(
      showOps(new ChatPresenter(options).attach(state)),
      [
        '«**Plan: 4 tasks**',
        '',
        '- **1** ▸ Read the parser → long-1 · long-context · completed',
        '  - **2** ▸ Read \\*one\\* part → local · active',
        '- **3** ▸ Fix the bug → code-1 · active',
        '- **4** ▸ Write tests · after 1, 3',
        '',
        '»',
        '… 1 of 4 tasks done before',
        'row read-part: Read *one* part → local',
        'row fix: Fix the bug → code-1',
      ].join('\n'),
    );
  });

  it('keeps the answer apart from the tasks when nothing is said between them', () => {
    const finished = end({ answer: 'It parses.' });
    const ops = play(eventsOf([...SAMPLE.slice(0, WHILE_RUNNING + 2), finished]));
    assert.deepEqual(
      ops.slice(-8).map((op) => op.kind),
      ['row-end', 'row-end', 'progress', 'answer', 'markdown', 'markdown', 'markdown', 'button'],
    );
  });

  it('tells when a task goes on with another backend', () => {
    const down = failure('connection', 'Nothing answers at 127.0.0.1:1.', { whatToDo: 'Start it.', backend: 'long-1' });
    const key = { run: RUN, task: 'read', turn: 0, attempt: 0 };
    const events = eventsOf([
      ...SAMPLE.slice(0, 9),
      at(1_100, {
        type: 'call.failed',
        key,
        backend: 'long-1',
        failure: down,
        partial: '',
        spent: spend(0, 0),
        next: 'next-backend',
      }),
      at(1_110, {
        type: 'call.started',
        key: { ...key, attempt: 1 },
        backend: 'long-2',
        promptVersion: 'task@1',
        ceiling: { inputTokens: 1, outputTokens: 1 },
        prompt: '',
      }),
    ]);
    assert.equal(
      showOps(play(events).slice(-2)),
      [
        '… Read the parser: long-1 failed, another backend is asked. Nothing answers at 127.0.0.1:1.',
        '… Read the parser: now with long-2',
      ].join('\n'),
    );
  });
});
