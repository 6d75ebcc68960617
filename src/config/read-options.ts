import type { z } from 'zod';
import type { DataRule } from '../core/data-rule.ts';
import {
  APPROVALS,
  DEFAULT_OPTIONS,
  STRATEGIES,
  type Approval,
  type Limits,
  type Strategy,
} from '../core/run-request.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Levels } from './levels.ts';
import { show, type Problem } from './problem.ts';
import type { Level } from './raw-settings.ts';
import {
  allowedCommandSchema,
  approvalSchema,
  budgetSchema,
  concurrencySchema,
  dataRuleSchema,
  LIMIT_FIELDS,
  LIMIT_NAMES,
  reducerSchema,
  SESSION_FIELD,
  strategySchema,
} from './settings.ts';
import { pathText, shapeFaults, type PlacedFault, type ShapeWords } from './shape-faults.ts';

/** A setting as it counts, and what was wrong with it. */
export interface Read<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

export function readStrategy(levels: Levels): Read<Strategy> {
  return readPlain(levels, {
    name: 'strategy',
    schema: strategySchema,
    fallback: DEFAULT_OPTIONS.strategy,
    expected: `one of ${STRATEGIES.join(', ')}`,
    example: '"auto"',
  });
}

/**
 * The stricter of the two levels: a workspace may ask for more waiting than the user, not for less. A value that cannot be
 * read counts as `always`. `unset`: what counts when neither level says.
 */
export function readApproval(levels: Levels, unset: Approval): Read<Approval> {
  const bad: Problem[] = [];
  const said = (level: Level): Approval | undefined => {
    const raw = levels[level];
    if (raw === undefined) return undefined;
    const parsed = approvalSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    bad.push({
      where: placed('approval', level),
      expected: `one of ${APPROVALS.join(', ')}`,
      got: show(raw),
      whatToDo: 'Write for example "whenItWrites"; until then every plan waits.',
    });
    return 'always';
  };
  const wanted = [said('user') ?? unset, said('workspace') ?? 'never', levels.isUnreadable ? 'always' : 'never'];
  // The strictest is the first.
  const value = APPROVALS.find((approval) => wanted.includes(approval)) ?? unset;
  return { value, problems: [...levels.problems, ...bad] };
}

export function readConcurrency(levels: Levels): Read<number | undefined> {
  return readPlain(levels, {
    name: 'concurrency',
    schema: concurrencySchema,
    fallback: undefined,
    expected: 'a whole number from 1 to 1000, or null',
    example: '8',
  });
}

/** `known`: the ids of the roster's good entries; undefined when nothing is configured and the roster is discovered. */
export function readReducer(levels: Levels, known: readonly string[] | undefined): Read<string | undefined> {
  const expected = 'the id of a backend in the roster';
  const read = readPlain(withoutEmptyText(levels), {
    name: 'reducer',
    schema: reducerSchema,
    fallback: undefined,
    expected,
    example: '"gpt"',
  });
  if (read.value === undefined || known === undefined || known.includes(read.value)) return read;
  const meant = didYouMean(read.value, known);
  const whatToDo =
    meant === undefined
      ? `Name one of ${known.join(', ') || 'the backends, once the roster has a good one'}; until then the orchestrator writes the answer.`
      : `Did you mean "${meant}"? Until then the orchestrator writes the answer.`;
  return {
    value: undefined,
    problems: [...read.problems, { where: 'reducer', expected, got: show(read.value), whatToDo }],
  };
}

function withoutEmptyText(levels: Levels): Levels {
  const set = (value: unknown): unknown => (value === '' ? undefined : value);
  return { ...levels, user: set(levels.user), workspace: set(levels.workspace) };
}

interface PlainSetting<T, F> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly fallback: F;
  readonly expected: string;
  readonly example: string;
}

/** The workspace's value, else the user's, else the fallback; a faulty value is passed over. */
function readPlain<T, F>(levels: Levels, setting: PlainSetting<T, F>): Read<T | F> {
  const problems = [...levels.problems];
  for (const level of ['workspace', 'user'] as const) {
    const raw = levels[level];
    if (raw === undefined) continue;
    const parsed = setting.schema.safeParse(raw);
    if (parsed.success) return { value: parsed.data, problems };
    problems.push({
      where: placed(setting.name, level),
      expected: setting.expected,
      got: show(raw),
      whatToDo: `Write for example ${setting.example}.`,
    });
  }
  return { value: setting.fallback, problems };
}

/** On when either level says so, or says something that is no answer: a guard that cannot be read is closed. */
export function readLocalOnly(levels: Levels): Read<boolean> {
  const bad = faultyBooleans('localOnly', levels, 'Write true or false; until then only local backends are used.');
  return {
    value: levels.isUnreadable || bad.length > 0 || levels.user === true || levels.workspace === true,
    problems: [...levels.problems, ...bad],
  };
}

