/** The commands about proposed edits. Each takes ids, a row of the tree, or the active review; else it asks. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { plural } from '../../base/plural.ts';
import { noticeText } from '../../app/safe-text.ts';
import type { Result } from '../../base/result.ts';
import { isOutOfReach } from '../../core/control/whose-folder.ts';
import type { ApplyReport, ReviewedFile, ReviewedProposal } from '../../core/edits/edit-review.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { RunState } from '../../core/run-state.ts';
import { askFiles, askProtected, askRun, askSide, openFileOf } from './edit-ask.ts';
import { activeEdit, EditReviewTab } from './edit-review-tab.ts';
import { addressesText, reportText } from './edit-text.ts';
import { editUri, parseEditUri, type EditAddress } from './edit-uri.ts';
import { COMMANDS } from '../ids.ts';
import { loadRun } from '../runs/load-run.ts';
import type { ShellDeps, WayOut } from '../shell-deps.ts';
import { uriOf } from '../workspace-path.ts';

export function registerEditCommands(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const commands = new EditCommands(deps);
  const register = (id: string, action: (given: readonly unknown[]) => Promise<unknown>): void => {
    const run = (...given: readonly unknown[]): Promise<unknown> => action(given).catch(deps.tell);
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  };
  const ofRun = (id: string, wanted: 'open' | 'applied', action: (run: string) => Promise<unknown>): void =>
    register(id, async (given) => {
      const run = await commands.run(given, wanted);
      return run === undefined ? undefined : action(run);
    });
  const ofFile = (id: string, action: (address: EditAddress) => Promise<unknown>): void =>
    register(id, async (given) => {
      const address = await commands.file(given);
      return address === undefined ? undefined : action(address);
    });
  ofRun(COMMANDS.reviewEdits, 'open', (run) => commands.review(run));
  ofRun(COMMANDS.applyEdits, 'open', (run) => commands.applyAll(run));
  ofRun(COMMANDS.chooseEdits, 'open', (run) => commands.choose(run));
  ofRun(COMMANDS.discardEdits, 'open', (run) => commands.discard(run, undefined));
  ofRun(COMMANDS.revertEdits, 'applied', (run) => commands.revert(run));
  ofFile(COMMANDS.applyEditFile, (address) => commands.applyFile(address));
  ofFile(COMMANDS.discardEditFile, ({ run, path }) => commands.discard(run, [path]));
  ofFile(COMMANDS.resolveEdit, (address) => commands.resolve(address));
  ofFile(COMMANDS.mergeEditAgain, (address) => commands.mergeAgain(address));
  ofFile(COMMANDS.openEditDiff, (address) => commands.openDiff(address));
  context.subscriptions.push(commands);
}

interface Named {
  readonly run: string;
  readonly path?: string;
}

class EditCommands implements vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #tab: EditReviewTab;
  readonly #closing = new AbortController();
  readonly #subscription: vscode.Disposable;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#tab = new EditReviewTab((run) => this.#mayDecide(run));
    this.#subscription = deps.runSignals.deleted.event((run) => {
      this.#tab.close(run).catch(deps.tell);
    });
  }

  dispose(): void {
    this.#closing.abort(new Error('The extension is shutting down.'));
    this.#subscription.dispose();
    this.#tab.dispose();
  }

  /** The run that is meant; undefined: the person was told, or let it be. */
  async run(given: readonly unknown[], wanted: 'open' | 'applied'): Promise<string | undefined> {
    const named = namedBy(given)?.run ?? this.#tab.activeRun() ?? activeEdit()?.run;
    if (named !== undefined) return named;
    const asked = await askRun(await this.#deps.engine.open(), wanted);
    if (asked === 'none')
      this.#inform(wanted === 'open' ? 'No run has open edits here.' : 'No run has applied edits here.');
    return typeof asked === 'string' ? undefined : asked.run;
  }

  async file(given: readonly unknown[]): Promise<EditAddress | undefined> {
    const named = namedBy(given) ?? activeEdit();
    if (named?.path !== undefined) return { run: named.run, path: named.path };
    const run = named?.run ?? (await this.run(given, 'open'));
    const reviewed = run === undefined ? undefined : await this.#look(run);
    if (run === undefined || reviewed === undefined) return undefined;
    const rows = reviewed.files.map(({ file, status }) => ({ label: file.path, description: status }));
    const picked = await vscode.window.showQuickPick(rows, { title: 'Proposed Edits', placeHolder: 'Which file?' });
    return picked === undefined ? undefined : { run, path: picked.label };
  }

  async review(run: string): Promise<void> {
    const reviewed = await this.#look(run);
    const state = await this.#state(run);
    if (reviewed === undefined || state === undefined) return;
    if (reviewed.files.every(({ status }) => status !== 'open')) this.#inform('This run has no open edits.');
    else await this.#tab.show(state, reviewed);
  }

  async openDiff({ run, path }: EditAddress): Promise<void> {
    await vscode.commands.executeCommand(
      'vscode.diff',
      editUri({ run, path }, 'base'),
      editUri({ run, path }, 'proposed'),
      `${path} (proposed)`,
      { preview: true },
    );
  }

  async applyAll(run: string): Promise<ApplyReport | undefined> {
    const reviewed = await this.#look(run);
    if (reviewed === undefined) return undefined;
    if (reviewed.files.every(({ status }) => status !== 'open')) {
      this.#inform('This run has no open edits.');
      return undefined;
    }
    return this.#apply(reviewed, {});
  }

  async choose(run: string): Promise<ApplyReport | undefined> {
    const reviewed = await this.#look(run);
    const paths = reviewed === undefined ? undefined : await askFiles(reviewed);
    return reviewed === undefined || paths === undefined || paths.length === 0
      ? undefined
      : this.#apply(reviewed, { paths });
  }

  async applyFile({ run, path }: EditAddress): Promise<ApplyReport | undefined> {
    const reviewed = await this.#look(run);
    const found = reviewed?.files.find(({ file }) => file.path === path);
    if (reviewed === undefined) return undefined;
    if (found === undefined) {
      this.#deps.tell(noSuchEdit(path));
      return undefined;
    }
    const obstacle = obstacleOf(found, { run, path });
    if (obstacle !== undefined) {
      this.#warn(obstacle.text, obstacle.waysOut);
      return undefined;
    }
    const isProtected = found.file.protectedBecause !== undefined;
    if (isProtected && !(await askProtected(found.file))) return undefined;
    return this.#apply(reviewed, { paths: [path], warned: isProtected });
  }

  async discard(run: string, paths: readonly string[] | undefined): Promise<readonly string[] | undefined> {
    const { edits } = await this.#deps.engine.open();
    const discarded = await this.#or(edits.discard(run, paths));
    if (discarded === undefined) return undefined;
    const what = discarded.length === 1 ? `the edit of ${discarded[0]}` : plural(discarded.length, 'edit');
    this.#inform(
      discarded.length === 0 ? 'There was no open edit to discard.' : `Discarded ${what}. Nothing was written.`,
    );
    await this.#decided(run);
    return discarded;
  }

  async revert(run: string): Promise<ApplyReport | undefined> {
    const { edits } = await this.#deps.engine.open();
    const report = await this.#or(working('Reverting edits', () => edits.revert(run, this.#closing.signal)));
    if (report === undefined) return undefined;
    const text = reportText('Reverted', report);
    if (report.left.length > 0) this.#warn(text, []);
    else this.#inform(text);
    await this.#decided(run);
    return report;
  }

  async resolve(address: EditAddress): Promise<void> {
    const reviewed = await this.#look(address.run);
    const file = reviewed?.files.find(({ file }) => file.path === address.path)?.file;
    if (reviewed === undefined) return;
    if (file?.conflict === undefined) {
      this.#inform(`${address.path} has no conflict.`);
      return;
    }
    const take = await askSide(file);
    if (take === undefined) return;
    if (take === 'diff') {
      await this.openDiff(address);
      return;
    }
    const { edits } = await this.#deps.engine.open();
    const resolved = await this.#or(edits.resolve(address.run, address.path, take));
    if (resolved === undefined) return;
    await this.#decided(address.run);
    this.#inform(`${address.path} is resolved.`, [applyWay(address), diffWay(address)]);
  }

  async mergeAgain(address: EditAddress): Promise<void> {
    const { run, path } = address;
    const { edits } = await this.#deps.engine.open();
    const merged = await this.#or(edits.mergeAgain(run, path, this.#closing.signal));
    if (merged === undefined) return;
    await this.#decided(run);
    if (merged.file.conflict === undefined)
      this.#inform(`${path} was merged with what is there now.`, [applyWay(address), diffWay(address)]);
    else this.#warn(`${path} was changed at the same lines meanwhile: resolve the conflict.`, [resolveWay(address)]);
  }

  async #apply(
    reviewed: ReviewedProposal,
    choice: { readonly paths?: readonly string[]; readonly warned?: boolean },
  ): Promise<ApplyReport | undefined> {
    const { edits } = await this.#deps.engine.open();
    const { run } = reviewed;
    const applied = working('Applying edits', () => edits.apply(run, choice, this.#closing.signal));
    const report = await this.#or(applied);
    if (report === undefined) return undefined;
    this.#tellApplied(reviewed, report);
    await this.#decided(run);
    return report;
  }

  #tellApplied({ run, files }: ReviewedProposal, report: ApplyReport): void {
    const done = files.filter(({ file }) => report.done.includes(file.path)).map(({ file }) => file);
    const text = [reportText('Applied', report), addressesText(done)].filter((part) => part !== '').join(' ');
    const stale = files.find(
      (one) => one.stale !== undefined && report.left.some(({ path }) => path === one.file.path),
    );
    const written = done.filter(({ kind }) => kind !== 'deleted').map(({ path }) => path);
    const ways: readonly Way[] = [
      ...(done.length > 0 ? [{ title: 'Revert', command: COMMANDS.revertEdits, arguments: [run] }] : []),
      ...(written.length > 0 ? [{ title: 'Show Files', action: () => openFileOf(written, uriOf) }] : []),
      ...(stale === undefined ? [] : [mergeWay({ run, path: stale.file.path })]),
      ...(report.left.length > 0 ? [{ title: 'Review', command: COMMANDS.reviewEdits, arguments: [run] }] : []),
    ];
    if (report.left.length > 0) this.#warn(text, ways);
    else this.#inform(text, ways);
  }

  /** Never rejects. */
  async #mayDecide(run: string): Promise<boolean> {
    try {
      const { feed, folders } = await this.#deps.engine.open();
      const looked = await feed.look(run);
      if (!looked.ok) return false;
      const { liveness, state } = looked.value;
      return !isOutOfReach({ liveness, isHere: await folders.look(state.workspace) });
    } catch (error) {
      this.#deps.log.error('It is not known whether edits may be decided about here', error);
      return false;
    }
  }

  /** The proposal as it is right now; undefined: the person was told why not. */
  async #look(run: string): Promise<ReviewedProposal | undefined> {
    this.#deps.proposals.lookAgain(run);
    return this.#or(this.#deps.proposals.open(run));
  }

  async #state(run: string): Promise<RunState | undefined> {
    const opened: OpenedOrchestrator = await this.#deps.engine.open();
    return (await this.#or(loadRun(opened, run)))?.state;
  }

  /** Brings the review up to date with a decision. */
  async #decided(run: string): Promise<void> {
    const reviewed = await this.#look(run);
    const state = await this.#state(run);
    if (reviewed !== undefined && state !== undefined) await this.#tab.follow(state, reviewed);
  }

  async #or<T>(result: Promise<Result<T, Failure>>): Promise<T | undefined> {
    const settled = await result;
    if (settled.ok) return settled.value;
    this.#deps.tell(settled.error);
    return undefined;
  }

  #inform(text: string, ways: readonly Way[] = []): void {
    this.#follow(vscode.window.showInformationMessage(notice(text), ...ways.map(({ title }) => title)), ways);
  }

  #warn(text: string, ways: readonly Way[]): void {
    this.#follow(vscode.window.showWarningMessage(notice(text), ...ways.map(({ title }) => title)), ways);
  }

  /** Nobody waits for the person. */
  #follow(pressed: Thenable<string | undefined>, ways: readonly Way[]): void {
    void pressed
      .then((title) => {
        const way = ways.find((one) => one.title === title);
        if (way === undefined) return undefined;
        return 'action' in way ? way.action() : vscode.commands.executeCommand(way.command, ...(way.arguments ?? []));
      })
      .then(undefined, this.#deps.tell);
  }
}

