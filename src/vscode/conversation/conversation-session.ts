/**
 * One panel of a conversation, from its opening to its end.
 *
 * Owns: what the panel was told last, text that streams and was not told yet, one timer. Does not own: which panels there
 * are, what a person may do.
 *
 * 1. The panel is told changes: pieces that did not change are not sent again, and text that streams goes as what was
 *    added, at most every 50 ms.
 * 2. What the person wished is answered, done or not, also when the panel is hidden meanwhile: by the next page of it.
 * 3. A panel that cannot be seen costs nothing; when it is seen again it is told everything.
 * 4. After `dispose` there is no subscription and no timer.
 */
import type * as vscode from 'vscode';
import type { FedRun } from '../../app/run-feed.ts';
import { oneLine } from '../../app/safe-text.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { systemClock } from '../../base/clock.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import { describeFailure } from '../../core/failure.ts';
import type { RunEvent } from '../../core/run-event.ts';
import type { Draft, FromPanel, ToPanel } from '../../webview/conversation/conversation-messages.ts';
import { readFromPanel } from '../../webview/conversation/conversation-messages.ts';
import type { ConversationView, Wish } from '../../webview/conversation/conversation-view.ts';
import { keyOf, type ConversationAddress } from './conversation-address.ts';
import { doAct, openFromPanel } from './conversation-acts.ts';
import { changeOf } from './conversation-changes.ts';
import { ConversationModel } from './conversation-model.ts';
import { Wishes, type WishEnd } from './conversation-wishes.ts';
import type { LiveTexts } from '../runs/live-texts.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { WebviewHost } from '../webview-host.ts';

const STREAM_EVERY_MS = 50;

export interface SessionDeps {
  readonly shell: ShellDeps;
  readonly extensionUri: vscode.Uri;
  readonly live: LiveTexts;
  /** What was typed and not sent, by `keyOf`; it outlives its panel, not its window. */
  readonly drafts: Map<string, Draft>;
  /** Opens another conversation, beside this one or in its place. */
  readonly show: (address: ConversationAddress, takeFocus: boolean) => void;
}

