import assert from 'node:assert/strict';
import { citedText, outcomeSections, proposalLines, proposalSummary } from '../../src/app/proposal-text.ts';
import { renderTree } from '../../src/app/run-text.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import type { ProposalState, RunState } from '../../src/core/run-state.ts';
import { at, EDIT_WHILE_RUNNING, journaled, RUN, sampleEditRun, START_MS } from '../support/sample-run.ts';

const SAMPLE = sampleEditRun();

function stateAfter(events: number, ...more: readonly RunEventBody[]): RunState {
  return foldRun(RUN, journaled([...SAMPLE.slice(0, events), ...more.map((body) => at(9_000, body))]));
}

function proposalOf(state: RunState): ProposalState {
  assert.ok(state.proposal !== null);
  return state.proposal;
}

describe('the proposal of a run as text', () => {
  it('is a headline and a line for each file, with what the parsers found', () => {
    assert.equal(
      proposalLines(proposalOf(stateAfter(SAMPLE.length))).join('\n'),
      [
        'Proposed edits: 5 files: 3 changed, 1 new, 1 deleted; 1 conflict; 1 protected',
        '  src/parser.ts · modified +1 -1 · open',
        '  src/parser.test.ts · created +2 -0 · open',
        '      src/parser.test.ts:2: the result is not looked at',
        '  src/shared.ts · modified +5 -1 · in conflict (fix, tests) · open',
        '  package.json · modified +1 -1 · protected: its scripts are run by tools · open',
        '  src/old.ts · deleted +0 -1 · open',
      ].join('\n'),
    );
  });

  it('tells what became of each file after the end of the run', () => {
    const state = stateAfter(
      SAMPLE.length,
      { type: 'proposal.applying', paths: ['src/parser.ts', 'src/old.ts', 'package.json'], originals: '[]' },
      { type: 'proposal.applied', paths: ['src/parser.ts'], hashes: ['h'] },
      { type: 'proposal.applied', paths: ['src/old.ts'], hashes: [null] },
      { type: 'proposal.reverted', paths: ['src/old.ts'] },
      { type: 'proposal.discarded', paths: ['src/shared.ts'] },
    );
    assert.equal(
      proposalSummary(proposalOf(state)),
      '5 files: 3 changed, 1 new, 1 deleted; 1 perhaps applied (it was interrupted); 1 applied; 1 discarded; 1 taken back',
    );
    const statuses = proposalLines(proposalOf(state)).map((line) => line.split(' · ').at(-1));
    assert.deepEqual(
      [statuses[1], statuses[4], statuses[5], statuses[6]],
      ['applied', 'discarded', 'perhaps applied (it was interrupted)', 'taken back'],
    );
  });

  it('names the old path of a renamed file, and addresses that the edit brings in', () => {
    const state = stateAfter(SAMPLE.length, {
      type: 'proposal.updated',
      why: 'resolved',
      content: '{}',
      entry: {
        path: 'src/parser.ts',
        kind: 'renamed',
        from: 'src/old\u202e.ts',
        tasks: ['fix'],
        added: 0,
        removed: 0,
        isConflict: false,
        newUrls: ['https://example.com/a.png'],
        problems: [],
      },
    });
    assert.equal(
      proposalLines(proposalOf(state))[1],
      '  src/parser.ts · renamed from src/old.ts +0 -0 · names https://example.com/a.png · open',
    );
  });

  it('is sections of a document, with how many citations were struck', () => {
    assert.equal(
      outcomeSections(stateAfter(SAMPLE.length)).join('\n\n'),
      [
        '2 citations verified, 1 struck.',
        '## Proposed edits',
        '5 files: 3 changed, 1 new, 1 deleted; 1 conflict; 1 protected.',
        [
          '- src/parser.ts · modified +1 -1 · open',
          '- src/parser.test.ts · created +2 -0 · open',
          '  - src/parser.test.ts:2: the result is not looked at',
          '- src/shared.ts · modified +5 -1 · in conflict (fix, tests) · open',
          '- package.json · modified +1 -1 · protected: its scripts are run by tools · open',
          '- src/old.ts · deleted +0 -1 · open',
        ].join('\n'),
      ].join('\n\n'),
    );
    assert.deepEqual(outcomeSections(stateAfter(EDIT_WHILE_RUNNING)), []);
  });

  it('says of citations what there is to say', () => {
    const text = (verified: number, struck: number, uncheckedOf?: 'run' | 'task'): string | undefined =>
      citedText({ verified, struck, unchecked: uncheckedOf !== undefined }, uncheckedOf ?? 'run');
    assert.deepEqual(
      [text(1, 0), text(1200, 3), text(0, 2), text(0, 0), text(2, 0, 'run'), text(0, 0, 'run'), text(0, 0, 'task')],
      [
        '1 citation verified',
        '1,200 citations verified, 3 struck',
        '0 citations verified, 2 struck',
        undefined,
        '2 citations verified, some results could not be checked',
        'some results could not be checked',
        'its quotations could not be checked',
      ],
    );
    assert.equal(citedText(null, 'task'), undefined);
  });
});

describe('the tree of a run that reads and edits', () => {
  it('shows how many parts are read and how many tools were called', () => {
    assert.equal(
      renderTree(stateAfter(EDIT_WHILE_RUNNING), { nowMs: START_MS + 300 }),
      [
        'Explain the parser and mend it',
        'running · 0/3 tasks · $0.0030 · 300 ms · run run-1',
        '[>] Read the library · long-1 · 2 of 3 parts · 270 ms · 220 tokens · $0.0020',
        '[>] Fix the bug · code-1 · 2 tool calls · 269 ms · 110 tokens · $0.0010',
        '[>] Write tests · code-2 · 1 tool call · 268 ms',
      ].join('\n'),
    );
    assert.match(
      renderTree(stateAfter(SAMPLE.length), { nowMs: START_MS }),
      /\n\[x\] Read the library · long-1 · 3 parts · 371 ms · /,
    );
  });
});
