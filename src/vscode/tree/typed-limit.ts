/** The limits of a task as a person types them. What is shown of one is taken again as it is. */
import { TASK_LIMITS } from '../../core/plan/plan-shape.ts';

export type LimitName = keyof typeof TASK_LIMITS;

interface Typed {
  readonly prompt: string;
  readonly wanted: string;
  /** How many of the plan's units are one of those that are typed. */
  readonly unit: number;
  readonly isWhole: boolean;
}

export const TYPED_LIMITS: Readonly<Record<LimitName, Typed>> = {
  maxTokens: {
    prompt: 'The most output tokens of all its calls together',
    wanted: 'A whole number from 1 to 1000000000, or nothing.',
    unit: 1,
    isWhole: true,
  },
  maxUsd: {
    prompt: 'The most US dollars of all its calls together',
    wanted: 'An amount such as 0.25, at most 1000000, or nothing.',
    unit: 1,
    isWhole: false,
  },
  maxMs: {
    prompt: 'The most seconds that it may work',
    wanted: 'Seconds such as 90 or 1.5, from 0.001 to 1000000000, or nothing.',
    unit: 1_000,
    isWhole: false,
  },
};

export function shownLimit(name: LimitName, now: number | undefined): string {
  return now === undefined ? '' : String(now / TYPED_LIMITS[name].unit);
}

/** Null: no limit; undefined: it is none. */
export function readLimit(name: LimitName, text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const { unit, isWhole } = TYPED_LIMITS[name];
  const typed = Number(text);
  if (isWhole && !Number.isInteger(typed)) return undefined;
  // The plan counts whole milliseconds.
  const limit = unit === 1 ? typed : Math.round(typed * unit);
  const { min, max } = TASK_LIMITS[name];
  return limit >= min && limit <= max ? limit : undefined;
}
