/**
 * Runs the command of a check over the files as the work leaves them; where that is asked, also as they were.
 *
 * A command that does not end in its time has failed: that it ends in it is part of the check. What keeps it from being run at
 * all (no trust, not allowed, no such program, no copy) is a broken check.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { encodeText } from '../edits/encode-text.ts';
import type { MergedFile } from '../edits/merged-file.ts';
import type { CommandRan, CommandRunner, CopiedFile } from './check-ports.ts';
import { argvText, DEFAULT_COMMAND_MS, type CommandCheck } from './deliverable.ts';
import type { Made } from './judge.ts';
import { printedText } from './printed-text.ts';
import type { RunTruth } from './run-truth.ts';

export interface CommandFacts {
  /** Undefined: this shell runs no commands. */
  readonly runner: CommandRunner | undefined;
  readonly truth: Pick<RunTruth, 'edits' | 'stays'>;
  readonly signal: AbortSignal;
}

export async function checkCommand(check: CommandCheck, { runner, truth, signal }: CommandFacts): Promise<Made> {
  if (runner === undefined) return broken('commands are not run here');
  const refusal = runner.refusal(check.argv);
  if (refusal !== undefined) return broken(`${refusal.why} ${refusal.whatToDo}`);
  const edits = truth.edits();
  if (!edits.ok) return { ...edits.error, heldBefore: null };
  const files = filesOf(edits.value);
  if (!files.ok) return broken(files.error);
  const run = async (over: readonly CopiedFile[]): Promise<Made> => {
    const { argv, cwd = '', timeoutMs = DEFAULT_COMMAND_MS } = check;
    const ran = await runner.run({ argv, cwd, timeoutMs, files: over, signal });
    for (const file of ran.localFiles) truth.stays(file);
    return madeOf(check, ran);
  };
  const now = await run(files.value);
  if (check.isNew !== true || now.outcome !== 'passed') return now;
  const before = await run([]);
  if (before.outcome === 'broken') return broken(`whether it held before the work is not known: ${before.why}`);
  if (before.outcome === 'failed') return { ...now, heldBefore: false };
  return { outcome: 'failed', why: 'it held before the work already', heldBefore: true };
}

/** A file may come to stand where another one was: what is taken away goes first. */
function filesOf(edits: readonly MergedFile[]): Result<readonly CopiedFile[], string> {
  const files = new Map<string, CopiedFile>();
  for (const { origin, path, text } of edits)
    for (const gone of [origin, path])
      if (gone !== null && (gone !== path || text === null)) files.set(gone, { path: gone, bytes: null });
  for (const { origin, path, text, base } of edits) {
    if (path === null || text === null) continue;
    const bytes = encodeText(text, base.format);
    if (!bytes.ok) return err(`${path}: ${bytes.error}`);
    files.set(path, { path, bytes: bytes.value, ...(origin === null ? {} : { like: origin }) });
  }
  return ok([...files.values()]);
}

function madeOf({ expect = 0, argv }: CommandCheck, { end, output, leftOut }: CommandRan): Made {
  const left =
    leftOut === 0 ? '' : `${leftOut} tracked files are not in its copy, by data rules, as links or as submodules`;
  const kept = left === '' ? '' : `; ${left}`;
  const failed = (why: string): Made => ({
    outcome: 'failed',
    why: `${why}${kept}${lastLines(output)}`,
    heldBefore: null,
  });
  switch (end.kind) {
    case 'exited':
      return end.code === expect
        ? { outcome: 'passed', why: '', heldBefore: null, ...(left === '' ? {} : { note: left }) }
        : failed(`it exited with ${end.code}`);
    case 'signalled':
      return failed(`it was ended by ${end.signal}`);
    case 'timed-out':
      return failed('it did not end in its time, and was stopped');
    case 'missing':
      return failed(end.why);
    case 'broken':
    default:
      return broken(`${argvText(argv.slice(0, 1))} was not run to its end: ${end.why}`);
  }
}

function lastLines(output: string): string {
  const text = printedText(output);
  return text === '' ? '' : `. The last of what it printed:\n${text}`;
}

function broken(why: string): Made {
  return { outcome: 'broken', why, heldBefore: null };
}
