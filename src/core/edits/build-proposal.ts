/** All edits of a run as one proposal. */
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { EditBased, RunState } from '../run-state.ts';
import { conflictText } from './conflict-text.ts';
import { countChangedLines } from './line-counts.ts';
import { eolOf } from './line-ends.ts';
import type { MergedFile } from './merged-file.ts';
import type { MergedFiles } from './merged-files.ts';
import { newUrls } from './new-urls.ts';
import type { ConflictSide, ProposalEntry, ProposedFile, ProposedKind } from './proposal.ts';
import { RunEdits } from './run-edits.ts';

/**
 * The overlays of all completed tasks, merged in dependency order; what clashes is kept with its sources named. Files that are in
 * the end as they were are left out. By path. Fails when the state was read without its texts.
 */
export function buildProposal(state: Pick<RunState, 'run' | 'tasks'>): Result<readonly ProposedFile[], Failure> {
  const edits = new RunEdits(state);
  const [why] = edits.missing();
  if (why !== undefined)
    return err(
      failure('journal', `The edits of run ${state.run} cannot be put together. ${why}`, {
        whatToDo: 'Start the request again.',
      }),
    );
  const merged = edits.all();
  const files = new Outcome(merged).files.map((file) => proposedFile(file, merged, state));
  return ok(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
}

export function entriesOf(files: readonly ProposedFile[]): readonly ProposalEntry[] {
  return files.map(entryOf);
}

/** What a list shows of a file. Lines in conflict count with their markers. */
export function entryOf(file: ProposedFile): ProposalEntry {
  const { path, kind, from, tasks, protectedBecause } = file;
  return {
    path,
    kind,
    ...(from === undefined ? {} : { from }),
    tasks,
    ...countChangedLines(file.base?.text ?? null, file.text),
    isConflict: file.conflict !== undefined,
    ...(protectedBecause === undefined ? {} : { protectedBecause }),
    newUrls: file.newUrls,
    problems: file.problems,
  };
}

/** A path as it was in the workspace and as it is in the end. */
interface FileOutcome {
  readonly path: string;
  readonly kind: ProposedKind;
  readonly from?: string;
  readonly base: EditBased | null;
  readonly text: string | null;
  readonly encoding: EditBased['format']['encoding'];
  readonly tasks: readonly string[];
  readonly sides: readonly ConflictSide[];
}

/** Files by their identity become paths: a file that another one took the place of is changed, not moved. */
class Outcome {
  readonly files: readonly FileOutcome[];
  readonly #origins = new Map<string, MergedFile>();
  readonly #ends = new Map<string, MergedFile>();

  constructor(merged: MergedFiles) {
    for (const file of merged.all.values()) {
      if (file.origin !== null) this.#origins.set(file.origin, file);
      if (file.path !== null) this.#ends.set(file.path, both(this.#ends.get(file.path), file));
    }
    const paths = new Set([...this.#origins.keys(), ...this.#ends.keys()]);
    this.files = [...paths].flatMap((path) => this.#fileAt(path) ?? []);
  }

  #fileAt(path: string): FileOutcome | undefined {
    const before = this.#origins.get(path);
    const now = this.#ends.get(path);
    const file = now ?? before;
    if (file === undefined) return undefined;
    if (now === undefined && before !== undefined && this.#isRename(before)) return undefined; // told at its new path
    const base = before?.base ?? null;
    const common = {
      path,
      text: now?.text ?? null,
      encoding: (before ?? file).base.format.encoding,
      tasks: tasksOf(before, now),
      sides: file.sides,
    };
    if (now !== undefined && base === null) {
      if (!this.#isRename(now)) return { ...common, kind: 'created', base };
      return { ...common, kind: 'renamed', ...(now.origin === null ? {} : { from: now.origin }), base: now.base };
    }
    if (now === undefined) return { ...common, kind: 'deleted', base };
    if (file.sides.length === 0 && now.text === base?.text) return undefined;
    return { ...common, kind: 'modified', base };
  }

  #isRename(file: MergedFile): boolean {
    const { origin, path } = file;
    if (origin === null || path === null || origin === path) return false;
    return !this.#ends.has(origin) && !this.#origins.has(path) && this.#ends.get(path) === file;
  }
}

/** Should two files come to stand at one path after all, neither hides the other. */
function both(first: MergedFile | undefined, second: MergedFile): MergedFile {
  if (first === undefined) return second;
  const sides = [...sidesOf(first), ...sidesOf(second)];
  const contributions = [...first.contributions, ...second.contributions];
  return { ...first, origin: null, contributions, sides, text: conflictText(null, sides) };
}

function sidesOf(file: MergedFile): readonly ConflictSide[] {
  const last = file.contributions.at(-1);
  if (file.sides.length > 0 || last === undefined) return file.sides;
  return [{ task: last.task, title: last.title, text: file.text }];
}

function tasksOf(...files: readonly (MergedFile | undefined)[]): readonly string[] {
  return [...new Set(files.flatMap((file) => file?.contributions.map(({ task }) => task) ?? []))];
}

function proposedFile(file: FileOutcome, merged: MergedFiles, state: Pick<RunState, 'tasks'>): ProposedFile {
  const { path, kind, from, base, text, encoding, tasks, sides } = file;
  const before = typeof base?.text === 'string' ? base.text : null;
  const why = merged.protectedBecause(path) ?? (from === undefined ? undefined : merged.protectedBecause(from));
  return {
    path,
    kind,
    ...(from === undefined ? {} : { from }),
    base: base === null || before === null ? null : { text: before, hash: base.hash, unsaved: base.unsaved },
    text,
    format: { encoding, eol: eolOf(text ?? before ?? '') },
    tasks,
    ...(sides.length === 0 ? {} : { conflict: { sides } }),
    ...(why === undefined ? {} : { protectedBecause: why }),
    newUrls: newUrls(before, text),
    problems: problemsOf(path, tasks, state),
  };
}

/** What the checks said last of this file: lines that begin with its path. */
function problemsOf(path: string, tasks: readonly string[], state: Pick<RunState, 'tasks'>): readonly string[] {
  const problems = tasks.flatMap((task) => state.tasks.get(task)?.problems ?? []);
  return [...new Set(problems)].filter((line) => line.startsWith(`${path}:`) || line.startsWith(`${path} `));
}
