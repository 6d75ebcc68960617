/** Questions at a terminal, over an engine that the test drives. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ok } from '../../src/base/result.ts';
import { inTurn } from '../../src/cli/in-turn.ts';
import { Person, type PersonOptions } from '../../src/cli/person.ts';
import type { PersonAction } from '../../src/core/person-action.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../src/core/run-state.ts';
import { RUN, SAMPLE, START_MS } from '../support/sample-run.ts';

interface Question {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly answer: (text: string | undefined) => void;
}

function rig(own: Partial<PersonOptions> = {}) {
  const questions: Question[] = [];
  const actions: PersonAction[] = [];
  let state: RunState = emptyRunState(RUN);
  const person = new Person({
    orchestrator: {
      state: () => state,
      act: (_run, action) => {
        actions.push(action);
        return Promise.resolve(ok({ run: RUN, what: '' }));
      },
    },
    ask: (text, signal) =>
      new Promise((answer) => {
        questions.push({ text, signal, answer });
        signal.addEventListener('abort', () => answer(undefined), { once: true });
      }),
    yes: false,
    hush: inTurn((work) => work()),
    tell: (line) => assert.fail(line),
    signal: new AbortController().signal,
    ...own,
  });
  const emit = async (...bodies: readonly RunEventBody[]): Promise<void> => {
    for (const body of bodies) {
      const event = { v: 1 as const, seq: state.lastSeq + 1, at: START_MS, run: RUN, ...body };
      state = applyEvent(state, event);
      person.onEvent(event, state);
    }
    await settled();
  };
  return { person, questions, actions, emit };
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
}

const PLANNED = SAMPLE.slice(0, 5);
const asks = (task: string, question: string): RunEventBody => ({ type: 'task.waiting', task, turn: 0, question });

describe('the person who is asked', () => {
  it('gets one question after the other, none that was answered elsewhere, and a pending one is taken back then', async () => {
    const { questions, actions, emit } = rig();
    await emit(...PLANNED, asks('read', 'Tabs?'), asks('fix', 'Both?'), asks('read-part', 'Why?'));
    assert.deepEqual(
      questions.map(({ text }) => text),
      ['[?] Read the parser asks:\n    Tabs?\nYour answer (empty: go on): '],
    );
    await emit(
      { type: 'message.said', task: 'fix', text: 'both' },
      { type: 'message.said', task: 'read', text: 'tabs' },
    );
    assert.equal(questions[0]?.signal.aborted, true, 'the first was answered elsewhere');
    assert.match(questions[1]?.text ?? '', /Read \*one\* part asks:\n {4}Why\?/, 'so was the second');
    questions[1]?.answer(' because \n');
    await settled();
    assert.deepEqual(actions, [{ kind: 'say', task: 'read-part', text: 'because' }]);
  });

  it('is not asked any more when the work ends', async () => {
    const stop = new AbortController();
    const { person, questions, actions, emit } = rig({ signal: stop.signal });
    await emit(...PLANNED, asks('read', 'Tabs?'));
    stop.abort();
    await emit(asks('fix', 'Both?'));
    person.dispose();
    assert.deepEqual([questions.length, questions[0]?.signal.aborted, actions], [1, true, []]);
  });

  it('is missed: what waits is handed back as soon as nothing goes on without a word', async () => {
    const { person, emit } = rig({ ask: undefined });
    let lines: readonly string[] = [];
    void person.givenUp.then((given) => (lines = given.lines));
    await emit(...PLANNED, asks('read', 'Tabs?'), asks('read-part', 'Why?'));
    assert.deepEqual(lines, [], 'another task can still begin');
    await emit(asks('fix', ''));
    assert.deepEqual(lines, [
      '[?] Read the parser asks:',
      '    Tabs?',
      '[?] Read *one* part asks:',
      '    Why?',
      '[?] Fix the bug waits for your first word. Its brief:',
      '    Do: Fix the bug.',
    ]);
  });

  it('is not asked about a plan with --yes, which runs', async () => {
    const { questions, actions, emit } = rig({ yes: true });
    await emit(
      ...PLANNED,
      { type: 'plan.waiting', why: 'always', estimate: null },
      { type: 'plan.waiting', why: 'always', estimate: null },
    );
    assert.deepEqual([questions.length, actions], [0, [{ kind: 'approve' }]]);
  });

  const waits: RunEventBody = { type: 'plan.waiting', why: 'always', estimate: null };
  const [first] = PLANNED.flatMap((body) => (body.type === 'plan.accepted' ? body.tasks : []));
  const changes = (title: string): RunEventBody => ({
    type: 'plan.edited',
    undoes: false,
    change: {
      what: `Renamed it to ${title}`,
      put: first === undefined ? [] : [{ ...first, title }],
      removed: [],
      order: null,
    },
  });

  it('is asked about a plan no more when it was approved elsewhere, and an answer that comes too late does nothing', async () => {
    const { questions, actions, emit } = rig();
    await emit(...PLANNED, waits);
    assert.match(questions[0]?.text ?? '', /Run this plan\? \[y\]es, \[n\]o $/);
    questions[0]?.answer('n');
    await emit({ type: 'plan.approved' });
    assert.deepEqual([questions.length, questions[0]?.signal.aborted, actions], [1, true, []]);
  });

  it('is shown a plan that was changed elsewhere, and approves that one and not the one before', async () => {
    const { questions, actions, emit } = rig();
    await emit(...PLANNED, waits);
    await emit(changes('Something else'));
    assert.deepEqual([questions.length, questions[0]?.signal.aborted], [1, true], 'its new estimate is not there yet');
    questions[0]?.answer('y');
    await emit(waits);
    assert.match(
      questions[1]?.text ?? '',
      /^The plan was changed\. It is now:\n[\s\S]*Something else[\s\S]*Run this plan\?/,
    );
    questions[1]?.answer('y');
    await settled();
    assert.deepEqual([questions.length, actions], [2, [{ kind: 'approve', revision: 1 }]]);
  });
});