export function readAllowApi(levels: Levels): Read<boolean> {
  const bad = faultyBooleans(
    'allowApi',
    levels,
    'Write true or false; until then api backends are used only where they are named.',
  );
  return { value: levels.user === true, problems: [...levels.problems, ...bad] };
}

/** Those that can be read. One that cannot allows nothing; nor does a level that may not say. */
export function readAllowedCommands(levels: Levels): Read<readonly (readonly string[])[]> {
  const raw = levels.user;
  if (raw === undefined) return { value: [], problems: levels.problems };
  const where = 'allowedCommands';
  if (!Array.isArray(raw)) {
    const whatToDo = 'Write for example [["npm", "test"]]; until then no command is allowed.';
    return {
      value: [],
      problems: [...levels.problems, { where, expected: 'a list of commands', got: show(raw), whatToDo }],
    };
  }
  const read = raw.map((item: unknown, index) => allowedCommandOf(item, `${where}[${index}]`));
  return {
    value: read.flatMap(({ value }) => value),
    problems: [...levels.problems, ...read.flatMap(({ problems }) => problems)],
  };
}

function allowedCommandOf(raw: unknown, where: string): Read<readonly (readonly string[])[]> {
  const parsed = allowedCommandSchema.safeParse(raw);
  if (parsed.success) {
    const argv = typeof parsed.data === 'string' ? parsed.data.trim().split(/\s+/) : parsed.data;
    return { value: [argv], problems: [] };
  }
  const expected = 'a command, as a list of texts or as one text';
  const whatToDo = 'Write for example ["npm", "test"]; until then it allows nothing.';
  return { value: [], problems: [{ where, expected, got: show(raw), whatToDo }] };
}

function faultyBooleans(name: string, levels: Levels, whatToDo: string): readonly Problem[] {
  return (['user', 'workspace'] as const)
    .filter((level) => levels[level] !== undefined && typeof levels[level] !== 'boolean')
    .map((level) => ({ where: placed(name, level), expected: 'true or false', got: show(levels[level]), whatToDo }));
}

export interface Budget {
  readonly limits: Limits;
  readonly perTask: Limits;
  /** Dollars of one session of an MCP client. */
  readonly perSession: number | undefined;
}

const NOTHING_RUNS: Limits = { maxIterations: 0 };

const BUDGET_WORDS: ShapeWords = {
  fields: {
    ...LIMIT_FIELDS,
    maxUsdPerSession: SESSION_FIELD,
    perTask: { expected: 'an object with limits for each task', example: '"perTask": {"maxTokens": 50000}' },
    ...Object.fromEntries(LIMIT_NAMES.map((name) => [`perTask.${name}`, LIMIT_FIELDS[name]])),
  },
  whole: { expected: 'an object with limits', example: '{"maxUsd": 0.5}' },
  secret: new Set(),
};

/** The lower limit of the two levels counts. A limit that cannot be read counts as 0, so that no money goes by mistake. */
export function readBudget(levels: Levels): Read<Budget> {
  const user = budgetOf(levels.user, 'user');
  const workspace = budgetOf(levels.workspace, 'workspace');
  const limits = lower(user.value.limits, workspace.value.limits);
  return {
    value: {
      limits: levels.isUnreadable ? NOTHING_RUNS : limits,
      perTask: lower(user.value.perTask, workspace.value.perTask),
      perSession: levels.isUnreadable ? 0 : lowerOf(user.value.perSession, workspace.value.perSession),
    },
    problems: [...levels.problems, ...user.problems, ...workspace.problems],
  };
}

function budgetOf(raw: unknown, level: Level): Read<Budget> {
  if (raw === undefined) return { value: { limits: {}, perTask: {}, perSession: undefined }, problems: [] };
  const parsed = budgetSchema.safeParse(raw);
  if (parsed.success) {
    const { perTask = {}, maxUsdPerSession } = parsed.data;
    return {
      value: { limits: limitsOf(parsed.data), perTask: limitsOf(perTask), perSession: maxUsdPerSession },
      problems: [],
    };
  }
  const faults = shapeFaults(parsed.error.issues, raw, BUDGET_WORDS);
  const problems = faults.map((fault) =>
    problemAt(placed('budget', level), {
      ...fault,
      whatToDo: `${fault.whatToDo} Until then it counts as 0: no call is made.`,
    }),
  );
  const inTask = isObject(raw) ? raw['perTask'] : undefined;
  return {
    value: {
      limits: readableLimits(raw),
      perTask: inTask === undefined ? {} : readableLimits(inTask),
      perSession: isObject(raw) ? sessionLimitOf(raw['maxUsdPerSession']) : 0,
    },
    problems,
  };
}

