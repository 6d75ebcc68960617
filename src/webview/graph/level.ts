/** Moves what is packed towards its neighbours as far as there is room. Nothing changes its order, and the picture its height. */
import type { Columns } from './columns.ts';
import { BOX_FOOT, BOX_HEAD, ITEM_GAP, middleOf, type Box, type Item, type Links } from './layout-items.ts';

const ROUNDS = 8;

interface Levelling {
  readonly columns: Columns;
  readonly links: ReadonlyMap<Item, Links>;
}

export function levelAll(root: Box, levelling: Levelling): void {
  for (let round = 0; round < ROUNDS; round++) level(root, { ...levelling, upwards: round % 2 === 1 });
}

/** What moves as one: an item, or all of a wide rank, which stays the grid that it is. */
type Block = readonly Item[];

function level(box: Box, levelling: Levelling & { readonly upwards: boolean }): void {
  const spans = new Map(box.children.map((item) => [item, spanOf(item, levelling.columns)]));
  const stacks = stacksOf(box, spans);
  const blocks = blocksOf(box, levelling.columns);
  for (const block of levelling.upwards ? blocks.toReversed() : blocks) {
    for (const item of block) if (item.kind === 'box') level(item, levelling);
    const { from, to } = roomOf(block, { box, spans, stacks });
    const by = Math.min(to, Math.max(from, pullOn(block, levelling.links)));
    if (by === 0 || to < from) continue;
    for (const item of block) {
      item.y += by;
      lower(item, by);
    }
  }
}

/** Those with the same place in the columns, from above. */
function blocksOf(box: Box, columns: Columns): readonly Block[] {
  const wide = new Map<number, Item[]>();
  const blocks: Item[][] = [];
  for (const item of box.children.toSorted((a, b) => a.y - b.y)) {
    const [first, last] = item.kind === 'box' ? [0, 0] : columns.of(item.rank);
    if (item.kind === 'box' || last === first) {
      blocks.push([item]);
      continue;
    }
    const known = wide.get(item.rank);
    if (known !== undefined) {
      known.push(item);
      continue;
    }
    const block = [item];
    wide.set(item.rank, block);
    blocks.push(block);
  }
  return blocks;
}

type Span = readonly [first: number, last: number];

function spanOf(item: Item, columns: Columns): Span {
  if (item.kind === 'box') {
    const spans = item.children.map((child) => spanOf(child, columns));
    return [Math.min(...spans.map(([from]) => from)), Math.max(...spans.map(([, to]) => to))];
  }
  return item.kind === 'lane' ? columns.of(item.rank) : [item.column, item.column];
}

/** What is in each column, from above. */
function stacksOf({ children }: Box, spans: ReadonlyMap<Item, Span>): readonly (readonly Item[])[] {
  const stacks: Item[][] = [];
  for (const item of children.toSorted((a, b) => a.y - b.y)) {
    const [first, last] = spans.get(item) ?? [0, -1];
    for (let column = first; column <= last; column++) (stacks[column] ??= []).push(item);
  }
  return stacks;
}

interface Around {
  readonly box: Box;
  readonly spans: ReadonlyMap<Item, Span>;
  readonly stacks: readonly (readonly Item[])[];
}

/** How far the block can go up and down. */
function roomOf(block: Block, { box, spans, stacks }: Around): { readonly from: number; readonly to: number } {
  const head = box.id === null ? 0 : BOX_HEAD;
  const foot = box.height - (box.id === null ? 0 : BOX_FOOT);
  const own = new Set(block);
  let from = Number.NEGATIVE_INFINITY;
  let to = Number.POSITIVE_INFINITY;
  for (const item of block) {
    from = Math.max(from, head - item.y);
    to = Math.min(to, foot - item.y - item.height);
    const [first, last] = spans.get(item) ?? [0, -1];
    for (let column = first; column <= last; column++) {
      const stack = stacks[column] ?? [];
      const at = stack.indexOf(item);
      const above = stack[at - 1];
      const below = stack[at + 1];
      if (above !== undefined && !own.has(above)) from = Math.max(from, above.y + above.height + ITEM_GAP - item.y);
      if (below !== undefined && !own.has(below)) to = Math.min(to, below.y - ITEM_GAP - item.height - item.y);
    }
  }
  return { from, to };
}

/** How far it would have to go to be level with half of its neighbours. */
function pullOn(block: Block, links: ReadonlyMap<Item, Links>): number {
  const own = new Set<Item>(block);
  const pulls = block
    .flatMap((item) => [...(links.get(item)?.left ?? []), ...(links.get(item)?.right ?? [])])
    .filter(([, other]) => !own.has(other))
    .map(([leaf, other]) => middleOf(other) - middleOf(leaf))
    .sort((a, b) => a - b);
  const half = pulls.length / 2;
  return pulls.length === 0 ? 0 : ((pulls[Math.floor(half)] ?? 0) + (pulls[Math.ceil(half) - 1] ?? 0)) / 2;
}

function lower(item: Item, by: number): void {
  item.top += by;
  if (item.kind === 'box') for (const child of item.children) lower(child, by);
}