type Way = WayOut | { readonly title: string; readonly action: () => Promise<void> };

function applyWay({ run, path }: EditAddress): Way {
  return { title: 'Apply', command: COMMANDS.applyEditFile, arguments: [run, path] };
}

function diffWay({ run, path }: EditAddress): Way {
  return { title: 'Open Diff', command: COMMANDS.openEditDiff, arguments: [run, path] };
}

function resolveWay({ run, path }: EditAddress): Way {
  return { title: 'Resolve', command: COMMANDS.resolveEdit, arguments: [run, path] };
}

function mergeWay({ run, path }: EditAddress): Way {
  return { title: 'Merge Again', command: COMMANDS.mergeEditAgain, arguments: [run, path] };
}

/** What keeps a file from being applied, and what leads on. */
function obstacleOf(
  { file, status, stale, blocked }: ReviewedFile,
  address: EditAddress,
): { readonly text: string; readonly waysOut: readonly Way[] } | undefined {
  if (status === 'applied') return { text: `${file.path} is applied already.`, waysOut: [] };
  if (file.conflict !== undefined)
    return { text: `${file.path} has a conflict: resolve it first.`, waysOut: [resolveWay(address), diffWay(address)] };
  if (stale !== undefined) return { text: `${file.path}: ${stale}`, waysOut: [mergeWay(address)] };
  return blocked === undefined ? undefined : { text: `${file.path}: ${blocked}`, waysOut: [] };
}

function noSuchEdit(path: string): Failure {
  return failure('rejected', `The proposal of this run has no edit of ${path}.`, {
    whatToDo: 'Pick an edit in the Orchestrator view.',
  });
}

function notice(text: string): string {
  return `Orchestrator: ${noticeText(text)}`;
}

function working<T>(title: string, action: () => Promise<T>): Promise<T> {
  return Promise.resolve(vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, action));
}

/** `(run, path?)`, a row of the tree, or the address of a side. */
function namedBy([first, second]: readonly unknown[]): Named | undefined {
  if (typeof first === 'string') return typeof second === 'string' ? { run: first, path: second } : { run: first };
  if (first instanceof vscode.Uri) return parseEditUri(first);
  if (typeof first !== 'object' || first === null || !('run' in first) || typeof first.run !== 'string')
    return undefined;
  return 'path' in first && typeof first.path === 'string' ? { run: first.run, path: first.path } : { run: first.run };
}
