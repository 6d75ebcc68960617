/**
 * Owns: the child processes that the scripts start, each in a process group of its own.
 * Does not own: what those children detach themselves (a stand-in ends its own server).
 *
 * 1. No group outlives this process: they are ended on exit, on SIGINT, SIGTERM and SIGHUP, and when their time is over.
 * 2. Only groups started here are ever signalled.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const KEPT_CHARACTERS = 400_000;
const GRACE_MS = 10_000;
/** How long what a program left behind may go on writing. */
const LEFTOVERS_MS = 2_000;
const groups = new Set();

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}

function isAlive(pid) {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks a group to end, then makes it. */
async function endGroup(pid) {
  signalGroup(pid, 'SIGTERM');
  const until = Date.now() + GRACE_MS;
  while (isAlive(pid) && Date.now() < until) await sleep(25);
  signalGroup(pid, 'SIGKILL');
}

let exitCodeOnSignal;

/** From now on a signal is the expected end (`--stay`): the exit code is 0. */
export function expectSignal() {
  exitCodeOnSignal = 0;
}

process.on('exit', () => groups.forEach((pid) => signalGroup(pid, 'SIGKILL')));
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.on(signal, async () => {
    await Promise.all([...groups].map(endGroup));
    await sleep(100); // the runs settle, and what waits for them removes its temporary folders
    process.exit(exitCodeOnSignal ?? 128 + number);
  });
}

/**
 * Runs a program to its end. `show` passes its output on as well as keeping it; `logFile` gets a copy, `onText` each
 * piece. Resolves to `{code, output, timedOut, ms}`; rejects only when the program cannot be started.
 */
export function run(program, args, { cwd, env = process.env, show = false, timeoutMs, logFile, onText } = {}) {
  const startedMs = performance.now();
  const log = logFile && createWriteStream(logFile);
  let output = '';
  const take = (target) => (text) => {
    output = (output + text).slice(-KEPT_CHARACTERS);
    if (show) target.write(text);
    log?.write(text);
    onText?.(text);
  };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.setEncoding('utf8').on('data', take(process.stdout));
  child.stderr.setEncoding('utf8').on('data', take(process.stderr));
  return settled(child, timeoutMs)
    .finally(() => log?.end())
    .then((end) => ({ ...end, output, ms: performance.now() - startedMs }));
}

/** Follows a child to its end: `{code, timedOut}`. What it leaves behind in its group is ended too. */
async function settled(child, timeoutMs) {
  let timedOut = false;
  const { pid } = child;
  const onTimeout = () => {
    timedOut = true;
    void endGroup(pid);
  };
  const timer = timeoutMs && setTimeout(onTimeout, timeoutMs);
  if (pid) groups.add(pid);
  let leftovers;
  child.once('exit', () => {
    // What it left behind may hold its output open.
    leftovers = setTimeout(() => void endGroup(pid), LEFTOVERS_MS);
  });
  try {
    const [code] = await once(child, 'close');
    if (isAlive(pid)) await endGroup(pid);
    return { code: code ?? 1, timedOut };
  } finally {
    clearTimeout(timer);
    clearTimeout(leftovers);
    groups.delete(pid);
  }
}
