import type { CallKey } from '../../src/core/backend.ts';
import { failure } from '../../src/core/failure.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import type { RouteDecision } from '../../src/core/route.ts';
import type { CitationReport } from '../../src/core/read/citation.ts';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { NO_SPEND, type Spend } from '../../src/core/spend.ts';
import { PARSER, proposalEntries, SAMPLE_PROPOSAL } from './sample-proposal.ts';

/** The id of the sample run. */
export const RUN = 'run-1';
/** Wall time of its first event. */
export const START_MS = 1_000_000;

/** What happened, and when: milliseconds after START_MS. */
export type TimedBody = RunEventBody & { readonly atMs: number };

export function at(atMs: number, body: RunEventBody): TimedBody {
  return { ...body, atMs };
}

/** Bodies with their times as a journal has them. */
export function journaled(bodies: readonly TimedBody[], run = RUN): readonly RunEvent[] {
  return bodies.map(({ atMs, ...body }, index) => ({ v: 1, seq: index + 1, at: START_MS + atMs, run, ...body }));
}

export function spend(input: number, output: number, more: Partial<Spend> = {}): Spend {
  return { ...NO_SPEND, iterations: 1, tokens: { input, output, cachedInput: 0 }, ...more };
}

function spec(id: string, title: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title, objective: `Do: ${title}.`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

function key(task: string, turn = 0): CallKey {
  return { run: RUN, task, turn, attempt: 0 };
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
    workspace: '/project',
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

const CITATIONS: CitationReport = {
  verified: [
    { path: 'src/parser.ts', startLine: 1, endLine: 2, quote: 'export function parse(text: string) {\n  return text;' },
    { path: 'src/parser.ts', startLine: 2, endLine: 2, quote: 'return text;' },
  ],
  struck: [{ path: 'src/parser.ts', line: 9, quote: 'export function parseAll(', why: 'not-found' }],
  unchecked: false,
};
const CITED = { verified: 2, struck: 1, unchecked: false };
const READ_RESULT =
  'It gives the text back as it is [parser.ts:2](src/parser.ts#L2), which `parse` is for [parser.ts:1-2](src/parser.ts#L1-L2).';

/**
 * A run that reads in three parts and cites, and whose two code tasks use tools and propose edits that clash in one file.
 * Its prefixes are what people see while it runs: after `EDIT_WHILE_RUNNING` events two of the three parts are read.
 */
export function sampleEditRun(): readonly TimedBody[] {
  return [...sampleBegin(), ...sampleReading(), ...sampleEdits(), ...sampleEnd()];
}

/** How many events of `sampleEditRun` there are while all of its tasks run. */
export const EDIT_WHILE_RUNNING = 18;

function sampleBegin(): readonly TimedBody[] {
  return [
    at(0, {
      type: 'run.started',
      request: 'Explain the parser and mend it',
      context: '{}',
      source: 'chat',
      options: DEFAULT_OPTIONS,
      workspace: '/project',
    }),
    at(20, {
      type: 'plan.accepted',
      tasks: [
        spec('read', 'Read the library', { capability: 'long-context', inputs: [{ path: 'src/parser.ts' }] }),
        spec('fix', 'Fix the bug', { capability: 'code' }),
        spec('tests', 'Write tests', { capability: 'code' }),
      ],
    }),
    at(30, { type: 'task.started', task: 'read', attempt: 0, backend: 'long-1' }),
    at(31, { type: 'task.started', task: 'fix', attempt: 0, backend: 'code-1' }),
    at(32, { type: 'task.started', task: 'tests', attempt: 0, backend: 'code-2' }),
    at(33, {
      type: 'inputs.read',
      task: 'read',
      files: [{ path: 'src/parser.ts', hash: 'hash-parser', bytes: 56 }],
      withheld: [],
    }),
    at(34, {
      type: 'reading.planned',
      task: 'read',
      parts: [1, 2, 3].map((turn) => ({
        turn,
        pieces: [{ path: 'src/parser.ts', startLine: turn, endLine: turn }],
      })),
      unread: [],
    }),
  ];
}

const BACKEND_OF: Readonly<Record<string, string>> = { read: 'long-1', fix: 'code-1', build: 'code-1', part: 'local' };

function call(ms: number, task: string, turn: number): TimedBody {
  const backend = BACKEND_OF[task] ?? '';
  return at(ms, { type: 'call.started', key: key(task, turn), backend, promptVersion: 'task@1', ceiling, prompt });
}

function reply(ms: number, task: string, turn: number): TimedBody {
  const spent = spend(100, 10, { usd: 0.001, ms: 100 });
  const backend = BACKEND_OF[task] ?? '';
  return at(ms, { type: 'call.finished', key: key(task, turn), backend, finish: 'stop', text: '{}', spent });
}

function sampleReading(): readonly TimedBody[] {
  return [
    call(40, 'read', 1),
    call(41, 'read', 2),
    reply(140, 'read', 1),
    call(141, 'read', 3),
    reply(142, 'read', 2),
    call(150, 'fix', 0),
    reply(250, 'fix', 0),
    tool(255, 'fix', 'read_file'),
    at(256, {
      type: 'files.read',
      task: 'fix',
      files: [{ path: 'src/parser.ts', hash: 'hash-parser', bytes: 56, unsaved: true }],
    }),
    tool(257, 'fix', 'propose_edit'),
    tool(258, 'tests', 'propose_edit'),
    reply(400, 'read', 3),
    at(401, {
      type: 'task.completed',
      task: 'read',
      backend: 'long-1',
      result: READ_RESULT,
      partial: false,
      citations: JSON.stringify(CITATIONS),
      cited: CITED,
    }),
  ];
}

function tool(ms: number, task: string, name: string): TimedBody {
  return at(ms, {
    type: 'tool.finished',
    task,
    turn: 0,
    call: `${task}-${name}`,
    name,
    arguments: '{"path":"src/parser.ts"}',
    result: name === 'read_file' ? `1| ${PARSER.split('\n')[0]}` : 'Proposed: src/parser.ts +1 -1.',
    isOk: true,
    ms: 2,
  });
}

function sampleEdits(): readonly TimedBody[] {
  const made = SAMPLE_PROPOSAL.flatMap((file) =>
    (file.conflict?.sides ?? file.tasks.map((task) => ({ task, text: file.text }))).flatMap(({ task, text }) => [
      at(500, {
        type: 'edit.based',
        task,
        path: file.path,
        exists: file.base !== null,
        text: file.base?.text ?? '',
        hash: file.base?.hash ?? '',
        format: file.format,
        unsaved: false,
        protectedBecause: file.protectedBecause ?? null,
      }),
      at(501, {
        type: 'edit.made',
        task,
        turn: 0,
        path: file.path,
        change: text === null ? 'delete' : 'write',
        to: null,
        text: text ?? '',
      }),
    ]),
  );
  return [
    ...made,
    at(510, { type: 'edits.checked', task: 'tests', problems: SAMPLE_PROPOSAL[1]?.problems ?? [], again: false }),
    at(520, { type: 'task.completed', task: 'fix', backend: 'code-1', result: 'Trims the text.', partial: false }),
    at(521, { type: 'task.completed', task: 'tests', backend: 'code-2', result: 'Added a test.', partial: false }),
  ];
}

function sampleEnd(): readonly TimedBody[] {
  const counts = [
    [1, 1],
    [2, 0],
    [5, 1],
    [1, 1],
    [0, 1],
  ] as const;
  return [
    at(600, {
      type: 'proposal.made',
      files: proposalEntries(SAMPLE_PROPOSAL, counts),
      content: JSON.stringify(SAMPLE_PROPOSAL),
    }),
    at(700, {
      type: 'run.finished',
      outcome: 'answered',
      stoppedBy: null,
      answer: `${READ_RESULT}\n\nThe parser now trims what it is given.`,
      failure: null,
      spent: NO_SPEND,
      tasks: [],
      cited: CITED,
    }),
  ];
}

/** A draft of a run: a plan that waits, with an estimate of which one price is missing. */
export function samplePlan(): readonly TimedBody[] {
  const range = (low: number, high: number): { readonly low: number; readonly high: number } => ({ low, high });
  return [
    sampleStart('Choose a name and build it'),
    at(20, { type: 'plan.accepted', tasks: PLANNED }),
    at(21, {
      type: 'plan.waiting',
      why: 'writes',
      estimate: {
        tasks: {
          name: { backend: 'frontier', tokens: range(900, 2_400), usd: range(0.01, 0.04), ms: range(2_000, 20_000) },
          build: { backend: 'code-1', tokens: range(4_000, 9_000), usd: null, ms: range(10_000, 90_000) },
          part: { backend: 'local', tokens: range(500, 500), usd: range(0, 0), ms: range(1_000, 1_000) },
          draw: { backend: null, tokens: range(0, 0), usd: null, ms: range(0, 0) },
        },
        total: { tokens: range(5_400, 11_900), usd: range(0.01, 0.04), ms: range(12_000, 110_000) },
        isUsdKnown: false,
      },
    }),
  ];
}

const PLANNED: readonly TaskSpec[] = [
  spec('name', 'Choose a name', { mode: 'interactive' }),
  spec('build', 'Build it', { mode: 'hybrid', target: 'code-1', dependsOn: ['name'] }),
  spec('part', 'Build a part', { parent: 'build' }),
  spec('draw', 'Draw it', { capability: 'vision', dependsOn: ['name', 'build'] }),
];

/** The same plan, run: `name` waits for the first word, `build` asks, `part` was used again, `draw` was done by the user. */
export function sampleTalk(): readonly TimedBody[] {
  return [
    ...samplePlan(),
    at(100, { type: 'plan.approved' }),
    at(110, { type: 'task.waiting', task: 'name', turn: 0, question: '' }),
    at(120, { type: 'task.started', task: 'build', attempt: 0, backend: 'code-1' }),
    call(130, 'build', 0),
    reply(230, 'build', 0),
    at(240, { type: 'task.waiting', task: 'build', turn: 0, question: 'Which *colour*?' }),
    at(250, { type: 'task.started', task: 'part', attempt: 0, backend: 'local' }),
    call(260, 'part', 0),
    reply(360, 'part', 0),
    at(370, { type: 'task.cancelled', task: 'part', partial: '' }),
    at(380, { type: 'task.retried', task: 'part', because: 'build' }),
    at(390, {
      type: 'task.completed',
      task: 'part',
      backend: 'local',
      result: 'A part.',
      partial: false,
      key: 'k',
      reusedFrom: 'run-0',
    }),
    at(400, { type: 'task.marked', task: 'draw', result: 'I drew it.' }),
  ];
}

function sampleStart(request: string): TimedBody {
  return at(0, {
    type: 'run.started',
    request,
    context: '{}',
    source: 'chat',
    options: DEFAULT_OPTIONS,
    workspace: '/project',
  });
}
