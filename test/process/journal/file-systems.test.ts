/** Opening the journal on file systems that take nothing, in a process of its own with mounts of its own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { WORKER_FILE, Workbench, started, value } from '../../journal/fixture.ts';

/** Gives a process mounts of its own; needs rights. */
const UNSHARE = 'unshare';

/** Opens the journal at `argv[1]` and prints its warnings. */
const OPEN = `import { openJournal } from '${new URL('../../../src/journal/open-journal.ts', import.meta.url).href}';
  const journal = await openJournal({ file: process.argv[1], workerFile: ${JSON.stringify(WORKER_FILE)}, logger: { info() {}, warn() {}, error() {} } });
  console.log(journal.warnings.join());
  await journal.close();`;

describe('the journal keeps everything in memory, with a warning,', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  function canMount(): boolean {
    try {
      execFileSync(UNSHARE, ['-m', 'true'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  /** What is told where `mount`, a command of the shell, was done to the folder `$1` before. */
  function warningsAfter(mount: string): string {
    const script = `${mount} && exec "$2" --input-type=module -e "$3" "$4"`;
    const folder = dirname(bench.file);
    return execFileSync(UNSHARE, ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, OPEN, bench.file], {
      encoding: 'utf8',
    });
  }

  async function makeFile(): Promise<void> {
    const journal = await bench.open();
    await value(await journal.createRun('r1')).append([started('x')]);
    await journal.close();
  }

  it('on a read-only file system', async function () {
    if (!canMount()) this.skip();
    await makeFile();
    assert.match(
      warningsAfter('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"'),
      /^The journal .*journal\.db cannot be (opened|written): .*\. Make the file and its folder writable, then try again\. Until then nothing is kept/,
    );
  });

  it('on a full one, and says that there is no space', async function () {
    if (!canMount()) this.skip();
    await makeFile();
    const full = [
      'cp "$4" "$1.db"',
      'mount -t tmpfs -o size=256k none "$1"',
      'mv "$1.db" "$4"',
      '{ cat /dev/zero > "$1/rest" 2> /dev/null || true; }',
    ].join(' && ');
    assert.match(
      warningsAfter(full),
      /^There is no space left for the journal .*journal\.db\. Free some disk space, .* Until then nothing is kept/,
    );
  });

  it('where a folder takes no new one and calls it missing', function () {
    if (process.platform !== 'linux') this.skip();
    const file = '/proc/none/orchestrator/journal.db';
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', OPEN, file], {
      encoding: 'utf8',
      timeout: 10_000, // one that asks again and again would never end
      killSignal: 'SIGKILL',
    });
    assert.match(out, /^The journal .* cannot be opened: ENOENT.* Until then nothing is kept/);
  });
});