function limitsOf(found: { readonly [name in keyof Limits]?: number | undefined }): Limits {
  return Object.fromEntries(LIMIT_NAMES.flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]]])));
}

/** The good limits of a faulty budget, 0 for the faulty ones; a name that is no limit stops everything unless it is a slip. */
function readableLimits(raw: unknown): Limits {
  if (!isObject(raw)) return NOTHING_RUNS;
  const known: ReadonlySet<string> = new Set([...LIMIT_NAMES, 'perTask', 'maxUsdPerSession']);
  const unknown = Object.keys(raw).filter((name) => !known.has(name));
  const slips = unknown.map((name) => didYouMean(name, LIMIT_NAMES) ?? 'maxIterations');
  const good = LIMIT_NAMES.filter((name) => raw[name] !== undefined).map(
    (name) => [name, limitOf(name, raw[name])] as const,
  );
  return Object.fromEntries([...good, ...slips.map((name) => [name, 0] as const)]);
}

function sessionLimitOf(raw: unknown): number | undefined {
  if (raw === undefined) return undefined;
  const parsed = budgetSchema.shape.maxUsdPerSession.safeParse(raw);
  return parsed.success ? parsed.data : 0;
}

function limitOf(name: (typeof LIMIT_NAMES)[number], raw: unknown): number {
  const parsed = budgetSchema.shape[name].safeParse(raw);
  return parsed.success ? (parsed.data ?? 0) : 0;
}

function lower(a: Limits, b: Limits): Limits {
  return limitsOf(Object.fromEntries(LIMIT_NAMES.map((name) => [name, lowerOf(a[name], b[name])])));
}

function lowerOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const RULE_WORDS: ShapeWords = {
  fields: {
    glob: {
      expected: 'a pattern as in .gitignore, without braces and not beginning with "!", "#", "~" or "./"',
      example: '"glob": "secrets/**", one rule for each pattern',
    },
    allow: { expected: 'one of anywhere, local, nowhere', example: '"allow": "local"' },
  },
  whole: { expected: 'an object with glob and allow', example: '{"glob": "secrets/**", "allow": "nowhere"}' },
  secret: new Set(),
};

/**
 * What cannot be read must not open a door: a rule whose pattern is readable keeps its files back, and after any other
 * fault the text of files goes to local backends only.
 */
export function readDataRules(levels: Levels): Read<readonly DataRule[]> {
  const user = rulesOf(levels.user, 'user');
  const workspace = rulesOf(levels.workspace, 'workspace');
  const unreadable = levels.isUnreadable ? [ONLY_LOCAL] : [];
  return {
    value: [...user.value, ...workspace.value, ...unreadable],
    problems: [...levels.problems, ...user.problems, ...workspace.problems],
  };
}

/** At workspace level, because such a rule only tightens. */
const ONLY_LOCAL: DataRule = { glob: '**', allow: 'local', level: 'workspace' };
const UNTIL_THEN = 'Until then the text of files goes to local backends only.';

function rulesOf(raw: unknown, level: Level): Read<readonly DataRule[]> {
  if (raw === undefined) return { value: [], problems: [] };
  if (!Array.isArray(raw)) {
    const whatToDo = `Write for example [{"glob": "secrets/**", "allow": "nowhere"}]. ${UNTIL_THEN}`;
    return {
      value: [ONLY_LOCAL],
      problems: [{ where: placed('dataRules', level), expected: 'a list of rules', got: show(raw), whatToDo }],
    };
  }
  const read = raw.map((item: unknown, index) => ruleOf(item, level, `${placed('dataRules', level)}[${index}]`));
  return { value: read.flatMap((one) => one.value), problems: read.flatMap((one) => one.problems) };
}

function ruleOf(raw: unknown, level: Level, where: string): Read<readonly DataRule[]> {
  const parsed = dataRuleSchema.safeParse(raw);
  if (parsed.success) return { value: [{ ...parsed.data, level }], problems: [] };
  const problems = shapeFaults(parsed.error.issues, raw, RULE_WORDS).map((fault) => problemAt(where, fault));
  const glob = dataRuleSchema.shape.glob.safeParse(isObject(raw) ? raw['glob'] : undefined);
  const consequence = glob.success ? 'Until then these files go nowhere.' : UNTIL_THEN;
  return {
    value: [glob.success ? { glob: glob.data, allow: 'nowhere', level } : ONLY_LOCAL],
    problems: problems.map((problem) => ({ ...problem, whatToDo: `${problem.whatToDo} ${consequence}` })),
  };
}

function problemAt(where: string, fault: PlacedFault): Problem {
  return { where: where + pathText(fault.path), expected: fault.expected, got: fault.got, whatToDo: fault.whatToDo };
}

function placed(name: string, level: Level): string {
  return level === 'user' ? name : `workspace ${name}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
