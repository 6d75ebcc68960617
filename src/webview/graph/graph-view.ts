/**
 * What the panel of a run's graph shows, as the extension hands it over. All texts are raw: whoever draws them sees to it that
 * they stay text.
 */
import type { RunWord, TaskWord } from '../../app/run-text.ts';
import type { Mode } from '../../core/plan/plan.ts';

export const TASK_WORDS = [
  'pending',
  'active',
  'waiting',
  'completed',
  'failed',
  'interrupted',
  'cancelled',
  'skipped',
] as const satisfies readonly TaskWord[];

export const RUN_WORDS = [
  'planning',
  'approving',
  'waiting',
  'running',
  'answering',
  'interrupted',
  'answered',
  'partial',
  'failed',
  'cancelled',
] as const satisfies readonly RunWord[];

/** A name and a value, for a line of facts. */
export interface GraphFact {
  readonly name: string;
  readonly value: string;
}

/** A stretch of wall time, milliseconds since the epoch. `toMs` null: it goes on. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** Where a task was at work, and when. */
export interface Place extends Span {
  readonly backend: string | null;
}

/** A model call: when, and where. Not each is a turn of the task: its work may be judged elsewhere. */
export interface Call extends Span {
  readonly backend: string;
}

/** One try at a task; of one that went on after an interruption, as much as was done at a stretch. */
export interface Attempt extends Span {
  /** At least one; several when it moved on to another backend, or reads in parts at several. */
  readonly places: readonly Place[];
  /** When it waited for the user. */
  readonly waits: readonly Span[];
  readonly calls: readonly Call[];
}

export interface GraphSpend {
  readonly calls: number;
  readonly tokens: number;
  readonly tokensKnown: boolean;
  readonly usd: number;
  readonly usdKnown: boolean;
}

export interface GraphTask {
  readonly id: string;
  readonly title: string;
  /** Null: a turn of the orchestrator itself, which is on the time axis and not in the graph. */
  readonly mode: Mode | null;
  /** The task it is nested under, which is in the graph too. */
  readonly parent: string | null;
  /** The tasks it depends on, all of which are in the graph. */
  readonly needs: readonly string[];
  readonly word: TaskWord;
  /** Where it runs or ran. */
  readonly backend: string | null;
  /** `reused`, `attempt 2`, `done by you`, … */
  readonly marks: readonly string[];
  /** `waits for nothing`, `waits for you`, `waits for 3 tasks`; empty: it has ended. */
  readonly waits: string;
  /** The oldest first, the present one last. */
  readonly attempts: readonly Attempt[];
  /** Over all attempts; not of the tasks nested under it. */
  readonly spent: GraphSpend;
  /** What else there is to say of it; time and spend are not among it. */
  readonly facts: readonly GraphFact[];
}

export interface GraphHead {
  readonly run: string;
  readonly title: string;
  readonly word: RunWord;
  /** `12/200 tasks · $0.0123`. */
  readonly detail: string;
  /** From the request to the answer. */
  readonly time: Span;
  /** Why there is no graph; null: there is one. */
  readonly empty: string | null;
}

export interface GraphView {
  readonly head: GraphHead;
  /** In the plan's order, before them the turn that planned, after them the one that answers. */
  readonly tasks: readonly GraphTask[];
  /** In the order in which they came into the run: a colour belongs to a place in it. */
  readonly backends: readonly string[];
}

/** Wall time in all attempts together; null: it did not begin. */
export function elapsedMs({ attempts }: Pick<GraphTask, 'attempts'>, nowMs: number): number | null {
  if (attempts.length === 0) return null;
  return attempts.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, (toMs ?? nowMs) - fromMs), 0);
}
