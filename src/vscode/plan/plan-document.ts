/**
 * The `orchestrator-plan:` documents: the plan of a run as JSON that can be edited.
 *
 * Owns: what the text is, which revision of the plan VS Code read last, and the faults under it. Does not own: what a plan may
 * be (plan-check), what a change means for tasks that have begun (action-table).
 *
 * 1. Saving applies the text as one change of the plan, or is refused with a word why; then the text stays as it was typed.
 * 2. A text that was read before the plan changed elsewhere is never applied over that change.
 * 3. Faults show while it is typed; a text with faults is not applied.
 * 4. A finished run's plan never changes: saving makes a draft of a new run, whose plan is opened.
 */
import * as vscode from 'vscode';
import type { FedRun } from '../../app/run-feed.ts';
import { runTitle } from '../../app/run-text.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { planFileText, withUnsaid } from '../../app/plan-file-text.ts';
import { systemClock } from '../../base/clock.ts';
import type { Subscription } from '../../base/emitter.ts';
import { plural } from '../../base/plural.ts';
import { ruleFor } from '../../core/control/action-table.ts';
import { isOutOfReach } from '../../core/control/whose-folder.ts';
import { describeFailure } from '../../core/failure.ts';
import { changeBetween, isNoChange } from '../../core/plan/plan-change.ts';
import type { PlanFault } from '../../core/plan/plan-check.ts';
import type { TaskSpec } from '../../core/plan/plan.ts';
import type { RunState } from '../../core/run-state.ts';
import { ChangeBatch } from '../change-batch.ts';
import { EXTENSION_SECTION, PLAN_SCHEME } from '../ids.ts';
import { findPlace, placeFaults, type PlanPlace } from './plan-ranges.ts';
import { planUri, runOfPlan } from './plan-uri.ts';
import type { ShellDeps } from '../shell-deps.ts';

const CHECK_EVERY_MS = 150;

export function registerPlanDocuments(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const files = new PlanFiles(deps);
  context.subscriptions.push(
    files,
    vscode.workspace.registerFileSystemProvider(PLAN_SCHEME, files, { isCaseSensitive: true }),
  );
}

/** Opens the plan of a run as a text; `at` is a task, or one of its fields, to be selected. */
export async function showPlan(
  { run, at }: { readonly run: string; readonly at?: PlanPlace },
  { engine, tell }: Pick<ShellDeps, 'engine' | 'tell'>,
): Promise<void> {
  const looked = await (await engine.open()).feed.look(run);
  if (!looked.ok) return tell(looked.error);
  const document = await vscode.workspace.openTextDocument(planUri(run, runTitle(looked.value.state)));
  const place = at === undefined ? undefined : findPlace(document.getText(), at);
  const selection =
    place === undefined
      ? {}
      : { selection: new vscode.Range(document.positionAt(place.start), document.positionAt(place.end)) };
  await vscode.window.showTextDocument(document, { preview: false, ...selection });
}

class PlanFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly #faults = vscode.languages.createDiagnosticCollection('orchestrator-plan');
  readonly #typed = new ChangeBatch<vscode.TextDocument>(
    { everyMs: CHECK_EVERY_MS, clock: systemClock },
    (documents) => {
      for (const document of documents) this.#check(document).catch(this.#deps.tell);
    },
  );
  readonly #followed = new Map<string, Subscription>();
  /** By run: how VS Code was told last that it stands. */
  readonly #told = new Map<string, string>();
  /** By run: what VS Code read last. */
  readonly #read = new Map<string, PlanRead>();
  /** By run: how often its text had to be read anew although its plan is the same. */
  readonly #again = new Map<string, number>();
  /** Runs whose text was saved and is not their plan. */
  readonly #differing = new Set<string>();
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChangeFile = this.#changed.event;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    const { workspace } = vscode;
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      workspace.onDidChangeTextDocument(({ document }) => isPlan(document) && this.#typed.add(document)),
      workspace.onDidSaveTextDocument((document) => this.#saved(document)),
      workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      this.#changed,
      this.#faults,
      this.#typed,
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    for (const following of this.#followed.values()) following.dispose();
    this.#followed.clear();
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { opened, run, fed } = await this.#find(uri);
    const { state } = fed;
    this.#told.set(run, standingOf(fed));
    return {
      type: vscode.FileType.File,
      ctime: state.startedAtMs,
      mtime: this.#changeTime(run, state),
      size: Buffer.byteLength(await textOf(opened, state)),
      ...(isClosed(fed) ? { permissions: vscode.FilePermission.Readonly } : {}),
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { opened, run, fed } = await this.#find(uri);
    this.#read.set(run, await planRead(opened, fed.state));
    return new TextEncoder().encode(await textOf(opened, fed.state));
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { opened, run, fed } = await this.#find(uri);
    const text = new TextDecoder().decode(content);
    const before = specsOf(fed.state);
    const plan = opened.readPlan(text, before);
    const faults = this.#faultsIn(run, plan);
    if (!plan.ok || faults.length > 0)
      throw refused(`The plan has ${plural(faults.length, 'fault')} and was not applied. ${faults[0]?.text ?? ''}`);
    const tasks = withUnsaid(plan.value.tasks, before);
    if (isNoChange(changeBetween(before, tasks, ''))) return;
    const revision = this.#read.get(run)?.revision ?? fed.state.revision;
    if (fed.liveness === 'finished' && revision !== fed.state.revision)
      throw refused('The plan was changed meanwhile. Revert the file and make your change once more.');
    const done = await opened.orchestrator.act(run, {
      kind: 'edit-plan',
      edits: [{ kind: 'replace', tasks }],
      revision,
    });
    if (!done.ok) throw refused(describeFailure(done.error));
    if (done.value.run !== run) await this.#openDraft(run, done.value.run);
    else await this.#applied(opened, run, tasks);
  }

  /** What was written is the text of this revision, but where another agent filled in what it does. */
  async #applied(opened: OpenedOrchestrator, run: string, written: readonly TaskSpec[]): Promise<void> {
    const now = await opened.feed.look(run);
    if (!now.ok) return;
    const read = await planRead(opened, now.value.state);
    this.#read.set(run, read);
    if (!isNoChange(changeBetween(written, read.tasks, ''))) this.#differing.add(run);
  }

  async #openDraft(finished: string, draft: string): Promise<void> {
    this.#differing.add(finished);
    await showPlan({ run: draft }, this.#deps);
  }

  /** Only after a save is a change of the file one for VS Code. */
  #saved(document: vscode.TextDocument): void {
    const run = runOfPlan(document.uri);
    if (run === undefined || !this.#differing.delete(run)) return;
    this.#again.set(run, (this.#again.get(run) ?? 0) + 1);
    this.#fire(run);
  }

  async #find(
    uri: vscode.Uri,
  ): Promise<{ readonly opened: OpenedOrchestrator; readonly run: string; readonly fed: FedRun }> {
    const run = runOfPlan(uri);
    if (run === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const opened = await this.#deps.engine.open();
    const looked = await opened.feed.look(run);
    if (!looked.ok) throw vscode.FileSystemError.FileNotFound(describeFailure(looked.error));
    if (looked.value.state.tasks.size === 0)
      throw vscode.FileSystemError.FileNotFound('This run has no plan. Ask for one with /plan in the chat.');
    return { opened, run, fed: looked.value };
  }

  /** VS Code reads again, and refuses to save over, what is newer than what it read. */
  #changeTime(run: string, state: RunState): number {
    return state.startedAtMs + (state.revision + (this.#again.get(run) ?? 0)) * 1_000;
  }

  #fire(run: string): void {
    const uris = vscode.workspace.textDocuments.filter((document) => runOfPlan(document.uri) === run);
    this.#changed.fire(uris.map(({ uri }) => ({ type: vscode.FileChangeType.Changed, uri })));
  }

  #opened(document: vscode.TextDocument): void {
    const run = runOfPlan(document.uri);
    if (run === undefined) return;
    this.#typed.add(document);
    if (!this.#followed.has(run)) void this.#follow(run).catch(this.#deps.tell);
  }

  async #follow(run: string): Promise<void> {
    const { feed } = await this.#deps.engine.open();
    if (this.#followed.has(run)) return;
    let shown = this.#told.get(run);
    const following = feed.follow(run, (fed) => {
      const now = standingOf(fed);
      if (shown !== undefined && now !== shown) this.#fire(run);
      shown = now;
    });
    this.#followed.set(run, following);
  }

  #closed(document: vscode.TextDocument): void {
    const run = runOfPlan(document.uri);
    if (run === undefined) return;
    this.#faults.delete(document.uri);
    if (vscode.workspace.textDocuments.some((other) => other !== document && runOfPlan(other.uri) === run)) return;
    this.#followed.get(run)?.dispose();
    this.#followed.delete(run);
    this.#told.delete(run);
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const run = runOfPlan(document.uri);
    if (run === undefined || document.isClosed) return;
    const opened = await this.#deps.engine.open();
    if (document.isClosed) return;
    const text = document.getText();
    this.#faults.set(
      document.uri,
      placeFaults(text, this.#faultsIn(run, opened.readPlan(text, this.#read.get(run)?.tasks ?? []))).map((fault) => {
        const range = new vscode.Range(document.positionAt(fault.start), document.positionAt(fault.end));
        const shown = new vscode.Diagnostic(range, fault.text, vscode.DiagnosticSeverity.Error);
        shown.source = EXTENSION_SECTION;
        return shown;
      }),
    );
  }

  #faultsIn(run: string, plan: ReturnType<OpenedOrchestrator['readPlan']>): readonly PlanFault[] {
    if (!plan.ok) return plan.error;
    const request = this.#read.get(run)?.request;
    if (request === undefined || request === plan.value.request) return [];
    return [
      {
        text: 'The request of a run cannot be changed; ask @orchestrator anew with the other request.',
        at: ['request'],
      },
    ];
  }

  // What follows is for folders; a plan is one file.

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}

