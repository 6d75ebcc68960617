/** A planner and workers whose replies a test holds, the tree driven with mouse and keys, and the record to read effects from. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import * as vscode from 'vscode';
import { createRunFeed, type ClosableRunFeed } from '../../src/app/run-feed.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Journal } from '../../src/core/ports.ts';
import type { RunState, TaskState } from '../../src/core/run-state.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText, type RequestRecord } from '../servers/records.ts';
import { selectors } from './selectors.ts';
import { connectWindow, widenSideBar, type DrivenWindow } from './window.ts';
import { Folders } from '../support/folders.ts';

export interface PlannedTask {
  readonly id: string;
  readonly title: string;
  readonly mode?: 'autonomous' | 'interactive' | 'hybrid';
  readonly dependsOn?: readonly string[];
}

const RECORD_TIMEOUT_MS = 20_000;
const PRICE = { input: 1, output: 2 };

export class TreeScene {
  readonly #plan: (request: string) => readonly PlannedTask[];
  readonly #gates = new Map<string, Gate>();
  readonly #servers: ModelServer[] = [];
  #window: DrivenWindow | undefined;
  #journal: Journal | undefined;
  #feed: ClosableRunFeed | undefined;

  /** The planner answers every request with this plan. */
  constructor(plan: (request: string) => readonly PlannedTask[]) {
    this.#plan = plan;
  }

  async open(): Promise<void> {
    const extension = await activateForChat('orchestrator.orchestrator');
    const roster = [
      await this.#backend('boss', { goodAt: ['reasoning'] }),
      await this.#backend('worker', { goodAt: ['writing'], canOrchestrate: false, maxConcurrency: 8 }),
      await this.#backend('spare', { goodAt: ['writing'], canOrchestrate: false, cost: { input: 3, output: 6 } }),
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    this.#journal = await openJournal({
      file: process.env['ORCHESTRATOR_DB'] ?? assert.fail('no database is named'),
      workerFile: path.join(extension.extensionPath, 'dist', 'journal-worker.cjs'),
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    this.#feed = createRunFeed({
      // A reader like another process: nothing runs here.
      orchestrator: { state: () => undefined, handle: () => undefined, onEvent: () => ({ dispose: () => undefined }) },
      journal: this.#journal,
      folders: new Folders(),
      clock: systemClock,
    });
    this.#window = await connectWindow();
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await widenSideBar(this.window.page, 620);
  }

  async close(): Promise<void> {
    for (const gate of this.#gates.values()) gate.open();
    this.#feed?.dispose();
    await this.#journal?.close();
    await this.#window?.close();
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  get window(): DrivenWindow {
    return this.#window ?? assert.fail('the scene is not open');
  }

  get journal(): Journal {
    return this.#journal ?? assert.fail('the scene is not open');
  }

  /** From now on calls of the task with this title wait here. */
  hold(title: string): Gate {
    const gate = createGate();
    this.#gates.set(title, gate);
    return gate;
  }

  release(...titles: readonly string[]): void {
    for (const title of titles) {
      this.#gates.get(title)?.open();
      this.#gates.delete(title);
    }
  }

  /** A plan that waits for approval. */
  async draft(request: string): Promise<string> {
    return this.#asked(`/plan ${request}`);
  }

  /** A run that has ended. */
  async ran(request: string): Promise<string> {
    return this.#asked(request);
  }

  async #asked(query: string): Promise<string> {
    const turn = await askInChat(`@orchestrator ${query}`);
    assert.equal(turn.errorDetails, undefined);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    return turn.metadata?.runId ?? assert.fail('the turn names no run');
  }

  /** Resolves with the run as it is in the record as soon as it is so; rejects with what it is when it does not become so. */
  record(run: string, isSo: (state: RunState) => boolean = () => true): Promise<RunState> {
    return new Promise((resolve, reject) => {
      let last: RunState | undefined;
      const end = (): void => {
        following?.dispose();
        cancelTimer();
      };
      const following = this.#feed?.follow(run, ({ state }) => {
        last = state;
        if (!isSo(state)) return;
        end();
        resolve(state);
      });
      const cancelTimer = systemClock.schedule(RECORD_TIMEOUT_MS, () => {
        end();
        const found = last === undefined ? 'nothing is recorded' : this.#told(last);
        this.#notices().then(
          (notices) => reject(new Error(`The run did not become so: ${found}. VS Code says: ${notices}`)),
          reject,
        );
      });
    });
  }

  async #notices(): Promise<string> {
    await vscode.commands.executeCommand('notifications.showList');
    return (await this.window.page.locator('.notifications-center .notification-list-item').allInnerTexts()).join(
      ' | ',
    );
  }

  #told(state: RunState): string {
    const tasks = [...state.tasks.values()].map(({ id, status, spec }) => `${id} ${status} ${spec?.mode}`);
    return `${state.phase}; ${this.outline(state)}; ${tasks.join(', ')}`;
  }

  async task(run: string, id: string, isSo: (task: TaskState) => boolean = () => true): Promise<TaskState> {
    const state = await this.record(run, ({ tasks }) => {
      const task = tasks.get(id);
      return task !== undefined && isSo(task);
    });
    return state.tasks.get(id) ?? assert.fail(id);
  }

  /** `alpha, beta < alpha, gamma ^ beta`: ids in the plan's order, `<` what it depends on, `^` its parent. */
  outline({ tasks }: RunState): string {
    return [...tasks.values()]
      .map(({ id, spec }) => {
        const needs = spec === null || spec.dependsOn.length === 0 ? '' : ` < ${spec.dependsOn.join(' ')}`;
        return `${id}${needs}${spec?.parent === undefined ? '' : ` ^ ${spec.parent}`}`;
      })
      .join(', ');
  }

  row(name: RegExp): Locator {
    return this.window.page.locator(selectors.tree.view('Tasks')).getByRole('treeitem', { name });
  }

  /** The text beside a row's label. */
  description(name: RegExp): Promise<string> {
    return this.row(name).locator('.label-description').first().innerText();
  }

  /** Off every row: what lies under the mouse changes what is shown. */
  async away(): Promise<void> {
    await this.window.page.mouse.move(900, 5);
  }

  /** The titles of a row's context menu, which stays open. */
  async menu(name: RegExp): Promise<readonly string[]> {
    const items = this.window.page.locator('.monaco-menu .action-label[aria-label]:not([aria-label=""])');
    const isOpen = (): Promise<boolean> =>
      items
        .first()
        .waitFor({ timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    const isOfRow = async (): Promise<boolean> =>
      (await this.row(name).and(this.window.page.locator('.focused')).count()) > 0;
    // What takes the focus meanwhile (a panel that has just been opened) closes a menu, and rows that are drawn anew move.
    for (;;) {
      await this.row(name).click({ button: 'right' });
      if (!(await isOpen())) continue;
      if (await isOfRow()) break;
      await this.window.page.keyboard.press('Escape');
    }
    return items.evaluateAll((labels: readonly { getAttribute(name: string): string | null }[]) =>
      labels.map((label) => label.getAttribute('aria-label') ?? ''),
    );
  }

  /** Until the rows have stayed as they are for a while: of one that is being drawn anew VS Code tells no command. */
  async settled(): Promise<void> {
    const labels = async (): Promise<string> =>
      (await this.window.page.locator(selectors.tree.rows).allInnerTexts()).join('\n');
    for (let tries = 0, last = await labels(); tries < 10; tries++) {
      await this.window.page.waitForTimeout(300);
      const now = await labels();
      if (now === last) return;
      last = now;
    }
  }

  async choose(name: RegExp, title: string): Promise<void> {
    await this.settled();
    const titles = await this.menu(name);
    assert.ok(titles.includes(title), `"${title}" is in the menu of ${name}: ${titles.join(', ')}`);
    const item = this.window.page.locator('.monaco-menu .action-item', {
      has: this.window.page.locator(`.action-label[aria-label="${title}"]`),
    });
    // A menu takes no click in the first tenth of a second; a key counts at once.
    await item.hover();
    await item.and(this.window.page.locator('.focused')).waitFor();
    await this.window.page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
    await this.away();
  }

  /** Chooses what asks for something, until it asks: a menu that loses the focus is gone without a word. */
  async ask(name: RegExp, title: string): Promise<void> {
    const question = this.window.page.locator('.quick-input-widget:visible');
    const isAsked = (): Promise<boolean> =>
      question.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    do await this.choose(name, title);
    while (!(await isAsked()));
  }

  /** A notification with these words, in the list of them: a driven window shows no toast. */
  async notification(words: string): Promise<Locator> {
    await vscode.commands.executeCommand('notifications.showList');
    const item = this.window.page.locator('.notifications-center .notification-list-item', { hasText: words }).first();
    await item.waitFor();
    return item;
  }

  async press(name: RegExp, action: string): Promise<void> {
    await this.settled();
    await this.row(name).hover();
    await this.row(name).locator(selectors.tree.rowAction(action)).click();
    await this.away();
  }

  /** Writes into the input box that is open, and accepts it. */
  async type(text: string, prompt?: string | RegExp): Promise<void> {
    const box = this.window.page.locator('.quick-input-widget');
    if (prompt !== undefined) await box.getByText(prompt).first().waitFor();
    await box.locator('.quick-input-box input').fill(text);
    await this.window.page.keyboard.press('Enter');
  }

  /** Picks from the list that is open. */
  async pick(label: string): Promise<void> {
    await this.window.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first().click();
  }

  server(name: string): ModelServer {
    return this.#servers.find((server) => server.name === name) ?? assert.fail(`no server ${name}`);
  }

  /** The requests that hold the text, in their order. */
  calls(text: string): readonly RequestRecord[] {
    return this.#servers
      .flatMap((server) => modelCalls(server.requests()))
      .filter((call) => requestText(call).includes(text));
  }

  /** What was asked for the task with this title. */
  callsOf(title: string): readonly RequestRecord[] {
    return this.calls(`Task: ${title}\\n`);
  }

  async #backend(name: string, more: object): Promise<object> {
    const server = await startModelServer({
      name,
      protocol: 'openai',
      models: { [name]: { contextTokens: 64_000 } },
      brain: (call) => this.#reply(call),
    });
    this.#servers.push(server);
    return {
      id: name,
      provider: 'openai',
      model: name,
      baseUrl: server.baseUrl,
      contextWindow: 64_000,
      cost: PRICE,
      ...more,
    };
  }

  async #reply(call: BrainCall): Promise<BrainReply> {
    const prompt = call.messages.map(({ text }) => text).join('\n');
    if (prompt.includes('You are the orchestrator.')) {
      const tasks = this.#plan(prompt.slice(prompt.lastIndexOf('The request:\n'))).map((task) => ({
        objective: `${task.title}, in a sentence.`,
        capability: 'writing',
        target: null,
        mode: 'autonomous',
        dependsOn: [],
        inputs: [],
        edits: false,
        deliverable: null,
        ...task,
      }));
      return { json: { decision: 'plan', answer: '', tasks } };
    }
    const title = /Task: (.+)\n/.exec(prompt)?.[1];
    if (title === undefined) return { text: 'All of it is done.' };
    await this.#gates.get(title)?.pass(call.signal);
    return { text: `Result of ${title} by ${call.server}.` };
  }
}
