/** A settings value and who set it: a workspace's values are trusted with less than the user's own. */
export interface LeveledValue {
  readonly user?: unknown;
  /** Workspace or folder value; ignored in an untrusted workspace. */
  readonly workspace?: unknown;
}

/** The raw `orchestrator.*` settings by their full name, unchecked. */
export type RawSettings = Readonly<Record<string, LeveledValue>>;

export type Level = 'user' | 'workspace';
