import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatDuration, formatSpend, formatUsd } from '../../src/app/amounts.ts';
import { costLine, renderTree, spendByBackend, spendTable } from '../../src/app/run-text.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import type { RunState } from '../../src/core/run-state.ts';
import { NO_SPEND } from '../../src/core/spend.ts';
import { at, journaled, RUN, SAMPLE, spend, START_MS, WHILE_RUNNING } from '../support/sample-run.ts';

function stateAfter(events: number): RunState {
  return foldRun(RUN, journaled(SAMPLE.slice(0, events)));
}

describe('amounts', () => {
  it('read as people say them', () => {
    assert.deepEqual(
      [0, 999, 1_000, 8_240, 59_940, 59_950, 192_000, 3_599_400, 3_600_000, 3_870_000].map(formatDuration),
      [
        '0 ms',
        '999 ms',
        '1.0 s',
        '8.2 s',
        '59.9 s',
        '1 min 0 s',
        '3 min 12 s',
        '59 min 59 s',
        '1 h 0 min',
        '1 h 5 min',
      ],
    );
    const usd = (amount: number, usdKnown = true): string => formatUsd({ usd: amount, usdKnown });
    assert.deepEqual(
      [usd(0), usd(0, false), usd(0.0123), usd(0.0123, false), usd(0.000_001), usd(9.5), usd(12.345)],
      ['$0', 'price unknown', '$0.0123', '~$0.0123', '<$0.0001', '$9.5000', '$12.35'],
    );
  });

  it('of a spend carry ~ where they are estimated and never show unknown as zero', () => {
    assert.equal(formatSpend(NO_SPEND), 'no calls');
    assert.equal(
      formatSpend({ ...spend(1_234, 56, { usd: 0.0123, ms: 4_200 }), iterations: 3 }),
      '3 calls · 1,234 in / 56 out · $0.0123 · 4.2 s',
    );
    assert.equal(
      formatSpend(spend(1_234, 56, { tokensKnown: false, usdKnown: false })),
      '1 call · ~1,234 in / ~56 out · price unknown',
    );
    assert.equal(
      formatSpend({ ...spend(500, 5), tokens: { input: 500, output: 5, cachedInput: 400 } }),
      '1 call · 500 in (400 cached) / 5 out · $0',
    );
  });
});

