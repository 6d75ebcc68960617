import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './processes.mjs';

describe('desktop VS Code', () => {
  let folder;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'desktop-'));
    writeFileSync(path.join(folder, 'code'), '#!/bin/sh\necho "opened $*"\nexit "${FAKE_EXIT:-0}"\n');
    chmodSync(path.join(folder, 'code'), 0o755);
  });
  after(() => rmSync(folder, { recursive: true }));

  const open = (env) =>
    run(
      process.execPath,
      [
        path.join(import.meta.dirname, 'code-desktop.mjs'),
        '/ws',
        '--disable-workspace-trust',
        '--extensionTestsPath=/s',
      ],
      { env: { ...process.env, CODE_HOST_DESKTOP: path.join(folder, 'code'), ...env } },
    ).then(({ code, output }) => ({ code, output }));

  it('gets the arguments as they are, and its exit code is handed on', async () => {
    assert.deepEqual(await open({ FAKE_EXIT: '7' }), {
      code: 7,
      output: 'opened /ws --disable-workspace-trust --extensionTestsPath=/s\n',
    });
  });

  it('is opened with workspace trust when a suite asks for an untrusted workspace', async () => {
    assert.equal((await open({ CODE_HOST_TRUST: 'untrusted' })).output, 'opened /ws --extensionTestsPath=/s\n');
  });

  it('is opened again without the suite when it should stay, unless the suite failed', async () => {
    assert.deepEqual((await open({ CODE_HOST_STAY: '1' })).output.split('\n').slice(1, 3), [
      '| open the window on your screen',
      'opened /ws --disable-workspace-trust',
    ]);
    assert.equal((await open({ CODE_HOST_STAY: '1', FAKE_EXIT: '1' })).output.split('\n').length, 2);
  });
});
