/** The pieces that prompts are rendered from and that the embedded backend reads directly. */

/** One backend as the planner sees it: never a secret or a URL. */
export interface MenuEntry {
  readonly id: string;
  readonly goodAt: readonly string[];
  readonly tier: string;
  /** `free`, `low`, `medium`, `high`, or dollars per million tokens as text. */
  readonly cost: string;
  readonly contextWindow?: number;
  readonly freeSlots: number;
}

export interface PathInfo {
  /** Relative to the workspace, with `/`; in a multi-root workspace it begins with the folder's name. */
  readonly path: string;
  readonly bytes: number;
}

/** Text handed to a task, as it was read. */
export interface InputText {
  /** Undefined for text that came with the plan or the request. */
  readonly path?: string;
  readonly text: string;
  /** 1-based line of the file that `text` begins with. */
  readonly firstLine: number;
  /** Says what was left out, when it was cut. */
  readonly cut?: string;
  /** True when a data rule keeps it on this machine. */
  readonly localOnly: boolean;
  /** True when it is what an editor shows and the file on disk is not (yet) the same. */
  readonly unsaved?: true;
}

export interface TaskResult {
  readonly task: string;
  readonly title: string;
  readonly text: string;
  readonly partial: boolean;
}
