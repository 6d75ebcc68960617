import type { Retention } from '../core/ports.ts';
import type { Levels } from './levels.ts';
import type { Read } from './read-setting.ts';
import { RETENTION_FIELDS, retentionSchema } from './settings.ts';
import { pathText, shapeFaults, type ShapeWords } from './shape-faults.ts';

const DAY_MS = 24 * 3_600_000;

const WORDS: ShapeWords = {
  fields: RETENTION_FIELDS,
  whole: { expected: 'an object with maxDays or maxRuns', example: '{"maxDays": 90}' },
  secret: new Set(),
};

/** Nothing is removed by a value of which a part cannot be read: what is gone does not come back. */
export function readRetention({ user, problems }: Levels): Read<Retention> {
  if (user === undefined) return { value: {}, problems };
  const parsed = retentionSchema.safeParse(user);
  if (!parsed.success) {
    const faults = shapeFaults(parsed.error.issues, user, WORDS).map(({ path, whatToDo, ...fault }) => ({
      where: `retention${pathText(path)}`,
      ...fault,
      whatToDo: `${whatToDo} Until then all runs are kept.`,
    }));
    return { value: {}, problems: [...problems, ...faults] };
  }
  const { maxDays, maxRuns } = parsed.data;
  return {
    value: {
      ...(maxDays === undefined ? {} : { maxAgeMs: maxDays * DAY_MS }),
      ...(maxRuns === undefined ? {} : { maxRuns }),
    },
    problems,
  };
}
