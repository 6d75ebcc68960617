/** The paths of edges: to the right along their lanes, and in wide ranks through the gaps between rows. */
import type { Columns } from './columns.ts';
import type { PlacedEdge } from './layout-types.ts';
import { middleOf, type Leaf } from './layout-items.ts';

export interface Routing {
  readonly columns: Columns;
  readonly nodeWidth: number;
  /** Between rows. */
  readonly gap: number;
}

type Point = readonly [x: number, y: number];

/** Beside a node, where an edge turns into its row. */
const TURN = 6;

export function routeEdges(chains: readonly (readonly Leaf[])[], routing: Routing): readonly PlacedEdge[] {
  return chains.flatMap((chain) => {
    const start = chain[0];
    const end = chain.at(-1);
    if (start === undefined || end === undefined || start === end) return [];
    return [{ from: start.id, to: end.id, path: pathOf(chain, routing) }];
  });
}

function pathOf(chain: readonly Leaf[], routing: Routing): string {
  const points = chain.flatMap((leaf, index) => {
    if (leaf.kind === 'lane') return laneOf(leaf, routing);
    return index === 0 ? wayOut(leaf, routing) : wayIn(leaf, routing);
  });
  const [first = [0, 0], ...others] = points;
  let at = first;
  const parts = others.map((to) => {
    const part = step(at, to);
    at = to;
    return part;
  });
  return [`M${round(first[0])} ${round(first[1])}`, ...parts].join('');
}

function step([x1, y1]: Point, [x2, y2]: Point): string {
  if (y1 === y2) return `H${round(x2)}`;
  const bend = (x2 - x1) / 2;
  return `C${round(x1 + bend)} ${round(y1)} ${round(x2 - bend)} ${round(y2)} ${round(x2)} ${round(y2)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function laneOf(lane: Leaf, { columns }: Routing): readonly Point[] {
  const [from, to] = columns.span(lane);
  const y = middleOf(lane);
  return [
    [from - TURN, y],
    [to + TURN, y],
  ];
}

/** From a node to the right border of its rank. */
function wayOut(leaf: Leaf, { columns, nodeWidth, gap }: Routing): readonly Point[] {
  const [, last] = columns.of(leaf.rank);
  const right = columns.x(leaf.column) + nodeWidth;
  const start: Point = [right, middleOf(leaf)];
  if (leaf.column === last) return [start];
  const between = leaf.top + leaf.height + gap / 2;
  return [start, [right + TURN, between], [columns.x(last) + nodeWidth + TURN, between]];
}

/** From the left border of its rank to a node. */
function wayIn(leaf: Leaf, { columns, gap }: Routing): readonly Point[] {
  const [first] = columns.of(leaf.rank);
  const left = columns.x(leaf.column);
  const end: Point = [left, middleOf(leaf)];
  if (leaf.column === first) return [end];
  const between = leaf.top - gap / 2;
  return [[columns.x(first) - TURN, between], [left - TURN, between], end];
}