export class ConversationSession implements vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  readonly #address: ConversationAddress;
  readonly #deps: SessionDeps;
  readonly #model: ConversationModel;
  readonly #host: WebviewHost<FromPanel, ToPanel>;
  readonly #wishes = new Wishes();
  readonly #subscriptions: { dispose(): void }[] = [];
  #fed: FedRun | undefined;
  #told: ConversationView | undefined;
  #problem: string | undefined;
  #unsent = '';
  #restarts = false;
  #cancelTimer: (() => void) | undefined;
  #wantsFocus = false;
  #isDisposed = false;

  constructor(panel: vscode.WebviewPanel, address: ConversationAddress, deps: SessionDeps) {
    this.panel = panel;
    this.#address = address;
    this.#deps = deps;
    this.#model = new ConversationModel(address.task);
    this.#host = new WebviewHost(
      panel.webview,
      { extensionUri: deps.extensionUri, name: 'conversation', title: 'Conversation', read: readFromPanel },
      (message) => this.#take(message),
    );
    this.#subscriptions.push(
      this.#host,
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#host.hidden();
      }),
    );
    void this.#begin().catch((error: unknown) => this.#broke(error));
  }

  get run(): string {
    return this.#address.run;
  }

  /** The person wants to write: the box gets the focus as soon as there is one. */
  focusBox(): void {
    this.#wantsFocus = !this.#host.isReady;
    this.#host.post({ type: 'focus' });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cancelTimer?.();
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #begin(): Promise<void> {
    const opened = await this.#deps.shell.engine.open();
    const { run, task } = this.#address;
    const found = await opened.feed.look(run);
    if (this.#isDisposed) return;
    if (!found.ok) this.#tellProblem(describeFailure(found.error));
    this.#subscriptions.push(
      opened.feed.follow(run, (now) => this.#changed(now)),
      opened.orchestrator.onText((delta) => {
        if (delta.run === run && delta.task === task) this.#stream(delta.text, delta.restart);
      }),
      opened.orchestrator.onEvent((event) => {
        if (endsCall(event, this.#address)) this.#stream('', true);
      }),
    );
  }

  #changed(now: FedRun): void {
    this.#fed = now;
    if (this.#host.isReady) this.#tell();
  }

  #tell(): void {
    const view = this.#view();
    if (view === undefined) return;
    const change: ToPanel | undefined = this.#told === undefined ? { type: 'show', view } : changeOf(this.#told, view);
    this.#told = view;
    if (change !== undefined) this.#host.post(change);
  }

  #view(): ConversationView | undefined {
    if (this.#fed === undefined) return undefined;
    const { state, liveness, isHere } = this.#fed;
    const view = this.#model.show(state, { liveness, isHere, nowMs: systemClock.wallMs() });
    if (view === undefined) {
      // While it is planned there are no tasks yet.
      if (state.phase !== 'planning')
        this.#tellProblem(
          `This run has no task ${this.#address.task} any more. Open tasks from the Orchestrator view.`,
        );
      return undefined;
    }
    const title = showHidden(oneLine(view.head.title, 40));
    if (this.panel.title !== title) this.panel.title = title;
    return view;
  }

  #tellProblem(what: string): void {
    this.#problem = what;
    this.#host.post({ type: 'failed', id: null, what });
  }

  #stream(text: string, restarts: boolean): void {
    if (restarts) this.#unsent = '';
    this.#unsent += text;
    this.#restarts ||= restarts;
    this.#cancelTimer ??= systemClock.schedule(STREAM_EVERY_MS, () => {
      this.#cancelTimer = undefined;
      this.#host.post({ type: 'stream', text: this.#unsent, restart: this.#restarts });
      this.#unsent = '';
      this.#restarts = false;
    });
  }

  #take(message: FromPanel): void {
    switch (message.type) {
      case 'ready':
        return this.#ready();
      case 'draft':
        return this.#keepDraft(message);
      case 'load':
        return void this.#load(message.key).catch((error: unknown) => this.#broke(error));
      case 'act':
        return void this.#act(message).catch((error: unknown) => {
          this.#end({ type: 'failed', id: message.id, what: 'Something broke; the log has the details.' });
          this.#broke(error);
        });
      case 'heard':
        return this.#wishes.heard(message.id);
      case 'open-task':
        return this.#deps.show({ run: message.run, task: message.task }, true);
      default:
        return void openFromPanel(message, { run: this.#address.run, column: this.panel.viewColumn }).then(
          (problem) => {
            if (problem !== undefined) this.#host.post({ type: 'failed', id: null, what: problem });
          },
          (error: unknown) => this.#broke(error),
        );
    }
  }

  #ready(): void {
    this.#told = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#unsent = '';
    this.#restarts = false;
    for (const message of this.#wishes.forNewPage()) this.#host.post(message);
    this.#tell();
    const { run, task } = this.#address;
    this.#host.post({ type: 'stream', text: this.#deps.live.text(run, task) ?? '', restart: true });
    if (this.#problem !== undefined && this.#told === undefined) this.#tellProblem(this.#problem);
    const draft = this.#deps.drafts.get(keyOf(this.#address));
    if (draft !== undefined) this.#host.post({ type: 'draft', ...draft });
    if (this.#wantsFocus) this.focusBox();
  }

  #keepDraft({ draft, meaning }: Draft): void {
    const { drafts } = this.#deps;
    if (draft === '') drafts.delete(keyOf(this.#address));
    else drafts.set(keyOf(this.#address), { draft, meaning });
  }

  async #load(key: string): Promise<void> {
    const payload = this.#model.text(key);
    const text = payload === undefined || typeof payload === 'string' ? payload : await this.#readBlob(payload);
    this.#host.post({ type: 'text', key, text: text ?? null });
  }

  async #readBlob(ref: Parameters<OpenedOrchestrator['journal']['readBlob']>[0]): Promise<string | undefined> {
    const { journal } = await this.#deps.shell.engine.open();
    const text = await journal.readBlob(ref);
    return text.ok ? text.value : undefined;
  }

  async #act({ id, act, text }: Wish): Promise<void> {
    this.#wishes.begin({ id, act, text });
    const opened = await this.#deps.shell.engine.open();
    const state = this.#fed?.state;
    if (state === undefined) return this.#end({ type: 'failed', id, what: 'The run is not read yet. Try it again.' });
    const came = await doAct({ act, text, address: this.#address, state, opened });
    if (came.kind === 'left') return this.#end({ type: 'failed', id, what: '' });
    if (came.kind === 'failed') {
      // Nobody sees a page now.
      if (!this.#host.isReady) this.#deps.shell.tell(came.failure);
      return this.#end({ type: 'failed', id, what: describeFailure(came.failure) });
    }
    const { drafts } = this.#deps;
    if (drafts.get(keyOf(this.#address))?.draft === text) drafts.delete(keyOf(this.#address));
    this.#end({ type: 'done', id, what: came.what });
    if (came.goTo !== undefined) this.#deps.show(came.goTo, this.panel.active);
  }

  #end(end: WishEnd): void {
    this.#wishes.end(end);
    this.#host.post(end);
  }

  #broke(error: unknown): void {
    if (!this.#isDisposed) this.#deps.shell.tell(error);
  }
}

/** What streamed of a call is a message now. */
function endsCall(event: RunEvent, { run, task }: ConversationAddress): boolean {
  return (
    (event.type === 'call.finished' || event.type === 'call.failed') && event.run === run && event.key.task === task
  );
}
