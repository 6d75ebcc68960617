import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../hosts/processes.mjs';
import { runMocha } from '../../stages/mocha.mjs';

describe('a stage of mocha tests', () => {
  let folder;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'stage-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function stage(text, options = {}) {
    const file = path.join(folder, 'x.test.mjs');
    writeFileSync(file, text);
    const context = { node: process.execPath, run, verbose: false };
    const counted = await runMocha(context, { name: 'self-test', files: [file], timeoutMs: 20_000, ...options });
    return [counted.passed, counted.failed, ...counted.failures, ...counted.notes];
  }

  it('counts what passed, failed and was skipped', async () => {
    const counted = await stage("it('a', () => {}); it('b', () => { throw new Error('x'); }); it('c');");
    assert.deepEqual(counted, [1, 1, 'b', '1 skipped']);
  });

  it('fails when no test ran, and when there is no file', async () => {
    assert.deepEqual(await stage(''), [0, 1, 'self-test: no test ran']);
    assert.deepEqual(await stage('', { files: [] }), [0, 1, 'self-test: there is no test file']);
  });

  it('fails when a file cannot be loaded, when the process dies, and when it hangs', async () => {
    assert.deepEqual(await stage("import './nowhere.mjs';"), [0, 1, 'self-test: no test ran']);
    assert.deepEqual(await stage("it('a', () => process.exit(0));"), [0, 1, 'self-test: no test ran']);
    const hanging = await stage("it('a', () => {}); setInterval(() => {}, 1e6);", { timeoutMs: 1_500 });
    assert.deepEqual(hanging, [1, 1, 'self-test: did not end within 1.5 s (a test hangs, or leaves something open)']);
  });

  it('ends soon when something is left open, and says so where nothing else failed', async () => {
    const open = "import { createServer } from 'node:http'; createServer().listen(0);";
    const passed = await stage(`${open} it('a', () => {});`);
    assert.deepEqual(passed, [1, 1, 'self-test: something was left open after the last test']);
    const failed = await stage(`${open} it('a', () => {}); it('b', () => { throw new Error('x'); });`);
    assert.deepEqual(failed, [1, 1, 'b']);
  }).timeout(40_000);

  it('fails when a test is run alone by .only', async () => {
    const [passed, failed] = await stage("it.only('a', () => {}); it('b', () => {});");
    assert.deepEqual([passed, failed], [0, 1]);
  });
});
