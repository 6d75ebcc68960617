/** `apply`: writes the proposed edits of a finished run into the user's files, or takes them back. */
import path from 'node:path';
import { ok, type Result } from '../base/result.ts';
import { plural } from '../base/plural.ts';
import { oneLine } from '../app/safe-text.ts';
import type { ApplyReport, EditReview, ReviewedFile } from '../core/edits/edit-review.ts';
import { describeFailure, type Failure } from '../core/failure.ts';
import { foldRun } from '../core/run-fold.ts';
import type { ApplyCommand } from './command.ts';
import { EXIT, exitCodeOfReport, type ExitCode } from './exit-code.ts';
import { workspaceNames } from './attach-files.ts';
import { passedOver, protection, withHint, type Left, type OfRun } from './edit-hints.ts';
import { isSameFolder, whyNoFolder } from './file-text.ts';
import { findRun } from './find-run.ts';
import type { CliIo } from './io.ts';
import { jsonLine } from './json-lines.ts';
import { mend, misused } from './mend-file.ts';
import { openForEdits } from './open-engine.ts';
import { shellWord } from './program-name.ts';
import { noProposal, withRecord } from './record-commands.ts';
import { refused, stopped, type Refusal } from './refusal.ts';

type Ended = Result<ExitCode, Refusal>;

export async function applyEdits(io: CliIo, command: ApplyCommand): Promise<Ended> {
  const { db } = command;
  const misuse = misused(command);
  if (misuse !== undefined) return misuse;
  const folder = path.resolve(io.cwd, command.workspace ?? '.');
  const run = await findProposal(io, command, folder);
  if (!run.ok) return run;
  const stop = new AbortController();
  const interrupts = io.onInterrupt(() => stop.abort());
  const opened = await openForEdits(io, { db, folder });
  try {
    const { edits } = opened;
    return await applyProposal(io, command, { run: run.value, folder, edits, signal: stop.signal });
  } finally {
    interrupts.dispose();
    await opened.dispose();
  }
}

/** The run's id, when it has finished with a proposal for files of `folder`. */
async function findProposal(io: CliIo, command: ApplyCommand, folder: string): Promise<Result<string, Refusal>> {
  let run = '';
  const checked = await withRecord(io, command.db, async (journal) => {
    const found = await findRun(io, journal, command.run);
    if (!found.ok) return found;
    if (journal === undefined) return ok(EXIT.answered);
    run = found.value.run;
    const events = await journal.readRun(run, { textsUpToBytes: 0 });
    if (!events.ok) return stopped([describeFailure(events.error)], EXIT.failed);
    const { proposal, workspace } = foldRun(run, events.value);
    if (found.value.liveness !== 'finished')
      return stopped(
        [
          `Run ${run} has not finished (${found.value.liveness}), so its edits cannot be applied yet.`,
          found.value.liveness === 'running' ? 'Wait until it ends.' : `Go on with it: ${io.program} resume ${run}`,
        ],
        EXIT.failed,
      );
    if (proposal === null) return noProposal(io, run);
    if (await isSameFolder(workspace, folder)) return ok(EXIT.answered);
    return refused(
      `Run ${run} worked on ${oneLine(workspace, 500)}, and this is ${folder}.`,
      (await whyNoFolder(workspace)) === undefined
        ? `Apply its edits there: ${io.program} apply ${run} --workspace ${shellWord(workspace)}`
        : 'Put that folder back, or apply the edits in VS Code with the folders open that the run had.',
    );
  });
  return checked.ok ? ok(run) : checked;
}

export interface Proposal {
  readonly run: string;
  /** The workspace. */
  readonly folder: string;
  readonly edits: EditReview;
  readonly signal: AbortSignal;
}

export async function applyProposal(io: CliIo, command: ApplyCommand, proposal: Proposal): Promise<Ended> {
  const { run, edits, signal } = proposal;
  if (command.revert) return told(io, command, { run, report: await edits.revert(run, signal) });
  const reviewed = await edits.open(run, signal);
  if (!reviewed.ok) return failed(reviewed.error);
  const { files } = reviewed.value;
  if (command.files.length === 0) return applyAll(io, command, { ...proposal, files });
  const named = await namedFiles(files, command.files, { folder: proposal.folder, cwd: io.cwd });
  if (!named.ok)
    return refused(
      ...named.error.map(
        (name) => `--file ${oneLine(name, 300)} is none of the files that run ${run} proposes to change.`,
      ),
      `"${io.program} show ${run}" lists them.`,
    );
  const [first, ...others] = named.value;
  if (first !== undefined && others.length === 0) return applyAlone(io, command, { ...proposal, file: first });
  const paths = named.value.map(({ file }) => file.path);
  return told(io, command, { run, files, report: await edits.apply(run, { paths }, signal) });
}

async function applyAll(
  io: CliIo,
  command: ApplyCommand,
  { run, edits, signal, files }: Proposal & { readonly files: readonly ReviewedFile[] },
): Promise<Ended> {
  const report = await edits.apply(run, {}, signal);
  if (!report.ok || report.value.done.length > 0 || report.value.left.length > 0)
    return told(io, command, { run, files, report });
  const left = passedOver(files, { program: io.program, run });
  return told(io, command, { run, report: ok({ done: [], left }) });
}

