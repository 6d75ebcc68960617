/** The main job without VS Code: a real process over five simulated backends and both wire protocols. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { RunEvent } from '../../src/core/run-event.ts';
import { modelCalls, overlaps, requestText, type RequestRecord } from '../servers/records.ts';
import { isTaskPrompt } from '../support/team-brains.ts';
import { startTeam, type Role, type Team } from '../support/team.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, drawSeed, eventLines, summaryLines, startCli, type CliEnd } from './built.ts';

/** What the clients of the model servers would read from the environment, if they were let. */
const CANARIES: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'canary-openai-key',
  OPENAI_ADMIN_KEY: 'canary-openai-admin-key',
  OPENAI_ORG_ID: 'canary-openai-org',
  OPENAI_PROJECT_ID: 'canary-openai-project',
  OPENAI_WEBHOOK_SECRET: 'canary-openai-webhook',
  OPENAI_BASE_URL: 'http://127.0.0.1:9/canary-openai-url',
  OPENAI_LOG: 'debug',
  OLLAMA_HOST: 'http://127.0.0.1:9/canary-ollama-host',
  OLLAMA_API_KEY: 'canary-ollama-key',
  HTTP_PROXY: 'http://canary-proxy.invalid:9',
  http_proxy: 'http://canary-proxy.invalid:9',
};

const TYPES_WITHOUT_FAILURE = [
  'call.finished',
  'call.started',
  'inputs.read',
  'plan.accepted',
  'request.decided',
  'route.decided',
  'run.finished',
  'run.started',
  'task.completed',
  'task.started',
];

