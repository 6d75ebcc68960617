/** What a session of `orchestrator mcp` has started, read and watched by the official client over both doors; and what its limits say. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { after, before, describe, it } from 'mocha';
import { bareProcess, httpClient, stdioClient, type BareProcess, type McpClient } from './mcp-client.ts';
import { startMcpTeam, type McpTeam } from './mcp-team.ts';

async function refusal(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** What the process tells of its door. */
async function doorOf(bare: BareProcess): Promise<readonly string[]> {
  for (;;) {
    const [, url, token] = /MCP server: (\S+)\nAuthorization: Bearer (\S+)\n/.exec(bare.err()) ?? [];
    if (url !== undefined && token !== undefined) return [url, token];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('what a session of orchestrator mcp has started', function () {
  this.timeout(60_000);
  let team: McpTeam;
  let bare: BareProcess;
  let url: string;
  let token: string;
  before(async () => {
    team = await startMcpTeam();
    bare = bareProcess([...team.argv, '--http', '0'], team.tree.path);
    [url = '', token = ''] = await doorOf(bare);
  });
  after(async () => {
    bare.child.kill('SIGKILL');
    await team.close();
  });

  const DOORS: Readonly<Record<string, () => Promise<McpClient>>> = {
    stdio: () => stdioClient(team.argv, team.tree.path),
    HTTP: () => httpClient(url, token),
  };
  for (const [name, open] of Object.entries(DOORS)) {
    it(`is listed, read and watched over ${name}, and not by another session`, async () => {
      const { client, call, close } = await open();
      const updated = Promise.withResolvers<string>();
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updated.resolve(params.uri));
      const gate = team.newGate();
      const { said } = await call('call_agent', { task: 'hold echo kept', background: true });
      const uri = String(said['task']);
      await client.subscribeResource({ uri });
      gate.open();
      assert.equal(await updated.promise, uri);
      await call('get_task_status', { task: uri, waitMs: 10_000 });
      assert.ok((await client.listResources()).resources.some((one) => one.uri === uri));
      const { contents } = await client.readResource({ uri });
      assert.match(JSON.stringify(contents), /# hold echo kept.*said kept/);
      const other = await DOORS['HTTP']?.();
      assert.match(await refusal(other?.client.readResource({ uri }) ?? Promise.resolve()), /-32002/);
      assert.deepEqual((await other?.client.listResources())?.resources, []);
      await other?.close();
      await close();
    });

    it(`can be a task of MCP over ${name}`, async () => {
      const { client, close } = await open();
      const gate = team.newGate();
      const params = { name: 'call_agent', arguments: { task: 'hold echo task' }, task: { ttl: 60_000 } };
      const { task } = await client.request({ method: 'tools/call', params }, CreateTaskResultSchema);
      const { tasks } = client.experimental;
      assert.equal((await tasks.getTask(task.taskId)).status, 'working');
      gate.open();
      const result = await tasks.getTaskResult(task.taskId, CallToolResultSchema);
      assert.match(JSON.stringify(result.content), /said task/);
      assert.equal((await tasks.getTask(task.taskId)).status, 'completed');
      await close();
    });
  }

  it('costs no more than orchestrator.budget.maxUsdPerSession', async () => {
    const { tree } = team;
    const roster: unknown = JSON.parse(readFileSync(path.join(tree.path, 'roster.json'), 'utf8'));
    const settings = {
      'orchestrator.roster': roster,
      'orchestrator.budget': { maxUsdPerSession: 0.05 },
    };
    writeFileSync(path.join(tree.path, 'settings.json'), JSON.stringify(settings));
    const argv = ['--roster', 'settings.json', '--db', 'kept.db'];
    const first = await stdioClient(argv, tree.path);
    const gate = team.newGate();
    await first.call('call_agent', { task: 'hold echo much', background: true });
    const refused = await first.call('call_agent', { task: 'echo more' });
    assert.match(
      refused.text,
      /The session's limit leaves the run \$0\.0000: .* this call may need .* Raise maxUsdPerSession/,
    );
    gate.open();
    await first.close();
  });
});
