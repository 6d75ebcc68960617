/** The time axis of the run graph, in numbers. */
import assert from 'node:assert/strict';
import type { GraphTask } from '../../src/webview/graph/graph-view.ts';
import { packLanes } from '../../src/webview/graph/lanes.ts';
import { rowsByBackend, rowsByNode, type TimeRow } from '../../src/webview/graph/time-rows.ts';
import { axisMs, markText, marksOf } from '../../src/webview/graph/time-scale.ts';
import { fc, propertyOptions } from '../support/properties.ts';

function task(id: string, backend: string | null, ...spans: readonly (readonly [number, number | null])[]): GraphTask {
  return {
    id,
    title: `Title of ${id}`,
    mode: id.startsWith('@') ? null : 'autonomous',
    parent: null,
    needs: [],
    word: 'active',
    backend,
    marks: [],
    waits: '',
    attempts: spans.map(([fromMs, toMs]) => ({ fromMs, toMs, waits: [], calls: [] })),
    facts: [],
  };
}

function told(rows: readonly TimeRow[]): readonly string[] {
  return rows.map(
    ({ label, lanes }) => `${label}: ${lanes.map((bars) => bars.map(({ key }) => key).join(', ')).join(' | ')}`,
  );
}

describe('the rows of the time axis', () => {
  const all = [
    task('@plan', 'boss', [0, 10]),
    task('a', 'one', [10, 30]),
    task('b', 'two', [10, 20], [40, null]),
    task('c', 'one', [12, 20]),
    task('d', 'one', [31, null]),
    task('e', null),
  ];

  it('are one for each node that has begun, in the order in which they began', () => {
    const nodes = [
      { id: '+a', members: ['a', 'c'] as const, group: null },
      ...['d', 'b', 'e'].map((id) => ({ id, members: [id] as const, group: null })),
    ];
    assert.deepEqual(told(rowsByNode(all, nodes)), [
      'Title of @plan: 0 @plan',
      '2 done: 0 a, 0 c',
      'Title of b: 0 b, 1 b',
      'Title of d: 0 d',
    ]);
  });

  it('are one for each backend, with lanes for what went on at the same time', () => {
    assert.deepEqual(told(rowsByBackend(all, ['boss', 'one', 'two'])), [
      'boss: 0 @plan',
      'one: 0 a, 0 d | 0 c',
      'two: 0 b, 1 b',
    ]);
  });

  it('have lanes in which nothing overlaps, as many as went on at once', () => {
    const spans = fc.array(
      fc.tuple(fc.nat(1_000), fc.integer({ min: 1, max: 200 })).map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(spans, (placed) => {
        const lanes = packLanes(placed);
        for (const [a, one] of placed.entries())
          for (const [b, other] of placed.entries())
            assert.ok(a === b || lanes[a] !== lanes[b] || one.toMs <= other.fromMs || other.toMs <= one.fromMs);
        const atOnce = placed.map(
          ({ fromMs }) => placed.filter((one) => one.fromMs <= fromMs && fromMs < one.toMs).length,
        );
        assert.equal(Math.max(...lanes) + 1, Math.max(...atOnce));
      }),
      propertyOptions('lanes'),
    );
  });
});

describe('the time axis', () => {
  it('has marks at round times, in the unit that fits', () => {
    const texts = [900, 4_000, 30_000, 200_000, 3_600_000, 90_000_000].map((ms) =>
      marksOf(ms, 500).map(markText).join(' | '),
    );
    assert.deepEqual(texts, [
      '0 | 200 ms | 400 ms | 600 ms | 800 ms',
      '0 | 1 s | 2 s | 3 s | 4 s',
      '0 | 10 s | 20 s | 30 s',
      '0 | 1 min | 2 min | 3 min',
      '0 | 15 min | 30 min | 45 min | 1 h',
      '0 | 8 h | 16 h | 24 h',
    ]);
    assert.equal(markText(90_000), '1 min 30 s');
    assert.equal(markText(8_100_000), '2 h 15 min');
  });

  it('holds what has gone by with room to grow, and gets longer seldom', () => {
    let length: number | undefined;
    let changes = 0;
    for (let elapsedMs = 1_000; elapsedMs <= 600_000; elapsedMs += 250) {
      const next = axisMs(elapsedMs, length);
      assert.ok(next >= elapsedMs && next <= elapsedMs * 2.5, `${elapsedMs} on ${next}`);
      if (next !== length) {
        changes += 1;
        assert.ok(next >= elapsedMs * 1.2, `${elapsedMs} on ${next}`);
      }
      length = next;
    }
    assert.ok(changes < 40, `${changes} lengths`);
  });

  it('never has more marks than there is room for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), fc.integer({ min: 50, max: 3_000 }), (ms, width) => {
        const marks = marksOf(ms, width);
        assert.ok(marks.length <= Math.max(1, width / 90) + 1, `${marks.length} marks`);
        assert.ok(marks.every((mark) => mark <= ms));
      }),
      propertyOptions('marks'),
    );
  });
});
