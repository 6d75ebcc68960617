/**
 * The status bar item: what runs in this window, what waits for the user, and what was spent today.
 *
 * 1. It is hidden, and nothing is read, until the engine was opened for the first time.
 * 2. It is drawn at most every 250 ms; the day's spend is read at most every 3 s, and only after a call ended, when the window
 *    is looked at again, and when a new day begins.
 */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { systemClock } from '../../base/clock.ts';
import type { BackendSpend } from '../../core/ports.ts';
import { ChangeBatch } from '../change-batch.ts';
import { eachMidnight } from '../each-midnight.ts';
import { COMMANDS, STATUS_ITEM, VIEWS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { statusText } from './status-bar-text.ts';

const DRAW_EVERY_MS = 250;
const READ_EVERY_MS = 3_000;
const PRIORITY = 50;

export function registerStatusBar(context: vscode.ExtensionContext, deps: ShellDeps): void {
  context.subscriptions.push(
    new StatusBar(deps),
    vscode.commands.registerCommand(COMMANDS.showTasks, () => vscode.commands.executeCommand(`${VIEWS.tasks}.focus`)),
  );
}

class StatusBar implements vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left, PRIORITY);
  readonly #draws = new ChangeBatch<'state'>({ everyMs: DRAW_EVERY_MS, clock: systemClock }, () => this.#draw());
  readonly #reads = new ChangeBatch<'spend'>({ everyMs: READ_EVERY_MS, clock: systemClock }, () => void this.#read());
  readonly #subscriptions: vscode.Disposable[];
  #today: readonly BackendSpend[] | undefined;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#item.name = 'Orchestrator';
    this.#item.command = COMMANDS.showTasks;
    this.#subscriptions = [
      this.#item,
      this.#draws,
      this.#reads,
      deps.engine.onDidOpen((opened) => this.#follow(opened)),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  #follow(opened: OpenedOrchestrator): void {
    this.#subscriptions.push(
      opened.orchestrator.onEvent(({ type, run }) => {
        this.#draws.add('state');
        // One that stops here unfinished says so by no event.
        if (type === 'run.started' || type === 'run.resumed')
          void opened.orchestrator.handle(run)?.finished.then(() => this.#draws.add('state'));
        if (type === 'call.finished' || type === 'call.failed') this.#reads.add('spend');
      }),
      // Other windows and the command line spend too.
      vscode.window.onDidChangeWindowState(({ focused }) => (focused ? this.#reads.add('spend') : undefined)),
      { dispose: eachMidnight(systemClock, () => this.#reads.add('spend')) },
    );
    this.#draw();
    this.#item.show();
    this.#reads.add('spend');
  }

  async #read(): Promise<void> {
    const opened = this.#deps.engine.opened();
    if (opened === undefined) return;
    const spent = await opened.journal.spendSince(new Date().setHours(0, 0, 0, 0));
    if (!spent.ok) return this.#deps.log.warn(`Today's spend cannot be read: ${spent.error.message}`);
    this.#today = spent.value;
    this.#draws.add('state');
  }

  #draw(): void {
    const orchestrator = this.#deps.engine.opened()?.orchestrator;
    if (orchestrator === undefined) return;
    // A run that stopped here unfinished is no longer ours.
    const runs = orchestrator.runs().filter(({ run }) => orchestrator.handle(run) !== undefined);
    const { text, isWarning, spoken, tooltip } = statusText({ runs, today: this.#today });
    this.#item.text = text;
    this.#item.backgroundColor = isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.accessibilityInformation = { label: spoken, role: 'button' };
    this.#item.tooltip = new vscode.MarkdownString(tooltip);
  }
}
