/** kill -9 at random points: nothing that finished is lost or paid for twice. Fifty times with LONG=1. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { RunSummary } from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, type RequestRecord } from '../servers/records.ts';
import { seededRandom } from '../support/properties.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, cliProcess, drawSeed, eventLines, summaryLines, startCli } from './built.ts';

const KILLS = process.env['LONG'] === '1' ? 50 : 5;
const TASKS = 12;

type CallStarted = Extract<RunEvent, { readonly type: 'call.started' }>;
type CallEnded = Extract<RunEvent, { readonly type: 'call.finished' | 'call.failed' }>;
type Finished = Extract<RunEvent, { readonly type: 'run.finished' }>;

describe('kill -9 of a command-line run', () => {
  const seed = drawSeed('kills');
  const random = seededRandom(seed);
  let servers: readonly ModelServer[];
  let tree: TempTree;
  let interrupted = 0;

  before(async () => {
    buildOnce();
    const brain = ({ user }: { readonly user: string }) => ({
      text: `Result for ${taskOf(user)}. ${'word '.repeat(40)}`,
      delayMs: 20,
    });
    servers = await Promise.all(
      (['openai', 'ollama', 'openai'] as const).map((protocol, index) =>
        startModelServer({ protocol, name: `server-${index}`, models: { m: {} }, brain }),
      ),
    );
    const roster = servers.map((server) => ({
      id: server.name,
      provider: server.protocol,
      model: 'm',
      baseUrl: server.baseUrl,
      maxConcurrency: 2,
    }));
    const tasks = Array.from({ length: TASKS }, (_, index) => ({
      id: `t${index}`,
      title: `Task number ${index}`,
      objective: `Do ${index}.`,
      dependsOn: index < 3 ? [] : [`t${index - 3}`],
    }));
    tree = tempTree({
      'roster.json': JSON.stringify(roster),
      'plan.json': JSON.stringify({ request: 'Count', tasks }),
    });
    const whole = await cliProcess([...RUN, '--db', 'whole.db'], { cwd: tree.path });
    assert.equal(whole.exitCode, 0, whole.err);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    tree.remove();
  });

  const RUN = ['run', 'plan.json', '--roster', 'roster.json'];
  const calls = (): readonly RequestRecord[] => servers.flatMap((server) => modelCalls(server.requests()));

  for (let kill = 1; kill <= KILLS; kill++) {
    // Of all beginnings and ends of calls in a run, each part of them once, and some moments later.
    const at = Math.floor(((kill - random()) / KILLS) * 2 * (TASKS + 1));
    const laterMs = random() * 15;
    it(`shows the run as interrupted and resumes it without doing anything twice (${kill}: event ${at} and ${laterMs.toFixed(1)} ms)`, async () => {
      const db = ['--db', `kill-${kill}.db`];
      const before = new Set(calls());
      const own = (): readonly RequestRecord[] => calls().filter((call) => !before.has(call));
      await killAt([...RUN, ...db], { at, laterMs });
      const [run] = await list(db);
      if (run === undefined) return assert.equal(own().length, 0, 'what has no record has called nobody');
      if (run.liveness === 'finished') return assert.equal(run.outcome, 'answered');
      assert.deepEqual([run.liveness, run.outcome], ['interrupted', null]);
      interrupted += 1;
      const shown = await cliProcess(['show', run.run, ...db], { cwd: tree.path });
      assert.match(shown.out, /\ninterrupted · /);

      const atKill = await events(run.run, db);
      const finishedTasks = new Set(
        ended(atKill)
          .filter((event) => event.type === 'call.finished')
          .map((event) => event.key.task),
      );
      const inFlight = inDoubt(atKill);
      console.log(
        `        at the kill: ${finishedTasks.size} of ${TASKS + 1} calls had finished, ${inFlight.size} were in flight`,
      );
      const callsAtKill = own();
      const resumed = await cliProcess(['resume', run.run.slice(0, 13), '--roster', 'roster.json', '--json', ...db], {
        cwd: tree.path,
      });
      assert.equal(resumed.exitCode, 0, resumed.err);
      const [first] = eventLines(resumed.out);
      assert.ok(first?.type === 'run.resumed');
      assert.deepEqual(new Set(first.inDoubt.map((key) => key.task)), inFlight);

      const again = own()
        .slice(0)
        .filter((call) => !callsAtKill.includes(call))
        .map((call) => taskOf(promptOf(call)));
      assert.deepEqual(
        again.filter((task) => finishedTasks.has(task)),
        [],
        'no call that finished is made again',
      );
      assert.equal(new Set(again).size, again.length, 'and none is made twice after the resume');
      assertSpend(own(), [...atKill, ...eventLines(resumed.out)]);
    });
  }

  it('was in the middle of the run most times', () =>
    assert.ok(interrupted >= KILLS / 2, `${interrupted} of ${KILLS} were`));

  it('leaves nothing to resume when it had finished', async () => {
    const [run] = await list(['--db', 'whole.db']);
    assert.equal(run?.liveness, 'finished');
    const refused = await cliProcess(['resume', run.run, '--roster', 'roster.json', '--db', 'whole.db'], {
      cwd: tree.path,
    });
    assert.equal(refused.exitCode, 2);
  });

  /** Kills when the servers have seen so many beginnings and ends of calls, and some milliseconds later. */
  async function killAt(
    argv: readonly string[],
    { at, laterMs }: { readonly at: number; readonly laterMs: number },
  ): Promise<void> {
    const seen = (): number => calls().length + calls().filter((call) => call.outcome !== 'running').length;
    const until = seen() + at;
    const { child, ended } = startCli(argv, { cwd: tree.path });
    const reached = Promise.race(servers.map((server) => server.waitFor(() => seen() >= until, 20_000)));
    await Promise.race([reached, ended]);
    const timer = setTimeout(() => child.kill('SIGKILL'), laterMs);
    await ended;
    clearTimeout(timer);
    await Promise.all(
      servers.map((server) =>
        server.waitFor(({ requests }) => requests().every((record) => record.outcome !== 'running')),
      ),
    );
  }

  /** The runs of a database; none when it had not been made yet. */
  async function list(db: readonly string[]): Promise<readonly RunSummary[]> {
    const { exitCode, out } = await cliProcess(['runs', '--json', ...db], { cwd: tree.path });
    return exitCode === 0 ? summaryLines(out) : [];
  }

  async function events(run: string, db: readonly string[]): Promise<readonly RunEvent[]> {
    return eventLines((await cliProcess(['show', run, '--json', ...db], { cwd: tree.path })).out);
  }
});

