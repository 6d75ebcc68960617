/**
 * What VS Code runs as `extensionTestsPath`: mocha (bdd) over the files of SUITE_FILES, in the extension host.
 *
 * Standard output is shared with the workbench's log, so lines meant for a person start with "| ". The result file is
 * the only proof that a suite ended: VS Code reports an extension host that died as a success.
 */
import { writeFileSync } from 'node:fs';
import { format } from 'node:util';
import Mocha from 'mocha';
import { connectWindow } from '../ui/window.ts';

const TEST_TIMEOUT_MS = 60_000;

interface Result {
  passed: number;
  failed: number;
  pending: number;
  readonly failures: { readonly title: string; readonly message: string }[];
}

export async function run(): Promise<void> {
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => say(format(...parts));
  const result: Result = { passed: 0, failed: 0, pending: 0, failures: [] };
  try {
    await runFiles(JSON.parse(process.env['SUITE_FILES'] ?? '[]') as string[], result);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`The suite files could not be loaded: ${message}`);
    result.failed += 1;
    result.failures.push({ title: 'loading the suite files', message });
  }
  writeFileSync(process.env['SUITE_RESULT'] ?? '', JSON.stringify(result));
  if (result.failed > 0) throw new Error(`${result.failed} failed`);
}

async function runFiles(files: readonly string[], result: Result): Promise<void> {
  const mocha = new Mocha({
    ui: 'bdd',
    color: false,
    timeout: TEST_TIMEOUT_MS,
    forbidOnly: true,
    reporter: Mocha.reporters.Base,
  });
  for (const file of files) mocha.addFile(file);
  mocha.rootHooks({ afterEach: screenshotOfFailure });
  await mocha.loadFilesAsync();
  await new Promise<number>((resolve) => {
    follow(mocha.run(resolve), result);
  });
}

function say(text: string): void {
  for (const line of text.split('\n')) console.log(`| ${line}`);
}

/** The base reporter prints nothing by itself; it keeps each failure's error for `list`. */
function follow(runner: Mocha.Runner, result: Result): void {
  const isVerbose = Boolean(process.env['SUITE_VERBOSE']);
  runner.on('pass', (test) => {
    result.passed += 1;
    if (isVerbose) say(`  ✓ ${test.fullTitle()} (${test.duration} ms)`);
  });
  runner.on('pending', (test) => {
    result.pending += 1;
    say(`  - ${test.fullTitle()} (skipped)`);
  });
  runner.on('fail', (test, error: Error) => {
    result.failed += 1;
    result.failures.push({ title: test.fullTitle(), message: error.message });
    Mocha.reporters.Base.list([test]);
  });
}

async function screenshotOfFailure(this: Mocha.Context): Promise<void> {
  const test = this.currentTest;
  if (test?.state !== 'failed') return;
  try {
    const window = await connectWindow();
    say(`    screenshot of the failure: ${await window.screenshot(`failed ${test.fullTitle()}`)}`);
    await window.close();
  } catch (error) {
    say(`    no screenshot of the failure: ${String(error)}`);
  }
}
