/** What is folded away in the run graph, and what stands for it. */
import assert from 'node:assert/strict';
import { Folding } from '../../src/webview/graph/folding.ts';
import type { GraphTask } from '../../src/webview/graph/graph-view.ts';
import { showGraph, type PlanNode, type ShownGraph } from '../../src/webview/graph/shown-graph.ts';
import { waysOf } from '../../src/webview/graph/ways.ts';
import { fc, propertyOptions } from '../support/properties.ts';

/** `a, b < a, c < a b ^ b`: `<` what it needs, `^` what it is under. */
function planOf(text: string): readonly PlanNode[] {
  return text.split(', ').map((line) => {
    const [rest = '', parent] = line.split(' ^ ');
    const [id = '', needs = ''] = rest.split(' < ');
    return { id, parent: parent ?? null, needs: needs.split(' ').filter((need) => need !== '') };
  });
}

function told({ nodes, edges, groups }: ShownGraph): readonly string[] {
  return [
    nodes
      .map(
        ({ id, members, group }) =>
          `${id}${members.length > 1 ? `(${members.join(' ')})` : ''}${group === null ? '' : ` in ${group}`}`,
      )
      .join(', '),
    edges.map(({ from, to }) => `${from}>${to}`).join(' '),
    groups.map(({ id, parent }) => `${id}${parent === null ? '' : ` in ${parent}`}`).join(', '),
  ];
}

function shown(plan: string, folded = ''): readonly string[] {
  return told(showGraph(planOf(plan), new Set(folded.split(' '))));
}

