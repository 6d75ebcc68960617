import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../hosts/processes.mjs';
import { root } from '../hosts/places.mjs';

describe('.ci/run', () => {
  let folder;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ci-'));
    mkdirSync(path.join(folder, '.ci'));
    cpSync(path.join(root, '.ci/run'), path.join(folder, '.ci/run'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs it with an `npm` that does as the shell lines of each command say. */
  async function ci({ start, test, long }) {
    const npm = path.join(folder, 'npm');
    writeFileSync(npm, `#!/bin/sh\ncase "$*" in\nstart) ${start};;\ntest) ${test};;\n*) ${long};;\nesac\n`);
    chmodSync(npm, 0o755);
    const { code, output } = await run(path.join(folder, '.ci/run'), [], {
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    return [code, output.trim().split('\n').at(-1)];
  }

  it('sums up its three parts', async () => {
    const parts = { start: 'echo hi', test: 'echo "10 passed, 0 failed"', long: 'echo "5 passed, 0 failed"' };
    assert.deepEqual(await ci(parts), [0, '16 passed, 0 failed']);
  });

  it('goes on after a part that fails or says nothing', async () => {
    const parts = { start: 'exit 1', test: 'echo "10 passed, 2 failed"; exit 1', long: 'echo "5 passed, 0 failed"' };
    assert.deepEqual(await ci(parts), [1, '15 passed, 3 failed']);
    const silent = { start: 'echo hi', test: 'exit 3', long: 'echo "5 passed, 0 failed"; exit 9' };
    assert.deepEqual(await ci(silent), [1, '6 passed, 2 failed']);
  });
});
