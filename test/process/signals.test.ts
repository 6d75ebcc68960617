import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'mocha';

/** A process that is interrupted and goes on: it tells of the interrupt, and of the time in which a second one is an echo. */
const STUBBORN = `
  const { createProcessIo } = await import(${JSON.stringify(new URL('../../src/cli/process-io.ts', import.meta.url).href)});
  const io = createProcessIo('/nowhere/dist');
  setInterval(() => undefined, 1000);
  io.onInterrupt((why) => {
    io.out.write(why + '\\n');
    setTimeout(() => io.out.write('patient\\n'), 200);
  });
  io.out.write('ready\\n');
`;

describe('an interrupt of the command line', () => {
  it('is told once for signals that come together, and a later one ends the process at once', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', STUBBORN], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (text.includes('ready\n')) for (const signal of ['SIGINT', 'SIGTERM'] as const) child.kill(signal);
      if (text.includes('patient\n')) child.kill('SIGINT');
    });
    const [exitCode] = (await closed) as [number | null];
    assert.deepEqual([exitCode, out], [130, 'ready\nsignal\npatient\n']);
  });
});
