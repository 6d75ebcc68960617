import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunSummary } from '../../../src/core/ports.ts';
import {
  dayLabel,
  dayOf,
  deleteQuestion,
  exportName,
  foundRow,
  historyRow,
  searchMessage,
} from '../../../src/vscode/history/history-text.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { spend } from '../../support/sample-run.ts';

const NOON = new Date(2030, 2, 1, 12, 5).getTime();

function summary(own: Partial<RunSummary> = {}): RunSummary {
  return {
    run: '1a2b3c4d-0000',
    request: 'Explain the parser',
    startedAtMs: NOON,
    liveness: 'finished',
    outcome: 'answered',
    spent: spend(1_000, 10, { usd: 0.0123 }),
    tasks: 5,
    completed: 4,
    from: null,
    workspace: '/w',
    waitsForUser: false,
    ...own,
  };
}

describe('a row of the history', () => {
  it('tells outcome, tasks done, cost and time', () => {
    const rows = [
      summary(),
      summary({ outcome: 'partial', from: 'run-0' }),
      summary({ outcome: null, liveness: 'interrupted', tasks: 1, completed: 0, waitsForUser: true }),
      summary({ outcome: null, liveness: 'running', waitsForUser: true }),
      summary({ outcome: null, liveness: 'running', spent: spend(0, 0, { iterations: 0 }), tasks: 0, completed: 0 }),
    ].map((one) => historyRow(one, { nowMs: NOON, withDay: false, isHere: true }));
    assert.deepEqual(
      rows.map(({ label, description, icon }) => `${icon.name} ${label} | ${description}`),
      [
        'pass Explain the parser | answered · 4/5 tasks · $0.0123 · 12:05',
        'warning Explain the parser | partial · 4/5 tasks · $0.0123 · 12:05 · run again',
        'debug-disconnect Explain the parser | interrupted · 0/1 task · $0.0123 · 12:05',
        'comment-unresolved Explain the parser | waits for you · 4/5 tasks · $0.0123 · 12:05',
        'sync~spin Explain the parser | running · 12:05',
      ],
    );
    assert.equal(
      historyRow(summary(), { nowMs: NOON + 86_400_000, withDay: true, isHere: true }).description,
      'answered · 4/5 tasks · $0.0123 · Yesterday 12:05',
    );
  });

  it('offers in menus what can be done with the run', () => {
    const words = [
      summary(),
      summary({ outcome: null, liveness: 'interrupted' }),
      summary({ outcome: null, liveness: 'running' }),
    ].map((one) => historyRow(one, { nowMs: NOON, withDay: false, isHere: true }).contextValue);
    assert.match(words[0] ?? '', /^run finished .*\bcan-again\b.*\bcan-delete\b.*\bresult\b/);
    assert.match(words[1] ?? '', /^run interrupted .*\bcan-resume\b.*\bcan-delete\b/);
    assert.doesNotMatch(words[2] ?? '', /can-delete|can-again|result/);
  });

  it('of a run of another folder names that, and offers neither to run it again nor to resume it', () => {
    const rows = [summary(), summary({ outcome: null, liveness: 'interrupted' })].map((one) =>
      historyRow({ ...one, workspace: '/home/me/shop' }, { nowMs: NOON, withDay: false, isHere: false }),
    );
    assert.deepEqual(
      rows.map(({ description, contextValue }) => `${description} | ${contextValue}`),
      [
        'other folder: shop · answered · 4/5 tasks · $0.0123 · 12:05 | run finished can-graph can-export can-delete result',
        'other folder: shop · interrupted · 4/5 tasks · $0.0123 · 12:05 | run interrupted can-graph can-export can-delete',
      ],
    );
  });
});

describe('the days of the history', () => {
  it('are today, yesterday, or their date, also over the end of a month', () => {
    const at = (month: number, day: number): string => dayOf(new Date(2030, month - 1, day, 23, 59).getTime());
    assert.deepEqual(
      [at(3, 1), at(2, 28), at(2, 27)].map((day) => dayLabel(day, NOON)),
      ['Today', 'Yesterday', 'Wed, Feb 27, 2030'],
    );
    assert.equal(dayOf(new Date(2030, 0, 5).getTime()), '2030-01-05');
  });
});

describe('a place where words were found', () => {
  const row = (snippet: string): ReturnType<typeof foundRow> =>
    foundRow({ kind: 'result', task: 'read', title: 'Read\nit', snippet });

  it('is one line with the words highlighted', () => {
    const found = row('…the \u0002token\u0003\n  is  \u0002amber\u0003, \u202Esaid');
    assert.equal(found.label, '…the token is amber, said');
    assert.deepEqual(
      found.highlights.map(([from, to]) => found.label.slice(from, to)),
      ['token', 'amber'],
    );
    assert.equal(found.spoken, 'in the result of "Read it": …the token is amber, said');
  });

  it('says where that is', () => {
    const places = (['request', 'task', 'result', 'answer'] as const).map((kind) =>
      foundRow({
        kind,
        task: kind === 'task' || kind === 'result' ? 'a' : null,
        title: kind === 'task' ? 'A' : null,
        snippet: 'x',
      }),
    );
    assert.deepEqual(
      places.map(({ description }) => description),
      ['in the request', 'in the brief of "A"', 'in the result of "a"', 'in the answer'],
    );
  });

  it('is cut when it is long, with the highlights that are left', () => {
    const { label, highlights } = row(`\u0002ab\u0003 ${'x'.repeat(400)} \u0002ab\u0003`);
    assert.deepEqual([label.length, highlights], [300, [[0, 2]]]);
  });

  it('never highlights outside of its text, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\u0002', '\u0003', ' ', '\n', 'ab', '\u200B', 'é'.repeat(80))),
        (pieces) => {
          const { label, highlights } = row(pieces.join(''));
          assert.doesNotMatch(label, /[\u0000-\u001F\u200B]/);
          assert.ok(label.length <= 300);
          for (const [from, to] of highlights) assert.ok(from >= 0 && from <= to && to <= label.length);
        },
      ),
      propertyOptions('marks in a snippet'),
    );
  });
});

describe('the words around the history', () => {
  it('say what a search shows', () => {
    assert.deepEqual(
      [
        { text: 'amber', found: 0, isCut: false },
        { text: 'a\nb', found: 1, isCut: false },
        { text: 'x', found: 100, isCut: true },
        { text: '🚀 →', found: 0, isCut: false },
      ].map(searchMessage),
      [
        'No run holds "amber". Clear the search to see all runs.',
        '1 run with "a b". Clear the search to see all runs.',
        'The best 100 runs with "x". Clear the search to see all runs.',
        'A search needs words of letters or digits. Clear the search to see all runs.',
      ],
    );
  });

  it('name the run that is to be deleted, and give an export a name that a file can have', () => {
    assert.equal(deleteQuestion(summary()).message, 'Delete "Explain the parser"?');
    assert.equal(exportName(summary()), '2030-03-01 explain-the-parser 1a2b3c4d');
    assert.equal(exportName(summary({ request: '../..\\ :*?' })), '2030-03-01 1a2b3c4d');
  });
});
