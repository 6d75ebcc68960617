/**
 * Which completed tasks are folded away.
 *
 * Owns: the person's choice, which folded nodes were opened, what is folded now. Does not own: which nodes come of it
 * (shown-graph.ts).
 *
 * 1. Only completed tasks are folded; one that is done anew is shown at once.
 * 2. Without being asked nothing is folded of a plan that is completed whole: one box would be all that is left of it.
 * 3. While a run goes on, tasks that complete are folded a few together, so that the picture stands still in between.
 */
import type { GraphTask } from './graph-view.ts';

export const FOLD_MODES = ['auto', 'folded', 'all'] as const;
export type FoldMode = (typeof FOLD_MODES)[number];

/** More tasks than this, and finished ones are folded without being asked. */
const AUTO_ABOVE = 40;
const AT_LEAST = 6;
const EVERY_MS = 3_000;

export interface FoldMoment {
  readonly nowMs: number;
  /** Nothing more will complete. */
  readonly isOver: boolean;
}

type Foldable = Pick<GraphTask, 'id' | 'word'>;

export class Folding {
  #mode: FoldMode;
  #opened: ReadonlySet<string> = new Set();
  #folded: ReadonlySet<string> = new Set();
  #lastMs = 0;
  #isAsked = true;

  constructor(mode: FoldMode = 'auto') {
    this.#mode = mode;
  }

  get mode(): FoldMode {
    return this.#mode;
  }

  get folded(): ReadonlySet<string> {
    return this.#folded;
  }

  folds(tasks: readonly Foldable[]): boolean {
    if (this.#mode !== 'auto') return this.#mode === 'folded';
    return tasks.length > AUTO_ABOVE && tasks.some(({ word }) => word !== 'completed');
  }

  /** True when what is folded has changed. */
  update(tasks: readonly Foldable[], { nowMs, isOver }: FoldMoment): boolean {
    const wanted = new Set(
      this.folds(tasks)
        ? tasks.filter(({ id, word }) => word === 'completed' && !this.#opened.has(id)).map(({ id }) => id)
        : [],
    );
    const isWrong = [...this.#folded].some((id) => !wanted.has(id));
    const more = wanted.size - this.#folded.size;
    const isTime = isOver || this.#isAsked || (more >= AT_LEAST && nowMs - this.#lastMs >= EVERY_MS);
    this.#isAsked = false;
    if (!isWrong && (more === 0 || !isTime)) return false;
    this.#folded = wanted;
    this.#lastMs = nowMs;
    return true;
  }

  /** The person wants all folded that can be, or nothing; also for the first look at a run. */
  choose(mode: FoldMode): void {
    this.#mode = mode;
    this.#opened = new Set();
    this.#isAsked = true;
  }

  /** The person wants to see these. */
  open(tasks: readonly string[]): void {
    this.#opened = new Set([...this.#opened, ...tasks]);
  }
}
