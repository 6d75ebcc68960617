/**
 * What the panel of a run's graph is told, from its opening to its end.
 *
 * Owns: what the panel was told last, one timer, whom it follows. Does not own: the panel's place, what is drawn.
 *
 * 1. The panel is told what changed, at most every 250 ms, and always the last of it.
 * 2. A panel that cannot be seen costs nothing; when it is seen again it is told everything.
 * 3. After it was turned to another run nothing of the one before is told.
 * 4. After `dispose` there is no subscription and no timer.
 * 5. When there is nothing to show, the panel says why: the run is not in the record, or the record cannot be read.
 */
import type * as vscode from 'vscode';
import type { FedRun } from '../../app/run-feed.ts';
import type { Subscription } from '../../base/emitter.ts';
import { systemClock } from '../../base/clock.ts';
import { describeFailure } from '../../core/failure.ts';
import { readFromGraph, type FromGraph, type ToGraph } from '../../webview/graph/graph-messages.ts';
import type { GraphView } from '../../webview/graph/graph-view.ts';
import { showConversation } from '../conversation/conversation-panel.ts';
import { graphChange } from './graph-changes.ts';
import { GraphModel } from './graph-model.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { WebviewHost } from '../webview-host.ts';

const TELL_EVERY_MS = 250;

export interface GraphSessionDeps {
  readonly shell: Pick<ShellDeps, 'engine' | 'tell'>;
  readonly extensionUri: vscode.Uri;
}

export class GraphSession implements vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  readonly #deps: GraphSessionDeps;
  readonly #host: WebviewHost<FromGraph, ToGraph>;
  readonly #subscriptions: { dispose(): void }[] = [];
  #run: string;
  #model = new GraphModel();
  #following: Subscription | undefined;
  #fed: FedRun | undefined;
  #told: GraphView | undefined;
  #lastTold: FedRun | undefined;
  #problem: string | undefined;
  #cancelTimer: (() => void) | undefined;
  #isDisposed = false;

  constructor(panel: vscode.WebviewPanel, run: string, deps: GraphSessionDeps) {
    this.panel = panel;
    this.#run = run;
    this.#deps = deps;
    this.#host = new WebviewHost(
      panel.webview,
      { extensionUri: deps.extensionUri, name: 'graph', title: 'Run Graph', read: readFromGraph },
      (message) => this.#take(message),
    );
    this.#subscriptions.push(
      this.#host,
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#host.hidden();
      }),
    );
    this.#begin();
  }

  get run(): string {
    return this.#run;
  }

  turnTo(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#model = new GraphModel();
    this.#fed = undefined;
    this.#told = undefined;
    this.#problem = undefined;
    this.#begin();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cancelTimer?.();
    this.#following?.dispose();
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  #begin(): void {
    this.#following?.dispose();
    this.#following = undefined;
    void this.#follow(this.#run).catch((error: unknown) => {
      if (this.#isDisposed) return;
      this.#deps.shell.tell(error);
      this.#tellProblem('The record could not be opened. Close this panel, and open the graph from the run again.');
    });
  }

  async #follow(run: string): Promise<void> {
    const { feed } = await this.#deps.shell.engine.open();
    const found = await feed.look(run);
    if (this.#isDisposed || run !== this.#run) return;
    if (!found.ok) this.#tellProblem(describeFailure(found.error));
    this.#following = feed.follow(run, (now) => {
      this.#fed = now;
      this.#tellSoon();
    });
  }

  /** At once when nothing was told for a while. */
  #tellSoon(): void {
    if (this.#cancelTimer !== undefined || !this.#host.isReady) return;
    this.#tell();
    this.#cancelTimer = systemClock.schedule(TELL_EVERY_MS, () => {
      this.#cancelTimer = undefined;
      if (this.#isOutdated()) this.#tellSoon();
    });
  }

  #isOutdated(): boolean {
    return this.#fed !== undefined && this.#fed !== this.#lastTold;
  }

  #tell(): void {
    const fed = this.#fed;
    if (fed === undefined) return;
    const nowMs = systemClock.wallMs();
    const view = this.#model.show(fed.state, fed.liveness);
    const message: ToGraph | undefined =
      this.#told === undefined ? { type: 'show', view, nowMs } : graphChange(this.#told, view, nowMs);
    this.#lastTold = fed;
    this.#told = view;
    this.#problem = undefined;
    if (message !== undefined) this.#host.post(message);
    const title = `Graph: ${view.head.title}`;
    if (this.panel.title !== title) this.panel.title = title;
  }

  #tellProblem(what: string): void {
    this.#problem = what;
    this.#host.post({ type: 'failed', what });
  }

  #take(message: FromGraph): void {
    if (message.type === 'open') {
      void showConversation({ run: this.#run, task: message.task }).then(undefined, (error: unknown) =>
        this.#deps.shell.tell(error),
      );
      return;
    }
    this.#told = undefined;
    this.#tell();
    if (this.#problem !== undefined) this.#tellProblem(this.#problem);
  }
}
