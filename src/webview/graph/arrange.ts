/**
 * The order of what is below each other, and how far down it is: first the order that makes edges short, then, in it, each as
 * level with its neighbours as there is room.
 */
import type { Columns } from './columns.ts';
import {
  BOX_FOOT,
  BOX_HEAD,
  ITEM_GAP,
  leavesOf,
  middleOf,
  type Box,
  type Item,
  type Leaf,
  type Links,
} from './layout-items.ts';
import { levelAll } from './level.ts';

const SWEEPS = 10;
export function arrange(root: Box, columns: Columns): void {
  const leaves = leavesOf(root);
  const links = new Map<Item, Links>();
  linkItems(root, links);
  pack(root, columns);
  let best = orderOf(root);
  let least = lengthOf(leaves);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    sortByNeighbours(root, { links, side: sweep % 2 === 0 ? 'left' : 'right' });
    pack(root, columns);
    const length = lengthOf(leaves);
    if (length >= least) continue;
    least = length;
    best = orderOf(root);
  }
  for (const [box, children] of best) box.children = [...children];
  pack(root, columns);
  levelAll(root, { columns, links });
}

function linkItems(item: Item, links: Map<Item, Links>): void {
  const own = leavesOf(item);
  const inside = new Set(own);
  const leaving = (side: 'left' | 'right'): Links['left'] =>
    own.flatMap((leaf) => leaf[side].flatMap((other) => (inside.has(other) ? [] : [[leaf, other] as const])));
  links.set(item, { left: leaving('left'), right: leaving('right') });
  if (item.kind === 'box') for (const child of item.children) linkItems(child, links);
}

/** Each as high as its predecessors in the order let it. */
function pack(root: Box, columns: Columns): void {
  packBox(root, columns);
  setTops(root);
}

function packBox(box: Box, columns: Columns): readonly [number, number] {
  const skyline: number[] = [];
  const head = box.id === null ? 0 : BOX_HEAD;
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  let bottom = head;
  for (const item of box.children) {
    const [from, to] = item.kind === 'box' ? packBox(item, columns) : placeLeaf(item, skyline, columns);
    let y = head;
    for (let column = from; column <= to; column++) y = Math.max(y, skyline[column] ?? head);
    item.y = y;
    for (let column = from; column <= to; column++) skyline[column] = y + item.height + ITEM_GAP;
    first = Math.min(first, from);
    last = Math.max(last, to);
    bottom = Math.max(bottom, y + item.height);
  }
  box.height = bottom + (box.id === null ? 0 : BOX_FOOT);
  return [first, last];
}

/** In a wide rank a node goes where there is most room above; a lane crosses all of it. */
function placeLeaf(leaf: Leaf, skyline: readonly number[], columns: Columns): readonly [number, number] {
  const [first, last] = columns.of(leaf.rank);
  if (leaf.kind === 'lane') return [first, last];
  leaf.column = first;
  for (let column = first; column <= last; column++)
    if ((skyline[column] ?? 0) < (skyline[leaf.column] ?? 0)) leaf.column = column;
  return [leaf.column, leaf.column];
}

function setTops(box: Box): void {
  for (const child of box.children) {
    child.top = box.top + child.y;
    if (child.kind === 'box') setTops(child);
  }
}

function orderOf(root: Box): ReadonlyMap<Box, readonly Item[]> {
  const order = new Map<Box, readonly Item[]>();
  const walk = (box: Box): void => {
    order.set(box, [...box.children]);
    for (const child of box.children) if (child.kind === 'box') walk(child);
  };
  walk(root);
  return order;
}

function lengthOf(leaves: readonly Leaf[]): number {
  let sum = 0;
  for (const leaf of leaves) for (const next of leaf.right) sum += Math.abs(middleOf(leaf) - middleOf(next));
  return sum;
}

function sortByNeighbours(
  box: Box,
  how: { readonly links: ReadonlyMap<Item, Links>; readonly side: 'left' | 'right' },
): void {
  const wishes = new Map<Item, number>();
  for (const child of box.children) {
    const pulls = how.links.get(child)?.[how.side] ?? [];
    const pull = pulls.reduce((sum, [own, other]) => sum + middleOf(other) - middleOf(own), 0);
    wishes.set(child, middleOf(child) + (pulls.length === 0 ? 0 : pull / pulls.length));
  }
  for (const child of box.children) if (child.kind === 'box') sortByNeighbours(child, how);
  box.children.sort((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0) || a.y - b.y || a.order - b.order);
}
