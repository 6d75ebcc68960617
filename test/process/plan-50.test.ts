/** A random plan of 50 tasks over three servers, judged by what the servers saw and not by what the run says of itself. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { BrainCall } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, peakConcurrency, type RequestRecord } from '../servers/records.ts';
import { seededRandom } from '../support/properties.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, drawSeed } from './built.ts';

const TASKS = 50;
const CAPABILITIES = ['red', 'green', 'blue'] as const;

interface DrawnTask {
  readonly id: string;
  readonly title: string;
  readonly objective: string;
  readonly capability?: string;
  readonly dependsOn: readonly string[];
  readonly inputs: readonly { readonly text: string }[];
}

describe('orchestrator run of a plan of 50 tasks', () => {
  const seed = drawSeed('plan of 50');
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const tasks = drawTasks(random);
  const limits = CAPABILITIES.map(() => between(2, 4));
  let servers: readonly ModelServer[];
  let tree: TempTree;

  before(async () => {
    const delays = new Map(tasks.map((task) => [task.title, between(10, 30)]));
    const brain = ({ user }: BrainCall) => ({ text: reply(user), delayMs: delays.get(titleOf(user)) ?? 0 });
    servers = await Promise.all(
      CAPABILITIES.map((name, index) =>
        startModelServer({ name, protocol: index === 1 ? 'ollama' : 'openai', models: { m: {} }, brain }),
      ),
    );
    const roster = servers.map((server, index) => ({
      id: `at-${server.name}`,
      provider: server.protocol,
      model: 'm',
      baseUrl: server.baseUrl,
      goodAt: [server.name],
      maxConcurrency: limits[index],
    }));
    tree = tempTree({
      'roster.json': JSON.stringify(roster),
      'plan.json': JSON.stringify({ request: 'All of it', tasks }),
    });
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    tree.remove();
  });

  it('does each task once, after all that it needs, with their results and no others, within every limit', async () => {
    const { exitCode, out, err } = await cliProcess(
      ['run', 'plan.json', '--roster', 'roster.json', '--db', 'runs.db'],
      { cwd: tree.path },
    );
    assert.equal(exitCode, 0, err);
    const calls = servers.flatMap((server) => modelCalls(server.requests()));
    assert.equal(calls.length, TASKS + 1, 'each task and the answer are one call');
    assert.ok(calls.every((call) => call.outcome === 'completed'));
    const byTitle = new Map(calls.map((call) => [titleOf(promptOf(call)), call]));
    for (const task of tasks) {
      const call = byTitle.get(task.title);
      assert.ok(call !== undefined, `${task.id} was asked`);
      assertAfter(task, call, byTitle);
      assertResults(task, call);
      if (task.capability !== undefined)
        assert.equal(call.server, task.capability, `${task.id} is at the backend that fits`);
    }
    for (const task of tasks)
      assert.ok(out.includes(tokenOf(task.title)), `the answer was given the result of ${task.id}`);
  });

  it('keeps to every maxConcurrency, and uses what there is', () => {
    const peaks = servers.map((server) => peakConcurrency(modelCalls(server.requests())));
    console.log(`      most at once: ${peaks.join(', ')} of ${limits.join(', ')}`);
    for (const [index, peak] of peaks.entries())
      assert.ok(peak <= (limits[index] ?? 0), `${CAPABILITIES[index]} had ${peak} calls at once`);
    const all = peakConcurrency(servers.flatMap((server) => modelCalls(server.requests())));
    assert.ok(all >= 4, `at most ${all} calls at once over all`);
  });

  it('keeps to --concurrency over all backends together', async () => {
    const before = servers.map((server) => server.requests().length);
    const { exitCode } = await cliProcess(
      ['run', 'plan.json', '--roster', 'roster.json', '--db', 'runs.db', '--concurrency', '2'],
      { cwd: tree.path },
    );
    assert.equal(exitCode, 0);
    const calls = servers.flatMap((server, index) => modelCalls(server.requests().slice(before[index])));
    assert.equal(calls.length, TASKS + 1);
    assert.equal(peakConcurrency(calls), 2);
  });
});

/** Each task needs up to three of the ones before it, and many need none. */
function drawTasks(random: () => number): readonly DrawnTask[] {
  return Array.from({ length: TASKS }, (_, index) => {
    const needs = Array.from({ length: Math.floor(random() * 4) }, () => Math.floor(random() * index)).filter(
      (at) => at < index,
    );
    const capability = CAPABILITIES[Math.floor(random() * (CAPABILITIES.length + 1))];
    return {
      id: `t${index}`,
      title: `Part ${index} of it`,
      objective: `Do part ${index}.`,
      ...(capability === undefined ? {} : { capability }),
      dependsOn: [...new Set(needs)].map((at) => `t${at}`),
      inputs: [{ text: 'x'.repeat(Math.floor(random() * 500)) }],
    };
  });
}

function titleOf(prompt: string): string {
  return /^Task: (.*)/.exec(prompt)?.[1] ?? '@answer';
}

/** What a task's result says, and only its result. */
function tokenOf(title: string): string {
  return `<${title.replaceAll(' ', '_')}>`;
}

function reply(prompt: string): string {
  const title = titleOf(prompt);
  return title === '@answer' ? (prompt.match(/<Part_\d+_of_it>/g) ?? []).join(' ') : `Done: ${tokenOf(title)}`;
}

/** The user's part of what was asked, whichever protocol it came in. */
function promptOf(call: RequestRecord): string {
  const body = call.body as { readonly messages: readonly { readonly role: string; readonly content: string }[] };
  return body.messages.findLast((message) => message.role === 'user')?.content ?? '';
}

function assertAfter(task: DrawnTask, call: RequestRecord, byTitle: ReadonlyMap<string, RequestRecord>): void {
  for (const need of task.dependsOn) {
    const needed = byTitle.get(`Part ${need.slice(1)} of it`);
    assert.ok(
      needed?.endedAtMs !== undefined && needed.endedAtMs <= call.startedAtMs,
      `${task.id} began after ${need} had ended`,
    );
  }
}

function assertResults(task: DrawnTask, call: RequestRecord): void {
  const shown = new Set(promptOf(call).match(/<Part_\d+_of_it>/g));
  const needed = new Set(task.dependsOn.map((need) => tokenOf(`Part ${need.slice(1)} of it`)));
  assert.deepEqual(shown, needed, `${task.id} was shown the results it depends on`);
}
