/** `show` and `runs`: what the record holds, and whether proposed edits still fit. No model is called and nothing is written. */
import { systemClock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import { formatUsd } from '../app/amounts.ts';
import { checksLines } from '../app/checks-text.ts';
import { exportRun } from '../app/export-run.ts';
import { costLine, renderTree, spendByBackend, type View } from '../app/run-text.ts';
import { formatSpend } from '../app/amounts.ts';
import { citedText, proposalLines } from '../app/proposal-text.ts';
import { oneLine, withoutHidden } from '../app/safe-text.ts';
import { describeFailure } from '../core/failure.ts';
import type { Journal, RunSummary } from '../core/ports.ts';
import type { RunEvent } from '../core/run-event.ts';
import { foldRun } from '../core/run-fold.ts';
import type { RunState } from '../core/run-state.ts';
import type { RunsCommand, ShowCommand } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';
import { howToChoose, mergeHint } from './edit-hints.ts';
import { isSameFolder } from './file-text.ts';
import type { CliIo } from './io.ts';
import { eventLine, INLINED_BYTES, jsonLine } from './json-lines.ts';
import { nextStep } from './next-steps.ts';
import { collapsed } from './repeats.ts';
import { openForEdits, openRecord } from './open-engine.ts';
import { printPlan } from './print-plan.ts';
import { stopped, type Refusal } from './refusal.ts';

const LISTED_AT_MOST = 200;

type Ended = Result<ExitCode, Refusal>;

export async function showRun(io: CliIo, command: ShowCommand): Promise<Ended> {
  return withRecord(io, command.db, async (journal) => {
    const found = await findRun(io, journal, command.run);
    if (!found.ok) return found;
    if (journal === undefined) return ok(EXIT.answered);
    if (command.format === 'markdown') return printMarkdown(io, journal, found.value.run);
    const events = await journal.readRun(found.value.run, { textsUpToBytes: INLINED_BYTES });
    if (!events.ok) return stopped([describeFailure(events.error)], EXIT.failed);
    if (command.format === 'plan') return printPlan(io, journal, foldRun(found.value.run, events.value));
    if (command.format === 'diff') return printDiff(io, journal, foldRun(found.value.run, events.value));
    await print(io, { command, summary: found.value, events: events.value });
    return ok(EXIT.answered);
  });
}

async function printMarkdown(io: CliIo, journal: Journal, run: string): Promise<Ended> {
  const exported = await exportRun(journal, run, { format: 'markdown', nowMs: systemClock.wallMs() });
  if (!exported.ok) return stopped([describeFailure(exported.error)], EXIT.failed);
  io.out.write(exported.value);
  return ok(EXIT.answered);
}

/** Nothing but the diff goes to stdout, so that other programs take it. */
async function printDiff(io: CliIo, journal: Journal, { run, proposal }: RunState): Promise<Ended> {
  if (proposal === null) return noProposal(io, run);
  const [{ diffText }, { proposedFiles }] = await Promise.all([
    import('../core/edits/diff-text.ts'),
    import('../core/edits/proposal-content.ts'),
  ]);
  const files = await proposedFiles(journal, proposal);
  if (!files.ok) return stopped([describeFailure(files.error)], EXIT.failed);
  const text = diffText(files.value, (file) => howToChoose({ program: io.program, run }, file));
  io.out.write(io.out.isTty ? withoutHidden(text) : text);
  return ok(EXIT.answered);
}

export function noProposal(
  { program }: Pick<CliIo, 'program'>,
  run: string,
): { readonly ok: false; readonly error: Refusal } {
  return stopped([`Run ${run} proposes no edits.`, `"${program} show ${run}" tells what it did.`], EXIT.failed);
}

interface Shown {
  readonly command: ShowCommand;
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
}

async function print(io: CliIo, { command, summary, events }: Shown): Promise<void> {
  if (command.format === 'json') return io.out.write(events.map(eventLine).join(''));
  const state = foldRun(summary.run, events);
  const view = { nowMs: systemClock.wallMs(), liveness: summary.liveness };
  const notes = command.format === 'text' ? await staleNotes(io, command, state) : new Map<string, string>();
  return io.out.write(plainText(io, { state, view, stale: notes }));
}

/** Why open files cannot be applied as they are proposed, by path; empty when this is not the folder that the run worked on. */
async function staleNotes(
  io: CliIo,
  { db }: ShowCommand,
  { run, workspace, proposal }: RunState,
): Promise<ReadonlyMap<string, string>> {
  const statuses = new Set([...(proposal?.files.values() ?? [])].map(({ status }) => status));
  // Looking into files that are in doubt would record what is found.
  if (!statuses.has('open') || statuses.has('applying') || !(await isSameFolder(workspace, io.cwd))) return new Map();
  const { edits, dispose } = await openForEdits(io, { db, folder: io.cwd });
  try {
    const reviewed = await edits.open(run, new AbortController().signal);
    if (!reviewed.ok) return new Map();
    return new Map(
      reviewed.value.files.flatMap(({ file: { path }, status, stale }): readonly (readonly [string, string])[] =>
        status === 'open' && stale !== undefined
          ? [[path, `${stale} ${mergeHint({ program: io.program, run }, path)}`]]
          : [],
      ),
    );
  } finally {
    await dispose();
  }
}

function plainText(
  { out, program }: CliIo,
  {
    state,
    view,
    stale,
  }: { readonly state: RunState; readonly view: View; readonly stale: ReadonlyMap<string, string> },
): string {
  const answer = state.answer ?? '';
  const rows = spendByBackend(state);
  const cited = citedText(state.cited, 'run');
  const step = nextStep(state, program);
  const next = step === undefined ? [] : [`  ${step}`];
  const parts = [
    collapsed(renderTree(state, view).split('\n')).join('\n'),
    ...(answer === '' ? [] : [out.isTty ? withoutHidden(answer) : answer]),
    ...checksLines(state).map((lines) => (out.isTty ? withoutHidden(lines) : lines)),
    ...(cited === undefined ? [] : [cited]),
    ...(state.proposal === null ? [] : [[...proposalLines(state.proposal, stale), ...next].join('\n')]),
    [costLine(state, view), ...rows.map((row) => `  ${row.backend}: ${formatSpend(row.spent)}`)].join('\n'),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

async function whyNoneFound(search: string): Promise<string> {
  const { searchWords } = await import('../journal/search-words.ts');
  if (search.trim() !== '' && searchWords(search).length === 0) return 'A search needs words of letters or digits.';
  return `No run holds ${oneLine(search, 60)}.`;
}

export async function listRuns(io: CliIo, command: RunsCommand): Promise<Ended> {
  return withRecord(io, command.db, async (journal) => {
    const search = command.search === undefined ? {} : { search: command.search };
    const runs =
      journal === undefined
        ? ok([])
        : await journal.listRuns({ limit: command.json ? Number.MAX_SAFE_INTEGER : LISTED_AT_MOST, ...search });
    if (!runs.ok) return stopped([describeFailure(runs.error)], EXIT.failed);
    if (command.json) io.out.write(runs.value.map(jsonLine).join(''));
    else if (runs.value.length > 0) io.out.write(runTable(runs.value));
    else
      io.err.write(
        command.search === undefined
          ? `There are no runs yet. "${io.program} ask" makes one.\n`
          : `${await whyNoneFound(command.search)} "${io.program} runs" lists all.\n`,
      );
    if (!command.json && runs.value.length === LISTED_AT_MOST)
      io.err.write(`These are the newest ${LISTED_AT_MOST}. --search finds others, --json lists all.\n`);
    return ok(EXIT.answered);
  });
}

function runTable(runs: readonly RunSummary[]): string {
  const rows = runs.map((one) => [
    one.run,
    localTime(one.startedAtMs),
    one.liveness === 'finished' ? (one.outcome ?? 'failed') : one.liveness,
    one.spent.iterations > 0 ? formatUsd(one.spent) : one.outcome === null ? 'no call ended' : 'no calls',
    oneLine(one.request, 80),
  ]);
  return rows
    .map(
      (row) =>
        `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width(rows, column)))).join('  ')}\n`,
    )
    .join('');
}

function width(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(...rows.map((row) => row[column]?.length ?? 0));
}

/** `2026-03-01 14:05`, in this machine's time zone. */
function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export async function withRecord(
  io: CliIo,
  db: string | undefined,
  use: (journal: Journal | undefined) => Promise<Ended>,
): Promise<Ended> {
  const journal = await openRecord(io, db);
  if (!journal.ok) return journal;
  try {
    return await use(journal.value);
  } finally {
    await journal.value?.close();
  }
}
