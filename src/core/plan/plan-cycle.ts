/** Ways round, which no plan may have. Pure. */

/**
 * A way round from a node back to itself (which stands at both ends), each needing the next; undefined when there is none.
 * Kahn's algorithm; what it cannot order holds a cycle, which is then walked once.
 */
export function findCycle(graph: readonly (readonly [string, readonly string[]])[]): readonly string[] | undefined {
  const needs = new Map(graph);
  const open = new Map(graph.map(([id, list]) => [id, list.length]));
  const users = new Map<string, string[]>();
  for (const [id, list] of graph) {
    for (const need of list) {
      const known = users.get(need);
      if (known === undefined) users.set(need, [id]);
      else known.push(id);
    }
  }
  const queue = graph.filter(([, list]) => list.length === 0).map(([id]) => id);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    open.delete(next);
    for (const user of users.get(next) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left === 0) queue.push(user);
    }
  }
  const [start] = open.keys();
  if (start === undefined) return undefined;
  const path: string[] = [start];
  for (let at = start; ;) {
    const next = (needs.get(at) ?? []).find((need) => open.has(need));
    if (next === undefined) return path;
    const seen = path.indexOf(next);
    path.push(next);
    if (seen >= 0) return path.slice(seen);
    at = next;
  }
}
