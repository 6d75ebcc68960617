/**
 * Which nodes stand for the tasks of a plan when some of them are folded away.
 *
 * 1. Every task is in exactly one node.
 * 2. Of an acyclic plan the nodes make an acyclic graph, whatever is folded: two folded tasks are in one node when and only when
 *    they lead, through folded tasks alone, to the same tasks that are not folded. So a path that leaves a folded node and comes
 *    back to it would be one of the plan itself.
 * 3. A node that would stand for one task is that task.
 */

export interface PlanNode {
  readonly id: string;
  readonly parent: string | null;
  readonly needs: readonly string[];
}

export interface ShownNode {
  /** Of a folded one, `+` and its first task in the plan's order. */
  readonly id: string;
  /** In the plan's order; more than one: it is folded. */
  readonly members: readonly [string, ...string[]];
  /** The box that it is in. */
  readonly group: string | null;
}

export interface ShownEdge {
  readonly from: string;
  readonly to: string;
}

/** A box around a task and those nested under it. */
export interface ShownGroup {
  readonly id: string;
  readonly parent: string | null;
}

export interface ShownGraph {
  readonly nodes: readonly ShownNode[];
  readonly edges: readonly ShownEdge[];
  /** Those with at least two nodes; each after the one that it is in. */
  readonly groups: readonly ShownGroup[];
}

/** `needs` and `parent` name tasks of the plan. */
export function showGraph(plan: readonly PlanNode[], folded: ReadonlySet<string>): ShownGraph {
  const boxes = new Boxes(plan);
  const nodeOf = new Map<string, string>();
  const nodes: ShownNode[] = [];
  for (const members of [
    ...foldedSets(plan, folded),
    ...plan.filter(({ id }) => !folded.has(id)).map(({ id }) => [id]),
  ]) {
    const [first, ...others] = members;
    if (first === undefined) continue;
    const id = others.length === 0 ? first : `+${first}`;
    for (const member of members) nodeOf.set(member, id);
    nodes.push({ id, members: [first, ...others], group: boxes.around(members) });
  }
  const place = new Map(plan.map(({ id }, index) => [id, index]));
  nodes.sort((a, b) => (place.get(a.members[0]) ?? 0) - (place.get(b.members[0]) ?? 0));
  return withBoxes(nodes, edgesBetween(plan, nodeOf), boxes);
}

function edgesBetween(plan: readonly PlanNode[], nodeOf: ReadonlyMap<string, string>): readonly ShownEdge[] {
  const edges = new Map<string, ShownEdge>();
  for (const { id, needs } of plan) {
    const to = nodeOf.get(id);
    for (const need of needs) {
      const from = nodeOf.get(need);
      if (from !== undefined && to !== undefined && from !== to) edges.set(`${from}\n${to}`, { from, to });
    }
  }
  return [...edges.values()];
}

/** Folded tasks by what they lead to, each set in the plan's order. */
function foldedSets(plan: readonly PlanNode[], folded: ReadonlySet<string>): readonly (readonly string[])[] {
  const dependents = new Map<string, string[]>();
  for (const { id, needs } of plan) {
    for (const need of needs) {
      const known = dependents.get(need);
      if (known === undefined) dependents.set(need, [id]);
      else known.push(id);
    }
  }
  const leadsTo = new Map<string, ReadonlySet<string>>();
  const look = (task: string): ReadonlySet<string> => {
    const known = leadsTo.get(task);
    if (known !== undefined) return known;
    const found = new Set<string>();
    leadsTo.set(task, found); // ends the search in a plan that has a cycle all the same
    for (const dependent of dependents.get(task) ?? []) {
      if (!folded.has(dependent)) found.add(dependent);
      else for (const one of look(dependent)) found.add(one);
    }
    return found;
  };
  const sets = new Map<string, string[]>();
  for (const { id } of plan) {
    if (!folded.has(id)) continue;
    const key = [...look(id)].sort().join('\n');
    sets.set(key, [...(sets.get(key) ?? []), id]);
  }
  return [...sets.values()];
}

/** The boxes that a plan has when nothing is folded: one for each task with others under it. */
class Boxes {
  readonly #parents: ReadonlyMap<string, string | null>;
  readonly #boxed: ReadonlySet<string | null>;

  constructor(plan: readonly PlanNode[]) {
    this.#parents = new Map(plan.map(({ id, parent }) => [id, parent]));
    this.#boxed = new Set(plan.map(({ parent }) => parent));
  }

  parentOf(box: string): string | null {
    return this.#parents.get(box) ?? null;
  }

  /** The innermost box that holds them all. */
  around(tasks: readonly string[]): string | null {
    const [first = [], ...others] = tasks.map((task) =>
      this.#chain(this.#boxed.has(task) ? task : this.parentOf(task)),
    );
    return first.find((box) => others.every((chain) => chain.includes(box))) ?? null;
  }

  /** From the box outwards. */
  #chain(box: string | null): readonly string[] {
    const chain: string[] = [];
    for (let at = box; at !== null && !chain.includes(at); at = this.parentOf(at)) chain.push(at);
    return chain;
  }
}

/** A box with a single node says nothing. */
function withBoxes(nodes: readonly ShownNode[], edges: readonly ShownEdge[], boxes: Boxes): ShownGraph {
  const held = new Map<string, number>();
  const isKept = (box: string): boolean => (held.get(box) ?? 0) > 1;
  const kept = (box: string | null): string | null => {
    let at = box;
    while (at !== null && !isKept(at)) at = boxes.parentOf(at);
    return at;
  };
  const outwards = (box: string | null): readonly string[] =>
    box === null ? [] : [box, ...outwards(boxes.parentOf(box))];
  for (const { group } of nodes) for (const box of outwards(group)) held.set(box, (held.get(box) ?? 0) + 1);
  const groups = new Map<string, ShownGroup>();
  for (const { group } of nodes)
    for (const box of outwards(group).toReversed())
      if (isKept(box)) groups.set(box, { id: box, parent: kept(boxes.parentOf(box)) });
  return { nodes: nodes.map((node) => ({ ...node, group: kept(node.group) })), edges, groups: [...groups.values()] };
}
