import assert from 'node:assert/strict';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import { describe, it } from 'mocha';
import { parseDecomposition, streamedAnswer } from '../../../src/core/plan/decompose.ts';
import { parsePlanFile } from '../../../src/core/plan/plan-check.ts';
import { assertGolden } from '../../support/golden.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const LIMITS = { maxTasks: 200, maxEdges: 1000, targets: ['alpha', 'beta'], agents: BUILT_IN_AGENTS };

function task(id: string, more: object = {}): object {
  return { id, title: id, objective: `do ${id}`, ...more };
}

function faultsOf(tasks: unknown): string {
  const result = parsePlanFile(JSON.stringify({ request: 'r', tasks }), LIMITS);
  return result.ok ? 'runs' : result.error.join('\n');
}

const HOSTILE: Readonly<Record<string, string>> = {
  'no JSON': 'Sure! Here is the plan.',
  'half JSON': '{"request":"r","tasks":[{"id":',
  'not an object': '[1,2]',
  null: 'null',
  'no tasks': JSON.stringify({ request: 'r', tasks: [] }),
  'unknown field': JSON.stringify({ request: 'r', tasks: [task('a', { depends: ['b'] })] }),
  'a thousand levels': `{"request":"r","tasks":[${'['.repeat(1000)}${']'.repeat(1000)}]}`,
  'five million levels': '['.repeat(5_000_000),
  'self dependency': JSON.stringify({ request: 'r', tasks: [task('a', { dependsOn: ['a'] })] }),
  'cycle of three': JSON.stringify({
    request: 'r',
    tasks: [task('a', { dependsOn: ['c'] }), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['b'] })],
  }),
  'cycle of parents': JSON.stringify({ request: 'r', tasks: [task('a', { parent: 'b' }), task('b', { parent: 'a' })] }),
  'parent of itself': JSON.stringify({ request: 'r', tasks: [task('a', { parent: 'a' })] }),
  'unknown dependency and parent': JSON.stringify({
    request: 'r',
    tasks: [task('a', { dependsOn: ['nope'], parent: 'gone' })],
  }),
  'duplicate ids': JSON.stringify({ request: 'r', tasks: [task('a'), task('a')] }),
  'prototype names': JSON.stringify({
    request: 'r',
    tasks: [task('__proto__'), task('constructor', { dependsOn: ['toString'] })],
  }),
  'ids that are no ids': JSON.stringify({
    request: 'r',
    tasks: [task('@plan'), task(''), task('x'.repeat(65)), task('ａ')],
  }),
  'too many tasks': JSON.stringify({ request: 'r', tasks: Array.from({ length: 201 }, (_, i) => task(`t${i}`)) }),
  'too many edges': JSON.stringify({
    request: 'r',
    tasks: Array.from({ length: 60 }, (_, i) =>
      task(`t${i}`, { dependsOn: Array.from({ length: i }, (__, j) => `t${j}`) }),
    ),
  }),
  'unknown target': JSON.stringify({ request: 'r', tasks: [task('a', { target: 'gamma' })] }),
  'an agent': JSON.stringify({ request: 'r', tasks: [task('a', { agent: 'nobody', mode: 'interactive' })] }),
  'conversations that are none': JSON.stringify({
    request: 'r',
    tasks: [
      task('a', { conversation: [] }),
      task('b', { conversation: { messages: [{ role: 'system', text: 'x' }, { role: 'user' }], by: 'x' } }),
    ],
  }),
  'wrong types': JSON.stringify({
    request: 'r',
    tasks: [task('a', { dependsOn: 'b', inputs: [{ file: 'x' }], maxTokens: -1 }), 7, null],
  }),
  'fields that are missing, empty or too long': JSON.stringify({
    request: 'r',
    tasks: [
      { id: 'a' },
      {},
      task('b', { title: '', objective: 7, target: 'x'.repeat(65), maxTokens: 1.5, mode: 'manual' }),
    ],
  }),
  'no request': JSON.stringify({ tasks: {} }),
  'faults of shape and of meaning': JSON.stringify({
    request: 'r',
    tasks: [
      { id: 'a', title: 'a' },
      task('b', { dependsOn: ['a', 'gone'] }),
      task('b', { title: '', dependsOn: ['b', 'lost', 3], parent: 'nobody' }),
      task('c', { dependsOn: ['a b'] }),
      task('a b'),
    ],
  }),
  'many faults at once': JSON.stringify({
    request: 'r',
    tasks: [task('a', { dependsOn: ['x', 'a'] }), task('b', { target: 'gamma' }), task('b')],
  }),
};

