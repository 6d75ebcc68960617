import type { DataRule } from '../core/data-rule.ts';
import type { Levels } from './levels.ts';
import { show } from './problem.ts';
import type { Level } from './raw-settings.ts';
import { isObject, placed, problemAt, type Read } from './read-setting.ts';
import { dataRuleSchema } from './settings.ts';
import { shapeFaults, type ShapeWords } from './shape-faults.ts';

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
