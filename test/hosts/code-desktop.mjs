#!/usr/bin/env node
/**
 * Starts desktop VS Code ($CODE_HOST_DESKTOP) with the arguments of `runTests`, and does what that call has no option
 * for: CODE_HOST_TRUST=untrusted leaves workspace trust on; CODE_HOST_STAY=1 opens the window again, without the suite,
 * when the suite has ended, on the same profile, until it is closed or a signal comes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const { CODE_HOST_DESKTOP: program, CODE_HOST_TRUST: trust, CODE_HOST_STAY: stay } = process.env;
const args = process.argv
  .slice(2)
  .filter((argument) => trust !== 'untrusted' || argument !== '--disable-workspace-trust');

async function open(list) {
  const child = spawn(program, list, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

process.exitCode = await open(args);
if (stay && process.exitCode === 0) {
  console.log('| open the window on your screen');
  process.exitCode = await open(args.filter((argument) => !argument.startsWith('--extensionTestsPath=')));
}
