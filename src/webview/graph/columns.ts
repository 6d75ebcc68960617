/** How wide each rank is, and where it begins. */
import type { LayoutOptions } from './layout-types.ts';
import { ITEM_GAP, type Leaf } from './layout-items.ts';
import type { ShownGraph } from './shown-graph.ts';

/** Between ranks, where edges turn; with boxes in boxes there is more. */
const RANK_GAP = 36;
/** Between the columns of one rank. */
const COLUMN_GAP = 20;
const BOX_INSET = 8;
const LEAST_ROWS = 7;

export interface Columns {
  readonly width: number;
  /** How far a box reaches beyond what it holds. */
  readonly inset: number;
  /** The columns of a rank: first and last. */
  readonly of: (rank: number) => readonly [number, number];
  readonly x: (column: number) => number;
  /** Left and right end of what a node or a lane takes. */
  readonly span: (leaf: Leaf) => readonly [number, number];
}

export function makeColumns(graph: ShownGraph, ranks: ReadonlyMap<string, number>, options: LayoutOptions): Columns {
  const counts: number[] = [];
  for (const { id } of graph.nodes) {
    const rank = ranks.get(id) ?? 0;
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  const rows = rowsFor(graph.nodes.length, options);
  const gap = RANK_GAP + 2 * BOX_INSET * depthOf(graph);
  const first: number[] = [];
  const xs: number[] = [];
  let x = BOX_INSET * depthOf(graph);
  for (const [rank, count] of Array.from(counts, (one) => one ?? 0).entries()) {
    first[rank] = xs.length;
    for (let column = 0; column < Math.max(1, Math.ceil(count / rows)); column++) {
      xs.push(x);
      x += options.nodeWidth + COLUMN_GAP;
    }
    x += gap - COLUMN_GAP;
  }
  first.push(xs.length);
  const of = (rank: number): readonly [number, number] => [first[rank] ?? 0, (first[rank + 1] ?? 1) - 1];
  const at = (column: number): number => xs[column] ?? 0;
  return {
    width: xs.length === 0 ? 0 : x - gap + BOX_INSET * depthOf(graph),
    inset: BOX_INSET,
    of,
    x: at,
    span: ({ kind, rank, column }) => {
      const [from, to] = kind === 'lane' ? of(rank) : [column, column];
      return [at(from), at(to) + options.nodeWidth];
    },
  };
}

/** So many nodes below each other that all of them fill a place of that shape. */
function rowsFor(nodes: number, { nodeWidth, nodeHeight, aspect }: LayoutOptions): number {
  const area = nodes * (nodeWidth + RANK_GAP) * (nodeHeight + ITEM_GAP);
  return Math.max(LEAST_ROWS, Math.ceil(Math.sqrt(area / aspect) / (nodeHeight + ITEM_GAP)));
}

function depthOf({ groups }: ShownGraph): number {
  const depths = new Map<string, number>();
  for (const { id, parent } of groups) depths.set(id, 1 + (parent === null ? 0 : (depths.get(parent) ?? 0)));
  return Math.max(0, ...depths.values());
}
