import type { Limits } from '../core/run-request.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Levels } from './levels.ts';
import type { Level } from './raw-settings.ts';
import { isObject, placed, problemAt, type Read } from './read-setting.ts';
import { budgetSchema, LIMIT_FIELDS, LIMIT_NAMES, SESSION_FIELD } from './settings.ts';
import { shapeFaults, type ShapeWords } from './shape-faults.ts';

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
