import type { ShownEdge } from './shown-graph.ts';

/** The node, all that it rests on, and all that rests on it. */
export function waysOf(node: string, edges: readonly ShownEdge[]): ReadonlySet<string> {
  const ups = new Map<string, string[]>();
  const downs = new Map<string, string[]>();
  for (const { from, to } of edges) {
    push(ups, to, from);
    push(downs, from, to);
  }
  return new Set([node, ...reached(node, ups), ...reached(node, downs)]);
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function reached(start: string, next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const one of next.get(node) ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      open.push(one);
    }
  }
  return found;
}
