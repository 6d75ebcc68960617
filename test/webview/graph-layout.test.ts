/** Where the run graph puts things, and where the arrow keys go among them. */
import assert from 'node:assert/strict';
import { layOut } from '../../src/webview/graph/layout.ts';
import type { Layout, LayoutOptions } from '../../src/webview/graph/layout-types.ts';
import { nextNode, type Place } from '../../src/webview/graph/navigate.ts';
import { showGraph, type PlanNode, type ShownGraph } from '../../src/webview/graph/shown-graph.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const SIZE: LayoutOptions = { nodeWidth: 100, nodeHeight: 20, aspect: 2 };

function task(id: string, needs: readonly string[] = [], parent: string | null = null): PlanNode {
  return { id, needs, parent };
}

function laidOut(plan: readonly PlanNode[]): Layout {
  return layOut(showGraph(plan, new Set()), SIZE);
}

/** Plans of up to 60 tasks, some deep, some wide, some nested. */
const plans = fc
  .array(fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), parent: fc.option(fc.nat(), { freq: 2 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((made) =>
    made.map(({ needs, parent }, index) => {
      const earlier = (at: number): string => `t${at % Math.max(1, index)}`;
      const isFirst = index === 0;
      return task(
        `t${index}`,
        isFirst ? [] : [...new Set(needs.map(earlier))],
        isFirst || parent === null ? null : earlier(parent),
      );
    }),
  );

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function holds(outer: Rect, inner: Rect): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function rectOf(layout: Layout, id: string): Rect {
  const at = layout.nodes.get(id) ?? assert.fail(id);
  return { ...at, width: SIZE.nodeWidth, height: SIZE.nodeHeight };
}

/** All that a node is in. */
function boxesAround(graph: ShownGraph, box: string | null): readonly string[] {
  if (box === null) return [];
  return [box, ...boxesAround(graph, graph.groups.find(({ id }) => id === box)?.parent ?? null)];
}

describe('the layout of the run graph', () => {
  it('puts a chain in a line, from left to right', () => {
    const { nodes, edges } = laidOut([task('a'), task('b', ['a']), task('c', ['b'])]);
    assert.equal(new Set([...nodes.values()].map(({ y }) => y)).size, 1);
    assert.deepEqual(
      edges.map(({ from, to, path }) => `${from} ${to} ${path}`),
      ['a b M100 10H136', 'b c M236 10H272'],
    );
  });

  it('puts what comes together level with the middle of what it needs', () => {
    const { nodes } = laidOut([task('a'), task('b'), task('c'), task('end', ['a', 'b', 'c'])]);
    assert.equal(nodes.get('end')?.y, nodes.get('b')?.y);
  });

  it('gives a long edge a lane of its own beside what it passes', () => {
    const { nodes, edges } = laidOut([task('a'), task('b', ['a']), task('c', ['b', 'a'])]);
    const long = edges.find(({ from, to }) => from === 'a' && to === 'c')?.path ?? '';
    const level = /H(?<x>[\d.]+)/.exec(long);
    assert.ok(level !== null, long);
    const passed = rectOf({ nodes, edges, groups: [], width: 0, height: 0 }, 'b');
    const laneY = Number(/ (?<y>[\d.]+)H/.exec(long)?.groups?.['y']);
    assert.ok(laneY < passed.y || laneY > passed.y + passed.height, `${laneY} is beside ${passed.y}`);
  });

  it('puts a task that needs nothing beside the first of those nested under it', () => {
    const { nodes } = laidOut([task('a'), task('p'), task('b', ['a'], 'p'), task('c', ['b'], 'p')]);
    assert.equal(nodes.get('p')?.x, nodes.get('b')?.x);
  });

  it('makes a rank of many nodes as wide as several, so that the picture keeps its shape', () => {
    const wide = [task('start'), ...Array.from({ length: 150 }, (_, index) => task(`t${index}`, ['start']))];
    const { width, height } = laidOut([
      ...wide,
      task(
        'end',
        wide.slice(1).map(({ id }) => id),
      ),
    ]);
    assert.ok(width / height > 1 && width / height < 4, `${width} by ${height}`);
  });

  it('keeps nodes apart, all of them and all boxes in the picture, and every edge to the right', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const graph = showGraph(plan, new Set());
        const layout = layOut(graph, SIZE);
        const rects = graph.nodes.map(({ id }) => rectOf(layout, id));
        for (const [index, rect] of rects.entries())
          for (const other of rects.slice(index + 1)) assert.ok(!overlap(rect, other), JSON.stringify([rect, other]));
        const picture = { x: 0, y: 0, width: layout.width, height: layout.height };
        for (const rect of [...rects, ...layout.groups])
          assert.ok(holds(picture, rect), JSON.stringify([picture, rect]));
        for (const { from, to } of graph.edges)
          assert.ok(rectOf(layout, from).x + SIZE.nodeWidth < rectOf(layout, to).x, `${from} before ${to}`);
        assert.equal(layout.edges.length, graph.edges.length);
        for (const { path } of layout.edges) assert.match(path, /^M[-\d. HC]+$/);
      }),
      propertyOptions('nodes and edges', 2),
    );
  });

  it('has in a box what is nested there and nothing else', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const graph = showGraph(plan, new Set());
        const layout = layOut(graph, SIZE);
        for (const box of layout.groups) {
          for (const { id, group } of graph.nodes) {
            const rect = rectOf(layout, id);
            const isIn = boxesAround(graph, group).includes(box.id);
            assert.ok(isIn ? holds(box, rect) : !overlap(box, rect), `${id} and the box of ${box.id}`);
          }
          for (const other of layout.groups) {
            const isNested =
              boxesAround(graph, box.id).includes(other.id) || boxesAround(graph, other.id).includes(box.id);
            assert.ok(isNested || !overlap(box, other), `${box.id} and ${other.id}`);
          }
        }
      }),
      propertyOptions('boxes', 2),
    );
  });

  it('is the same whenever it is made', () => {
    fc.assert(
      fc.property(plans, (plan) => assert.deepEqual(laidOut(plan), laidOut(structuredClone(plan)))),
      propertyOptions('same layout', 4),
    );
  });

  it('is made of no nodes, and of tasks that need each other, which a record of a later version may hold', () => {
    assert.deepEqual(laidOut([]), { nodes: new Map(), groups: [], edges: [], width: 0, height: 0 });
    assert.equal(laidOut([task('a', ['b']), task('b', ['a']), task('c', ['c'])]).nodes.size, 3);
  });
});

describe('the arrow keys', () => {
  const places: readonly Place[] = [
    { id: 'a', x: 0, y: 0 },
    { id: 'b', x: 0, y: 50 },
    { id: 'c', x: 100, y: 0 },
    { id: 'd', x: 100, y: 60 },
    { id: 'e', x: 200, y: 60 },
  ];
  const edges = [
    { from: 'a', to: 'd' },
    { from: 'b', to: 'e' },
  ];
  const from = (id: string): Place => places.find((place) => place.id === id) ?? assert.fail(id);
  const go = (id: string): string =>
    (['left', 'right', 'up', 'down'] as const)
      .map((way) => nextNode(from(id), way, { places, edges }) ?? '-')
      .join(' ');

  it('follow a dependency where there is one, else go to what is nearest', () => {
    assert.deepEqual(Object.fromEntries(places.map(({ id }) => [id, go(id)])), {
      a: '- d - b',
      b: '- e a -',
      c: 'a e - d',
      d: 'a e c -',
      e: 'b - c -',
    });
  });
});
