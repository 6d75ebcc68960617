/**
 * The status bar item: what runs in this window and elsewhere, what waits for the user, and what was spent today.
 *
 * 1. It is hidden, and nothing is read, until the engine was opened for the first time.
 * 2. It is drawn at most every 250 ms; the day's spend is read at most every second, and only after a call ended, when the window
 *    is looked at again, while there are runs elsewhere, and when a new day begins.
 * 3. What was spent on another day is never drawn as today's.
 */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { systemClock } from '../../base/clock.ts';
import { ChangeBatch } from '../change-batch.ts';
import { eachMidnight } from '../each-midnight.ts';
import { COMMANDS, STATUS_ITEM, VIEWS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { startOfDay } from '../start-of-day.ts';
import { DaySpend } from './day-spend.ts';
import { RunsElsewhere } from './runs-elsewhere.ts';
import { statusText } from './status-bar-text.ts';

const DRAW_EVERY_MS = 250;
const READ_EVERY_MS = 1_000;
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
  readonly #spent = new DaySpend();
  #elsewhere: RunsElsewhere | undefined;
  #hadOthers = false;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#item.name = 'Orchestrator';
    this.#item.command = COMMANDS.showTasks;
    this.#subscriptions = [
      this.#item,
      this.#draws,
      this.#reads,
      { dispose: () => this.#elsewhere?.dispose() },
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
      vscode.window.onDidChangeWindowState(({ focused }) => {
        // Other windows and the command line spend too.
        if (focused) this.#reads.add('spend');
        this.#elsewhere?.watch(focused);
      }),
      { dispose: eachMidnight(systemClock, () => this.#reads.add('spend')) },
    );
    this.#elsewhere = new RunsElsewhere({
      journal: opened.journal,
      orchestrator: opened.orchestrator,
      clock: systemClock,
      onLook: () => this.#lookedElsewhere(),
    });
    this.#elsewhere.watch(vscode.window.state.focused);
    this.#draw();
    this.#item.show();
    this.#reads.add('spend');
  }

  #lookedElsewhere(): void {
    const hasOthers = (this.#elsewhere?.runs.length ?? 0) > 0;
    if (hasOthers || this.#hadOthers) this.#reads.add('spend');
    this.#hadOthers = hasOthers;
    this.#draws.add('state');
  }

  async #read(): Promise<void> {
    const opened = this.#deps.engine.opened();
    if (opened === undefined) return;
    const dayMs = startOfDay(systemClock.wallMs());
    const spent = await opened.journal.spendSince(dayMs);
    if (!spent.ok) return this.#deps.log.warn(`Today's spend cannot be read: ${spent.error.message}`);
    this.#spent.put(dayMs, spent.value);
    this.#draws.add('state');
  }

  #draw(): void {
    const orchestrator = this.#deps.engine.opened()?.orchestrator;
    if (orchestrator === undefined) return;
    // A run that stopped here unfinished is no longer ours.
    const runs = orchestrator.runs().filter(({ run }) => orchestrator.handle(run) !== undefined);
    const today = this.#spent.at(systemClock.wallMs());
    if (today === undefined) this.#reads.add('spend');
    const elsewhere = this.#elsewhere?.runs ?? [];
    const { text, isWarning, spoken, tooltip } = statusText({ runs, elsewhere, today });
    this.#item.text = text;
    this.#item.backgroundColor = isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.accessibilityInformation = { label: spoken, role: 'button' };
    this.#item.tooltip = new vscode.MarkdownString(tooltip);
  }
}
