/** The texts that a check names by paths and globs, as the work leaves them. */
import { unlessAborted } from '../../base/abort.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { globMatcher } from '../agent/match-path.ts';
import type { Workspace } from '../ports.ts';
import type { ReadFile } from '../run-event.ts';
import type { Made } from './judge.ts';
import type { RunTruth } from './run-truth.ts';

export interface ChosenFile {
  readonly path: string;
  readonly text: string;
  /** Null: it was not there. */
  readonly before: string | null;
  /** What a data rule keeps on this machine of what it was made from. */
  readonly kept: readonly ReadFile[];
}

export interface ChooseFrom {
  readonly workspace: Pick<Workspace, 'expand'>;
  readonly truth: Pick<RunTruth, 'edits' | 'look'>;
  readonly signal: AbortSignal;
}

/** How a check comes out that has not come to its question. */
type Otherwise = Pick<Made, 'outcome' | 'why'>;

const MOST_FILES = 50;

/** `patterns` undefined: the files that the work changed. */
export async function chosenFiles(
  patterns: readonly string[] | undefined,
  from: ChooseFrom,
): Promise<Result<readonly ChosenFile[], Otherwise>> {
  const names = patterns === undefined ? changedNames(from) : await namesOf(patterns, from);
  if (!names.ok) return names;
  if (names.value.length > MOST_FILES)
    return err({
      outcome: 'broken',
      why: `it is over ${names.value.length} files; at most ${MOST_FILES} are looked at`,
    });
  const files: ChosenFile[] = [];
  for (const path of names.value) {
    const { truth, kept } = await from.truth.look(path, 'after');
    if (truth.kind !== 'text') return err(otherwise(path, truth));
    const before = await from.truth.look(path, 'before');
    files.push({
      path,
      text: truth.text,
      before: before.truth.kind === 'text' ? before.truth.text : null,
      kept: [...kept, ...before.kept],
    });
  }
  return ok(files);
}

function otherwise(
  path: string,
  truth: Exclude<Awaited<ReturnType<RunTruth['look']>>['truth'], { readonly kind: 'text' }>,
): Otherwise {
  switch (truth.kind) {
    case 'missing':
      return { outcome: 'failed', why: `there is no file ${path}` };
    case 'conflict':
      return { outcome: 'failed', why: `${path}: ${truth.why}` };
    case 'opaque':
    case 'unknown':
    default:
      return { outcome: 'broken', why: `${path}: ${truth.why}` };
  }
}

function changedNames({ truth }: ChooseFrom): Result<readonly string[], Otherwise> {
  const edits = truth.edits();
  if (!edits.ok) return edits;
  if (edits.value.length === 0) return err({ outcome: 'failed', why: 'the work changed no file, and none is named' });
  const left = edits.value.flatMap(({ path, text }) => (path === null || text === null ? [] : [path]));
  return left.length > 0
    ? ok(left)
    : err({ outcome: 'failed', why: 'the work left no file to look at, and none is named' });
}

/** Of the workspace and of the edits: what the work took away is not there, what it brought is. */
async function namesOf(
  patterns: readonly string[],
  { workspace, truth, signal }: ChooseFrom,
): Promise<Result<readonly string[], Otherwise>> {
  const edits = truth.edits();
  if (!edits.ok) return edits;
  const gone = new Set(
    edits.value.flatMap(({ origin, path, text }) => (text === null || origin !== path ? [origin] : [])),
  );
  const brought = edits.value.flatMap(({ path, text }) => (path === null || text === null ? [] : [path]));
  const names = new Set<string>();
  for (const pattern of patterns) {
    const expanded = await unlessAborted(workspace.expand([pattern], signal), signal, undefined);
    if (expanded === undefined) return err({ outcome: 'broken', why: 'it was called off' });
    const matches = globMatcher(pattern);
    const found = [
      ...expanded.files.map(({ path }) => path).filter((path) => !gone.has(path)),
      ...brought.filter(matches),
    ];
    for (const path of found) names.add(path);
    const [withheld] = expanded.withheld;
    if (withheld !== undefined) return err({ outcome: 'broken', why: `${withheld.path}: ${withheld.why}` });
    if (found.length === 0) return err({ outcome: 'failed', why: `there is no file ${pattern}` });
  }
  return ok([...names]);
}
