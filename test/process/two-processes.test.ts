/** A run of the command line, watched and answered for by another process on the same database. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { openOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { FedRun } from '../../src/app/run-feed.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import type { RunSummary } from '../../src/core/ports.ts';
import { silentLogger } from '../journal/fixture.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, CLI, startCli, type CliProcess } from './built.ts';

const TASKS = [
  { id: 'a', title: 'First', objective: 'Do a.' },
  { id: 'b', title: 'Second', objective: 'Do b.' },
  { id: 'c', title: 'Third', objective: 'Do c.', dependsOn: ['a'] },
];

/** `running: a active, b active, c pending`. */
function told({ state, liveness }: FedRun): string {
  return `${liveness}: ${[...state.tasks.values()].map(({ id, status }) => `${id} ${status}`).join(', ')}`;
}

describe('two processes on one database', function () {
  this.timeout(60_000);
  let server: ModelServer;
  let gates: Record<string, Gate>;
  let tree: TempTree;
  let owner: CliProcess;
  let here: OpenedOrchestrator;
  let run: RunSummary;

  before(() => buildOnce());

  beforeEach(async () => {
    gates = Object.fromEntries(TASKS.map(({ id }) => [id, createGate()]));
    server = await startModelServer({
      protocol: 'openai',
      name: 'worker',
      models: { m: {} },
      brain: async ({ user, signal }) => {
        const task = /Do (\w)\./.exec(user)?.[1] ?? '';
        await gates[task]?.pass(signal);
        return `Result of ${task}.`;
      },
    });
    const backend = { id: 'worker', provider: 'openai', model: 'm', baseUrl: server.baseUrl, maxConcurrency: 2 };
    tree = tempTree({
      'roster.json': JSON.stringify([backend]),
      'plan.json': JSON.stringify({ request: 'Three things', tasks: TASKS }),
    });
    const db = path.join(tree.path, 'shared.db');
    owner = startCli(['run', 'plan.json', '--roster', 'roster.json', '--no-synthesis', '--yes', '--db', db], {
      cwd: tree.path,
    });
    await Promise.all([gates['a']?.arrived(), gates['b']?.arrived()]);
    here = await openOrchestrator({
      dbFile: db,
      journalWorkerFile: path.join(path.dirname(CLI), 'journal-worker.cjs'),
      settings: () => ({ 'orchestrator.roster': { user: [backend] } }),
      isTrusted: () => true,
      secrets: { get: () => Promise.resolve(undefined) },
      env: {},
      folders: [],
      approver: { decided: () => true, consent: () => Promise.resolve(true) },
      logger: silentLogger,
    });
    const listed = await here.journal.listRuns({ limit: 10 });
    assert.ok(listed.ok && listed.value[0] !== undefined && listed.value.length === 1);
    run = listed.value[0];
  });
  afterEach(async () => {
    for (const gate of Object.values(gates)) gate.open();
    await owner.ended;
    await here.dispose();
    await server.close();
    tree.remove();
  });

  /** Follows the run, and waits for what it is told. */
  const watching = (): {
    readonly until: (line: string) => Promise<void>;
    readonly seen: string[];
    readonly end: () => void;
  } => {
    const seen: string[] = [];
    const waits = new Set<() => void>();
    const subscription = here.feed.follow(run.run, (now) => {
      seen.push(told(now));
      for (const look of [...waits]) look();
    });
    const until = (line: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!seen.includes(line)) return;
          waits.delete(look);
          resolve();
        };
        waits.add(look);
        look();
      });
    return { until, seen, end: () => subscription.dispose() };
  };

  it('show the run of the one live in the other, from task to task to its end', async () => {
    assert.equal(run.liveness, 'running');
    const { until, seen, end } = watching();
    await until('running: a active, b active, c pending');
    gates['a']?.open();
    await gates['c']?.arrived();
    await until('running: a completed, b active, c active');
    assert.equal(here.orchestrator.state(run.run), undefined, 'it runs there, not here');
    gates['b']?.open();
    await until('running: a completed, b completed, c active');
    gates['c']?.open();
    await until('finished: a completed, b completed, c completed');
    end();
    assert.equal((await owner.ended).exitCode, 0);
    assert.equal(modelCalls(server.requests()).length, 3);
    assert.ok(
      seen.every((line) => !line.startsWith('interrupted')),
      seen.join('\n'),
    );
  });

  it('let nobody resume or delete a run that the other has', async () => {
    const resumed = await here.orchestrator.resume(run.run);
    assert.ok(!resumed.ok);
    assert.match(resumed.error.message, /going on in/);
    const deleted = await here.journal.deleteRun(run.run);
    assert.ok(!deleted.ok);
    assert.equal(modelCalls(server.requests()).length, 2, 'no call was made a second time');
  });

  it('carry what a person wants of the run to the one that has it', async () => {
    const { until, end } = watching();
    await until('running: a active, b active, c pending');
    gates['a']?.open();
    await until('running: a completed, b active, c active');
    const done = await here.orchestrator.act(run.run, { kind: 'cancel' });
    assert.ok(done.ok, done.ok ? '' : done.error.message);
    assert.equal(done.value.run, run.run);
    await until('finished: a completed, b cancelled, c cancelled');
    end();
    assert.equal((await owner.ended).exitCode, 130);
    await server.waitFor(
      ({ requests }) => modelCalls(requests()).filter(({ outcome }) => outcome === 'aborted by client').length === 2,
    );
  });
});
