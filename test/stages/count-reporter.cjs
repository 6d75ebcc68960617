/**
 * Mocha reporter: one line per test with STAGE_VERBOSE, else only failures; counts go to the file MOCHA_COUNTS as
 * `{passed, failed, pending, failures: [title]}`. When something stays open after the last test, the process is ended all the
 * same, with LEFT_OPEN: it is a finding of its own, and not worth the time of the stage. Loaded by mocha with require, hence CommonJS.
 */
const { writeFileSync } = require('node:fs');
const mocha = require('mocha');
const { Base } = (mocha.default ?? mocha).reporters;

/** Exit code, as mocha.mjs knows it. */
const LEFT_OPEN = 86;
const GRACE_MS = 5_000;

function leave() {
  console.log(`Left open after the last test: ${[...new Set(process.getActiveResourcesInfo())].join(', ')}`);
  // After mocha's own listener, which puts the number of failures there.
  process.once('exit', () => (process.exitCode = LEFT_OPEN));
  process.exit();
}

module.exports = class CountReporter extends Base {
  constructor(runner, options) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, pending: 0, failures: [] };
    const tell = (line) => process.env.STAGE_VERBOSE && console.log(line);
    runner.on('pass', (test) => {
      counts.passed += 1;
      tell(`  ✓ ${test.fullTitle()} (${test.duration} ms)`);
    });
    runner.on('pending', (test) => {
      counts.pending += 1;
      console.log(`  - ${test.fullTitle()} (skipped)`);
    });
    runner.on('fail', (test) => {
      counts.failed += 1;
      counts.failures.push(test.fullTitle());
    });
    runner.on('end', () => {
      if (this.failures.length > 0) Base.list(this.failures);
      writeFileSync(process.env.MOCHA_COUNTS, JSON.stringify(counts));
      setTimeout(leave, GRACE_MS).unref();
    });
  }
};
