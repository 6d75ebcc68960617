import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failure } from '../../../src/core/failure.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import type { Row } from '../../../src/vscode/row.ts';
import { runRow, runTooltip, summaryRow, taskRow, taskTooltip } from '../../../src/vscode/tree/task-tree-text.ts';
import { assertGolden } from '../../support/golden.ts';
import { summaryOf } from '../../support/tree-rig.ts';
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
      rowsText(running, { nowMs: START_MS + 2_500, isHere: true }),
      '# one cancelled',
      rowsText(cancelled, { nowMs: START_MS + 2_500, isHere: true }),
      '# interrupted',
      rowsText(running, { nowMs: START_MS + 2_500, liveness: 'interrupted', isHere: true }),
      '# finished',
      rowsText(finished, { nowMs: START_MS + 99_999, isHere: true }),
    ].join('\n');
    assertGolden('task-tree-rows.txt', `${text}\n`);
  });

  it('show how far a long reading is, how many tools were called, and how quotations fared', () => {
    const edited = journaled(sampleEditRun());
    const now = { nowMs: START_MS + 300, isHere: true };
    const whileRunning = foldRun(RUN, edited.slice(0, EDIT_WHILE_RUNNING));
    const ended = foldRun(RUN, edited);
    const tips = [...whileRunning.tasks.values()].map((task) => taskTooltip(task, whileRunning, now));
    const endedTips = [...ended.tasks.values()].map((task) => taskTooltip(task, ended, now));
    assertGolden(
      'task-tree-work.txt',
      `${['# running', rowsText(whileRunning, now), ...tips, '# finished', rowsText(ended, now), ...endedTips, runTooltip(ended, now)].join('\n')}\n`,
    );
  });

  it('count the files that are edited and the parts that are answered, not edits and calls', () => {
    const edit = {
      type: 'edit.made',
      task: 'fix',
      turn: 0,
      path: 'a.ts',
      change: 'write',
      to: null,
      text: 'x',
    } as const;
    const state = foldRun(
      RUN,
      journaled([
        ...sampleEditRun().slice(0, EDIT_WHILE_RUNNING),
        at(300, edit),
        at(301, edit),
        at(302, {
          type: 'call.failed',
          key: { run: RUN, task: 'read', turn: 3, attempt: 0 },
          backend: 'long-1',
          failure: failure('timeout', 'It sent nothing.', { whatToDo: 'See whether it runs.' }),
          partial: 'Half',
          spent: spend(1, 1),
          next: 'retry',
        }),
      ]),
    );
    const [read, fix] = state.tasks.values();
    assert.ok(read !== undefined && fix !== undefined);
    assert.match(taskTooltip(read, state, { nowMs: START_MS, isHere: true }), /Read in 3 parts, 2 answered/);
    assert.match(taskRow(fix, state, { nowMs: START_MS, isHere: true }).description, /edits 1 file$/);
  });

  it('show a plan that waits with its modes and its estimate, and what can be done with each task of it', () => {
    const state = foldRun(RUN, journaled(samplePlan()));
    assertGolden('task-tree-plan.txt', `${rowsText(state, { nowMs: START_MS + 99_999, isHere: true })}\n`);
  });

  it('show who waits for the user, what was reused or done by the user, and the spend of a task with all below it', () => {
    const state = foldRun(RUN, journaled(sampleTalk()));
    const now = { nowMs: START_MS + 9_000, isHere: true };
    const tips = [...state.tasks.values()].map((task) => taskTooltip(task, state, now));
    assertGolden('task-tree-talk.txt', `${[rowsText(state, now), ...tips].join('\n')}\n`);
  });

  it('speak the same while only time passes', () => {
    const spoken = (nowMs: number): readonly string[] =>
      [...running.tasks.values()].map((task) => taskRow(task, running, { nowMs, isHere: true }).spoken);
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
        .map((one) => rowText(summaryRow(one, { isHere: true })))
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

describe('a row of a run that worked on another folder', () => {
  const now = { nowMs: START_MS + 99_999, isHere: false };

  it('names the folder, and offers what can be done anywhere', () => {
    const state = { ...finished, workspace: '/home/me/shop' };
    assert.equal(
      rowText(runRow(state, now)),
      rowText(runRow(finished, { ...now, isHere: true }))
        .replace(' | partial', ' | other folder: shop · partial')
        .replace('4 tasks\n', '4 tasks, other folder: shop\n')
        .replace(/ can-editPlan can-addTask| can-again/g, ''),
    );
    const described = (workspace: string): string =>
      runRow({ ...finished, workspace }, now).description.split(' · ')[0] ?? '';
    assert.deepEqual(['', '/a/shop, /b/docs', 'C:\\work\\shop\\', '/'].map(described), [
      'without a folder',
      'other folders: shop, docs',
      'other folder: shop',
      'other folder: /',
    ]);
  });

  it('does so before it was looked into, too', () => {
    const summary = summaryOf('r', { workspace: '/home/me/shop', tasks: 2 });
    const { description, spoken, contextValue } = summaryRow(summary, { isHere: false });
    assert.deepEqual(
      [description, spoken, contextValue],
      [
        'other folder: shop · answered · 2 tasks',
        'request of r, answered, 2 tasks, other folder: shop',
        'run finished can-graph can-export can-delete result',
      ],
    );
    const interrupted = summaryRow({ ...summary, liveness: 'interrupted', outcome: null }, { isHere: false });
    assert.equal(interrupted.contextValue, 'run interrupted can-graph can-export can-delete');
  });

  it('says on hover what to do, also of its tasks, but not while a process has it', () => {
    const state = { ...finished, workspace: '/home/me/shop' };
    const what =
      /The run worked on \/home\/me\/shop, which is not open here\. Open that folder to go on with it, to run it again or to decide/;
    const task = state.tasks.get('fix') ?? assert.fail('no task');
    for (const tip of [runTooltip(state, now), taskTooltip(task, state, now)])
      assert.match(tip.replaceAll('\\', ''), what);
    for (const tip of [
      runTooltip(state, { ...now, isHere: true }),
      runTooltip(running, { ...now, liveness: 'running' }),
      taskTooltip(task, running, { ...now, liveness: 'running' }),
    ])
      assert.doesNotMatch(tip, /not open here/);
  });
});

describe('tooltips of the task tree', () => {
  it('tell routing with every candidate, what is waited for, files, failure and spend', () => {
    const tips = [...finished.tasks.values()].map((task) =>
      taskTooltip(task, finished, { nowMs: START_MS, isHere: true }),
    );
    const waiting = running.tasks.get('tests');
    assert.ok(waiting !== undefined);
    assertGolden(
      'task-tree-tooltips.md',
      [
        runTooltip(finished, { nowMs: START_MS, isHere: true }),
        ...tips,
        taskTooltip(waiting, running, { nowMs: START_MS, isHere: true }),
      ].join('\n\n---\n\n'),
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
      taskTooltip(fix, state, { nowMs: START_MS, isHere: true }),
      '**Fix the bug** · pending\n\nNo backend fits: There is no backend code-1.\n\nKnown capabilities: code, reasoning',
    );
  });
});