describe('orchestrator ask --json, as a process over five backends', () => {
  let team: Team;
  let tree: TempTree;
  /** What the first run printed. */
  let first: CliEnd;
  before(async () => {
    team = await startTeam(drawSeed('team'));
    tree = tempTree({ ...team.files, 'roster.json': JSON.stringify(team.roster()) });
  });
  after(async () => {
    await team.close();
    tree.remove();
  });

  const ask = (env: Readonly<Record<string, string>> = {}, ...more: readonly string[]): Promise<CliEnd> =>
    cliProcess(['ask', team.request(), '--roster', 'roster.json', '--db', 'runs.db', '--json', ...more], {
      cwd: tree.path,
      env,
    });

  it('plans from the menu, works where each part fits, all at once, and answers with what it cost', async () => {
    const { calls, run } = await follow(team, async () => {
      const gate = team.holdTasks();
      const asked = ask(CANARIES);
      await gate.arrived(6); // four readings, code and words: none has its answer before all have begun
      team.freeTasks();
      first = await asked;
      return first;
    });
    const { events, finished } = run;
    assert.deepEqual([finished.outcome, finished.stoppedBy, finished.failure], ['answered', null, null]);
    for (const fact of team.facts)
      assert.ok(finished.answer.includes(fact), `the answer holds "${fact}":\n${finished.answer}`);
    assert.deepEqual(
      [...new Set(events.map((event) => event.type))].sort((a, b) => a.localeCompare(b)),
      TYPES_WITHOUT_FAILURE,
    );
    assertFit(team, calls);
    assertBill(team, calls, finished);
    const readers = [...calls.readerA, ...calls.readerB].filter(isTask);
    const [reading] = readers;
    assert.ok(
      reading !== undefined && calls.readerA.some(isTask) && calls.readerB.some(isTask),
      'both long-context backends read',
    );
    for (const other of [...readers.slice(1), ...calls.coder, ...calls.laptop]) assert.ok(overlaps(reading, other));
  });

  it('ends with one line that has outcome, answer, spend and each task', async () => {
    const { finished } = eventsOf(first);
    const { type, outcome, stoppedBy, answer, failure, spent, tasks, cited, ...envelope } = finished;
    assert.deepEqual(
      [type, outcome, stoppedBy, failure, typeof answer],
      ['run.finished', 'answered', null, null, 'string'],
    );
    assert.deepEqual(cited, { verified: Object.keys(team.files).length, struck: 0, unchecked: false });
    assert.deepEqual(
      Object.keys(envelope).sort((a, b) => a.localeCompare(b)),
      ['at', 'run', 'seq', 'v'],
    );
    assert.deepEqual(Object.keys(spent), ['iterations', 'tokens', 'usd', 'ms', 'tokensKnown', 'usdKnown']);
    assert.deepEqual(Object.keys(spent.tokens), ['input', 'output', 'cachedInput']);
    assert.equal(tasks.length, 7);
    const backends = Object.fromEntries(tasks.map((task) => [task.id, task.backend]));
    assert.deepEqual(
      [backends['code'], backends['sort'], backends['count']],
      [team.ids.coder, team.ids.laptop, team.ids.frontier],
    );
    for (const task of tasks) {
      assert.deepEqual(Object.keys(task), ['id', 'title', 'status', 'backend', 'startedAtMs', 'endedAtMs', 'spent']);
      assert.ok(
        task.status === 'completed' &&
          task.startedAtMs !== null &&
          task.endedAtMs !== null &&
          task.endedAtMs >= task.startedAtMs,
      );
    }
  });

  it('fails over when a backend fails, says so in its events, and still answers everything', async () => {
    team.servers.readerA.setBehaviour((record) =>
      record.operation === 'chat' ? { kind: 'status', status: 500, message: 'out of memory' } : undefined,
    );
    const { calls, run } = await follow(team, () => ask());
    team.servers.readerA.setBehaviour(undefined);
    assert.equal(run.finished.outcome, 'answered');
    for (const fact of team.facts) assert.ok(run.finished.answer.includes(fact), `the answer holds "${fact}"`);
    assert.ok(
      calls.readerA.length > 0 && calls.readerB.filter(isTask).length === 4,
      'all four were read at the other backend',
    );
    const failures = run.events.filter((event) => event.type === 'call.failed');
    assert.equal(failures.length, calls.readerA.length);
    assert.ok(
      failures.every(
        (event) =>
          event.backend === team.ids.readerA &&
          event.failure.reason === 'server-error' &&
          ['retry', 'next-backend'].includes(event.next),
      ),
    );
    assertBill(team, calls, run.finished);
  });

  it('sends nothing of its environment to any backend', () => {
    const sent = Object.values(team.servers)
      .flatMap((server) => server.requests().map(requestText))
      .join('\n');
    assert.ok(sent.includes('The request:'), 'the requests are there to be searched');
    assert.doesNotMatch(sent, /canary/i);
  });

  it('has the same events in the record, and shows them again', async () => {
    const { run } = eventsOf(first).finished;
    const shown = await cliProcess(['show', run, '--format', 'json', '--db', 'runs.db'], { cwd: tree.path });
    assert.ok(shown.out === first.out && shown.exitCode === 0, 'the record gives back the same lines');
  });

  it('asks before it uses paid backends elsewhere, and uses them with --yes', async () => {
    const paid = team
      .roster()
      .map((entry) => ('id' in entry && entry.id === team.ids.frontier ? { ...entry, tier: 'api' } : entry));
    tree.write('paid.json', JSON.stringify(paid));
    const argv = ['ask', team.request(), '--roster', 'paid.json', '--db', 'runs.db', '--json', '--max-usd', '5'];
    const refused = await cliProcess(argv, { cwd: tree.path });
    assert.deepEqual([refused.exitCode, eventsOf(refused).finished.failure?.reason], [1, 'no-orchestrator']);
    const allowed = await cliProcess([...argv, '--yes'], { cwd: tree.path });
    assert.deepEqual([allowed.exitCode, eventsOf(allowed).finished.outcome], [0, 'answered']);
  });

  it('ends quietly when nobody reads its output any more, and spends nothing further', async () => {
    const gate = team.holdTasks();
    const { child, ended } = startCli(['ask', team.request(), '--roster', 'roster.json', '--db', 'runs.db', '--json'], {
      cwd: tree.path,
    });
    await gate.arrived(6);
    child.stdout?.destroy();
    team.freeTasks(); // the tasks end, and telling of it finds the pipe broken
    const { exitCode, err } = await ended;
    assert.deepEqual([exitCode, err], [130, '']);
    const runs = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: tree.path });
    assert.equal(summaryLines(runs.out)[0]?.outcome, 'cancelled');
    assert.equal(team.openSockets(), 0);
  });
});