describe('the tree in the terminal', () => {
  it('shows what runs, what waits for what, and nests tasks', () => {
    assert.equal(
      renderTree(stateAfter(WHILE_RUNNING), { nowMs: START_MS + 2_500 }),
      `Explain [this](command:x) <b>project</b> and fix it
running · 0/4 tasks · $0.0180 · 2.5 s · run run-1
[x] Plan · frontier · 1.0 s · 1,200 tokens · $0.0180
[>] Read the parser · long-1 · 1.4 s
    .env was not read: data rule .env: nowhere
  [>] Read *one* part · local · 1.4 s
[>] Fix the bug · code-1 · 1.4 s
[ ] Write tests · waits for 2 tasks`,
    );
  });

  it('shows how everything ended, why it failed and what to do', () => {
    assert.equal(
      renderTree(stateAfter(SAMPLE.length), { nowMs: START_MS + 99_999 }),
      `Explain [this](command:x) <b>project</b> and fix it
partial · 2/4 tasks · ~$0.0378 · 32.1 s · run run-1
[x] Plan · frontier · 1.0 s · 1,200 tokens · $0.0180
[x] Read the parser · long-1 · 2.0 s · 4,500 tokens · $0.0050
    .env was not read: data rule .env: nowhere
  [x] Read *one* part · local · partial · 3.0 s · ~400 tokens · $0
[!] Fix the bug · code-1 · timeout · 30.0 s · ~703 tokens · price unknown
    code-1 sent nothing for 30 s. See whether its server runs.
[-] Write tests · skipped: fix did not complete
[x] Answer · frontier · 1.0 s · 990 tokens · $0.0148`,
    );
  });

  it('of an interrupted run does not let time pass', () => {
    assert.equal(
      renderTree(stateAfter(WHILE_RUNNING), { nowMs: START_MS + 86_400_000, liveness: 'interrupted' }),
      `Explain [this](command:x) <b>project</b> and fix it
interrupted · 0/4 tasks · $0.0180 · run run-1
[x] Plan · frontier · 1.0 s · 1,200 tokens · $0.0180
[!] Read the parser · long-1 · interrupted
    .env was not read: data rule .env: nowhere
  [!] Read *one* part · local · interrupted
[!] Fix the bug · code-1 · interrupted
[ ] Write tests · waits for 2 tasks`,
    );
  });

  it('of a run that went on days later counts no time in which nobody had it', () => {
    const days = 3 * 86_400_000;
    const rest = SAMPLE.slice(WHILE_RUNNING).map((body) => ({ ...body, atMs: body.atMs + days }));
    const begun = at(days + 2_000, { type: 'task.started', task: 'read', attempt: 0, backend: 'long-1' });
    const bodies = [...SAMPLE.slice(0, WHILE_RUNNING), at(days, { type: 'run.resumed', inDoubt: [] }), begun, ...rest];
    const lines = renderTree(foldRun(RUN, journaled(bodies)), { nowMs: START_MS }).split('\n');
    assert.deepEqual(
      lines.filter((line) => line.includes('long-1')),
      ['[x] Read the parser · long-1 · 1.1 s · price unknown'],
    );
  });

  it('can be drawn at every moment of a run', () => {
    for (let events = 0; events <= SAMPLE.length; events += 1)
      assert.match(renderTree(stateAfter(events), { nowMs: START_MS }), /^.+\n/);
  });

  it('gives terminal escapes of a model no chance', () => {
    const [started, ...rest] = journaled(SAMPLE);
    assert.ok(started?.type === 'run.started');
    const evil = foldRun(RUN, [{ ...started, request: 'clear \u001b[2J\u202escreen\r\nnow' }, ...rest]);
    assert.match(renderTree(evil, { nowMs: START_MS }), /^clear \[2Jscreen now\n/);
  });
});

describe('the cost of a run', () => {
  it('is one line with ~ as soon as a part is not known', () => {
    assert.equal(costLine(stateAfter(4)), 'Spent $0.0180 · 1 call · 1,200 tokens');
    assert.equal(costLine(stateAfter(SAMPLE.length)), 'Spent ~$0.0378 · 5 calls · ~7,793 tokens · 32.1 s');
    assert.equal(costLine(stateAfter(1)), 'Spent $0 · no calls');
  });

  it('tells of the calls that had no end when the run was interrupted, and only then', () => {
    const first = SAMPLE.findIndex((event) => event.type === 'call.started') + 1;
    const line = (events: number, liveness: 'interrupted' | 'running'): string =>
      costLine(stateAfter(events), { nowMs: START_MS, liveness });
    assert.equal(line(first, 'interrupted'), '1 call had no end, price unknown');
    assert.equal(line(first, 'running'), 'Spent $0 · no calls');
    assert.equal(
      line(WHILE_RUNNING, 'interrupted'),
      'Spent $0.0180 · 1 call · 1,200 tokens · 3 calls had no end, price unknown',
    );
  });

  it('is a table by backend whose calls add up to the whole', () => {
    const rows = spendByBackend(stateAfter(SAMPLE.length));
    assert.equal(
      spendTable(rows),
      `| backend | calls | input tokens | output tokens | cost |
| --- | ---: | ---: | ---: | ---: |
| frontier | 2 | 1,900 | 290 | $0.0328 |
| long-1 | 1 | 4,000 | 500 | $0.0050 |
| local | 1 | ~300 | ~100 | $0 |
| code-1 | 1 | ~700 | ~3 | price unknown |`,
    );
    assert.equal(
      rows.reduce((sum, row) => sum + row.calls, 0),
      stateAfter(SAMPLE.length).spent.iterations,
    );
  });
});
