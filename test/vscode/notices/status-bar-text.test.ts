import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendSpend } from '../../../src/core/ports.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { statusText } from '../../../src/vscode/notices/status-bar-text.ts';
import { at, journaled, RUN, SAMPLE, spend, WHILE_RUNNING, type TimedBody } from '../../support/sample-run.ts';

function stateOf(count: number, ...more: readonly TimedBody[]): RunState {
  return foldRun(RUN, journaled([...SAMPLE.slice(0, count), ...more]));
}

const TODAY: readonly BackendSpend[] = [
  { backend: 'front[x](y)', calls: 2, spent: spend(1_000, 200, { usd: 0.1, iterations: 2 }), callMs: 5 },
  { backend: 'local', calls: 1, spent: spend(300, 100, { tokensKnown: false }), callMs: 5 },
];
const waiting = at(5_000, { type: 'task.waiting', task: 'read', turn: 0, question: 'Which?' });

describe('the status bar item', () => {
  it('tells how many tasks run, what waits, and what was spent today', () => {
    const views = [
      { runs: [], today: undefined },
      { runs: [], today: [] },
      { runs: [], today: TODAY },
      { runs: [stateOf(2)], today: TODAY },
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
      views
        .map((view) => statusText(view))
        .map(({ text, spoken, isWarning }) => `${isWarning ? '! ' : ''}${text} | ${spoken}`),
      [
        '$(list-tree) | Orchestrator: nothing runs',
        '$(list-tree) $0 today | Orchestrator: $0 today',
        '$(list-tree) $0.1000 today | Orchestrator: $0.1000 today',
        '$(sync~spin) planning · $0.1000 today | Orchestrator: planning, $0.1000 today',
        '$(sync~spin) 3 tasks · $0.1000 today | Orchestrator: 3 tasks running, $0.1000 today',
        '$(sync~spin) 4 tasks | Orchestrator: 4 tasks running',
        '! $(comment-unresolved) 1 waits for you · 2 running | Orchestrator: 1 waits for you, 2 tasks running, $0.1000 today',
        '! $(comment-unresolved) 2 wait for you · 2 running | Orchestrator: 2 wait for you, 2 tasks running, $0.1000 today',
        '! $(comment-unresolved) 1 waits for you | Orchestrator: 1 waits for you, $0 today',
      ],
    );
  });

  it('says unknown of a price that nobody knows', () => {
    const unknown = [{ backend: 'b', calls: 1, spent: spend(10, 1, { usdKnown: false }), callMs: 1 }];
    assert.equal(statusText({ runs: [], today: unknown }).text, '$(list-tree) price unknown today');
    assert.equal(statusText({ runs: [], today: [...TODAY, ...unknown] }).text, '$(list-tree) ~$0.1000 today');
  });

  it('tells on hover who waits, and what each backend cost', () => {
    assert.equal(
      statusText({ runs: [stateOf(WHILE_RUNNING, waiting)], today: TODAY }).tooltip,
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
