import type { z } from 'zod';
import { APPROVALS, DEFAULT_OPTIONS, STRATEGIES, type Approval, type Strategy } from '../core/run-request.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Levels } from './levels.ts';
import { show, type Problem } from './problem.ts';
import type { Level } from './raw-settings.ts';
import { placed, type Read } from './read-setting.ts';
import { allowedCommandSchema, approvalSchema, concurrencySchema, reducerSchema, strategySchema } from './settings.ts';

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
