import type { BudgetPool } from '../budget.ts';
import type { BackendDescription } from '../backend.ts';
import type { Talk } from '../control/talk.ts';
import type { Failure } from '../failure.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody } from '../run-event.ts';
import type { TaskWork } from '../task-work.ts';

/** One attempt of a supervisor. */
export interface Supervisor {
  readonly ctx: RunContext;
  readonly work: TaskWork;
  /** What it and its workers spend from. */
  readonly account: BudgetPool;
  readonly talk: Talk;
  /** Workers whose end it was told in full. */
  readonly told: Set<string>;
}

/** The reply whose calls are answered. */
export interface SupervisorTurn {
  readonly turn: number;
  /** How many of the user's words it has heard. */
  readonly said: number;
  readonly backend: BackendDescription | undefined;
}

/** How the work of a supervisor ends. */
export type SupervisorEnd =
  | { readonly kind: 'submitted'; readonly output: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What a tool came to. `events` are journaled with its end. */
export interface Coordinated {
  readonly isOk: boolean;
  readonly text: string;
  readonly events?: readonly RunEventBody[];
  readonly end?: SupervisorEnd;
  /** Workers that are in the plan once this is on record. */
  readonly spawned?: number;
  /** Once this is on record. */
  readonly after?: () => void;
}

export function refusedCall(text: string): Coordinated {
  return { isOk: false, text };
}

export function mostOf(asked: number | undefined, most: number): number {
  return Math.max(1, Math.min(asked ?? most, most));
}
