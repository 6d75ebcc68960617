/** What a plan will take, before it runs: always a range, never a promise. */

/** From least to most, both inclusive. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface TaskEstimate {
  /** Where it would go as things are now; null: nothing fits. */
  readonly backend: string | null;
  /** Input and output tokens together. */
  readonly tokens: Range;
  /** Null: the price is not known. */
  readonly usd: Range | null;
  readonly ms: Range;
  /** Its result of the run before will most likely be used again. */
  readonly isReused?: true;
}

export interface PlanEstimate {
  readonly tasks: Readonly<Record<string, TaskEstimate>>;
  /** With the answer. `usd` counts what is known; `ms` is along the longest path. */
  readonly total: { readonly tokens: Range; readonly usd: Range; readonly ms: Range };
  /** A price is missing. */
  readonly isUsdKnown: boolean;
}
