/** What no supervisor goes beyond. */

/** Workers of one supervisor at once. Each has a limit of its own: workers never count against what their own workers need. */
export const MOST_WORKERS = 8;
/** Supervisors below each other, the first one included. */
export const MOST_DEPTH = 3;
export const MOST_TURNS = 100;
export const MOST_SUBMISSIONS = 3;
/** Replies in a row that call no tool. */
export const MOST_SILENT = 3;
/** Of one wait. */
export const LONGEST_WAIT_S = 300;
export const DEFAULT_WAIT_S = 60;
/** Characters of one result in a reply. */
export const LONGEST_SHOWN = 16_000;
