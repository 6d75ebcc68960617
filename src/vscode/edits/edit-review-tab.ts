/**
 * The multi-diff editor that shows all open edits of a run.
 *
 * 1. There is at most one for each run; showing it again takes the place of the one before.
 * 2. It shows open edits only: it is shown anew when some were decided while one looked, and closed when none is left.
 * 3. `orchestrator.reviewing` is true exactly while the active editor is one of them and its edits may be decided about here, and
 *    `orchestrator.decidable` has the addresses of all edits of which that is true and which a tab shows by itself, in whatever
 *    group; both a moment after a tab changed.
 */
import * as vscode from 'vscode';
import type { ReviewedProposal } from '../../core/edits/edit-review.ts';
import type { RunState } from '../../core/run-state.ts';
import { reviewTitle } from './edit-text.ts';
import { editUri, parseEditUri, type EditAddress } from './edit-uri.ts';
import { DECIDABLE, REVIEWING } from '../ids.ts';
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
    const active = this.activeRun();
    const edits = shownEdits();
    const runs = [...new Set([...edits.map(({ run }) => run), ...(active === undefined ? [] : [active])])];
    const answers = await Promise.all(runs.map(async (run) => [run, await this.#mayDecide(run)] as const));
    if (update !== this.#update) return;
    const may = new Map(answers);
    const decidable = edits.filter(({ run }) => may.get(run) === true).map(({ uri }) => uri.toString());
    await vscode.commands.executeCommand('setContext', REVIEWING, active !== undefined && may.get(active) === true);
    await vscode.commands.executeCommand('setContext', DECIDABLE, decidable);
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
  return parseEditUri(uriIn(vscode.window.tabGroups.activeTabGroup.activeTab));
}

/** The edits that a tab shows by itself, with the address by which menus know them. */
function shownEdits(): readonly { readonly run: string; readonly uri: vscode.Uri }[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap((tab) => {
      const uri = uriIn(tab);
      const edit = parseEditUri(uri);
      return uri === undefined || edit === undefined ? [] : [{ run: edit.run, uri }];
    }),
  );
}

function uriIn(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  if (tab?.input instanceof vscode.TabInputTextDiff) return tab.input.modified;
  return tab?.input instanceof vscode.TabInputText ? tab.input.uri : undefined;
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