describe('plan checking', () => {
  it('takes a plan that can run and fills what is left out', () => {
    const result = parsePlanFile(
      JSON.stringify({
        request: 'r',
        tasks: [
          task('a', { capability: ' Code ', inputs: [{ path: 'x.ts' }] }),
          task('b', { dependsOn: ['a', 'a'], target: 'alpha' }),
        ],
      }),
      LIMITS,
    );
    assert.deepEqual(result.ok ? result.value.tasks : result.error, [
      {
        id: 'a',
        title: 'a',
        objective: 'do a',
        mode: 'autonomous',
        dependsOn: [],
        inputs: [{ path: 'x.ts' }],
        capability: 'code',
      },
      { id: 'b', title: 'b', objective: 'do b', mode: 'autonomous', dependsOn: ['a'], inputs: [], target: 'alpha' },
    ]);
  });

  it('takes every mode, and an earlier conversation with the rule that keeps it here', () => {
    const conversation = {
      messages: [
        { role: 'user', text: 'Hi' },
        { role: 'assistant', text: '' },
      ],
      keptBy: '*.env',
    };
    const result = parsePlanFile(
      JSON.stringify({
        request: 'r',
        tasks: [
          task('a', { mode: 'interactive', conversation }),
          task('b', { mode: 'hybrid', conversation: { messages: [], keptBy: null } }),
          task('c', { mode: null, conversation: null }),
        ],
      }),
      LIMITS,
    );
    assert.deepEqual(
      result.ok ? result.value.tasks.map(({ id, mode, ...rest }) => [id, mode, rest.conversation]) : result.error,
      [
        ['a', 'interactive', conversation],
        ['b', 'hybrid', { messages: [] }],
        ['c', 'autonomous', undefined],
      ],
    );
  });

  it('names every fault of a bad plan and what to do about it', () => {
    const report = Object.entries(HOSTILE).map(([name, text]) => {
      const result = parsePlanFile(text, LIMITS);
      return `# ${name}\n${result.ok ? 'runs' : result.error.join('\n')}\n`;
    });
    assertGolden('bad-plans.txt', report.join('\n'));
  });

  it('names so many faults and no more, those of the plan itself before those of its tasks', () => {
    const limits = { ...LIMITS, maxTasks: 200 };
    const tasks = Array.from({ length: 60 }, (_, i) => ({ id: `t${i}`, title: 't' }));
    const result = parsePlanFile(JSON.stringify({ tasks, more: 1 }), limits);
    assert.ok(!result.ok);
    assert.deepEqual(
      [result.error.length, ...result.error.filter((fault) => !fault.includes('objective'))],
      [
        41,
        'plan.request: is missing; add it.',
        'plan: unknown field "more"; the fields are request, tasks.',
        '… and 22 more',
      ],
    );
  });

  it('finds a cycle in 200 tasks of 1,000 dependencies', () => {
    const tasks = Array.from({ length: 200 }, (_, i) =>
      task(`t${i}`, { dependsOn: [1, 2, 3, 4].map((step) => `t${(i + step) % 200}`) }),
    );
    assert.match(faultsOf(tasks), /^tasks: dependsOn makes a cycle: t\d+ -> /);
  });

  it('never throws, and what it lets through is a graph that can be ordered', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor', '', 'é', 'x'.repeat(70));
    const anyTask = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record(
          {
            id: ids,
            title: fc.string(),
            objective: fc.string(),
            dependsOn: fc.array(ids, { maxLength: 3 }),
            parent: ids,
            capability: fc.string(),
          },
          { requiredKeys: ['id', 'title', 'objective'] },
        ),
      },
      { weight: 1, arbitrary: fc.jsonValue() },
    );
    fc.assert(
      fc.property(fc.array(anyTask, { maxLength: 6 }), fc.boolean(), (tasks, cut) => {
        const text = JSON.stringify({ request: 'r', tasks });
        const result = parsePlanFile(cut ? text.slice(0, Math.floor(text.length * 0.7)) : text, LIMITS);
        if (!result.ok) {
          assert.ok(result.error.length > 0);
          return;
        }
        const done = new Set<string>();
        for (let round = 0; round <= result.value.tasks.length; round++) {
          for (const one of result.value.tasks) if (one.dependsOn.every((need) => done.has(need))) done.add(one.id);
        }
        assert.equal(done.size, result.value.tasks.length, 'every task can be ordered');
      }),
      propertyOptions('plan checking'),
    );
  });
});

