import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { run } from '../../hosts/processes.mjs';

const here = JSON.stringify(path.join(import.meta.dirname, '../../hosts/processes.mjs'));
/** A program that starts a child of its own, prints its process id and then does `after`. */
const withChild = (after) =>
  `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' }); child.unref(); console.log(child.pid); ${after}`;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('run', () => {
  it('hands back exit code and output of both streams', async () => {
    const { code, output, timedOut } = await run(process.execPath, ['-e', 'console.error("b"); process.exitCode = 3']);
    assert.deepEqual({ code, output, timedOut }, { code: 3, output: 'b\n', timedOut: false });
  });

  it('rejects for a program that is not there', async () => {
    await assert.rejects(run('no-such-program-here', []), { code: 'ENOENT' });
  });

  it('ends what a program leaves running behind it', async () => {
    const { code, output } = await run(process.execPath, ['-e', withChild('')]);
    assert.equal(code, 0);
    assert.equal(isAlive(Number(output)), false);
  });

  it('ends what holds the output of a program open after its end', async () => {
    const startedMs = Date.now();
    const { code } = await run('/bin/sh', ['-c', 'sleep 60 & exit 3']);
    assert.equal(code, 3);
    assert.ok(Date.now() - startedMs < 9_000);
  });

  it('ends a program and its children when its time is over', async () => {
    const ended = await run(process.execPath, ['-e', withChild('setInterval(() => {}, 1e6)')], { timeoutMs: 500 });
    assert.equal(ended.timedOut, true);
    assert.equal(isAlive(Number(ended.output)), false);
  });

  it('ends them on a signal, and exits with 128 and its number', async () => {
    const inner = JSON.stringify(withChild('setInterval(() => {}, 1e6)'));
    const script = `import { run } from ${here}; await run(process.execPath, ['-e', ${inner}], { show: true });`;
    const outer = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(outer.stdout, 'data');
    outer.kill('SIGTERM');
    const [code] = await once(outer, 'exit');
    assert.equal(code, 143);
    assert.equal(isAlive(Number(printed)), false);
  });
});
