/** Where faults of a plan are underlined, over texts as a person leaves them. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planFileText, withUnsaid } from '../../../src/app/plan-file-text.ts';
import { parsePlanFile, readPlanFile } from '../../../src/core/plan/plan-check.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { findPlace, placeFaults } from '../../../src/vscode/plan/plan-ranges.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const LIMITS = { maxTasks: 50, maxEdges: 100, targets: ['one', 'two'] };

const task = (id: string, more: Partial<TaskSpec> = {}): TaskSpec => ({
  id,
  title: `Title of ${id}`,
  objective: `Do ${id}.`,
  mode: 'autonomous',
  dependsOn: [],
  inputs: [],
  ...more,
});

const TEXT = planFileText({
  request: 'Do it',
  tasks: [task('a', { inputs: [{ path: 'a.md' }] }), task('b', { dependsOn: ['a'], mode: 'hybrid', target: 'two' })],
});

/** What is underlined, and why; each on a line of its own. */
function underlined(text: string): readonly string[] {
  const read = readPlanFile(text, LIMITS);
  return placeFaults(text, read.ok ? [] : read.error).map(
    ({ start, end, text: why }) => `${text.slice(start, end)} <- ${why}`,
  );
}

describe('a plan as a text', () => {
  it('reads as it is edited: what matters first, what is left out has its default', () => {
    assert.equal(
      TEXT,
      `${JSON.stringify(
        {
          request: 'Do it',
          tasks: [
            { id: 'a', title: 'Title of a', objective: 'Do a.', mode: 'autonomous', inputs: [{ path: 'a.md' }] },
            { id: 'b', title: 'Title of b', objective: 'Do b.', mode: 'hybrid', target: 'two', dependsOn: ['a'] },
          ],
        },
        undefined,
        2,
      )}\n`,
    );
    assert.deepEqual(underlined(TEXT), []);
    assert.match(planFileText({ request: 'a\u202eb', tasks: [task('a')] }), /"a\\u202eb"/, 'nothing hides in it');
  });

  it('means the same plan again, and tasks keep the conversation that they go on from', () => {
    const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((one) => one.trim() !== '');
    const spec = fc.record({
      title: text,
      objective: text,
      mode: fc.constantFrom('autonomous', 'interactive', 'hybrid'),
      edits: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), (specs) => {
        const tasks = specs.map((own, index) =>
          task(`t${index}`, {
            ...own,
            dependsOn: index === 0 ? [] : ['t0'],
            ...(index % 2 === 0 ? { conversation: { messages: [{ role: 'user', text: 'earlier' }] } } : {}),
          }),
        );
        const read = parsePlanFile(planFileText({ request: 'Do it', tasks }), LIMITS);
        assert.ok(read.ok);
        assert.deepEqual(withUnsaid(read.value.tasks, tasks), tasks);
      }),
      propertyOptions('plans as text'),
    );
  });

  it('shows each fault at the smallest thing that is there', () => {
    const changed = (from: string, to: string): string => {
      assert.ok(TEXT.includes(from));
      return TEXT.replace(from, to);
    };
    assert.deepEqual(
      [
        changed('"id": "b"', '"id": "a"'),
        changed('"dependsOn": [\n        "a"', '"dependsOn": [\n        "a",\n        "gone"'),
        changed('"dependsOn": [\n        "a"', '"dependsOn": [\n        "b"'),
        changed('"hybrid"', '"sometimes"'),
        changed('"target": "two"', '"target": "three"'),
        changed('"objective": "Do b.",\n', ''),
        changed('"title": "Title of b"', '"titel": "Title of b"'),
        changed('"autonomous",', '"autonomous", "dependsOn": ["b"],'),
        changed('"tasks"', '"task"'),
        changed('"mode": "hybrid",', '"mode": "hybrid"'),
        changed('"Do it",', '"Do it", // as asked\n'),
      ].map(underlined),
      [
        [
          '"a" <- tasks[1]: the id "a" is used more than once (first by tasks[0]); give each task its own.',
          '"a" <- tasks[1]: it depends on itself; remove that.',
        ],
        ['"gone" <- task "b": dependsOn names "gone", which is no task of this plan.'],
        ['"b" <- task "b": it depends on itself; remove that.'],
        ['"sometimes" <- task "b".mode: expected "autonomous" or "interactive" or "hybrid"; mend this field.'],
        ['"three" <- task "b": target "three" is no backend of the menu; use one of one, two, or a capability.'],
        ['{ <- task "b".objective: is missing; add it.'],
        [
          '{ <- task "b".title: is missing; add it.',
          '"titel" <- task "b": unknown field "titel"; the fields are id, title, objective, capability, target, agent, mode, parent, dependsOn, inputs, deliverable, edits, maxTokens, maxUsd, maxMs, conversation.',
        ],
        ['"b" <- tasks: dependsOn makes a cycle: a -> b -> a; take one of these dependencies away.'],
        [
          '{ <- plan.tasks: is missing; add it.',
          '"task" <- plan: unknown field "task"; the fields are request, tasks.',
        ],
        ['"target" <- This is no JSON (CommaExpected). Correct it here; comments and trailing commas are not allowed.'],
        [
          '// as asked <- This is no JSON (InvalidCommentToken). Correct it here; comments and trailing commas are not allowed.',
        ],
      ],
    );
  });

  it('underlines something, and only of the text, whatever stands there', () => {
    const cut = fc.tuple(fc.nat(TEXT.length), fc.nat(20), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(cut, ([at, length, typed]) => {
        const text = TEXT.slice(0, at) + typed + TEXT.slice(at + length);
        const read = readPlanFile(text, LIMITS);
        const placed = placeFaults(text, read.ok ? [] : read.error);
        assert.equal(placed.length > 0, !read.ok);
        for (const { start, end } of placed)
          assert.ok(start >= 0 && end <= text.length && (start < end || text === ''));
      }),
      propertyOptions('typed plans'),
    );
  });

  it('is found by task and field', () => {
    const at = (place: Parameters<typeof findPlace>[1]): string | undefined => {
      const range = findPlace(TEXT, place);
      return range === undefined ? undefined : TEXT.slice(range.start, range.end);
    };
    assert.deepEqual(
      [at({ task: 'b', field: 'objective' }), at({ task: 'b', field: 'deliverable' }), at({ task: 'c' })],
      ['"Do b."', '{', undefined],
    );
  });
});