/** A plan whose tasks need earlier ones and are under earlier ones, and some of them. */
const planAndFolded = fc
  .array(
    fc.record({ needs: fc.array(fc.nat(), { maxLength: 4 }), parent: fc.option(fc.nat()), isFolded: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((made) => ({
    plan: made.map(({ needs, parent }, index): PlanNode => {
      const earlier = (at: number): string => `t${at % Math.max(1, index)}`;
      return {
        id: `t${index}`,
        needs: index === 0 ? [] : [...new Set(needs.map(earlier))],
        parent: index === 0 || parent === null ? null : earlier(parent),
      };
    }),
    folded: new Set(made.flatMap(({ isFolded }, index) => (isFolded ? [`t${index}`] : []))),
  }));

function isAcyclic({ nodes, edges }: ShownGraph): boolean {
  const left = new Set(nodes.map(({ id }) => id));
  for (;;) {
    const free = [...left].filter((id) => !edges.some(({ from, to }) => to === id && left.has(from)));
    if (free.length === 0) return left.size === 0;
    for (const id of free) left.delete(id);
  }
}

describe('the nodes of the run graph', () => {
  it('are the tasks while nothing is folded, with an edge for each need and a box for each task with others under it', () => {
    assert.deepEqual(shown('a, b < a, c < a ^ b, d < b c ^ c, e < d'), [
      'a, b in b, c in c, d in c, e',
      'a>b a>c b>d c>d d>e',
      'b, c in b',
    ]);
  });

  it('fold what leads to nothing that is shown into one node', () => {
    assert.deepEqual(shown('a, b < a, c < b, x, y < x', 'a b c'), ['+a(a b c), x, y', 'x>y', '']);
  });

  it('fold what leads to the same tasks alone into one node, and keep apart what leads to different ones', () => {
    assert.deepEqual(shown('a, b < a, c < a, d < b, x < d, y < c', 'a b c d'), [
      'a, +b(b d), c, x, y',
      'a>+b a>c +b>x c>y',
      '',
    ]);
  });

  it('put a folded node into the innermost box that holds all of it, and leave out boxes with a single node', () => {
    assert.deepEqual(shown('p, q ^ p, a ^ q, b < a ^ q, c < b ^ q, d ^ p', 'a b'), [
      'p in p, q in q, +a(a b) in q, c in q, d in p',
      '+a>c',
      'p, q in p',
    ]);
    assert.deepEqual(shown('p, a ^ p, b < a ^ p', 'p a b'), ['+p(p a b)', '', '']);
    assert.deepEqual(shown('p, a ^ p, b ^ a, z', 'p a b')[0], '+p(p a b), z');
  });

  it('hold every task in exactly one of them, whatever is folded', () => {
    fc.assert(
      fc.property(planAndFolded, ({ plan, folded }) => {
        const { nodes } = showGraph(plan, folded);
        assert.deepEqual(nodes.flatMap(({ members }) => members).toSorted(), plan.map(({ id }) => id).toSorted());
        assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
        for (const { members } of nodes) if (members.length > 1) assert.ok(members.every((id) => folded.has(id)));
      }),
      propertyOptions('tasks in one node'),
    );
  });

  it('have no cycle among them, and an edge where and only where a task of one needs a task of the other', () => {
    fc.assert(
      fc.property(planAndFolded, ({ plan, folded }) => {
        const graph = showGraph(plan, folded);
        assert.ok(isAcyclic(graph), told(graph).join('\n'));
        const nodeOf = new Map(
          graph.nodes.flatMap(({ id, members }) => members.map((member) => [member, id] as const)),
        );
        const expected = plan.flatMap(({ id, needs }) => needs.map((need) => `${nodeOf.get(need)}>${nodeOf.get(id)}`));
        const inOne = new Set(graph.nodes.map(({ id }) => `${id}>${id}`));
        assert.deepEqual(
          graph.edges.map(({ from, to }) => `${from}>${to}`).toSorted(),
          [...new Set(expected)].filter((edge) => !inOne.has(edge)).toSorted(),
        );
      }),
      propertyOptions('edges of folded nodes'),
    );
  });

  it('are as few as can be: two folded ones never lead to the same nodes that are not folded', () => {
    fc.assert(
      fc.property(planAndFolded, ({ plan, folded }) => {
        const graph = showGraph(plan, folded);
        const foldedNodes = graph.nodes.filter(({ members }) => folded.has(members[0]));
        const leadsTo = (id: string): readonly string[] =>
          graph.edges.flatMap(({ from, to }) => {
            if (from !== id) return [];
            return foldedNodes.some((node) => node.id === to) ? leadsTo(to) : [to];
          });
        const ends = foldedNodes.map(({ id }) => [...new Set(leadsTo(id))].toSorted().join(' '));
        assert.equal(new Set(ends).size, ends.length);
      }),
      propertyOptions('as few nodes as can be'),
    );
  });

  it('are in boxes that are nested as the tasks are, each with two nodes at least', () => {
    fc.assert(
      fc.property(planAndFolded, ({ plan, folded }) => {
        const { nodes, groups } = showGraph(plan, folded);
        const known = new Map(groups.map(({ id, parent }) => [id, parent]));
        const chain = (box: string | null): readonly string[] =>
          box === null ? [] : [box, ...chain(known.get(box) ?? null)];
        for (const { id } of groups) assert.ok(nodes.filter(({ group }) => chain(group).includes(id)).length >= 2, id);
        for (const [index, { parent }] of groups.entries())
          assert.ok(parent === null || groups.findIndex(({ id }) => id === parent) < index);
        for (const { group } of nodes) assert.ok(group === null || known.has(group));
      }),
      propertyOptions('boxes'),
    );
  });

  it('end the search in a plan with a cycle, which a record of a later version may hold', () => {
    const graph = showGraph(planOf('a < c, b < a, c < b, d < c'), new Set(['a', 'b', 'c']));
    assert.deepEqual(graph.nodes.flatMap(({ members }) => members).toSorted(), ['a', 'b', 'c', 'd']);
  });
});

describe('the ways of a node', () => {
  it('are all that it rests on and all that rests on it', () => {
    const { edges } = showGraph(planOf('a, b < a, c < b, d < b, e < a, f < e c'), new Set());
    assert.deepEqual([...waysOf('b', edges)].toSorted(), ['a', 'b', 'c', 'd', 'f']);
    assert.deepEqual([...waysOf('e', edges)].toSorted(), ['a', 'e', 'f']);
  });
});

describe('folding', () => {
  const tasks = (done: number, of: number): Pick<GraphTask, 'id' | 'word'>[] =>
    Array.from({ length: of }, (_, index) => ({ id: `t${index}`, word: index < done ? 'completed' : 'pending' }));
  const now = (nowMs: number, isOver = false): { nowMs: number; isOver: boolean } => ({ nowMs, isOver });

  it('begins by itself with more than 40 tasks, and waits for the person with fewer', () => {
    const few = new Folding();
    assert.equal(few.update(tasks(20, 40), now(0)), false);
    few.choose('folded');
    assert.equal(few.update(tasks(3, 40), now(1)), true);
    assert.equal(few.folded.size, 3);
    const many = new Folding();
    assert.equal(many.update(tasks(20, 41), now(0)), true);
    assert.equal(many.folded.size, 20);
    many.choose('all');
    assert.equal(many.update(tasks(20, 41), now(1)), true);
    assert.equal(many.folded.size, 0);
  });

  it('folds what completes a few together while the run goes on, and the rest when it is over', () => {
    const folding = new Folding();
    folding.update(tasks(10, 100), now(0));
    const sizes = [
      [11, 10_000],
      [15, 10_000],
      [16, 2_999],
      [16, 3_000],
      [22, 5_999],
      [22, 6_000],
    ].map(([done = 0, ms = 0]) => [folding.update(tasks(done, 100), now(ms)), folding.folded.size]);
    assert.deepEqual(sizes, [
      [false, 10],
      [false, 10],
      [false, 10],
      [true, 16],
      [false, 16],
      [true, 22],
    ]);
    assert.equal(folding.update(tasks(23, 100), now(6_001, true)), true);
    assert.equal(folding.folded.size, 23);
  });

  it('shows at once what is done anew, and what the person opened', () => {
    const folding = new Folding();
    const all = tasks(60, 100);
    folding.update(all, now(0));
    folding.open(['t1', 't2']);
    assert.equal(folding.update(all, now(1)), true);
    assert.equal(folding.folded.size, 58);
    all[5] = { id: 't5', word: 'active' };
    assert.equal(folding.update(all, now(2)), true);
    assert.ok(!folding.folded.has('t5') && !folding.folded.has('t1'));
    folding.choose('folded');
    folding.update(all, now(3));
    assert.equal(folding.folded.size, 59);
  });
});
