import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import type { Row } from '../../../src/vscode/row.ts';
import { runRow, runTooltip, summaryRow, taskRow, taskTooltip } from '../../../src/vscode/tree/task-tree-text.ts';
import { assertGolden } from '../../support/golden.ts';
import {
  at,
  EDIT_WHILE_RUNNING,
  journaled,
  RUN,
  SAMPLE,
  sampleEditRun,
  samplePlan,
  sampleTalk,
  spend,
  START_MS,
  WHILE_RUNNING,
} from '../../support/sample-run.ts';

const finished = foldRun(RUN, journaled(SAMPLE));
const running = foldRun(RUN, journaled(SAMPLE.slice(0, WHILE_RUNNING)));

function rowText(row: Row): string {
  const dimmed = row.isDimmed ? ' dimmed' : '';
  return `${row.icon.name} ${row.icon.color}${dimmed} | ${row.label} | ${row.description}\n    spoken: ${row.spoken}\n    menus: ${row.contextValue}`;
}

function rowsText(state: RunState, view: Parameters<typeof runRow>[1]): string {
  const tasks = [...state.turns.values(), ...state.tasks.values()];
  return [runRow(state, view), ...tasks.map((task) => taskRow(task, state, view))].map(rowText).join('\n');
}

describe('rows of the task tree', () => {
  it('show status, backend, time, tokens and cost while a run runs, when it was interrupted and when it has ended', () => {
    const cancelled = foldRun(
      RUN,
      journaled([
        ...SAMPLE.slice(0, WHILE_RUNNING),
        at(2_000, { type: 'task.cancelled', task: 'fix', partial: 'const' }),
      ]),
    );
    const text = [
      '# running',
      rowsText(running, { nowMs: START_MS + 2_500 }),
      '# one cancelled',
      rowsText(cancelled, { nowMs: START_MS + 2_500 }),
      '# interrupted',
      rowsText(running, { nowMs: START_MS + 2_500, liveness: 'interrupted' }),
      '# finished',
      rowsText(finished, { nowMs: START_MS + 99_999 }),
    ].join('\n');
    assertGolden('task-tree-rows.txt', `${text}\n`);
  });

  it('show how far a long reading is, how many tools were called, and how quotations fared', () => {
    const edited = journaled(sampleEditRun());
    const now = { nowMs: START_MS + 300 };
    const whileRunning = foldRun(RUN, edited.slice(0, EDIT_WHILE_RUNNING));
    const ended = foldRun(RUN, edited);
    const tips = [...whileRunning.tasks.values()].map((task) => taskTooltip(task, whileRunning, now));
    const endedTips = [...ended.tasks.values()].map((task) => taskTooltip(task, ended, now));
    assertGolden(
      'task-tree-work.txt',
      `${['# running', rowsText(whileRunning, now), ...tips, '# finished', rowsText(ended, now), ...endedTips, runTooltip(ended, now)].join('\n')}\n`,
    );
  });

  it('show a plan that waits with its modes and its estimate, and what can be done with each task of it', () => {
    const state = foldRun(RUN, journaled(samplePlan()));
    assertGolden('task-tree-plan.txt', `${rowsText(state, { nowMs: START_MS + 99_999 })}\n`);
  });

  it('show who waits for the user, what was reused or done by the user, and the spend of a task with all below it', () => {
    const state = foldRun(RUN, journaled(sampleTalk()));
    const now = { nowMs: START_MS + 9_000 };
    const tips = [...state.tasks.values()].map((task) => taskTooltip(task, state, now));
    assertGolden('task-tree-talk.txt', `${[rowsText(state, now), ...tips].join('\n')}\n`);
  });

  it('speak the same while only time passes', () => {
    const spoken = (nowMs: number): readonly string[] =>
      [...running.tasks.values()].map((task) => taskRow(task, running, { nowMs }).spoken);
    assert.deepEqual(spoken(START_MS + 2_000), spoken(START_MS + 60_000));
  });

  it('of runs that only the list of the journal tells of', () => {
    const summary = {
      run: 'r',
      request: 'Old\nrequest',
      startedAtMs: 1,
      liveness: 'interrupted',
      outcome: null,
      spent: spend(1, 1, { usd: 0.5 }),
      tasks: 3,
      completed: 1,
      from: null,
      workspace: '/w',
      waitsForUser: false,
    } as const;
    assert.equal(
      [
        summary,
        { ...summary, liveness: 'finished', outcome: 'answered', tasks: 0 } as const,
        { ...summary, liveness: 'running', request: '' } as const,
        { ...summary, liveness: 'running', request: '', waitsForUser: true } as const,
      ]
        .map((one) => rowText(summaryRow(one)))
        .join('\n'),
      `debug-disconnect charts.yellow | Old request | interrupted · 3 tasks · $0.5000
    spoken: Old request, interrupted, 3 tasks
    menus: run interrupted can-resume can-graph can-export can-delete
pass charts.green | Old request | answered · $0.5000
    spoken: Old request, answered
    menus: run finished can-again can-export can-delete result
sync~spin charts.blue | Run | running · 3 tasks · $0.5000
    spoken: Run, running, 3 tasks
    menus: run elsewhere can-cancel can-graph
comment-unresolved charts.red | Run | waits for you · 3 tasks · $0.5000
    spoken: Run, waiting, 3 tasks
    menus: run elsewhere can-cancel can-graph`,
    );
  });
});

describe('tooltips of the task tree', () => {
  it('tell routing with every candidate, what is waited for, files, failure and spend', () => {
    const tips = [...finished.tasks.values()].map((task) => taskTooltip(task, finished, { nowMs: START_MS }));
    const waiting = running.tasks.get('tests');
    assert.ok(waiting !== undefined);
    assertGolden(
      'task-tree-tooltips.md',
      [runTooltip(finished, { nowMs: START_MS }), ...tips, taskTooltip(waiting, running, { nowMs: START_MS })].join(
        '\n\n---\n\n',
      ),
    );
  });

  it('of a task that fits no backend name the known capabilities', () => {
    const state = foldRun(
      RUN,
      journaled([
        ...SAMPLE.slice(0, 5),
        at(1_030, {
          type: 'route.decided',
          task: 'fix',
          decision: {
            kind: 'no_fit',
            why: 'There is no backend code-1.',
            knownCapabilities: ['code', 'reasoning'],
            candidates: [],
          },
        }),
      ]),
    );
    const fix = state.tasks.get('fix');
    assert.ok(fix !== undefined);
    assert.equal(
      taskTooltip(fix, state, { nowMs: START_MS }),
      '**Fix the bug** · pending\n\nNo backend fits: There is no backend code-1.\n\nKnown capabilities: code, reasoning',
    );
  });
});
