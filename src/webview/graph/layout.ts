/**
 * Where the nodes, boxes and edges of a graph are: columns from left to right by dependency, and boxes that hold what is nested
 * together. In milliseconds for some hundred nodes, so that it can be done on the page between two frames.
 *
 * 1. Of an acyclic graph every edge goes to the right; a long one has a lane of its own in the columns between.
 * 2. No two nodes, and no two boxes of which none is in the other, overlap.
 * 3. A column with many nodes is as wide as several, so that the picture has the shape that was asked for.
 * 4. The same graph has the same layout, however often it is made.
 */
import { makeColumns, type Columns } from './columns.ts';
import { arrange } from './arrange.ts';
import { ITEM_GAP, makeBox, makeLeaf, type Box, type Leaf } from './layout-items.ts';
import type { Layout, LayoutOptions, PlacedGroup, Point } from './layout-types.ts';
import { rankNodes } from './ranks.ts';
import { routeEdges } from './route-edges.ts';
import type { ShownEdge, ShownGraph } from './shown-graph.ts';

/** How far a lane of a long edge is from its neighbours: half of a gap on each side. */
const LANE_HEIGHT = 2;

export function layOut(graph: ShownGraph, options: LayoutOptions): Layout {
  const ranks = rankNodes(graph);
  const columns = makeColumns(graph, ranks, options);
  const root = makeBox(null, 0);
  const leaves = new Map<string, Leaf>();
  const boxes = plantBoxes(graph, root);
  for (const [order, { id, group }] of graph.nodes.entries()) {
    const rank = ranks.get(id) ?? 0;
    const leaf = makeLeaf({ kind: 'node', id, rank, height: options.nodeHeight, order });
    leaves.set(id, leaf);
    (boxes.get(group) ?? root).children.push(leaf);
  }
  const commonGroup = groupFinder(graph);
  const chains = graph.edges.map((edge) => plantLanes(edge, { commonGroup, leaves, boxes, root }));
  for (const chain of chains) linkAll(chain);
  dropEmpty(root);
  arrange(root, columns);
  return {
    nodes: new Map([...leaves].flatMap(([id, leaf]) => nodePoint(id, leaf, columns))),
    groups: placeGroups(root, columns),
    edges: routeEdges(chains, { columns, nodeWidth: options.nodeWidth, gap: ITEM_GAP }),
    width: columns.width,
    height: root.height,
  };
}

function plantBoxes({ groups }: ShownGraph, root: Box): ReadonlyMap<string | null, Box> {
  const boxes = new Map<string | null, Box>([[null, root]]);
  for (const [order, { id, parent }] of groups.entries()) {
    const box = makeBox(id, order);
    boxes.set(id, box);
    (boxes.get(parent) ?? root).children.push(box);
  }
  return boxes;
}

interface Planted {
  readonly commonGroup: (a: string, b: string) => string | null;
  readonly leaves: Map<string, Leaf>;
  readonly boxes: ReadonlyMap<string | null, Box>;
  readonly root: Box;
}

/** The leaves that an edge goes along. Edges that leave a node together share their lanes. */
function plantLanes({ from, to }: ShownEdge, { commonGroup, leaves, boxes, root }: Planted): readonly Leaf[] {
  const start = leaves.get(from);
  const end = leaves.get(to);
  if (start === undefined || end === undefined) return [];
  const group = commonGroup(from, to);
  const lanes: Leaf[] = [];
  for (let rank = start.rank + 1; rank < end.rank; rank++) {
    const id = JSON.stringify([from, rank, group]);
    const known = leaves.get(id);
    const lane = known ?? makeLeaf({ kind: 'lane', id, rank, height: LANE_HEIGHT, order: start.order });
    if (known === undefined) {
      leaves.set(id, lane);
      (boxes.get(group) ?? root).children.push(lane);
    }
    lanes.push(lane);
  }
  return [start, ...lanes, end];
}

/** The innermost box that two nodes are in. */
function groupFinder({ nodes, groups }: ShownGraph): Planted['commonGroup'] {
  const parents = new Map(groups.map(({ id, parent }) => [id, parent]));
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const chain = (node: string): readonly (string | null)[] => {
    const found: (string | null)[] = [];
    for (let at = groupOf.get(node) ?? null; at !== null; at = parents.get(at) ?? null) found.push(at);
    return [...found, null];
  };
  return (a, b) => {
    const others = chain(b);
    return chain(a).find((group) => others.includes(group)) ?? null;
  };
}

function linkAll(chain: readonly Leaf[]): void {
  for (const [index, leaf] of chain.entries()) {
    const next = chain[index + 1];
    if (next === undefined || leaf.right.includes(next)) continue;
    leaf.right.push(next);
    next.left.push(leaf);
  }
}

function dropEmpty(box: Box): void {
  for (const child of box.children) if (child.kind === 'box') dropEmpty(child);
  box.children = box.children.filter((child) => child.kind !== 'box' || child.children.length > 0);
}

function nodePoint(id: string, { kind, column, top }: Leaf, columns: Columns): readonly [string, Point][] {
  return kind === 'node' ? [[id, { x: columns.x(column), y: top }]] : [];
}

function placeGroups(root: Box, columns: Columns): readonly PlacedGroup[] {
  const placed: PlacedGroup[] = [];
  const walk = (box: Box): readonly [number, number] => {
    const at = placed.length;
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    for (const child of box.children) {
      const [from, to] = child.kind === 'box' ? walk(child) : columns.span(child);
      left = Math.min(left, from);
      right = Math.max(right, to);
    }
    const outer: readonly [number, number] = [left - columns.inset, right + columns.inset];
    if (box.id !== null)
      placed.splice(at, 0, { id: box.id, x: outer[0], y: box.top, width: outer[1] - outer[0], height: box.height });
    return outer;
  };
  walk(root);
  return placed;
}
