/** What is wrong with one place of the settings. Never holds a secret, whatever was typed. */
export interface Problem {
  /** `roster[2] "gpt".cost.input`, `budget.maxUsd`. */
  readonly where: string;
  readonly expected: string;
  /** What stands there, as far as it may be shown. */
  readonly got: string;
  /** One imperative sentence. */
  readonly whatToDo: string;
  /** The id of the roster entry, where it has a usable one. */
  readonly backend?: string;
}

/** A problem without its place, as a check of one value reports it. */
export type Fault = Omit<Problem, 'where' | 'backend'>;

export function describeProblem(problem: Problem): string {
  return `${problem.where}: expected ${problem.expected}, got ${problem.got}. ${problem.whatToDo}`;
}

const SHOWN_CHARACTERS = 60;
const KEY_PREFIX =
  /(?:^|[^a-z0-9])(?:sk|pk|rk|gsk|xai|ghp|gho|ghu|ghs|hf|r8|glpat|xox[abeprs]|nvapi|pplx|github_pat)[-_][\w-]+|AIza[\w-]{10,}|AKIA[A-Z0-9]{8,}|eyJ[\w-]{10,}|bearer\s+\S+/gi;

/** Could this text be a credential? Rather once too often than once too seldom; `hf-zephyr-7b` is none. */
export function looksLikeKey(text: string): boolean {
  const marked = [...text.matchAll(KEY_PREFIX)].some(
    ([found]) => isMixed(found, 12) || /^(?:AIza|AKIA|eyJ|bearer)/i.test(found),
  );
  return marked || isMixed(text, 24);
}

/** Does it hold a run of letters and digits, both of them, at least this long? */
function isMixed(text: string, length: number): boolean {
  const runs = text.match(/[A-Za-z0-9]+/g) ?? [];
  return runs.some((run) => run.length >= length && /[0-9]/.test(run) && /[A-Za-z]/.test(run));
}

/** A value for a message: short, on one line, and hidden when it could be a credential. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return showText(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return `a ${typeof value}`;
}

function showText(text: string): string {
  if (looksLikeKey(text)) return hidden(text);
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}

/** For places where a credential is likely: says only how much there is. */
export function hidden(text: string): string {
  return `a text of ${text.length} characters (not shown, it may be a key)`;
}
