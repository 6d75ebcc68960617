/**
 * Runs one suite with @vscode/test-electron, in a process of its own so that its whole group can be ended. Ends when the
 * process that started it is gone; the stand-in follows.
 */
import { runTests } from '@vscode/test-electron';

const options = JSON.parse(process.argv[2]);
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(1), 1_000).unref();
try {
  await runTests(options);
} catch (error) {
  console.error(error.message);
  process.exitCode = error.code || 1;
}
