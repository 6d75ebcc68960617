import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendSpend } from '../../../src/core/ports.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { statusText, type StatusText, type StatusView } from '../../../src/vscode/notices/status-bar-text.ts';
import { summaryOf } from '../../support/tree-rig.ts';
import { at, journaled, RUN, SAMPLE, spend, WHILE_RUNNING, type TimedBody } from '../../support/sample-run.ts';

function stateOf(count: number, ...more: readonly TimedBody[]): RunState {
  return foldRun(RUN, journaled([...SAMPLE.slice(0, count), ...more]));
}

const TODAY: readonly BackendSpend[] = [
  { backend: 'front[x](y)', calls: 2, spent: spend(1_000, 200, { usd: 0.1, iterations: 2 }), callMs: 5, timedCalls: 1 },
  { backend: 'local', calls: 1, spent: spend(300, 100, { tokensKnown: false }), callMs: 5, timedCalls: 1 },
];
const waiting = at(5_000, { type: 'task.waiting', task: 'read', turn: 0, question: 'Which?' });

function status(view: Partial<StatusView>): StatusText {
  return statusText({ runs: [], elsewhere: [], today: undefined, ...view });
}

describe('the status bar item', () => {
  it('tells how many tasks run, what waits, and what was spent today', () => {
    const views = [
      { runs: [], today: undefined },
      { runs: [], today: [] },
      { runs: [], today: TODAY },
      { runs: [stateOf(2)], today: TODAY },
      { runs: [stateOf(5)], today: TODAY },
      { runs: [stateOf(WHILE_RUNNING)], today: TODAY },
      { runs: [stateOf(WHILE_RUNNING), stateOf(8)], today: undefined },
      { runs: [stateOf(WHILE_RUNNING, waiting)], today: TODAY },
      {
        runs: [
          stateOf(5, at(9, { type: 'plan.waiting', why: 'always', estimate: null })),
          stateOf(WHILE_RUNNING, waiting),
        ],
        today: TODAY,
      },
      { runs: [stateOf(5, at(9, { type: 'plan.waiting', why: 'draft', estimate: null }))], today: [] },
    ];
    assert.deepEqual(
      views.map(status).map(({ text, spoken, isWarning }) => `${isWarning ? '! ' : ''}${text} | ${spoken}`),
      [
        '$(list-tree) | Orchestrator: nothing runs',
        '$(list-tree) $0 today | Orchestrator: $0 today',
        '$(list-tree) $0.1000 today | Orchestrator: $0.1000 today',
        '$(sync~spin) planning · $0.1000 today | Orchestrator: planning, $0.1000 today',
        '$(sync~spin) waiting for a slot · $0.1000 today | Orchestrator: waiting for a slot, $0.1000 today',
        '$(sync~spin) 3 tasks · $0.1000 today | Orchestrator: 3 tasks running, $0.1000 today',
        '$(sync~spin) 4 tasks | Orchestrator: 4 tasks running',
        '! $(comment-unresolved) 1 waits for you · 2 running · $0.1000 today | Orchestrator: 1 waits for you, 2 tasks running, $0.1000 today',
        '! $(comment-unresolved) 2 wait for you · 2 running · $0.1000 today | Orchestrator: 2 wait for you, 2 tasks running, $0.1000 today',
        '! $(comment-unresolved) 1 waits for you · $0 today | Orchestrator: 1 waits for you, $0 today',
      ],
    );
  });

  it('tells of runs that other windows and the command line have, and spins while one of them goes on', () => {
    const other = summaryOf('x', { request: 'Mend *it*', liveness: 'running', outcome: null, tasks: 5, completed: 2 });
    const waits = summaryOf('y', { liveness: 'running', outcome: null, waitsForUser: true });
    const views = [
      { elsewhere: [other, waits], today: TODAY },
      { elsewhere: [waits], today: TODAY },
      { runs: [stateOf(WHILE_RUNNING, waiting)], elsewhere: [other], today: TODAY },
    ];
    assert.deepEqual(
      views.map(status).map(({ text }) => text),
      [
        '$(sync~spin) 2 runs elsewhere · $0.1000 today',
        '$(list-tree) 1 run elsewhere · $0.1000 today',
        '$(comment-unresolved) 1 waits for you · 2 running · 1 run elsewhere · $0.1000 today',
      ],
    );
    assert.equal(
      status({ elsewhere: [other, waits] }).tooltip,
      [
        '**Orchestrator**',
        'Runs elsewhere:',
        '- Mend \\*it\\*: 2/5 tasks\n- request of y: no tasks yet, waits for you',
        'Click to see the tasks.',
      ].join('\n\n'),
    );
  });

  it('says unknown of a price that nobody knows', () => {
    const unknown = [{ backend: 'b', calls: 1, spent: spend(10, 1, { usdKnown: false }), callMs: 1, timedCalls: 1 }];
    assert.equal(status({ runs: [], today: unknown }).text, '$(list-tree) price unknown today');
    assert.equal(status({ runs: [], today: [...TODAY, ...unknown] }).text, '$(list-tree) ~$0.1000 today');
  });

  it('tells on hover who waits, and what each backend cost', () => {
    assert.equal(
      status({ runs: [stateOf(WHILE_RUNNING, waiting)], today: TODAY }).tooltip,
      [
        '**Orchestrator**',
        'Waits for you:',
        '- Read the parser (Explain \\[this\\](command:x) \\<b>project\\</b> and fix it)',
        'Spent today:',
        '- front\\[x\\](y): 2 calls · 1,000 in / 200 out · $0.1000\n- local: 1 call · \\~300 in / \\~100 out · $0',
        'Click to see the tasks.',
      ].join('\n\n'),
    );
  });
});
