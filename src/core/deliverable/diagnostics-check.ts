/**
 * Looks at the files of a check with the language support that the shell has, as the work leaves them.
 *
 * What was wrong before in the same words is not the work's: it is told in a note. A file that nothing here can read makes the check
 * broken, unless another one has failed it.
 */
import { unlessAborted } from '../../base/abort.ts';
import { plural } from '../../base/plural.ts';
import type { Diagnosis, Diagnostics, FileProblem } from './check-ports.ts';
import { chosenFiles, type ChooseFrom, type ChosenFile } from './chosen-files.ts';
import type { DiagnosticsCheck } from './deliverable.ts';
import type { Made } from './judge.ts';
import type { RunTruth } from './run-truth.ts';

export interface DiagnosticsFacts extends ChooseFrom {
  /** Undefined: this shell has no language support. */
  readonly diagnostics: Diagnostics | undefined;
  readonly truth: Pick<RunTruth, 'edits' | 'look' | 'stays'>;
}

/** A file, and what is said of it now and was said of it before; null: it was not there. */
interface Compared {
  readonly path: string;
  readonly now: Diagnosis;
  readonly before: Diagnosis | null;
}

export async function checkDiagnostics(check: DiagnosticsCheck, facts: DiagnosticsFacts): Promise<Made> {
  const { diagnostics, truth, signal } = facts;
  if (diagnostics === undefined) return broken('there is no language support here');
  const files = await chosenFiles(check.paths, facts);
  if (!files.ok) return { ...files.error, heldBefore: null };
  for (const kept of files.value.flatMap((file) => file.kept)) truth.stays(kept);
  const compared = await unlessAborted(compare(files.value, check, { diagnostics, signal }), signal, undefined);
  return compared === undefined ? broken('it was called off') : madeOf(compared);
}

async function compare(
  files: readonly ChosenFile[],
  { severity = 'error' }: DiagnosticsCheck,
  { diagnostics, signal }: { readonly diagnostics: Diagnostics; readonly signal: AbortSignal },
): Promise<readonly Compared[]> {
  const older = files.flatMap(({ path, before }) => (before === null ? [] : [{ path, text: before }]));
  const now = await diagnostics.diagnose(
    files.map(({ path, text }) => ({ path, text })),
    { severity, signal },
  );
  const then = await diagnostics.diagnose(older, { severity, signal });
  const before = new Map(older.map(({ path }, index) => [path, then[index] ?? NOT_LOOKED_AT]));
  return files.map(({ path }, index) => ({
    path,
    now: now[index] ?? NOT_LOOKED_AT,
    before: before.get(path) ?? null,
  }));
}

const NOT_LOOKED_AT: Diagnosis = { kind: 'unknown', why: 'it was not looked at' };

const MOST_TOLD = 10;

function madeOf(compared: readonly Compared[]): Made {
  // A problem that may have been there before is not blamed on the work.
  const undecided = compared.find(({ now, before }) => problemsIn(now).length > 0 && before?.kind === 'unknown');
  if (undecided !== undefined) return broken(`${undecided.path}: what was wrong before the work is not known`);
  const fresh = compared.flatMap((one) => newIn(one).map((problem) => problemText(one.path, problem)));
  if (fresh.length > 0) {
    const rest = fresh.length - MOST_TOLD;
    const more = rest > 0 ? `; and ${rest} more` : '';
    return { outcome: 'failed', why: `${fresh.slice(0, MOST_TOLD).join('; ')}${more}`, heldBefore: null };
  }
  const unknown = compared.flatMap(({ path, now }) => (now.kind === 'unknown' ? [`${path}: ${now.why}`] : []));
  if (unknown.length > 0) return broken(unknown.slice(0, MOST_TOLD).join('; '));
  const note = noteOf(compared);
  return { outcome: 'passed', why: '', heldBefore: null, ...(note === '' ? {} : { note }) };
}

function problemsIn(diagnosis: Diagnosis | null): readonly FileProblem[] {
  return diagnosis?.kind === 'read' ? diagnosis.problems : [];
}

/** Those that go beyond as many of the same words as there were before: lines move. */
function newIn({ now, before }: Compared): readonly FileProblem[] {
  const known = new Map<string, number>();
  for (const { message } of problemsIn(before)) known.set(message, (known.get(message) ?? 0) + 1);
  return problemsIn(now).filter(({ message }) => {
    const left = known.get(message) ?? 0;
    known.set(message, left - 1);
    return left <= 0;
  });
}

const LONGEST_MESSAGE = 300;

function problemText(path: string, { line, message }: FileProblem): string {
  const plain = message.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').trim();
  const shown = plain.length > LONGEST_MESSAGE ? `${plain.slice(0, LONGEST_MESSAGE).toWellFormed()}…` : plain;
  return `${path}:${line}: ${shown}`;
}

function noteOf(compared: readonly Compared[]): string {
  const old = compared.reduce((sum, { now }) => sum + problemsIn(now).length, 0);
  const formOnly = compared.flatMap(({ path, now }) => (now.kind === 'read' && now.isSyntaxOnly ? [path] : []));
  const rest = formOnly.length - MOST_TOLD;
  return [
    ...(old === 0 ? [] : [`${plural(old, 'problem')} that ${old === 1 ? 'was' : 'were'} there before`]),
    ...(formOnly.length === 0
      ? []
      : [`looked at for form only: ${formOnly.slice(0, MOST_TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`]),
  ].join('; ');
}

function broken(why: string): Made {
  return { outcome: 'broken', why, heldBefore: null };
}