describe('reply of the orchestrator', () => {
  const limits = { ...LIMITS, want: 'decide' as const };

  it('is a direct answer or a plan, also inside a fence or among words', () => {
    const answer = JSON.stringify({ decision: 'answer', answer: 'Hello.', tasks: [] });
    const plan = JSON.stringify({
      decision: 'plan',
      answer: '',
      tasks: [{ ...task('a'), inputs: ['x.ts'], capability: null, target: null, deliverable: null, dependsOn: [] }],
    });
    for (const text of [answer, `\`\`\`json\n${answer}\n\`\`\``, `Here it is:\n${answer}\nDone.`]) {
      assert.deepEqual(parseDecomposition(text, limits), { ok: true, value: { kind: 'answer', text: 'Hello.' } });
    }
    const parsed = parseDecomposition(plan, limits);
    assert.deepEqual(parsed.ok && parsed.value.kind === 'plan' ? parsed.value.tasks[0]?.inputs : parsed, [
      { path: 'x.ts' },
    ]);
  });

  it('is refused when it is empty, of another shape, or an answer where a plan was asked for', () => {
    const faults = (text: string, want: 'plan' | 'decide' = 'decide'): unknown => {
      const result = parseDecomposition(text, { ...LIMITS, want });
      return result.ok ? 'taken' : result.error;
    };
    assert.deepEqual(faults(JSON.stringify({ decision: 'answer', answer: ' ' })), [
      'answer: it is empty; write the answer, or make a plan.',
    ]);
    assert.deepEqual(faults(JSON.stringify({ decision: 'answer', answer: 'x' }), 'plan'), [
      'decision: a plan was asked for; reply with "decision": "plan" and its tasks.',
    ]);
    assert.deepEqual(faults('{"decision":"maybe"}'), [
      'decision: Invalid option: expected one of "answer"|"plan"|"delegate"',
    ]);
    assert.deepEqual(faults(JSON.stringify({ decision: 'plan' })), [
      'tasks: the plan has no tasks; give at least one.',
    ]);
  });

  it('streams the text of a direct answer while the reply is still coming, in any fragments', () => {
    const reply = JSON.stringify({ decision: 'answer', answer: 'Line one\n"two" \\ three 🙂', tasks: [] });
    let last = '';
    for (let end = 1; end <= reply.length; end++) {
      const shown = streamedAnswer(reply.slice(0, end));
      if (shown === undefined) continue;
      assert.ok('Line one\n"two" \\ three 🙂'.startsWith(shown.replace(/[\ud800-\udbff]$/, '')), JSON.stringify(shown));
      last = shown;
    }
    assert.equal(last, 'Line one\n"two" \\ three 🙂');
    assert.equal(streamedAnswer('{"decision":"plan","answer":"no'), undefined);
  });
});
