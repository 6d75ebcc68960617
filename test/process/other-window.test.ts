/** Two windows with a folder each, on one database, through the seam that the extension uses. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { openOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { silentLogger, WORKER_FILE } from '../journal/fixture.ts';
import { createGate } from '../servers/gate.ts';
import { startModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText } from '../servers/records.ts';
import { tempTree } from '../tools/temp-tree.ts';

describe('a window of another folder', function () {
  this.timeout(20_000);

  it('sends nothing of its own files for a run of the first', async () => {
    const tree = tempTree({ 'shop/README.md': 'the shop\n', 'diary/README.md': 'DEAR DIARY\n' });
    const gate = createGate();
    const server = await startModelServer({
      protocol: 'openai',
      name: 's',
      models: { m: {} },
      brain: async ({ signal }) => {
        await gate.pass(signal);
        return 'ok';
      },
    });
    const roster = [{ id: 's', provider: 'openai', model: 'm', baseUrl: server.baseUrl, maxConcurrency: 2 }];
    const window = (folder: string): Promise<OpenedOrchestrator> =>
      openOrchestrator({
        dbFile: path.join(tree.path, 'j.db'),
        journalWorkerFile: WORKER_FILE,
        settings: () => ({ 'orchestrator.roster': { user: roster } }),
        isTrusted: () => true,
        secrets: { get: () => Promise.resolve(undefined) },
        env: {},
        folders: [{ name: folder, path: path.join(tree.path, folder) }],
        approver: { decided: () => true, consent: () => Promise.resolve(true) },
        logger: silentLogger,
      });
    const own = { mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const tasks = [
      { ...own, id: 'a', title: 'A', objective: 'Do a.' },
      { ...own, id: 'r', title: 'R', objective: 'Read it.', dependsOn: ['a'], inputs: [{ path: 'README.md' }] },
    ];
    const shop = await window('shop');
    const request = { text: 'go', source: 'chat', history: [], files: [], options: DEFAULT_OPTIONS };
    const started = await shop.orchestrator.start({ ...request, plan: { request: 'go', tasks } });
    assert.ok(started.ok);
    await server.waitFor(({ requests }) => modelCalls(requests()).length === 1, 10_000);
    await shop.dispose();
    gate.open();
    const diary = await window('diary');
    const resumed = await diary.orchestrator.resume(started.value.run);
    assert.match(resumed.ok ? 'resumed' : resumed.error.message, /worked on \S+shop, and this is \S+diary\.$/);
    const seen = await diary.feed.look(started.value.run);
    assert.deepEqual(seen.ok && [seen.value.liveness, seen.value.isHere], ['interrupted', false]);
    await diary.dispose();
    // The same folder, written otherwise.
    symlinkSync(path.join(tree.path, 'shop'), path.join(tree.path, 'link'), 'junction');
    const again = await window('link');
    assert.ok(await again.folders.look(path.join(tree.path, 'shop')));
    const found = await again.feed.look(started.value.run);
    assert.equal(found.ok && found.value.isHere, true);
    const here = await again.orchestrator.resume(started.value.run);
    assert.ok(here.ok);
    await here.value.finished;
    await again.dispose();
    const texts = modelCalls(server.requests()).map(requestText);
    assert.deepEqual(
      [texts.some((text) => text.includes('DEAR DIARY')), texts.some((text) => text.includes('the shop'))],
      [false, true],
    );
    await server.close();
    tree.remove();
  });
});