/** A plan as VS Code was given it. */
interface PlanRead {
  readonly revision: number;
  readonly request: string;
  readonly tasks: readonly TaskSpec[];
}

async function planRead(opened: OpenedOrchestrator, state: RunState): Promise<PlanRead> {
  return { revision: state.revision, request: await requestOf(opened, state), tasks: specsOf(state) };
}

function isPlan({ uri }: vscode.TextDocument): boolean {
  return runOfPlan(uri) !== undefined;
}

/** Nothing of the plan can be changed now: not even a task be added. */
function isClosed(fed: FedRun): boolean {
  const isInterrupted = fed.liveness === 'interrupted';
  const run = { phase: fed.state.phase, isInterrupted, isOutOfReach: isOutOfReach(fed) };
  return ruleFor('add-below', { ...run, status: 'pending', hasCalls: false }).kind === 'refused';
}

/** What of a run makes its text another one, or one that cannot be changed. */
function standingOf(fed: FedRun): string {
  return `${fed.state.revision} ${isClosed(fed)}`;
}

function specsOf(state: RunState): readonly TaskSpec[] {
  return [...state.tasks.values()].flatMap(({ spec }) => (spec === null ? [] : [spec]));
}

async function textOf(opened: OpenedOrchestrator, state: RunState): Promise<string> {
  return planFileText({ request: await requestOf(opened, state), tasks: specsOf(state) });
}

/** Whole, also when the record keeps it apart. */
async function requestOf({ journal }: OpenedOrchestrator, { request }: RunState): Promise<string> {
  if (typeof request === 'string') return request;
  const text = await journal.readBlob(request);
  if (!text.ok) throw refused(describeFailure(text.error));
  return text.value;
}

function refused(why: string): vscode.FileSystemError {
  return vscode.FileSystemError.Unavailable(why);
}
