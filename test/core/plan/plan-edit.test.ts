import assert from 'node:assert/strict';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import { describe, it } from 'mocha';
import { changeBetween, isNoChange } from '../../../src/core/plan/plan-change.ts';
import { editPlan, type PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';

const LIMITS = { maxTasks: 20, maxEdges: 30, targets: ['gpu', 'cloud'], agents: BUILT_IN_AGENTS };

function task(id: string, title: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title, objective: `do ${id}`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

/**
 * Parser
 *   Lexer
 *   Grammar (needs Lexer)
 *     Errors
 * Docs (needs Parser)
 * Tests (needs Grammar)
 */
const PLAN: readonly TaskSpec[] = [
  task('parser', 'Parser'),
  task('lexer', 'Lexer', { parent: 'parser' }),
  task('grammar', 'Grammar', { parent: 'parser', dependsOn: ['lexer'] }),
  task('errors', 'Errors', { parent: 'grammar' }),
  task('docs', 'Docs', { dependsOn: ['parser'], target: 'gpu' }),
  task('tests', 'Tests', { dependsOn: ['grammar'] }),
];

/** The plan as a tree, ids with what they need: `grammar<lexer`. */
function treeOf(tasks: readonly TaskSpec[]): string {
  const lines = (parent: string | undefined, depth: number): readonly string[] =>
    tasks.flatMap((one) =>
      one.parent === parent
        ? [
            `${'.'.repeat(depth)}${one.id}${one.dependsOn.length === 0 ? '' : `<${one.dependsOn.join(',')}`}`,
            ...lines(one.id, depth + 1),
          ]
        : [],
    );
  return lines(undefined, 0).join(' ');
}

function after(...edits: readonly PlanEdit[]): string {
  const edited = editPlan(PLAN, edits, LIMITS);
  return edited.ok ? `${edited.value.what} | ${treeOf(edited.value.tasks)}` : refusal(edited.error);
}

function refusal({ reason, message, whatToDo }: { reason: string; message: string; whatToDo: string }): string {
  return `${reason}: ${message} ${whatToDo}`;
}

function fieldsAfter(id: string, ...edits: readonly PlanEdit[]): unknown {
  const edited = editPlan(PLAN, edits, LIMITS);
  return edited.ok ? edited.value.tasks.find((one) => one.id === id) : refusal(edited.error);
}

describe('editing a plan', () => {
  it('sets fields, takes optional ones away, and says what was done', () => {
    const set = (fields: object): string => after({ kind: 'set', task: 'docs', fields }).split(' | ')[0] ?? '';
    assert.deepEqual(
      [
        { title: 'Manual' },
        { mode: 'hybrid' },
        { target: 'cloud' },
        { target: null },
        { dependsOn: [] },
        { dependsOn: ['tests', 'lexer'] },
        { dependsOn: ['tests', 'lexer', 'parser', 'errors'] },
        { maxTokens: 5 },
        { title: 'Manual', mode: 'interactive', inputs: [{ path: 'a.md' }] },
        { title: 'Docs', target: 'gpu', dependsOn: ['parser'], capability: null },
      ].map(set),
      [
        'Renamed "Docs" to "Manual"',
        'Made "Docs" hybrid',
        'Gave "Docs" to cloud',
        'Left open which backend does "Docs"',
        'Made "Docs" depend on nothing',
        'Made "Docs" depend on "Tests" and "Lexer"',
        'Made "Docs" depend on "Tests", "Lexer" and 2 more tasks',
        'Edited the token limit of "Docs"',
        'Edited title, mode and inputs of "Docs"',
        'Nothing changed',
      ],
    );
    const fields = {
      title: 'Manual',
      objective: 'write it',
      mode: 'interactive',
      capability: ' Grunt ',
      target: null,
      dependsOn: ['tests', 'tests'],
      inputs: [{ text: 'x' }],
      deliverable: 'a page',
      edits: false,
      maxTokens: 9,
    } as const;
    assert.equal(
      JSON.stringify(fieldsAfter('docs', { kind: 'set', task: 'docs', fields })),
      '{"id":"docs","title":"Manual","objective":"write it","mode":"interactive","dependsOn":["tests"],"inputs":[{"text":"x"}],"capability":"grunt","deliverable":"a page","edits":false,"maxTokens":9}',
    );
  });

  it('adds a task below another one or at the end, with an id made from its title', () => {
    const add = (title: string, more: object = {}): PlanEdit => ({ kind: 'add', task: { title, ...more } });
    assert.equal(
      after({ ...add('Read the Änderungen!'), after: 'parser' } as PlanEdit),
      'Added "Read the Änderungen!" | parser .lexer .grammar<lexer ..errors read-the-anderungen docs<parser tests<grammar',
    );
    assert.equal(
      after({ ...add('Lexer'), after: 'lexer' } as PlanEdit),
      'Added "Lexer" (lexer-2) | parser .lexer .lexer-2 .grammar<lexer ..errors docs<parser tests<grammar',
    );
    assert.match(after(add('日本語'), add('日本語', { dependsOn: ['docs'] })), / tests<grammar task task-2<docs$/);
    assert.equal(fieldsAfter('new', add('N', { id: 'new' })) instanceof Object, true);
    assert.equal(
      JSON.stringify(fieldsAfter('n', add('N', { mode: 'hybrid', conversation: { messages: [], keptBy: 'x' } }))),
      '{"id":"n","title":"N","objective":"N","mode":"hybrid","dependsOn":[],"inputs":[],"conversation":{"messages":[],"keptBy":"x"}}',
    );
    assert.equal(
      after(add('X', { id: 'docs' })),
      'rejected: The id "docs" is taken by "Docs". Give the new task another one.',
    );
  });

  it('removes a task: what needed it does so no longer, what was under it takes its place', () => {
    assert.equal(
      after({ kind: 'remove', task: 'grammar' }),
      'Deleted "Grammar" | parser .lexer .errors docs<parser tests',
    );
    assert.equal(
      after({ kind: 'remove', task: 'parser' }),
      'Deleted "Parser" | lexer grammar<lexer .errors docs tests<grammar',
    );
    const all = PLAN.map(({ id }): PlanEdit => ({ kind: 'remove', task: id }));
    assert.equal(after(...all), 'rejected: The plan would have no task left. Keep one, or cancel the run.');
  });

  it('clones a task right after it, with or without a conversation', () => {
    assert.equal(
      after({ kind: 'clone', task: 'grammar' }),
      'Cloned "Grammar" | parser .lexer .grammar<lexer ..errors .grammar-2<lexer docs<parser tests<grammar',
    );
    const conversation = { messages: [{ role: 'user' as const, text: 'hi' }] };
    assert.equal(
      JSON.stringify(
        fieldsAfter('docs-3', { kind: 'clone', task: 'docs' }, { kind: 'clone', task: 'docs', conversation }),
      ),
      '{"id":"docs-3","title":"Docs (copy)","objective":"do docs","mode":"autonomous","dependsOn":["parser"],"inputs":[],"target":"gpu","conversation":{"messages":[{"role":"user","text":"hi"}]}}',
    );
    const long = editPlan([task('x'.repeat(64), 't'.repeat(200))], [{ kind: 'clone', task: 'x'.repeat(64) }], LIMITS);
    assert.deepEqual(long.ok && long.value.added, [`${'x'.repeat(62)}-2`]);
    assert.equal(long.ok && long.value.tasks[1]?.title.length, 200);
  });

  it('clones a supervisor as one, with the limits that it was given', () => {
    const own = { supervises: true, limits: { maxUsd: 1 } } as const;
    const cloned = editPlan([task('boss', 'Boss', own)], [{ kind: 'clone', task: 'boss' }], LIMITS);
    const copy = cloned.ok ? cloned.value.tasks[1] : undefined;
    assert.deepEqual([copy?.id, copy?.supervises, copy?.limits], ['boss-2', true, own.limits]);
  });

  it('puts what was nested under a deleted task in its place, also what stood before it in the order', () => {
    const tasks = [task('c', 'C', { parent: 'p' }), task('p', 'P'), task('x', 'X')];
    const edited = editPlan(tasks, [{ kind: 'remove', task: 'p' }], LIMITS);
    assert.equal(edited.ok ? treeOf(edited.value.tasks) : '', 'c x');
  });

  it('moves a task among those with the same parent, with all that is under it', () => {
    assert.equal(
      after({ kind: 'move', task: 'docs', to: 'up' }),
      'Moved "Docs" up | docs<parser parser .lexer .grammar<lexer ..errors tests<grammar',
    );
    assert.equal(
      after({ kind: 'move', task: 'parser', to: 'down' }),
      'Moved "Parser" down | docs<parser parser .lexer .grammar<lexer ..errors tests<grammar',
    );
    assert.equal(
      after({ kind: 'move', task: 'grammar', to: 'up' }),
      'Moved "Grammar" up | parser .grammar<lexer ..errors .lexer docs<parser tests<grammar',
    );
    assert.equal(
      after({ kind: 'move', task: 'lexer', to: 'up' }),
      'rejected: "Lexer" is the first under "Parser" already. Move it down, or drag it under another task.',
    );
    assert.equal(
      after({ kind: 'move', task: 'tests', to: 'down' }),
      'rejected: "Tests" is the last of the plan already. Move it up, or drag it under another task.',
    );
  });

  it('nests a task under another one, last or before one of its tasks', () => {
    assert.equal(
      after({ kind: 'nest', task: 'tests', parent: 'grammar' }),
      'Moved "Tests" under "Grammar" | parser .lexer .grammar<lexer ..errors ..tests<grammar docs<parser',
    );
    assert.equal(
      after({ kind: 'nest', task: 'tests', parent: 'parser', before: 'grammar' }),
      'Moved "Tests" under "Parser" | parser .lexer .tests<grammar .grammar<lexer ..errors docs<parser',
    );
    assert.equal(
      after({ kind: 'nest', task: 'grammar', parent: null, before: 'parser' }),
      'Moved "Grammar" to the top of the tree | grammar<lexer .errors parser .lexer docs<parser tests<grammar',
    );
    assert.equal(
      after({ kind: 'nest', task: 'parser', parent: null }),
      'Moved "Parser" to the top of the tree | docs<parser tests<grammar parser .lexer .grammar<lexer ..errors',
    );
    assert.equal(
      after({ kind: 'nest', task: 'grammar', parent: 'parser', before: 'lexer' }),
      'Moved "Grammar" before "Lexer" | parser .grammar<lexer ..errors .lexer docs<parser tests<grammar',
    );
    assert.match(
      after({ kind: 'nest', task: 'docs', parent: 'parser' }),
      /^Moved "Docs" under "Parser" \| parser \.lexer /,
      'also where it stands there in the order already',
    );
    assert.match(after({ kind: 'nest', task: 'grammar', parent: 'parser' }), /^Nothing changed/);
    assert.match(after({ kind: 'nest', task: 'grammar', parent: 'parser', before: 'grammar' }), /^Nothing changed/);
  });

  it('refuses a way round in either relation, and names it', () => {
    const needs = (id: string, dependsOn: readonly string[]): PlanEdit => ({
      kind: 'set',
      task: id,
      fields: { dependsOn },
    });
    const refused = [
      after({ kind: 'nest', task: 'parser', parent: 'parser' }),
      after({ kind: 'nest', task: 'parser', parent: 'grammar' }),
      after({ kind: 'nest', task: 'parser', parent: 'errors' }),
      after(needs('lexer', ['lexer'])),
      after(needs('lexer', ['grammar'])),
      after(needs('lexer', ['tests'])),
      // Each edit alone would do.
      after(needs('parser', ['lexer']), needs('lexer', ['docs'])),
      after(
        ...['parser', 'lexer', 'errors', 'docs', 'tests'].map((id, at, all) => needs(id, [all[(at + 1) % 5] ?? ''])),
      ),
    ];
    assert.equal(
      refused.join('\n'),
      [
        'rejected: "Parser" cannot go under itself. Pick another task.',
        'rejected: "Parser" cannot go under "Grammar": that is nested under it. Pick another task, or move that one out first.',
        'rejected: "Parser" cannot go under "Errors": that is nested under "Grammar", which is under it. Pick another task, or move that one out first.',
        'rejected: "Lexer" cannot depend on itself. Pick another task.',
        'rejected: "Lexer" cannot depend on "Grammar": "Grammar" needs "Lexer". Take one of these dependencies away first.',
        'rejected: "Lexer" cannot depend on "Tests": "Tests" needs "Grammar", which needs "Lexer". Take one of these dependencies away first.',
        'rejected: "Parser" cannot depend on "Lexer": "Lexer" needs "Docs", which needs "Parser". Take one of these dependencies away first.',
        'rejected: "Parser" cannot depend on "Lexer": "Lexer" needs "Errors", which needs "Docs", which needs "Tests", which needs "Parser". Take one of these dependencies away first.',
      ].join('\n'),
    );
  });

  it('cuts a long way round', () => {
    const chain = Array.from({ length: 12 }, (_, at) =>
      task(`t${at}`, `T${at}`, { dependsOn: at === 0 ? [] : [`t${at - 1}`] }),
    );
    const edited = editPlan(chain, [{ kind: 'set', task: 't0', fields: { dependsOn: ['t11'] } }], LIMITS);
    assert.equal(
      edited.ok ? 'taken' : edited.error.message,
      '"T0" cannot depend on "T11": "T11" needs "T10", which needs "T9", which needs "T8", and so on to "T0".',
    );
  });

  it('refuses what no plan may hold, with the titles a person sees', () => {
    const set = (id: string, fields: object): string => after({ kind: 'set', task: id, fields });
    const many = Array.from({ length: 15 }, (_, at): PlanEdit => ({ kind: 'add', task: { title: `N${at}` } }));
    const refused = [
      set('gone', { title: 'x' }),
      set('docs', { title: '' }),
      set('docs', { objective: 'x'.repeat(100_001) }),
      set('docs', { dependsOn: ['gone'] }),
      set('lexer', { target: 'nowhere' }),
      set('lexer', { agent: 'nobody' }),
      after({ kind: 'nest', task: 'docs', parent: 'gone' }),
      after({ kind: 'nest', task: 'docs', parent: null, before: 'lexer' }),
      after({ kind: 'add', task: { title: 'X', id: 'not an id' } }),
      after({ kind: 'add', task: { title: 'X' }, after: 'gone' }),
      after(...many),
      after(
        ...many
          .slice(0, 14)
          .map((edit, at): PlanEdit =>
            edit.kind === 'add'
              ? { ...edit, task: { ...edit.task, dependsOn: PLAN.slice(0, at % 2 === 0 ? 6 : 0).map(({ id }) => id) } }
              : edit,
          ),
      ),
      after({ kind: 'replace', tasks: [task('a', 'A'), task('a', 'B')] }),
      after({ kind: 'replace', tasks: [] }),
      after({ kind: 'replace', tasks: [task('a', 'A', { parent: 'b' }), task('b', 'B', { parent: 'a' })] }),
      after({ kind: 'add', task: { title: 'X', id: '' } }, { kind: 'clone', task: '' }),
      after({ kind: 'replace', tasks: [task('a', 'A', { parent: 'gone' })] }),
    ];
    assert.equal(
      refused.join('\n'),
      [
        'rejected: The plan has no task "gone" any more. Look at the plan as it is now.',
        'rejected: The plan cannot be so: "Docs".title: is empty; write something. Mend that, and change the plan again.',
        'rejected: The plan cannot be so: "Docs".objective: is longer than the limit of 100000 characters; shorten it. Mend that, and change the plan again.',
        'rejected: "Docs" cannot depend on "gone": the plan has no such task. Name a task of the plan.',
        'rejected: "Lexer" cannot go to "nowhere": the roster has no such backend. Use one of gpu, cloud.',
        'rejected: "Lexer" cannot be done by "nobody": there is no such agent. Use one of planner, coder, reader, reviewer, tester, researcher, or define it in orchestrator.agents.',
        'rejected: The plan has no task "gone" any more. Look at the plan as it is now.',
        'rejected: "Docs" cannot go before "Lexer": that is not at the top of the tree. Look at the plan as it is now.',
        'rejected: The plan cannot be so: "X".id: expected 1 to 64 letters, digits, "_", "-" or ".", beginning with a letter or digit; mend this field. Mend that, and change the plan again.',
        'rejected: The plan has no task "gone" any more. Look at the plan as it is now.',
        'rejected: The plan would have 21 tasks, more than the limit of 20. Delete a task first.',
        'rejected: The plan would have 45 dependencies, more than the limit of 30. Let tasks depend only on what they really need.',
        'rejected: Two tasks have the id "a". Give each task an id of its own.',
        'rejected: The plan would have no task left. Keep one, or cancel the run.',
        'rejected: "A" cannot go under "B": that is nested under it. Pick another task, or move that one out first.',
        'rejected: The plan cannot be so: "X".id: expected 1 to 64 letters, digits, "_", "-" or ".", beginning with a letter or digit; mend this field. "X (copy)".id: expected 1 to 64 letters, digits, "_", "-" or ".", beginning with a letter or digit; mend this field. Mend that, and change the plan again.',
        'rejected: "A" cannot go under "gone": the plan has no such task. Name a task of the plan.',
      ].join('\n'),
    );
  });

  it('puts a task right behind all that is under the one before it, in the list as in the tree', () => {
    const order = (edit: PlanEdit): string => {
      const edited = editPlan(PLAN, [edit], LIMITS);
      return edited.ok ? edited.value.tasks.map(({ id }) => id).join(' ') : refusal(edited.error);
    };
    assert.equal(order({ kind: 'clone', task: 'grammar' }), 'parser lexer grammar errors grammar-2 docs tests');
    assert.equal(
      order({ kind: 'add', task: { title: 'N' }, after: 'parser' }),
      'parser lexer grammar errors n docs tests',
    );
    assert.equal(order({ kind: 'move', task: 'docs', to: 'down' }), 'parser lexer grammar errors tests docs');
  });

  it('gives the id of a task that was deleted to no other one at the same time', () => {
    const edited = editPlan(
      PLAN,
      [
        { kind: 'remove', task: 'docs' },
        { kind: 'add', task: { title: 'Docs' } },
      ],
      LIMITS,
    );
    assert.deepEqual(edited.ok && edited.value.added, ['docs-2']);
  });

  it('makes all edits or none, and names the first and how many more', () => {
    const rename: PlanEdit = { kind: 'set', task: 'docs', fields: { title: 'Manual' } };
    assert.match(
      after(rename, { kind: 'remove', task: 'tests' }),
      /^Renamed "Docs" to "Manual", and 1 more change \| /,
    );
    assert.match(after(rename, { kind: 'remove', task: 'gone' }), /^rejected: /);
    assert.match(
      after(rename, { kind: 'set', task: 'docs', fields: { title: 'Manual' } }),
      /^Renamed "Docs" to "Manual" \| /,
    );
    // What one edit brings in the next one may use.
    assert.match(
      after(
        { kind: 'add', task: { title: 'N', id: 'n' } },
        { kind: 'set', task: 'lexer', fields: { dependsOn: ['n'] } },
      ),
      /\.lexer<n .* n$/,
    );
  });

  it('leaves tasks that are not concerned the same objects, so that a change holds what is different and no more', () => {
    const edited = editPlan(PLAN, [{ kind: 'set', task: 'docs', fields: { mode: 'hybrid' } }], LIMITS);
    assert.ok(edited.ok);
    assert.deepEqual(
      edited.value.tasks.map((one, at) => one === PLAN[at]),
      [true, true, true, true, false, true],
    );
    const change = changeBetween(PLAN, edited.value.tasks, edited.value.what);
    assert.deepEqual([change.put.map(({ id }) => id), change.removed, change.order], [['docs'], [], null]);
    const same = editPlan(PLAN, [{ kind: 'replace', tasks: PLAN.map((one) => ({ ...one })) }], LIMITS);
    assert.ok(same.ok && isNoChange(changeBetween(PLAN, same.value.tasks, same.value.what)));
    assert.equal(same.value.what, 'Nothing changed');
  });

  it('takes a whole plan as a text gave it, and says which tasks are new', () => {
    const tasks = [
      ...PLAN.slice(4, 5).map((one) => ({ ...one, dependsOn: ['n'] })),
      task('n', 'New', { mode: 'interactive' }),
    ];
    const edited = editPlan(PLAN, [{ kind: 'replace', tasks }], LIMITS);
    assert.ok(edited.ok);
    assert.deepEqual(
      [edited.value.what, treeOf(edited.value.tasks), edited.value.added],
      ['Edited the plan as text', 'docs<n n', ['n']],
    );
  });

  it('does not hold against a plan what it had before: a backend that went away, a limit that was lowered', () => {
    const narrow = { maxTasks: 2, maxEdges: 1, targets: [] };
    const edited = editPlan(PLAN, [{ kind: 'set', task: 'docs', fields: { title: 'Manual' } }], narrow);
    assert.ok(edited.ok);
    const more = editPlan(PLAN, [{ kind: 'add', task: { title: 'N' } }], narrow);
    assert.equal(more.ok ? 'taken' : more.error.message, 'The plan would have 7 tasks, more than the limit of 2.');
  });

  it('tells tasks of the same title apart by their ids', () => {
    const twins = [task('a', 'Same'), task('b', 'Same', { parent: 'a' })];
    const edited = editPlan(twins, [{ kind: 'nest', task: 'a', parent: 'b' }], LIMITS);
    assert.equal(
      edited.ok ? 'taken' : edited.error.message,
      '"Same" (a) cannot go under "Same" (b): that is nested under it.',
    );
  });
});
