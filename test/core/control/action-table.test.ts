import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import {
  actionsFor,
  ruleFor,
  situationOf,
  TASK_ACTIONS,
  type ActionRule,
  type TaskActionName,
  type TaskSituation,
} from '../../../src/core/control/action-table.ts';
import { PLAN_TASK, type TaskSpec } from '../../../src/core/plan/plan.ts';
import type { TaskStatus } from '../../../src/core/run-event.ts';
import { emptyRunState, newTask, type CallState, type RunPhase, type TaskState } from '../../../src/core/run-state.ts';
import { NO_SPEND } from '../../../src/core/spend.ts';

const NOTE = readFileSync(new URL('../../../src/core/control/DESIGN.md', import.meta.url), 'utf8');
const STATUSES: readonly TaskStatus[] = ['pending', 'active', 'waiting', 'completed', 'failed', 'cancelled', 'skipped'];
const PHASES: readonly RunPhase[] = ['planning', 'approving', 'running', 'answering', 'finished'];

/** Rows of the table under a heading of the note, without its head. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = NOTE.split(`\n${heading}\n`);
  const [body = ''] = section.split(/\n#{2,3} /);
  const lines = body.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const REASONS = new Map(
  rowsUnder('## Reasons').map(([name = '', why = '', whatToDo = '']) => [name, { why, whatToDo }]),
);

function reasonOf(rule: ActionRule): string {
  if (rule.kind !== 'refused') return rule.kind;
  const found = [...REASONS].find(([, text]) => text.why === rule.why && text.whatToDo === rule.whatToDo);
  return `(${found?.[0] ?? `not in the note: ${rule.why} ${rule.whatToDo}`})`;
}

function cellFor(action: TaskActionName, situation: Omit<TaskSituation, 'hasCalls'>): string {
  const [without, withCalls] = [false, true].map((hasCalls) => reasonOf(ruleFor(action, { ...situation, hasCalls })));
  return without === withCalls ? String(without) : `${without} / ${withCalls}`;
}

type Where = Pick<TaskSituation, 'phase' | 'isInterrupted' | 'isOutOfReach'>;

function tableUnder(heading: string): string {
  const cells = rowsUnder(`### ${heading}`).flatMap(([actions = '', ...row]) =>
    actions.split(', ').map((action) => `${action}: ${row.join(' | ')}`),
  );
  return cells.sort().join('\n');
}

function tableOf(where: Where): string {
  const rows = TASK_ACTIONS.map(
    (action) => `${action}: ${STATUSES.map((status) => cellFor(action, { ...where, status })).join(' | ')}`,
  );
  return rows.sort().join('\n');
}

describe('the table of actions', () => {
  for (const phase of PHASES)
    it(`is in the note as it is in force while a run is ${phase}, cell by cell`, () => {
      assert.equal(tableOf({ phase }), tableUnder(phase));
    });

  it('is in the note as it is in force for interrupted runs, cell by cell', () => {
    assert.equal(tableOf({ phase: 'approving', isInterrupted: true }), tableUnder('interrupted while approving'));
    for (const phase of ['planning', 'running', 'answering'] as const)
      assert.equal(
        tableOf({ phase, isInterrupted: true }),
        tableUnder('interrupted while planning, running or answering'),
      );
    // What has finished cannot be interrupted any more.
    assert.equal(tableOf({ phase: 'finished', isInterrupted: true }), tableUnder('finished'));
  });

  it('is in the note as it is in force for runs that are out of reach, cell by cell', () => {
    const heading = 'finished or interrupted, of another folder';
    assert.equal(tableOf({ phase: 'finished', isOutOfReach: true }), tableUnder(heading));
    for (const phase of ['planning', 'approving', 'running', 'answering'] as const)
      assert.equal(tableOf({ phase, isInterrupted: true, isOutOfReach: true }), tableUnder(heading));
  });

  it('gives every reason and every promise of the note, and no other', () => {
    const used = new Set<string>();
    const told = new Set<string>();
    for (const action of TASK_ACTIONS)
      for (const phase of PHASES)
        for (const where of [{}, { isInterrupted: true }, { isOutOfReach: true }])
          for (const status of STATUSES)
            for (const hasCalls of [false, true]) {
              const rule = ruleFor(action, { ...where, phase, status, hasCalls });
              if (rule.kind === 'refused') used.add(reasonOf(rule).slice(1, -1));
              else told.add(`${action} | ${rule.kind} | ${rule.what}`);
            }
    assert.deepEqual([...used].sort(), [...REASONS.keys()].sort());
    const promised = rowsUnder('## What a person is told before').flatMap(([actions = '', kind, what]) =>
      actions.split(', ').map((action) => `${action} | ${kind} | ${what}`),
    );
    assert.deepEqual([...told].sort(), promised.sort());
  });

  it('lets nothing go that an earlier attempt said and spent', () => {
    const pending = { phase: 'running', status: 'pending', hasCalls: false } as const;
    assert.equal(reasonOf(ruleFor('delete', { ...pending, hadCalls: true })), '(has-calls)');
    assert.equal(reasonOf(ruleFor('delete', pending)), 'change');
    // A new brief is free all the same: this attempt has not begun.
    assert.equal(reasonOf(ruleFor('edit', { ...pending, hadCalls: true })), 'change');
  });
});

const SPEC: TaskSpec = { id: 'a', title: 'A', objective: 'do a', mode: 'autonomous', dependsOn: [], inputs: [] };
const CALL: CallState = {
  key: { run: 'r', task: 'a', turn: 0, attempt: 1 },
  backend: 'b',
  startedAtMs: 1,
  endedAtMs: 2,
  ceiling: { inputTokens: 1, outputTokens: 1 },
  prompt: '',
  reply: 'x',
  finish: 'stop',
  toolCalls: null,
  failure: null,
  spent: NO_SPEND,
  said: 0,
};

describe('what can be done to a task', () => {
  const state = { ...emptyRunState('r'), phase: 'running' as const };
  const task: TaskState = newTask('a', SPEC);

  it('is what is not refused, as its state stands', () => {
    assert.deepEqual(
      actionsFor({ ...task, status: 'active', calls: [CALL] }, state, { liveness: 'running', isHere: true }),
      [
        'rename',
        'change-mode',
        'change-backend',
        'nest',
        'move',
        'clone',
        'clone-with-conversation',
        'add-below',
        'say',
        'stop',
        'stop-and-keep',
        'retry',
        'retry-elsewhere',
        'mark-done',
      ],
    );
    assert.deepEqual(actionsFor({ ...task, status: 'completed' }, state, { liveness: 'interrupted', isHere: true }), [
      'copy-result',
      'open-result',
    ]);
    assert.deepEqual(
      actionsFor(task, { ...state, phase: 'finished' }, { liveness: 'finished', isHere: true }).includes('retry'),
      true,
    );
  });

  it('is to read results, for the turns of the orchestrator', () => {
    const turn = { ...newTask(PLAN_TASK, null), status: 'completed' as const, calls: [CALL] };
    assert.deepEqual(actionsFor(turn, state, { liveness: 'running', isHere: true }), ['copy-result', 'open-result']);
  });

  it('is to read results of a run of another folder, unless a process has it', () => {
    const done = { ...task, status: 'completed' as const, calls: [CALL] };
    const ended = { ...state, phase: 'finished' as const };
    const reading = ['copy-result', 'open-result'];
    assert.deepEqual(actionsFor(done, ended, { liveness: 'finished', isHere: false }), reading);
    for (const phase of ['approving', 'running'] as const)
      assert.deepEqual(actionsFor(done, { ...state, phase }, { liveness: 'interrupted', isHere: false }), reading);
    assert.deepEqual(
      actionsFor(done, state, { liveness: 'running', isHere: false }),
      actionsFor(done, state, { liveness: 'running', isHere: true }),
    );
  });

  it('counts the calls of this attempt and of those before it apart', () => {
    const again = { ...task, earlier: [{ ...task, calls: [CALL] }] };
    assert.deepEqual(situationOf(again, state, { liveness: 'running', isHere: true }), {
      status: 'pending',
      phase: 'running',
      isInterrupted: false,
      isOutOfReach: false,
      hasCalls: false,
      hadCalls: true,
    });
  });
});
