/** Limits on a run or a task; an absent one does not limit. */
export interface Limits {
  readonly maxUsd?: number;
  /** Input and output tokens together. */
  readonly maxTokens?: number;
  /** Model calls. */
  readonly maxIterations?: number;
  /** Wall time in milliseconds. */
  readonly maxMs?: number;
}
