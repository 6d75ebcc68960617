/** Simulated models in this process, whose replies the test holds, and a real VS Code beside it that speaks to them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { driveVsCode, type DrivenVsCode } from '../hosts/drive-vscode.mjs';
import { startCli, summaryLines, type CliEnd, type CliProcess } from '../process/built.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText, type RequestRecord } from '../servers/records.ts';
import type { RunSummary } from '../../src/core/ports.ts';
import { OutsideWindow } from './window.ts';

export interface PlannedTask {
  readonly id: string;
  readonly title: string;
  readonly capability: 'work' | 'narrow';
  readonly mode?: 'autonomous' | 'interactive';
  readonly dependsOn?: readonly string[];
}

const ANSWER = 'All parts are done.';
const NOTHING = { target: null, mode: 'autonomous', dependsOn: [], inputs: [], edits: false, deliverable: null };

export class OutsideScene {
  readonly #plan: (request: string) => readonly PlannedTask[];
  readonly #gates = new Map<string, Gate>();
  readonly #servers: ModelServer[] = [];
  readonly #windows = new Map<string, OutsideWindow>();
  #code: DrivenVsCode | undefined;
  #roster: readonly object[] = [];

  /** The planner answers a request with this plan. A task's brief names its title. */
  constructor(plan: (request: string) => readonly PlannedTask[]) {
    this.#plan = plan;
  }

  async open(logName: string): Promise<void> {
    const start = async (name: string, more: object): Promise<object> => {
      const server = await startModelServer({
        name,
        protocol: 'openai',
        models: { [name]: {} },
        brain: (call) => this.#reply(call),
      });
      this.#servers.push(server);
      const cost = { input: 1, output: 2 };
      return {
        id: name,
        provider: 'openai',
        model: name,
        baseUrl: server.baseUrl,
        contextWindow: 64_000,
        cost,
        ...more,
      };
    };
    this.#roster = await Promise.all([
      start('boss', { goodAt: ['reasoning'], maxConcurrency: 4 }),
      start('worker', { goodAt: ['work'], maxConcurrency: 8, canOrchestrate: false }),
      start('single', { goodAt: ['narrow'], maxConcurrency: 1, canOrchestrate: false }),
    ]);
    this.#code = await driveVsCode({ logName, settings: { 'orchestrator.roster': this.#roster } });
    writeFileSync(path.join(this.code.workspace, 'roster.json'), JSON.stringify(this.#roster));
  }

  async close(): Promise<void> {
    for (const gate of this.#gates.values()) gate.open();
    await this.#code?.close();
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  get code(): DrivenVsCode {
    return this.#code ?? assert.fail('the scene is not open');
  }

  async window(name: string): Promise<OutsideWindow> {
    const window = new OutsideWindow(await this.code.openWindow(name));
    this.#windows.set(name, window);
    await window.begin();
    return window;
  }

  /** A screenshot of every window when the test failed. */
  async afterEach(test: { readonly title: string; readonly state?: string | undefined } | undefined): Promise<void> {
    if (test?.state !== 'failed') return;
    for (const [name, window] of this.#windows)
      await window.screenshot(`failed-${name}-${test.title.replaceAll(/\W+/g, '-')}`);
  }

  /** The command line, on the same database and roster. */
  cli(...argv: readonly string[]): Promise<CliEnd> {
    return this.startCli(...argv).ended;
  }

  startCli(...argv: readonly string[]): CliProcess {
    const cwd = this.code.workspace;
    return startCli([...argv, '--db', this.code.database], { cwd });
  }

  /** As the record has it, asked through the command line. */
  async run(request: string): Promise<RunSummary> {
    const { out, err } = await this.cli('runs', '--json');
    const found = summaryLines(out).find((summary) => summary.request === request);
    return found ?? assert.fail(`no run "${request}" in the record: ${out}${err}`);
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

  server(name: string): ModelServer {
    return this.#servers.find((server) => server.name === name) ?? assert.fail(name);
  }

  calls(): readonly RequestRecord[] {
    return modelCalls(this.#servers.flatMap((server) => server.requests()));
  }

  callsOf(title: string): readonly RequestRecord[] {
    return this.calls().filter((call) => titleIn(requestText(call)) === title);
  }

  /** `a 1, b 2`: how often each was called. */
  counts(...titles: readonly string[]): string {
    return titles.map((title) => `${title} ${this.callsOf(title).length}`).join(', ');
  }

  /** Resolves when no server was called during this time; rejects when one was. */
  async quietFor(ms: number): Promise<void> {
    const before = this.calls().length;
    const called = this.#servers.map((server) => server.waitFor(() => this.calls().length > before, ms));
    const outcomes = await Promise.allSettled(called);
    assert.ok(
      outcomes.every(({ status }) => status === 'rejected'),
      `${this.calls().length - before} calls were made`,
    );
  }

  async #reply(call: BrainCall): Promise<BrainReply | string> {
    const prompt = call.messages.map(({ text }) => text).join('\n');
    if (prompt.includes('You are the orchestrator.')) return this.#decompose(prompt);
    if (prompt.includes('You write the one answer that the user reads.')) return ANSWER;
    const title = titleIn(prompt);
    if (title === undefined) return 'This is no prompt of a task.';
    await this.#gates.get(title)?.pass(call.signal);
    return { text: `The result of ${title}.`, delayMs: call.server === 'single' ? 50 : 0 };
  }

  #decompose(prompt: string): BrainReply {
    const request = prompt.slice(prompt.lastIndexOf('The request:\n'));
    const tasks = this.#plan(request).map((task) => ({ ...NOTHING, ...task, objective: `Do ${task.title}.` }));
    return { json: { decision: 'plan', answer: '', tasks } };
  }
}

/** Of a task's own prompt. */
function titleIn(text: string): string | undefined {
  if (!text.includes('You do one task.')) return undefined;
  return /Task: (.*?)(?:\\n|\n)/.exec(text)?.[1];
}
