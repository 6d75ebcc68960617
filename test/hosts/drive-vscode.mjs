/**
 * A real VS Code that is driven from outside of it: what a person, another process or a crash does to its windows.
 *
 * Owns: one server (a process group), one browser with as many windows as are asked for, and a folder with a fresh profile.
 * Does not own: the models that it speaks to, what is typed into it.
 *
 * 1. Every window has an extension host of its own; all of them share the database and the settings of the profile.
 * 2. `close` ends the browser, the server with all that it started, and removes the folder; so does the end of this process.
 * 3. The extension is installed, not under development: VS Code treats a host that dies as it does for a user.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from './chromium.mjs';
import { codeServer } from './code-server.mjs';
import { ownNode } from './own-node.mjs';
import { out, root } from './places.mjs';
import { writeProfile } from './profile.mjs';
import { startServer } from './web/server.mjs';
import { startBrowser } from './web/window.mjs';

const WINDOW_TIMEOUT_MS = 90_000;
const WINDOW_SIZE = { width: 1440, height: 900 };

/** `settings`: of the user; `logName`: all that VS Code says goes to test/out/<logName>.log. */
export async function driveVsCode({ settings = {}, logName }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'orchestrator-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.once('exit', remove);
  const driven = new DrivenVsCode(folder, logName);
  try {
    await driven.start(settings);
    return driven;
  } catch (error) {
    await driven.close();
    throw error;
  }
}

class DrivenVsCode {
  #log;
  #server;
  #browser;

  constructor(folder, logName) {
    this.folder = folder;
    this.database = path.join(folder, 'journal.db');
    this.workspace = path.join(folder, 'workspace');
    this.#log = path.join(out, `${logName}.log`);
  }

  async start(settings) {
    mkdirSync(out, { recursive: true });
    writeFileSync(this.#log, '');
    mkdirSync(this.workspace);
    const data = path.join(this.folder, 'server');
    writeProfile(path.join(data, 'data'), { settings });
    installOurs(path.join(this.folder, 'extensions'));
    const [executable, vscodeFolder] = await Promise.all([chromium(), ownNode().then(codeServer)]);
    this.#server = await startServer({
      vscodeFolder,
      dataFolder: data,
      extensions: path.join(this.folder, 'extensions'),
      trusted: true,
      env: this.#environment(),
      onLine: (line) => this.note(line),
      onExit: (code) => this.note(`VS Code's server ended by itself (${code})`),
    });
    this.#browser = await startBrowser(executable);
  }

  /** Nothing of the person's own data folders is read or written. */
  #environment() {
    const own = (name) => path.join(this.folder, name);
    return {
      ORCHESTRATOR_DB: this.database,
      XDG_DATA_HOME: own('share'),
      XDG_CONFIG_HOME: own('config'),
      XDG_STATE_HOME: own('state'),
      XDG_CACHE_HOME: own('cache'),
    };
  }

  /** Resolves to the page of a new window on the workspace. Windows share nothing but what the server keeps. */
  async openWindow(name) {
    const context = await this.#browser.newContext({ viewport: WINDOW_SIZE });
    const page = await context.newPage();
    page.on('console', (message) => this.note(`${name} ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.note(`${name} page: ${error}`));
    await page.goto(`${this.#server.origin}/?folder=${encodeURIComponent(this.workspace)}`, {
      timeout: WINDOW_TIMEOUT_MS,
    });
    await page.waitForSelector('.monaco-workbench', { timeout: WINDOW_TIMEOUT_MS });
    return page;
  }

  /** Ids of the extension hosts that the server has started and that live. */
  extensionHosts() {
    const rows = processes();
    const below = new Set([this.#server.pid]);
    // A child may be listed before its parent.
    for (let found = -1; found !== below.size;) {
      found = below.size;
      for (const { pid, parent } of rows) if (below.has(parent)) below.add(pid);
    }
    return rows
      .filter(({ pid, command }) => below.has(pid) && command.includes('--type=extensionHost'))
      .map(({ pid }) => pid);
  }

  /** A line in the log. */
  note(line) {
    appendFileSync(this.#log, `${line}\n`);
  }

  async close() {
    await this.#browser?.close().catch(() => undefined);
    this.#server?.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** What the package holds, where VS Code looks for installed extensions when it starts. */
function installOurs(folder) {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const to = path.join(folder, `${publisher}.${name}-${version}`);
  for (const part of ['package.json', 'dist', 'media'])
    cpSync(path.join(root, part), path.join(to, part), { recursive: true });
}

function processes() {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 32 * 1024 * 1024 })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
}
