/**
 * The multi-diff editor that shows all open edits of a run.
 *
 * 1. There is at most one for each run; showing it again takes the place of the one before.
 * 2. It shows open edits only: it is shown anew when some were decided while one looked, and closed when none is left.
 * 3. `orchestrator.reviewing` is true exactly while the active editor, one of them or the diff of one file, shows edits that may be
 *    decided about here; for a moment after it became the active one that is not known yet.
 */
import * as vscode from 'vscode';
import type { ReviewedProposal } from '../../core/edits/edit-review.ts';
import type { RunState } from '../../core/run-state.ts';
import { reviewTitle } from './edit-text.ts';
import { editUri, parseEditUri, type EditAddress } from './edit-uri.ts';
import { REVIEWING } from '../ids.ts';
import { uriOf } from '../workspace-path.ts';

export class EditReviewTab implements vscode.Disposable {
  /** By title: a tab tells only of files that have both sides. */
  readonly #runs = new Map<string, string>();
  readonly #shown = new Map<string, string>();
  readonly #subscriptions: readonly vscode.Disposable[];
  readonly #mayDecide: (run: string) => Promise<boolean>;
  /** The last one counts. */
  #update: object | undefined;

  /** `mayDecide`: about the edits of this run, in this window. */
  constructor(mayDecide: (run: string) => Promise<boolean>) {
    this.#mayDecide = mayDecide;
    const update = (): void => void this.#tellReviewing();
    update();
    this.#subscriptions = [
      vscode.window.tabGroups.onDidChangeTabs(update),
      vscode.window.tabGroups.onDidChangeTabGroups(update),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #tellReviewing(): Promise<void> {
    const update = {};
    this.#update = update;
    const run = this.activeRun() ?? activeEdit()?.run;
    const isReviewing = run !== undefined && (await this.#mayDecide(run));
    if (update === this.#update) await vscode.commands.executeCommand('setContext', REVIEWING, isReviewing);
  }

  /** The run that the active multi-diff editor is about. */
  activeRun(): string | undefined {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    return tab === undefined ? undefined : this.#runOf(tab);
  }

  async show(state: RunState, proposal: ReviewedProposal): Promise<void> {
    const open = openFiles(proposal);
    await this.close(state.run);
    const title = reviewTitle(state, open);
    this.#runs.set(title, state.run);
    this.#shown.set(state.run, namesOf(proposal));
    const sides = open.map(({ path, kind }) => [
      uriOf(path) ?? editUri({ run: state.run, path }, 'proposed'),
      kind === 'created' ? undefined : editUri({ run: state.run, path }, 'base'),
      kind === 'deleted' ? undefined : editUri({ run: state.run, path }, 'proposed'),
    ]);
    await vscode.commands.executeCommand('vscode.changes', title, sides);
  }

  /** After a decision: what is decided leaves the editor, if it is there. */
  async follow(state: RunState, proposal: ReviewedProposal): Promise<void> {
    if (this.#tabsOf(state.run).length === 0) return;
    if (openFiles(proposal).length === 0) await this.close(state.run);
    else if (this.activeRun() === state.run && this.#shown.get(state.run) !== namesOf(proposal))
      await this.show(state, proposal);
  }

  async close(run: string): Promise<void> {
    const tabs = this.#tabsOf(run);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }

  #tabsOf(run: string): readonly vscode.Tab[] {
    return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter((tab) => this.#runOf(tab) === run);
  }

  #runOf(tab: vscode.Tab): string | undefined {
    const diffs = diffsIn(tab.input);
    return diffs === undefined ? undefined : (runIn(diffs) ?? this.#titled(tab));
  }

  #titled(tab: vscode.Tab): string | undefined {
    return [...this.#runs].find(([title]) => tab.label.startsWith(title))?.[1];
  }
}

/** The edit that the active editor shows by itself. */
export function activeEdit(): EditAddress | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputTextDiff) return parseEditUri(input.modified);
  return input instanceof vscode.TabInputText ? parseEditUri(input.uri) : undefined;
}

function openFiles(proposal: ReviewedProposal): readonly ReviewedProposal['files'][number]['file'][] {
  return proposal.files.filter(({ status }) => status === 'open').map(({ file }) => file);
}

function namesOf(proposal: ReviewedProposal): string {
  return openFiles(proposal)
    .map(({ path }) => path)
    .join('\n');
}

/** The run that a multi-diff editor is about, if one of its files has both sides. */
export function reviewedRun(input: unknown): string | undefined {
  return runIn(diffsIn(input) ?? []);
}

/** Undefined: it is no multi-diff editor. VS Code has no public type for one. */
function diffsIn(input: unknown): readonly unknown[] | undefined {
  if (typeof input !== 'object' || input === null || !('textDiffs' in input)) return undefined;
  const diffs: readonly unknown[] = Array.isArray(input.textDiffs) ? input.textDiffs : [];
  return diffs;
}

function runIn(diffs: readonly unknown[]): string | undefined {
  for (const diff of diffs) {
    const address = parseEditUri(modifiedSide(diff));
    if (address !== undefined) return address.run;
  }
  return undefined;
}

function modifiedSide(diff: unknown): vscode.Uri | undefined {
  if (typeof diff !== 'object' || diff === null || !('modified' in diff)) return undefined;
  return diff.modified instanceof vscode.Uri ? diff.modified : undefined;
}
