/**
 * The "Backends" view: each backend of the roster, whether it answers, its slots and what it spent today; then the problems.
 *
 * 1. Looking for models and checking connections begins when the view is first looked at, or by its refresh button.
 * 2. A check never talks to a host that the user has not allowed.
 * 3. Checks run at the same time, each ends after 3 s at the latest; an edited roster is checked anew.
 */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { systemClock } from '../../base/clock.ts';
import type { Backend } from '../../core/backend.ts';
import { failure } from '../../core/failure.ts';
import type { BackendSpend } from '../../core/ports.ts';
import { backendRow, problemRow, type BackendRow, type Check } from './backends-text.ts';
import { ChangeBatch } from '../change-batch.ts';
import { COMMANDS, EXTENSION_SECTION, VIEWS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';

const REFRESH_EVERY_MS = 500;
const CHECK_MS = 3_000;
const RESTRICTED =
  'Restricted Mode: until you trust this workspace only the built-in backend is used, over files that you attach.';

type Item =
  | { readonly kind: 'backend'; readonly id: string }
  | { readonly kind: 'problem'; readonly place: number; readonly text: string };

export function registerBackendsView(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const view = new BackendsView(deps);
  context.subscriptions.push(
    view,
    vscode.commands.registerCommand(COMMANDS.refreshBackends, () => view.refresh()),
    vscode.commands.registerCommand(COMMANDS.checkBackend, (item: unknown) => view.checkWithConsent(item)),
    vscode.commands.registerCommand(COMMANDS.openRoster, openRoster),
  );
}

/** The file that holds the roster: the workspace's where it says anything, else the user's. */
async function openRoster(): Promise<void> {
  const roster = vscode.workspace.getConfiguration(EXTENSION_SECTION).inspect<unknown>('roster');
  const command =
    roster?.workspaceValue === undefined
      ? 'workbench.action.openSettingsJson'
      : 'workbench.action.openWorkspaceSettingsFile';
  await vscode.commands.executeCommand(command, {
    revealSetting: { key: `${EXTENSION_SECTION}.roster`, edit: roster?.workspaceValue === undefined },
  });
}

class BackendsView implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #view: vscode.TreeView<Item>;
  readonly #didChange = new vscode.EventEmitter<void>();
  readonly #changed = new ChangeBatch<'rows' | 'spend'>({ everyMs: REFRESH_EVERY_MS, clock: systemClock }, (what) =>
    this.#redraw(what),
  );
  readonly #ending = new AbortController();
  readonly #subscriptions: vscode.Disposable[];
  #checks = new Map<string, Check>();
  readonly onDidChangeTreeData = this.#didChange.event;
  #today: readonly BackendSpend[] = [];
  #lookedOnce = false;
  #isReloading = false;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#view = vscode.window.createTreeView(VIEWS.backends, { treeDataProvider: this });
    this.#subscriptions = [
      this.#view,
      this.#didChange,
      this.#changed,
      deps.engine.onDidOpen((opened) => this.#follow(opened)),
      this.#view.onDidChangeVisibility(({ visible }) => (visible ? this.#changed.add('rows', 'spend') : undefined)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#showTrust()),
    ];
    this.#showTrust();
  }

  dispose(): void {
    this.#ending.abort();
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  /** Looks for models nobody configured, and checks every backend that may be talked to. */
  async refresh(): Promise<void> {
    try {
      const opened = await this.#deps.engine.open();
      this.#isReloading = true;
      await opened.reload({ discover: true }).finally(() => (this.#isReloading = false));
      await this.#checkAll(opened);
    } catch (error) {
      this.#deps.tell(error);
    }
  }

  async #checkAll(opened: OpenedOrchestrator): Promise<void> {
    this.#checks = new Map();
    await Promise.all([this.#readSpend(opened), ...opened.roster.backends().map((backend) => this.#check(backend))]);
  }

  async checkWithConsent(item: unknown): Promise<void> {
    const opened = await this.#deps.engine.open();
    const backend = opened.roster
      .backends()
      .find(({ description }) => isBackendItem(item) && description.id === item.id);
    if (backend === undefined) return;
    const { id, host } = backend.description;
    // Data goes nowhere without consent, and with a check the key goes there already.
    if (needsConsent(backend) && host !== undefined) await this.#deps.consent.consent(host, [id], this.#ending.signal);
    await this.#check(backend);
  }

  async getChildren(item?: Item): Promise<Item[]> {
    if (item !== undefined) return [];
    try {
      const opened = await this.#deps.engine.open();
      if (!this.#lookedOnce) {
        this.#lookedOnce = true;
        // Opening the engine has just looked for models.
        this.#checkAll(opened).catch(this.#deps.tell);
      }
      const backends = opened.roster
        .backends()
        .map(({ description }): Item => ({ kind: 'backend', id: description.id }));
      return [...backends, ...opened.roster.problems().map((text, place): Item => ({ kind: 'problem', place, text }))];
    } catch (error) {
      this.#deps.tell(error);
      return [];
    }
  }

  getTreeItem(item: Item): vscode.TreeItem {
    const row = this.#row(item);
    const treeItem = new vscode.TreeItem(row.label);
    treeItem.id = item.kind === 'backend' ? `backend:${item.id}` : `problem:${item.place}`;
    treeItem.description = row.description;
    treeItem.iconPath = new vscode.ThemeIcon(row.icon.name, new vscode.ThemeColor(row.icon.color));
    treeItem.contextValue = row.contextValue;
    treeItem.accessibilityInformation = { label: row.spoken };
    treeItem.tooltip = new vscode.MarkdownString(row.tooltip);
    if (item.kind === 'problem') treeItem.command = { command: COMMANDS.openRoster, title: 'Open Roster' };
    return treeItem;
  }

  #row(item: Item): BackendRow {
    if (item.kind === 'problem') return problemRow(item.text);
    const opened = this.#deps.engine.opened();
    const backend = opened?.roster.backends().find(({ description }) => description.id === item.id);
    if (opened === undefined || backend === undefined) return problemRow(`${item.id} is no longer in the roster.`);
    return backendRow({
      description: backend.description,
      health: opened.orchestrator.health().find((one) => one.backend === item.id),
      check: this.#checks.get(item.id) ?? { kind: 'unknown' },
      today: this.#today.find((one) => one.backend === item.id),
    });
  }

  async #check(backend: Backend): Promise<void> {
    const { id, host, enabled } = backend.description;
    // A roster that is edited meanwhile gets a table of its own.
    const checks = this.#checks;
    const note = (check: Check): void => {
      checks.set(id, check);
      this.#changed.add('rows');
    };
    if (!enabled) return;
    const decided = host === undefined ? undefined : this.#deps.consent.decided(host);
    if (host !== undefined && needsConsent(backend) && decided !== true)
      return note({ kind: decided === undefined ? 'not-asked' : 'host-refused', host });
    note({ kind: 'checking' });
    note(await this.#ask(backend));
  }

  async #ask(backend: Backend): Promise<Check> {
    const deadline = new AbortController();
    const cancelTimer = systemClock.schedule(CHECK_MS, () => deadline.abort());
    try {
      const checked = await backend.check(AbortSignal.any([deadline.signal, this.#ending.signal]));
      if (checked.ok) return { kind: 'reachable', report: checked.value };
      if (!deadline.signal.aborted) return { kind: 'unreachable', failure: checked.error };
      const { id } = backend.description;
      return {
        kind: 'unreachable',
        failure: failure('timeout', `${id} did not answer within ${CHECK_MS / 1_000} s.`, {
          whatToDo: 'See whether its server runs and its address is right, then refresh.',
          backend: id,
        }),
      };
    } catch (error) {
      // A backend never rejects; one that does must not leave its row at "checking".
      this.#deps.log.error(`The check of ${backend.description.id} broke`, error);
      return {
        kind: 'unreachable',
        failure: failure('internal', 'The check itself broke.', {
          whatToDo: 'See the log of Orchestrator and report it.',
        }),
      };
    } finally {
      cancelTimer();
    }
  }

  #follow(opened: OpenedOrchestrator): void {
    this.#subscriptions.push(
      opened.onRosterChange(() => {
        this.#checks = new Map();
        this.#changed.add('rows');
      }),
      opened.orchestrator.onEvent((event) => {
        if (event.type === 'call.started' || event.type === 'backend.rested') this.#changed.add('rows');
        if (event.type === 'call.finished' || event.type === 'call.failed') this.#changed.add('rows', 'spend');
      }),
    );
  }

  #redraw(what: readonly ('rows' | 'spend')[]): void {
    const opened = this.#deps.engine.opened();
    if (!this.#view.visible || opened === undefined) return;
    if (what.includes('spend')) void this.#readSpend(opened);
    const isSettled = this.#lookedOnce && !this.#isReloading;
    const unchecked = isSettled
      ? opened.roster.backends().filter(({ description }) => !this.#checks.has(description.id))
      : [];
    for (const backend of unchecked) void this.#check(backend);
    this.#didChange.fire();
  }

  async #readSpend(opened: OpenedOrchestrator): Promise<void> {
    const spent = await opened.journal.spendSince(new Date().setHours(0, 0, 0, 0));
    if (!spent.ok) return this.#deps.log.warn(`Today's spend cannot be read: ${spent.error.message}`);
    const before = JSON.stringify(this.#today);
    this.#today = spent.value;
    if (JSON.stringify(spent.value) !== before) this.#changed.add('rows');
  }

  #showTrust(): void {
    this.#view.message = vscode.workspace.isTrusted ? '' : RESTRICTED;
  }
}

/** `vscode.lm` is asked for its list of models, which goes nowhere. */
function needsConsent({ description }: Backend): boolean {
  return description.host !== undefined && description.provider !== 'vscode';
}

function isBackendItem(item: unknown): item is Extract<Item, { readonly kind: 'backend' }> {
  return (
    typeof item === 'object' &&
    item !== null &&
    'kind' in item &&
    item.kind === 'backend' &&
    'id' in item &&
    typeof item.id === 'string'
  );
}
