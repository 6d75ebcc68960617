import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planTree, type PlanTreeOptions } from '../../src/app/plan-text.ts';
import type { PlanEstimate, TaskEstimate } from '../../src/core/plan/estimate.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { emptyRunState, newTask, type RunState } from '../../src/core/run-state.ts';

function task(id: string, title: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title, objective: `do ${id}`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

function own(backend: string | null, high: number): TaskEstimate {
  return { backend, tokens: { low: high / 2, high }, usd: { low: 0, high: high / 1e6 }, ms: { low: high / 2, high } };
}

const TASKS = [
  task('design', 'Design', { mode: 'interactive', target: 'cloud' }),
  task('parser', 'Parser', { dependsOn: ['design'], capability: 'code' }),
  task('docs', 'Docs', { dependsOn: ['tests', 'parser'] }),
  task('tests', 'Tests', { parent: 'parser', dependsOn: ['design'], mode: 'hybrid' }),
];

const ESTIMATE: PlanEstimate = {
  tasks: { design: own('cloud', 8_000), parser: own('gpu', 40_000), docs: own(null, 4_000), tests: own(null, 0) },
  total: { tokens: { low: 26_000, high: 52_000 }, usd: { low: 0, high: 0.052 }, ms: { low: 26_000, high: 52_000 } },
  isUsdKnown: true,
};

function state(tasks: readonly TaskSpec[], estimate: PlanEstimate | null = null): RunState {
  return {
    ...emptyRunState('r'),
    phase: 'approving',
    waiting: { why: 'draft', estimate },
    tasks: new Map(tasks.map((spec) => [spec.id, newTask(spec.id, spec)])),
  };
}

function shown(
  tasks: readonly TaskSpec[],
  options: Partial<PlanTreeOptions> & { readonly waiting?: PlanEstimate } = {},
): string {
  return planTree(state(tasks, options.waiting), { format: 'terminal', ...options });
}

describe('a plan as a tree', () => {
  it('is nested by parent, with numbers for what comes after what, modes, places, estimates and a total', () => {
    assert.equal(
      shown(TASKS, { waiting: ESTIMATE }),
      [
        'Plan: 4 tasks',
        '1. ◆ Design → cloud · interactive · 4,000–8,000 tokens · $0–0.008 · 4–8 s',
        '2. ▸ Parser → gpu · code · may edit files · after 1 · 20,000–40,000 tokens · $0–0.04 · 20–40 s',
        '3.   ◇ Tests · hybrid · after 1 · no backend fits it',
        '4. ▸ Docs · after 2, 3 · no backend fits it, the orchestrator does it · 2,000–4,000 tokens · $0–0.004 · 2–4 s',
        '▸ auto: runs by itself · ◆ interactive: waits for your first word · ◇ hybrid: starts by itself, and may ask you',
        'Estimate with the answer: about 26,000–52,000 tokens · $0–0.05 · 26–52 s',
      ].join('\n'),
    );
  });

  it('is the same in Markdown, where dollars make no formula', () => {
    assert.equal(
      shown(TASKS, { format: 'markdown', estimate: ESTIMATE }),
      [
        '**Plan: 4 tasks**',
        '',
        '- **1** ◆ Design → cloud · interactive · 4,000–8,000 tokens · \\$0–0.008 · 4–8 s',
        '- **2** ▸ Parser → gpu · code · may edit files · after 1 · 20,000–40,000 tokens · \\$0–0.04 · 20–40 s',
        '  - **3** ◇ Tests · hybrid · after 1 · no backend fits it',
        '- **4** ▸ Docs · after 2, 3 · no backend fits it, the orchestrator does it · 2,000–4,000 tokens · \\$0–0.004 · 2–4 s',
        '',
        '▸ auto: runs by itself · ◆ interactive: waits for your first word · ◇ hybrid: starts by itself, and may ask you',
        '',
        'Estimate with the answer: about 26,000–52,000 tokens · \\$0–0.05 · 26–52 s',
      ].join('\n'),
    );
  });

  it('has no legend when every task runs by itself, and no estimate when there is none', () => {
    const plain = [task('a', 'A', { target: 'gpu' }), task('b', 'B')];
    assert.equal(
      shown(plain, { foresee: ({ id }) => (id === 'b' ? 'cloud' : undefined) }),
      'Plan: 2 tasks\n1. ▸ A → gpu\n2. ▸ B → cloud',
    );
    assert.equal(shown([task('a', 'A')]), 'Plan: 1 task\n1. ▸ A');
  });

  it('says which results are used again', () => {
    const nothing = { low: 0, high: 0 };
    const estimate: PlanEstimate = {
      tasks: {
        a: { backend: 'gpu', tokens: nothing, usd: nothing, ms: nothing, isReused: true },
        b: own('gpu', 2_000),
      },
      total: { tokens: { low: 1_000, high: 2_000 }, usd: { low: 0, high: 0.002 }, ms: { low: 1_000, high: 2_000 } },
      isUsdKnown: true,
    };
    assert.equal(
      shown([task('a', 'A'), task('b', 'B', { dependsOn: ['a'] })], { estimate }),
      [
        'Plan: 2 tasks',
        '1. ▸ A → gpu · unchanged: its result is used again',
        '2. ▸ B → gpu · after 1 · 1,000–2,000 tokens · $0–0.002 · 1–2 s',
        'Estimate with the answer: about 1,000–2,000 tokens · $0–0.002 · 1–2 s',
      ].join('\n'),
    );
  });

  it('of a supervisor says that it decides as it goes, and what the run may spend', () => {
    const supervisor = task('supervisor', 'Supervisor', { mode: 'hybrid', supervises: true });
    const limits = { maxUsd: 1.5, maxTokens: 60_000, maxIterations: 40, maxMs: 300_000 };
    const alone = { ...state([supervisor]), options: { ...DEFAULT_OPTIONS, limits } };
    const legend = '◇ hybrid: starts by itself, and may ask you';
    const note = 'decides as it goes; its workers may edit files and be any of your agents';
    assert.equal(
      planTree(alone, { format: 'terminal' }),
      [
        'Plan: decided as it goes',
        `1. ◇ Supervisor · hybrid · ${note}`,
        legend,
        'What it will take is not known beforehand; the run may spend at most $1.5 · 60,000 tokens · 40 calls · 5 min 0 s.',
      ].join('\n'),
    );
    assert.equal(
      shown([supervisor, task('w1', 'Part', { parent: 'supervisor' })], {
        estimate: { ...ESTIMATE, tasks: { w1: own('gpu', 2_000) } },
      }),
      [
        'Plan: 2 tasks',
        `1. ◇ Supervisor · hybrid · ${note}`,
        '2.   ▸ Part → gpu · 1,000–2,000 tokens · $0–0.002 · 1–2 s',
        `▸ auto: runs by itself · ${legend}`,
        'Estimate without the supervisor: about 26,000–52,000 tokens · $0–0.05 · 26–52 s',
        'What it will take is not known beforehand, and the run has no limit (orchestrator.budget sets one).',
      ].join('\n'),
    );
  });

  it('says how far a task is, once it has begun', () => {
    const running = state([task('a', 'A'), task('b', 'B')]);
    const [a] = running.tasks.values();
    assert.ok(a !== undefined);
    const tasks = new Map(running.tasks).set('a', { ...a, status: 'completed', backend: 'gpu' });
    assert.equal(
      planTree({ ...running, tasks }, { format: 'terminal' }),
      'Plan: 2 tasks\n1. ▸ A → gpu · completed\n2. ▸ B',
    );
  });

  it('lets no text of a plan be more than text', () => {
    const hostile = task('a', 'A\n# H [x](command:boom) ![i](http://e/) $x$ \u202E<b> \u001B[2J', {
      capability: '`c`|$(gear)',
    });
    assert.equal(
      shown([hostile], { format: 'markdown' }),
      '**Plan: 1 task**\n\n- **1** ▸ A # H \\[x\\](command:boom) \\!\\[i\\](http\\://e/) \\$x\\$ \\<b> \\[2J · \\`c\\`\\|\\$(gear)',
    );
    assert.equal(
      shown([hostile]),
      'Plan: 1 task\n1. ▸ A # H [x](command:boom) ![i](http://e/) $x$ <b> [2J · `c`|$(gear)',
    );
  });

  it('numbers lines in their order and lines them up, however deep tasks are nested', () => {
    const deep = Array.from({ length: 30 }, (_, at) =>
      task(`t${at}`, `T${at}`, at === 0 ? {} : { parent: `t${at - 1}` }),
    );
    const lines = shown(deep.toReversed()).split('\n');
    assert.equal(lines[1], ' 1. ▸ T0');
    assert.equal(lines[10], `10. ${'  '.repeat(9)}▸ T9`);
    assert.equal(lines[30], `30. ${'  '.repeat(12)}▸ T29`);
  });
});
