/** Started with an older Node the command line runs itself again under the project's own. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createGate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, CLI, cliProcess, summaryLines, startCli } from './built.ts';

/** Makes a Node say that it is an older one. What it starts is itself again. */
const OLDER = {
  NODE_OPTIONS:
    "--import \"data:text/javascript,if(!process.env.ORCHESTRATOR_STARTED_BY_OLDER_NODE)Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.0'}})\"",
};

describe('the command line under an older Node', () => {
  let tree: TempTree;
  let server: ModelServer;
  before(async () => {
    buildOnce();
    server = await startModelServer({
      protocol: 'openai',
      models: { m: {} },
      brain: () => ({ json: { decision: 'answer', answer: 'From a newer one.', tasks: [] } }),
    });
    tree = tempTree({
      'roster.json': JSON.stringify([{ id: 'one', provider: 'openai', model: 'm', baseUrl: server.baseUrl }]),
    });
  });
  after(async () => {
    await server.close();
    tree.remove();
  });

  const ASK = ['ask', 'Who?', '--roster', 'roster.json', '--db', 'runs.db'];

  it('runs under the own one: the same output and exit codes', async () => {
    const answered = await cliProcess(ASK, { cwd: tree.path, env: OLDER });
    assert.deepEqual([answered.exitCode, answered.out], [0, 'From a newer one.\n']);
    const refused = await cliProcess(['frobnicate'], { cwd: tree.path, env: OLDER });
    assert.deepEqual(
      [refused.exitCode, refused.err],
      [
        2,
        "Unknown command 'frobnicate'.\nThe commands are ask, plan, run, mcp, resume, show, apply, runs, backends, tools.\n",
      ],
    );
  });

  it('says in one line what to install where there is none', async () => {
    const away = path.join(tree.path, 'away', 'dist', 'cli.js');
    mkdirSync(path.dirname(away), { recursive: true });
    copyFileSync(CLI, away);
    const { exitCode, out, err } = await cliProcess(['--version'], { cwd: tree.path, env: OLDER, script: away });
    assert.deepEqual([exitCode, out], [2, '']);
    assert.equal(
      err,
      `orchestrator needs Node 24 or newer and runs under 20.19.0: install Node 24 (https://nodejs.org), or run "npm ci" in ${path.join(tree.path, 'away')}.\n`,
    );
  });

  it('passes an interrupt on, and hands the exit code back', async () => {
    const { child, ended } = startHeld(server, tree);
    await server.waitFor(({ requests }) => requests().some((record) => record.outcome === 'running'), 20_000);
    child.kill('SIGINT');
    assert.equal((await ended).exitCode, 130);
    const runs = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: tree.path });
    assert.equal(summaryLines(runs.out)[0]?.outcome, 'cancelled');
  });

  it('leaves no process behind that spends on when it is killed: the run is interrupted', async () => {
    const { child, ended } = startHeld(server, tree);
    await server.waitFor(({ requests }) => requests().some((record) => record.outcome === 'running'), 20_000);
    child.kill('SIGKILL');
    await ended;
    await server.waitFor(({ openSockets }) => openSockets() === 0, 20_000);
    const runs = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: tree.path });
    assert.equal(summaryLines(runs.out)[0]?.liveness, 'interrupted');
  });
});

/** A run whose one call gets no answer. */
function startHeld(server: ModelServer, tree: TempTree): ReturnType<typeof startCli> {
  server.queueBehaviour({ kind: 'hold', at: 'headers', gate: createGate() });
  return startCli(['ask', 'Who?', '--roster', 'roster.json', '--db', 'runs.db'], { cwd: tree.path, env: OLDER });
}
