#!/usr/bin/env node
/**
 * Stands in for the `code` program that @vscode/test-electron starts, where desktop VS Code cannot run: same arguments,
 * same exit code, but VS Code's server build with a headless Chromium as its window.
 *
 *   CODE_HOST_SERVER   folder with out/server-main.js     CODE_HOST_CHROMIUM  browser program
 *   CODE_HOST_TRUST=untrusted   workspace trust on        CODE_HOST_AGENT=1   built-in chat extension on (agent mode)
 *   CODE_HOST_WINDOW   for example 1440x900
 *   CODE_HOST_STAY=1   when the suite has ended, keep the server and print its URL until a signal comes
 *
 * Owns: one server (a process group) and one browser. Does not own: `--user-data-dir`, in which all data is written and
 * which the caller removes; the time limit; the suite's verdict (the workbench reports an extension host that died as
 * exit 0, so the caller also asks the suite's result file).
 *
 * 1. Every exit ends server and browser, also when this process or the one that started it is killed with -9
 *    (end-with-parent.mjs; the browser ends with its pipe).
 * 2. Lines of the suite start with "| "; all else is the log of workbench and server.
 */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArguments, workbenchQuery } from './arguments.mjs';
import { startServer } from './server.mjs';
import { openWindow } from './window.mjs';

const { env } = process;
const asked = parseArguments(process.argv.slice(2));
let server;
let window;
let isEnding = false;
let isStaying = false;

async function end(code, reason) {
  if (isEnding) return;
  isEnding = true;
  if (reason) console.error(`code-web: ${reason}`);
  await closeWindow();
  server?.stop();
  process.exit(code);
}

/** A browser that hangs is left to the closing of its pipe. */
function closeWindow() {
  return Promise.race([window?.close().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 5_000))]);
}

async function suiteEnded(code) {
  if (code || !env.CODE_HOST_STAY) return end(code);
  isStaying = true;
  await closeWindow();
  const query = workbenchQuery({ ...asked, testsPath: undefined }, server.authority);
  console.log(`| open ${server.origin}/?${query}`);
}

/** The server keeps its user data in `<server-data-dir>/data`; the caller's settings go there. */
function prepareData() {
  const folder = path.join(asked.userData, 'server');
  const settings = path.join(asked.userData, 'User/settings.json');
  mkdirSync(path.join(folder, 'data/User'), { recursive: true });
  if (existsSync(settings)) cpSync(settings, path.join(folder, 'data/User/settings.json'));
  return folder;
}

async function main() {
  server = await startServer({
    vscodeFolder: env.CODE_HOST_SERVER,
    dataFolder: prepareData(),
    extensions: asked.extensions,
    trusted: env.CODE_HOST_TRUST !== 'untrusted',
    onLine: console.log,
    onExit: (code) => end(1, `VS Code's server ended by itself (${code})`),
  });
  window = await openWindow({
    executable: env.CODE_HOST_CHROMIUM,
    origin: server.origin,
    query: workbenchQuery(asked, server.authority),
    size: (env.CODE_HOST_WINDOW ?? '1440x900').split('x').map(Number),
    debuggingPort: asked.debuggingPort,
    agent: Boolean(env.CODE_HOST_AGENT),
    onLog: (type, line) => console.log(line.startsWith('| ') ? line : `${type}: ${line}`),
    onExit: suiteEnded,
    onCrash: () => end(1, 'the browser page crashed'),
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(isStaying ? 0 : 130));
process.on('unhandledRejection', (error) => end(1, error?.stack ?? String(error)));
const parent = process.ppid;
setInterval(() => process.ppid === parent || end(1, 'the process that started it is gone'), 1_000).unref();
await main();
