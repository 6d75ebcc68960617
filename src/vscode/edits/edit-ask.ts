/** What a person is asked about proposed edits. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { plural } from '../../base/plural.ts';
import { proposalSummary } from '../../app/proposal-text.ts';
import { runTitle } from '../../app/run-text.ts';
import { noticeText, oneLine } from '../../app/safe-text.ts';
import type { ReviewedProposal } from '../../core/edits/edit-review.ts';
import { KIND_WORDS } from '../../core/edits/headline.ts';
import type { ProposedFile } from '../../core/edits/proposal.ts';
import type { RunState } from '../../core/run-state.ts';
import { protectedQuestion } from './edit-text.ts';
import { loadRun } from '../runs/load-run.ts';

const APPLY = 'Apply This File';
const RUNS_LOOKED_AT = 20;

/** Once for each file, each time. */
export async function askProtected(file: ProposedFile): Promise<boolean> {
  const { message, detail } = protectedQuestion(file);
  try {
    return (await vscode.window.showWarningMessage(message, { modal: true, detail }, APPLY)) === APPLY;
  } catch {
    // A window under automation refuses modals by an error; there the question stands as a notification instead.
    return (await vscode.window.showWarningMessage(noticeText(`${message} ${detail}`), APPLY, 'Cancel')) === APPLY;
  }
}

/** Of the last runs of this folder with edits that are open (or `applied`, to revert them); the only one is not asked for. */
export async function askRun(
  opened: OpenedOrchestrator,
  wanted: 'open' | 'applied',
): Promise<'none' | 'dismissed' | RunState> {
  const states = await runsWith(opened, wanted);
  if (states.length <= 1) return states[0] ?? 'none';
  const rows = states.map((state) => ({
    label: oneLine(runTitle(state), 80),
    description: [
      new Date(state.startedAtMs).toLocaleString(),
      ...(state.proposal === null ? [] : [proposalSummary(state.proposal)]),
    ].join(' · '),
    state,
  }));
  const picked = await vscode.window.showQuickPick(rows, { title: 'Proposed Edits', placeHolder: 'Of which run?' });
  return picked?.state ?? 'dismissed';
}

async function runsWith(opened: OpenedOrchestrator, wanted: 'open' | 'applied'): Promise<readonly RunState[]> {
  const own = opened.orchestrator.runs();
  const listed = await opened.journal.listRuns({ limit: RUNS_LOOKED_AT });
  const others = (listed.ok ? listed.value : []).filter(({ run }) => !own.some((state) => state.run === run));
  const loaded = await Promise.all(others.map(({ run }) => loadRun(opened, run)));
  const states = [...own, ...loaded.flatMap((one) => (one.ok ? [one.value.state] : []))];
  const having = states.filter((state) =>
    [...(state.proposal?.files.values() ?? [])].some(({ status }) => status === wanted),
  );
  const areHere = await Promise.all(having.map(({ workspace }) => opened.folders.look(workspace)));
  return having.filter((_, index) => areHere[index] === true).sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** A task id, `@workspace` or `both`; `diff`: look first. */
export async function askSide(file: ProposedFile): Promise<string | undefined> {
  const sides = file.conflict?.sides ?? [];
  const rows = [
    ...sides.map(({ task, title, text }) => ({
      label: `Take "${oneLine(title, 80)}"`,
      description: text === null ? 'deletes the file' : task,
      take: task,
    })),
    { label: 'Take both, with the markers', description: 'to be edited by hand after it was applied', take: 'both' },
    { label: 'Open the diff', description: plural(sides.length, 'version'), take: 'diff' },
  ];
  const picked = await vscode.window.showQuickPick(rows, {
    title: `Conflict in ${oneLine(file.path, 200)}`,
    placeHolder: 'Which version counts?',
  });
  return picked?.take;
}

/** The open edits that the person ticks, all at first; undefined: dismissed. What cannot be applied together is not offered. */
export async function askFiles({ files }: ReviewedProposal): Promise<readonly string[] | undefined> {
  const rows = files
    .filter(
      ({ file, status, blocked }) => status === 'open' && blocked === undefined && file.protectedBecause === undefined,
    )
    .map(({ file }) => ({ label: file.path, description: KIND_WORDS[file.kind], picked: true }));
  const picked = await vscode.window.showQuickPick(rows, {
    title: 'Proposed Edits',
    placeHolder: 'Which files are to be changed?',
    canPickMany: true,
  });
  return picked?.map(({ label }) => label);
}

export async function openFileOf(
  paths: readonly string[],
  uriOf: (path: string) => vscode.Uri | undefined,
): Promise<void> {
  const path =
    paths.length === 1 ? paths[0] : await vscode.window.showQuickPick(paths, { placeHolder: 'Open which file?' });
  const uri = path === undefined ? undefined : uriOf(path);
  if (uri !== undefined) await vscode.commands.executeCommand('vscode.open', uri);
}
