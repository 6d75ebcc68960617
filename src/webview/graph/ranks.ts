import type { ShownGraph } from './shown-graph.ts';

/**
 * The column of each node, from 0 on: right of all that it depends on. A node that depends on nothing and has others nested
 * under it stands with the first of them.
 */
export function rankNodes({ nodes, edges }: ShownGraph): ReadonlyMap<string, number> {
  const needs = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to } of edges) needs.get(to)?.push(from);
  const ranks = new Map<string, number>();
  const rankOf = (id: string): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    ranks.set(id, 0); // ends the search in a graph that has a cycle all the same
    const rank = (needs.get(id) ?? []).reduce((most, need) => Math.max(most, rankOf(need) + 1), 0);
    ranks.set(id, rank);
    return rank;
  };
  for (const { id } of nodes) rankOf(id);
  for (const { id } of nodes.toReversed()) if (needs.get(id)?.length === 0) toOthersInBox(id, { nodes, edges, ranks });
  return ranks;
}

function toOthersInBox(
  id: string,
  { nodes, edges, ranks }: Pick<ShownGraph, 'nodes' | 'edges'> & { readonly ranks: Map<string, number> },
): void {
  const inBox = nodes.filter((node) => node.group === id && node.id !== id);
  if (inBox.length === 0) return;
  const first = Math.min(...inBox.map((node) => ranks.get(node.id) ?? 0));
  const before = edges.flatMap(({ from, to }) => (from === id ? [(ranks.get(to) ?? 0) - 1] : []));
  ranks.set(id, Math.max(0, Math.min(first, ...before)));
}