/** The task that a prompt is for, by its title; `@answer` for the last one. */
function taskOf(prompt: string): string {
  const number = /^Task: Task number (\d+)/.exec(prompt)?.[1];
  return number === undefined ? '@answer' : `t${number}`;
}

function promptOf(call: RequestRecord): string {
  const body = call.body as { readonly messages: readonly { readonly role: string; readonly content: string }[] };
  return body.messages.findLast((message) => message.role === 'user')?.content ?? '';
}

function ended(events: readonly RunEvent[]): readonly CallEnded[] {
  return events.filter((event) => event.type === 'call.finished' || event.type === 'call.failed');
}

function keyText({ key }: CallStarted | CallEnded): string {
  return `${key.task} ${key.turn} ${key.attempt}`;
}

/** Tasks whose call has begun and has no end in the record. */
function inDoubt(events: readonly RunEvent[]): ReadonlySet<string> {
  const over = new Set(ended(events).map(keyText));
  const started = events.filter((event) => event.type === 'call.started');
  return new Set(started.filter((event) => !over.has(keyText(event))).map((event) => event.key.task));
}

/** The run counts every call of its record, of those in flight at the kill no tokens; the servers saw no others. */
function assertSpend(calls: readonly RequestRecord[], events: readonly RunEvent[]): void {
  const last = events.at(-1);
  assert.ok(last?.type === 'run.finished');
  const { spent }: Finished = last;
  const recorded = ended(events);
  const byTask = (task: string): readonly RequestRecord[] => calls.filter((call) => taskOf(promptOf(call)) === task);
  const lost = events.filter((event) => event.type === 'call.started').length - recorded.length;
  assert.equal(spent.iterations, recorded.length + lost, 'a call without an end counts as one');
  assert.ok(lost === 0 || !spent.tokensKnown, 'whose tokens nobody knows');
  const known = [...new Set(recorded.map((event) => event.key.task))].map(
    (task) => byTask(task).findLast((call) => call.reported !== undefined)?.reported,
  );
  const sum = (of: 'inputTokens' | 'outputTokens'): number =>
    known.reduce((total, usage) => total + (usage?.[of] ?? 0), 0);
  assert.deepEqual([spent.tokens.input, spent.tokens.output], [sum('inputTokens'), sum('outputTokens')]);
  assert.ok(
    calls.length - recorded.length <= lost,
    `the servers saw ${calls.length} calls, the record has ${recorded.length} and ${lost} in doubt`,
  );
}
