/** Where the text of a file may go: to any backend, to backends of tier `local` only, or to none. */
export const ALLOWANCES = ['anywhere', 'local', 'nowhere'] as const;
export type Allowance = (typeof ALLOWANCES)[number];

/** Files and where their text may go. A user's rules may loosen the defaults; a workspace's rules only tighten. */
export interface DataRule {
  /** As in .gitignore: `secrets/**`, `*.pem`; case does not matter. Relative to each workspace folder. */
  readonly glob: string;
  readonly allow: Allowance;
  readonly level: 'user' | 'workspace';
}
