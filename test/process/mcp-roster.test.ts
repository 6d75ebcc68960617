/** `orchestrator mcp` lives long: what its user changes in the roster file counts for the next call. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { stdioClient, type McpClient } from './mcp-client.ts';
import { startMcpTeam, type McpTeam } from './mcp-team.ts';

describe('the roster file of orchestrator mcp', function () {
  this.timeout(60_000); // it may have to be built
  let team: McpTeam;
  let client: McpClient;
  let file = '';
  before(async () => {
    team = await startMcpTeam();
    client = await stdioClient(team.argv, team.tree.path);
    file = path.join(team.tree.path, 'roster.json');
  });
  after(async () => {
    await client.close();
    await team.close();
  });

  const targets = async (): Promise<string> => (await client.call('list_targets')).text;

  it('is read again when it was edited: a new backend is in the menu and is given work', async () => {
    const [one, ...others] = JSON.parse(readFileSync(file, 'utf8')) as readonly object[];
    assert.doesNotMatch(await targets(), /poetry/);
    const asked = { task: 'echo a-verse', capability: 'poetry' };
    assert.equal((await client.call('call_agent', asked)).said['status'], 'no_fit');
    writeFileSync(file, JSON.stringify([one, ...others, { ...one, id: 'two', goodAt: ['poetry'] }]));
    while (!/^two: ready · good at poetry/m.test(await targets()));
    assert.equal((await client.call('call_agent', asked)).said['output'], 'said a-verse');
  });

  it('brings nothing but backends, and no host that nobody allowed, also with --yes', async () => {
    const trusting = await stdioClient([...team.argv, '--yes'], team.tree.path);
    const menu = async (): Promise<string> => (await trusting.call('list_targets')).text;
    assert.match(await menu(), /^far: ready/m);
    const roster = JSON.parse(readFileSync(file, 'utf8')) as readonly object[];
    const later = {
      id: 'later',
      provider: 'openai',
      model: 'm',
      baseUrl: 'https://later.example.com/v1',
      apiKey: 'none',
    };
    const settings = { 'orchestrator.roster': [...roster, later], 'orchestrator.localOnly': true };
    mkdirSync(path.join(team.tree.path, '.orchestrator', 'agents'), { recursive: true });
    writeFileSync(path.join(team.tree.path, '.orchestrator', 'agents', 'latecomer.md'), 'You come late.\n');
    writeFileSync(file, JSON.stringify(settings));
    while (!/^later: /m.test(await menu()));
    assert.match(await menu(), /^later: unavailable \(The user has not allowed its host\.\)/m);
    assert.match(await menu(), /^far: ready/m);
    assert.doesNotMatch(await menu(), /latecomer/);
    assert.match(trusting.err(), /^Nothing is sent to later\.example\.com: --yes speaks for .*Start it again/m);
    await trusting.close();
  });

  it('changes nothing while it is broken, which is told', async () => {
    const before = await targets();
    writeFileSync(file, '[{"id": "one",');
    while (!client.err().includes('roster.json, line 1')) await targets();
    assert.equal(await targets(), before);
  });
});
