import { failure } from '../../src/core/failure.ts';
import type { TaskSpec } from '../../src/core/plan.ts';
import type { RouteDecision } from '../../src/core/route.ts';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { NO_SPEND, type Spend } from '../../src/core/spend.ts';

/** The id of the sample run. */
export const RUN = 'run-1';
/** Wall time of its first event; each further event of `at` is that many milliseconds later. */
export const START_MS = 1_000_000;

export function at(ms: number, body: RunEventBody): RunEventBody & { readonly ms: number } {
  return { ms, ...body };
}

/** Bodies with their times as a journal has them. */
export function journaled(bodies: readonly (RunEventBody & { readonly ms: number })[], run = RUN): readonly RunEvent[] {
  return bodies.map(({ ms, ...body }, index) => ({ v: 1, seq: index + 1, at: START_MS + ms, run, ...body }));
}

export function spend(input: number, output: number, more: Partial<Spend> = {}): Spend {
  return { ...NO_SPEND, iterations: 1, tokens: { input, output, cachedInput: 0 }, ...more };
}

function spec(id: string, title: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title, objective: `Do: ${title}.`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

function key(
  task: string,
  attempt = 0,
): { readonly run: string; readonly task: string; readonly turn: number; readonly attempt: number } {
  return { run: RUN, task, turn: 0, attempt };
}

const ceiling = { inputTokens: 100, outputTokens: 100 };
const prompt = JSON.stringify([
  { role: 'system', content: 'You do one task.' },
  { role: 'user', content: 'Read it. ```ts\ncode\n```' },
]);

const toLong: RouteDecision = {
  kind: 'chosen',
  backend: 'long-1',
  why: 'good at long-context, price 1.00',
  candidates: [
    { backend: 'long-1', verdict: 'chosen', score: 72.5, why: 'good at long-context, price 1.00' },
    { backend: 'frontier', verdict: 'fits', score: 40, why: 'price 15.00' },
    { backend: 'local', verdict: 'refused', score: 0, why: 'not good at long-context (good at: grunt)' },
  ],
};

const TIMED_OUT = failure('timeout', 'code-1 sent nothing for 30 s.', {
  whatToDo: 'See whether its server runs.',
  backend: 'code-1',
});

/**
 * A run of four tasks: `read` (with `read-part` under it) completes, `fix` fails, `tests` needs both and is skipped. Its
 * prefixes are what people see while it runs; the request holds Markdown that must not come to life.
 */
export const SAMPLE = [
  at(0, {
    type: 'run.started',
    request: 'Explain [this](command:x) <b>project</b>\nand fix it',
    context: '{}',
    source: 'chat',
    options: DEFAULT_OPTIONS,
    workspace: '/work',
  }),
  at(10, { type: 'call.started', key: key('@plan'), backend: 'frontier', promptVersion: 'plan@1', ceiling, prompt }),
  at(1_010, {
    type: 'call.finished',
    key: key('@plan'),
    backend: 'frontier',
    finish: 'stop',
    text: '{"tasks":[]}',
    spent: spend(1_000, 200, { usd: 0.018, ms: 1_000 }),
  }),
  at(1_015, { type: 'task.completed', task: '@plan', backend: 'frontier', result: '{"tasks":[]}', partial: false }),
  at(1_020, {
    type: 'plan.accepted',
    tasks: [
      spec('read', 'Read the parser', {
        capability: 'long-context',
        inputs: [{ path: 'src/parser.ts' }, { text: 'a note' }],
        deliverable: 'every function is named',
      }),
      spec('read-part', 'Read *one* part', { parent: 'read' }),
      spec('fix', 'Fix the bug', { target: 'code-1', maxTokens: 2_000 }),
      spec('tests', 'Write tests', { dependsOn: ['read', 'fix'] }),
    ],
  }),
  at(1_030, { type: 'route.decided', task: 'read', decision: toLong }),
  at(1_040, {
    type: 'inputs.read',
    task: 'read',
    files: [{ path: 'src/parser.ts', hash: 'h', bytes: 12_345, cut: 'after line 300' }],
    withheld: [{ path: '.env', why: 'data rule .env: nowhere' }],
  }),
  at(1_050, { type: 'task.started', task: 'read', attempt: 0, backend: 'long-1' }),
  at(1_051, { type: 'call.started', key: key('read'), backend: 'long-1', promptVersion: 'task@1', ceiling, prompt }),
  at(1_060, { type: 'task.started', task: 'read-part', attempt: 0, backend: 'local' }),
  at(1_061, {
    type: 'call.started',
    key: key('read-part'),
    backend: 'local',
    promptVersion: 'task@1',
    ceiling,
    prompt,
  }),
  at(1_070, { type: 'task.started', task: 'fix', attempt: 0, backend: 'code-1' }),
  at(1_071, { type: 'call.started', key: key('fix'), backend: 'code-1', promptVersion: 'task@1', ceiling, prompt }),
  at(3_051, {
    type: 'call.finished',
    key: key('read'),
    backend: 'long-1',
    finish: 'stop',
    text: 'It parses.',
    spent: spend(4_000, 500, { usd: 0.005, ms: 2_000 }),
  }),
  at(3_052, { type: 'task.completed', task: 'read', backend: 'long-1', result: 'It parses.', partial: false }),
  at(4_061, {
    type: 'call.finished',
    key: key('read-part'),
    backend: 'local',
    finish: 'length',
    text: 'Half of',
    spent: spend(300, 100, { ms: 3_000, tokensKnown: false }),
  }),
  at(4_062, { type: 'task.completed', task: 'read-part', backend: 'local', result: 'Half of', partial: true }),
  at(31_071, {
    type: 'call.failed',
    key: key('fix'),
    backend: 'code-1',
    failure: TIMED_OUT,
    partial: 'const a',
    spent: spend(700, 3, { usd: 0, usdKnown: false, tokensKnown: false, ms: 30_000 }),
    next: 'give-up',
  }),
  at(31_072, { type: 'task.failed', task: 'fix', failure: TIMED_OUT, partial: 'const a' }),
  at(31_073, {
    type: 'task.skipped',
    task: 'tests',
    because: 'fix',
    failure: failure('dependency-failed', 'It needs fix, which failed.', { whatToDo: 'Ask again.' }),
  }),
  at(31_080, {
    type: 'call.started',
    key: key('@answer'),
    backend: 'frontier',
    promptVersion: 'answer@1',
    ceiling,
    prompt,
  }),
  at(32_080, {
    type: 'call.finished',
    key: key('@answer'),
    backend: 'frontier',
    finish: 'stop',
    text: 'It parses; the fix is missing.',
    spent: spend(900, 90, { usd: 0.0148, ms: 1_000 }),
  }),
  at(32_081, {
    type: 'task.completed',
    task: '@answer',
    backend: 'frontier',
    result: 'It parses; the fix is missing.',
    partial: false,
  }),
  at(32_090, {
    type: 'run.finished',
    outcome: 'partial',
    stoppedBy: 'failures',
    answer: 'It parses; the fix is missing.',
    failure: null,
    spent: NO_SPEND,
    tasks: [],
  }),
] as const;

/** How many events of SAMPLE there are while all three tasks run. */
export const WHILE_RUNNING = 13;
