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

/** Limits on a run. */
export interface RunLimits extends Limits {
  /** `maxUsd` is what the session of an MCP client had left of its own limit, and not what the user gives any run. */
  readonly isUsdOfSession?: true;
}
