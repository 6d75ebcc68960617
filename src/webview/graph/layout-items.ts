/** What a layout is made of. */

/** A node, or the lane of a long edge through one rank. */
export interface Leaf {
  readonly kind: 'node' | 'lane';
  readonly id: string;
  readonly rank: number;
  readonly height: number;
  /** Below the top of the box that it is in. */
  y: number;
  /** Below the top of the picture. */
  top: number;
  column: number;
  /** Where it stood before it was known what it is linked to. */
  readonly order: number;
  readonly left: Leaf[];
  readonly right: Leaf[];
}

export interface Box {
  readonly kind: 'box';
  /** Null: the whole picture. */
  readonly id: string | null;
  children: Item[];
  y: number;
  top: number;
  height: number;
  readonly order: number;
}

export type Item = Leaf | Box;

/** The ends of the edges that leave an item, first the one in it. */
export interface Links {
  readonly left: readonly (readonly [Leaf, Leaf])[];
  readonly right: readonly (readonly [Leaf, Leaf])[];
}

/** Between what is below each other. */
export const ITEM_GAP = 10;
/** Above what a box holds, for its title; and below. */
export const BOX_HEAD = 22;
export const BOX_FOOT = 8;

export function makeBox(id: string | null, order: number): Box {
  return { kind: 'box', id, children: [], y: 0, top: 0, height: 0, order };
}

export function makeLeaf(leaf: Pick<Leaf, 'kind' | 'id' | 'rank' | 'height' | 'order'>): Leaf {
  return { ...leaf, y: 0, top: 0, column: 0, left: [], right: [] };
}

export function leavesOf(item: Item): readonly Leaf[] {
  return item.kind === 'box' ? item.children.flatMap(leavesOf) : [item];
}

export function middleOf({ top, height }: Item): number {
  return top + height / 2;
}
