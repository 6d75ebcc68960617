/** The time axis of the run graph, in numbers. */
import assert from 'node:assert/strict';
import type { Attempt, GraphTask } from '../../src/webview/graph/graph-view.ts';
import { packLanes } from '../../src/webview/graph/lanes.ts';
import { rowsByBackend, rowsByNode, type TimeRow } from '../../src/webview/graph/time-rows.ts';
import { FoldedTime, pausesOf, pauseText } from '../../src/webview/graph/time-fold.ts';
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
    attempts: spans.map(([fromMs, toMs]) => attempt(fromMs, toMs, { places: [{ backend, fromMs, toMs }] })),
    spent: { calls: 0, tokens: 0, tokensKnown: true, usd: 0, usdKnown: true },
    facts: [],
  };
}

function attempt(fromMs: number, toMs: number | null, more: Partial<Attempt> = {}): Attempt {
  return { fromMs, toMs, places: [{ backend: null, fromMs, toMs }], waits: [], calls: [], ...more };
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

  it('are also of what was at no backend', () => {
    assert.deepEqual(told(rowsByBackend([task('f', null, [5, 8])], ['one'])), ['no backend: 0 f']);
  });

  it('are of the backend that a task was at then, not of the one that it is at now', () => {
    const slow = { backend: 'slow', fromMs: 10, toMs: 60 };
    const quick = { backend: 'quick', fromMs: 60, toMs: 70 };
    const moved = { ...task('a', 'quick'), attempts: [attempt(10, 70, { places: [slow, quick] })] };
    const retried = { ...task('b', null), attempts: [attempt(10, 60, { places: [slow] })] };
    const rows = rowsByBackend([moved, retried], ['slow', 'quick']);
    assert.deepEqual(told(rows), ['slow: 0 a | 0 b', 'quick: 0.1 a']);
    assert.deepEqual(
      rows.flatMap(({ lanes }) => lanes.flat().map(({ place }) => place)),
      [slow, slow, quick],
    );
  });

  it('have the calls of their backend in its bars, and all of them in those of a node', () => {
    const [a, b] = [
      { backend: 'a', fromMs: 0, toMs: 10 },
      { backend: 'b', fromMs: 5, toMs: 7 },
    ];
    const calls = [
      { fromMs: 1, toMs: 4, backend: 'a' },
      { fromMs: 5, toMs: 7, backend: 'b' },
      { fromMs: 6, toMs: 7, backend: 'judge' },
      { fromMs: 8, toMs: 10, backend: 'a' },
    ];
    const one = { ...task('t', 'b'), attempts: [attempt(0, 10, { places: [a, b], calls })] };
    const drawn = (rows: readonly TimeRow[]): readonly string[] =>
      rows.flatMap(({ label, lanes }) => lanes.flat().map((bar) => `${label}: ${bar.calls.join(', ')}`));
    assert.deepEqual(drawn(rowsByBackend([one], ['a', 'b', 'judge'])), ['a: 1, 8', 'b: 5']);
    const nodes = [{ id: 't', members: ['t'] as const, group: null }];
    assert.deepEqual(drawn(rowsByNode([one], nodes)), ['Title of t: 1, 5, 6, 8']);
  });

  it('tell in a bar of a backend when it had no call of the task, also when calls overlap or go on', () => {
    const idleAt = (toMs: number | null, ...spans: readonly (readonly [number, number | null])[]): string => {
      const place = { backend: 'a', fromMs: 0, toMs };
      const calls = [
        ...spans.map(([fromMs, endMs]) => ({ fromMs, toMs: endMs, backend: 'a' })),
        { fromMs: 0, toMs, backend: 'judge' },
      ];
      const one = { ...task('t', 'a'), attempts: [attempt(0, toMs, { places: [place], calls })] };
      const [row] = rowsByBackend([one], ['a']);
      const ofNode = rowsByNode([one], [{ id: 't', members: ['t'], group: null }]);
      assert.deepEqual(
        ofNode.flatMap(({ lanes }) => lanes.flat().flatMap(({ idle }) => idle)),
        [],
      );
      const idle = row?.lanes.flat().flatMap((bar) => bar.idle) ?? [];
      return idle.map((span) => `${span.fromMs}-${span.toMs ?? 'now'}`).join(' ');
    };
    assert.equal(idleAt(20), '0-20');
    assert.equal(idleAt(null), '0-now');
    assert.equal(idleAt(20, [2, 5], [8, 20]), '0-2 5-8');
    assert.equal(idleAt(20, [0, 9], [3, 4], [8, 12]), '12-20');
    assert.equal(idleAt(null, [0, 5]), '5-now');
    assert.equal(idleAt(null, [4, null], [1, 2]), '0-1 2-4');
  });

  it('tell nothing of the kind where no backend was chosen yet', () => {
    const places = [{ backend: null, fromMs: 0, toMs: 9 }];
    const one = { ...task('t', 'a'), attempts: [attempt(0, 9, { places, calls: [] })] };
    assert.deepEqual(
      rowsByBackend([one], []).flatMap(({ label, lanes }) => lanes.flat().map(({ idle }) => [label, idle])),
      [['no backend', []]],
    );
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

  it('gets shorter when much less has to be shown', () => {
    assert.ok(axisMs(10_000, 600_000) <= 25_000);
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

describe('long pauses on the time axis', () => {
  const S = 1_000;
  const HOUR = 3_600 * S;
  const worker = (id: string, ...attempts: readonly Attempt[]): GraphTask => ({ ...task(id, 'one'), attempts });

  it('are left out when nothing was at work: before an approval, in an interruption, while all waits for a person', () => {
    const waits = [{ fromMs: 13 * HOUR + 10 * S, toMs: 15 * HOUR }];
    const all = [
      worker('@plan', attempt(0, 5 * S)),
      worker('a', attempt(12 * HOUR, 12 * HOUR + 58 * S), attempt(13 * HOUR, 15 * HOUR + 8 * S, { waits })),
    ];
    const time = { fromMs: 0, toMs: 15 * HOUR + 8 * S };
    const pauses = pausesOf(all, time, 0);
    assert.deepEqual(pauses, [
      { fromMs: 5 * S, toMs: 12 * HOUR },
      { fromMs: 12 * HOUR + 58 * S, toMs: 13 * HOUR },
      { fromMs: 13 * HOUR + 10 * S, toMs: 15 * HOUR },
    ]);
    const folded = new FoldedTime(0, pauses);
    const moments = [0, 5 * S, HOUR, 12 * HOUR, 12 * HOUR + 58 * S, 13 * HOUR, 15 * HOUR, time.toMs];
    assert.deepEqual(
      moments.map((ms) => folded.at(ms, 0)).map(({ ms, breaks }) => `${ms / S} s after ${breaks}`),
      [
        '0 s after 0',
        '5 s after 0',
        '5 s after 0',
        '5 s after 1',
        '63 s after 1',
        '63 s after 2',
        '73 s after 3',
        '81 s after 3',
      ],
    );
    assert.deepEqual(
      [0, 5 * S, 6 * S, 80 * S].map((ms) => folded.breaksBefore(ms)),
      [0, 0, 1, 3],
    );
  });

  it('are not left out when something was at work, or when they are no more than a small part of it', () => {
    const waits = [{ fromMs: 10 * S, toMs: HOUR }];
    const both = [worker('a', attempt(0, HOUR, { waits })), worker('b', attempt(0, HOUR))];
    assert.deepEqual(pausesOf(both, { fromMs: 0, toMs: HOUR }, 0), []);
    const seldom = [worker('a', attempt(0, HOUR), attempt(HOUR + 60 * S, 2 * HOUR))];
    assert.deepEqual(pausesOf(seldom, { fromMs: 0, toMs: 2 * HOUR }, 0), []);
    const short = [worker('a', attempt(0, S), attempt(20 * S, 21 * S))];
    assert.deepEqual(pausesOf(short, { fromMs: 0, toMs: 21 * S }, 0), []);
  });

  it('that go on end now, and stand still on the axis', () => {
    const waits = [{ fromMs: 10 * S, toMs: null }];
    const all = [worker('a', attempt(0, null, { waits }))];
    const [early, late] = [HOUR, 9 * HOUR].map((nowMs) => {
      const folded = new FoldedTime(0, pausesOf(all, { fromMs: 0, toMs: null }, nowMs));
      return { pauses: folded.pauses, now: folded.at(null, nowMs), inside: folded.at(HOUR / 2, nowMs) };
    });
    assert.deepEqual(early, {
      pauses: [{ fromMs: 10 * S, toMs: null }],
      now: { ms: 10 * S, breaks: 1 },
      inside: { ms: 10 * S, breaks: 0 },
    });
    assert.deepEqual(late, early);
  });

  it('say in one unit how long they were', () => {
    assert.deepEqual([40_400, 719_000, 12 * HOUR + 5, 80 * HOUR].map(pauseText), ['40 s', '11 min', '12 h', '3 d']);
  });

  it('leave all that was worked on the axis, in its order', () => {
    const spans = fc.array(fc.tuple(fc.nat(9_000_000), fc.integer({ min: 1, max: 90_000 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(spans, (drawn) => {
        const all = drawn.map(([fromMs, ms], index) => worker(`t${index}`, attempt(fromMs, fromMs + ms)));
        const toMs = Math.max(...drawn.map(([fromMs, ms]) => fromMs + ms));
        const folded = new FoldedTime(0, pausesOf(all, { fromMs: 0, toMs }, 0));
        for (const [fromMs, ms] of drawn) {
          const [from, to] = [folded.at(fromMs, 0), folded.at(fromMs + ms, 0)];
          assert.deepEqual([to.ms - from.ms, to.breaks - from.breaks], [ms, 0]);
        }
        const points = drawn
          .map(([fromMs]) => fromMs)
          .sort((a, b) => a - b)
          .map((ms) => folded.at(ms, 0).ms);
        assert.deepEqual(
          points,
          points.toSorted((a, b) => a - b),
        );
      }),
      propertyOptions('folded time'),
    );
  });
});