type Finished = Extract<RunEvent, { readonly type: 'run.finished' }>;
type Calls = Readonly<Record<Role, readonly RequestRecord[]>>;

function isTask(record: RequestRecord): boolean {
  return isTaskPrompt(record.bodyText);
}

function eventsOf({ out, err }: CliEnd): { readonly events: readonly RunEvent[]; readonly finished: Finished } {
  const events = eventLines(out);
  const last = events.at(-1);
  assert.ok(last?.type === 'run.finished', `the last line is run.finished; stderr: ${err}`);
  return { events, finished: last };
}

/** What each server was asked during one run, and the run's events. */
async function follow(
  team: Team,
  ask: () => Promise<CliEnd>,
): Promise<{ readonly calls: Calls; readonly run: ReturnType<typeof eventsOf> }> {
  const servers = Object.entries(team.servers) as readonly (readonly [Role, Team['servers'][Role]])[];
  const before = new Map(servers.map(([role, server]) => [role, server.requests().length]));
  const run = eventsOf(await ask());
  const calls = Object.fromEntries(
    servers.map(([role, server]) => [role, modelCalls(server.requests().slice(before.get(role)))]),
  ) as Calls;
  return { calls, run };
}

/** Which briefs came where, by what the servers were asked. */
function assertFit(team: Team, calls: Calls): void {
  const briefs = (role: Role): readonly string[] => calls[role].filter(isTask).map((record) => record.bodyText);
  assert.deepEqual([briefs('coder').length, briefs('laptop').length, briefs('frontier').length], [1, 1, 1]);
  assert.match(briefs('coder')[0] ?? '', /multiplies its argument by \d+/);
  assert.match(briefs('laptop')[0] ?? '', /Sort these words/);
  assert.match(briefs('frontier')[0] ?? '', /Count the tokens/);
  const reading = [...briefs('readerA'), ...briefs('readerB')];
  assert.equal(reading.length, Object.keys(team.files).length);
  for (const path of Object.keys(team.files)) {
    const own = reading.filter((brief) => brief.includes(`file ${path}`));
    assert.equal(own.length, 1, `${path} was read once`);
  }
  for (const brief of reading)
    assert.doesNotMatch(
      brief,
      /Sort these words|multiplies its argument|good at/,
      'a brief holds nothing of the others',
    );
}

const PRICES: Readonly<Record<Role, readonly [number, number]>> = {
  frontier: [5, 25],
  coder: [1, 4],
  readerA: [0.5, 2],
  readerB: [0.5, 2],
  laptop: [0, 0],
};

/** The run's spend is what the servers said, to the token. */
function assertBill(team: Team, calls: Calls, finished: Finished): void {
  const sum = { calls: 0, input: 0, output: 0, usd: 0 };
  for (const [role, [inputPrice, outputPrice]] of Object.entries(PRICES) as readonly (readonly [
    Role,
    readonly [number, number],
  ])[]) {
    assert.deepEqual(
      team.roster().find((entry) => 'id' in entry && entry.id === team.ids[role] && 'cost' in entry)?.[
        'cost' as keyof object
      ],
      { input: inputPrice, output: outputPrice },
    );
    for (const { reported } of calls[role]) {
      sum.calls += 1;
      sum.input += reported?.inputTokens ?? 0;
      sum.output += reported?.outputTokens ?? 0;
      sum.usd += ((reported?.inputTokens ?? 0) * inputPrice + (reported?.outputTokens ?? 0) * outputPrice) / 1e6;
    }
  }
  const { spent } = finished;
  assert.deepEqual(
    {
      calls: spent.iterations,
      input: spent.tokens.input,
      output: spent.tokens.output,
      usd: spent.usd.toFixed(9),
      known: [spent.tokensKnown, spent.usdKnown],
    },
    { calls: sum.calls, input: sum.input, output: sum.output, usd: sum.usd.toFixed(9), known: [true, true] },
  );
}
