/** Where the arrow keys go. */
import type { ShownEdge } from './shown-graph.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

export interface Place {
  readonly id: string;
  /** Of its centre. */
  readonly x: number;
  readonly y: number;
}

/** A step aside counts this much more than one in the direction. */
const ASIDE = 3;
/** What is further aside than this, for each step up or down, lies beside and not above or below. */
const BESIDE = 2;

/**
 * Left and right go along a dependency where there is one, else, like up and down, to what lies nearest in that direction.
 * Undefined: nothing does.
 */
export function nextNode(
  from: Place,
  direction: Direction,
  {
    places,
    edges,
  }: {
    readonly places: readonly Place[];
    readonly edges: readonly ShownEdge[];
  },
): string | undefined {
  const linked = new Set(
    direction === 'right'
      ? edges.flatMap((edge) => (edge.from === from.id ? [edge.to] : []))
      : edges.flatMap((edge) => (edge.to === from.id ? [edge.from] : [])),
  );
  const alongEdges = direction === 'left' || direction === 'right' ? places.filter(({ id }) => linked.has(id)) : [];
  return nearest(from, direction, alongEdges.length > 0 ? alongEdges : places);
}

function nearest(from: Place, direction: Direction, places: readonly Place[]): string | undefined {
  let best: { readonly id: string; readonly cost: number } | undefined;
  for (const place of places) {
    const { ahead, aside } = seen(from, direction, place);
    const isBeside = (direction === 'up' || direction === 'down') && aside > ahead * BESIDE;
    if (place.id === from.id || ahead < 1 || isBeside) continue;
    const cost = ahead + ASIDE * aside;
    if (best === undefined || cost < best.cost) best = { id: place.id, cost };
  }
  return best?.id;
}

function seen(from: Place, direction: Direction, to: Place): { readonly ahead: number; readonly aside: number } {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  switch (direction) {
    case 'left':
      return { ahead: -dx, aside: Math.abs(dy) };
    case 'right':
      return { ahead: dx, aside: Math.abs(dy) };
    case 'up':
      return { ahead: -dy, aside: Math.abs(dx) };
    case 'down':
      return { ahead: dy, aside: Math.abs(dx) };
  }
}