async function applyAlone(
  io: CliIo,
  command: ApplyCommand,
  proposal: Proposal & { readonly file: ReviewedFile },
): Promise<Ended> {
  const { run, edits, signal } = proposal;
  const { path } = proposal.file.file;
  const mended = await mend(command, { program: io.program, ...proposal });
  if (!mended.ok) return mended;
  if (mended.value.kind === 'nothing-to-do') return nothingToDo(io, command, { run, path });
  if (mended.value.kind === 'left')
    return told(io, command, { run, report: ok({ done: [], left: [mended.value.left] }) });
  const { file } = mended.value;
  const isProtected = file.file.protectedBecause !== undefined;
  const warned = isProtected ? await warn(io, command, { ...proposal, file }) : undefined;
  if (signal.aborted) return ok(EXIT.cancelled);
  if (warned !== undefined && !warned.ok)
    return told(io, command, { run, report: ok({ done: [], left: [warned.error] }) });
  const report = await edits.apply(run, { paths: [path], ...(isProtected ? { warned: true } : {}) }, signal);
  return told(io, command, { run, files: [file], report });
}

function nothingToDo(
  io: CliIo,
  { json }: ApplyCommand,
  { run, path }: { readonly run: string; readonly path: string },
): Ended {
  if (json) io.out.write(jsonLine({ run, done: [], left: [] }));
  else io.err.write(`Nothing of the edit of ${oneLine(path, 300)} is left to do: the file stays as it is there now.\n`);
  return ok(EXIT.answered);
}

/** The files that are named, by their new or old path; the error are the names that fit none. */
async function namedFiles(
  files: readonly ReviewedFile[],
  names: readonly string[],
  { folder, cwd }: { readonly folder: string; readonly cwd: string },
): Promise<Result<readonly ReviewedFile[], readonly string[]>> {
  const found = new Set<ReviewedFile>();
  const unknown: string[] = [];
  for (const name of names) {
    const meanings = await workspaceNames(folder, name, cwd);
    const file = meanings
      .map((one) => files.find(({ file }) => file.path === one) ?? files.find(({ file }) => file.from === one))
      .find((one) => one !== undefined);
    if (file === undefined) unknown.push(name);
    else found.add(file);
  }
  return unknown.length === 0 ? ok([...found]) : { ok: false, error: unknown };
}

/** Tells of the danger of a protected file and asks; the error is why it is left. */
async function warn(
  io: CliIo,
  command: ApplyCommand,
  { run, file: { file }, signal }: Proposal & { readonly file: ReviewedFile },
): Promise<Result<void, Left>> {
  const what = `${oneLine(file.path, 300)} is ${protection(file)}`;
  if (command.yes) {
    io.err.write(`warning: ${what}\n`);
    return ok(undefined);
  }
  const left = (why: string): Result<void, Left> => ({ ok: false, error: { path: file.path, why } });
  const look = `Look at it with "${io.program} show ${run} --format diff".`;
  if (io.ask === undefined) return left(`It is ${protection(file)} ${look} Then use --yes, or answer at a terminal.`);
  const answer = await io.ask(`${what} ${look} Apply this edit? [y/N] `, signal);
  if (answer !== undefined && !signal.aborted && /^\s*y(?:es)?\s*$/i.test(answer)) return ok(undefined);
  return left('You did not confirm it. Run the command again and answer y to apply it.');
}

interface Done {
  readonly run: string;
  /** As they stood right before, where it matters. */
  readonly files?: readonly ReviewedFile[];
  readonly report: Result<ApplyReport, Failure>;
}

function told(io: CliIo, command: ApplyCommand, { run, files = [], report }: Done): Ended {
  if (!report.ok) return failed(report.error);
  const reviewed = new Map(files.map((one) => [one.file.path, one]));
  const { done } = report.value;
  const of = { program: io.program, run, named: command.files.length };
  const left = report.value.left.map((one) => {
    const { path, why } = withHint(one, reviewed.get(one.path), of);
    // The engine names commands by their installed name.
    return { path, why: why.replaceAll('"orchestrator ', `"${io.program} `) };
  });
  if (command.json) {
    io.out.write(jsonLine({ run, done, left }));
    return ok(exitCodeOfReport(report.value));
  }
  for (const problem of done.flatMap((path) => reviewed.get(path)?.file.problems ?? []))
    io.err.write(`warning: ${oneLine(problem, 300)}\n`);
  const word = command.revert ? 'taken back' : 'applied';
  for (const file of done) io.out.write(`${word} ${oneLine(file, 300)}\n`);
  for (const { path, why } of left) io.err.write(`left ${oneLine(path, 300)}: ${oneLine(why, 2_000)}\n`);
  io.err.write(`${lastLine(of, report.value, command.revert)}\n`);
  return ok(exitCodeOfReport(report.value));
}

function lastLine({ program, run }: OfRun, { done, left }: ApplyReport, isRevert: boolean): string {
  const word = isRevert ? 'taken back' : 'applied';
  const others = left.length === 0 ? '' : `, ${left.length} left as ${left.length === 1 ? 'it is' : 'they are'}`;
  if (done.length > 0) {
    const next = isRevert ? '' : ` Take back: ${program} apply ${run} --revert`;
    return `${plural(done.length, 'file')} ${word}${others}.${next}`;
  }
  if (left.length > 0) return `Nothing was ${word}.`;
  return isRevert
    ? `Nothing of run ${run} is applied now, so there is nothing to take back.`
    : `No edit of run ${run} is open: what it proposed was applied, taken back or discarded. "${program} show ${run}" tells; a file that was taken back or discarded is applied with --file.`;
}

function failed(failure: Failure): Ended {
  return stopped([describeFailure(failure)], failure.reason === 'cancelled' ? EXIT.cancelled : EXIT.failed);
}
