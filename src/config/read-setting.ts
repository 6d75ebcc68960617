/** What the readers of single settings share. */
import type { Problem } from './problem.ts';
import type { Level } from './raw-settings.ts';
import { pathText, type PlacedFault } from './shape-faults.ts';

/** A setting as it counts, and what was wrong with it. */
export interface Read<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

export function problemAt(where: string, fault: PlacedFault): Problem {
  return { where: where + pathText(fault.path), expected: fault.expected, got: fault.got, whatToDo: fault.whatToDo };
}

/** Where a fault is, as it is told. */
export function placed(name: string, level: Level): string {
  return level === 'user' ? name : `workspace ${name}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
