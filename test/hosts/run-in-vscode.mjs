import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownNode, withOwnNode } from './own-node.mjs';
import { out, root } from './places.mjs';
import { writeProfile } from './profile.mjs';
import { run } from './processes.mjs';
import { bundleSuites } from './suites.mjs';
import { vsCodeHost } from './vscode-host.mjs';
import { freePort } from './web/server.mjs';

const TIMEOUT_MS = 300_000;
const index = path.join(root, 'test/in-vscode/index.ts');

/**
 * Runs mocha suites inside a real VS Code with a fresh profile.
 *
 * suites          *.test.ts files; they are bundled first
 * workspace       folder to open; it is copied, so that suites may write in it. None: an empty folder
 * settings        user settings of the profile
 * extension       folder of the extension under development; default: ours
 * extensions      folders of other extensions, which are installed beside it (a window in the browser takes only one
 *                 under development)
 * env             added to the extension host's environment
 * screenshotsDir  where window.ts saves; default test/out/screenshots
 * agent           built-in chat extension on;  trust 'untrusted': the workspace opens untrusted
 *
 * Resolves to `{host, ms, passed, failed, pending, failures: [{title, message}], lines, log}`:
 * `lines` are the suite's, `log` is the file with all that VS Code said. A VS Code that crashes, hangs
 * or ends before its suite counts as one failure: a pass is only what the suite itself wrote down.
 */
export async function runInVsCode({ suites, verbose = false, ...options }) {
  const [entry, ...files] = await bundleSuites([index, ...suites]);
  return openVsCode({
    ...options,
    entry,
    env: { ...options.env, SUITE_FILES: JSON.stringify(files), SUITE_VERBOSE: verbose ? '1' : '' },
  });
}

/** As runInVsCode, for a bundled file with a `run` of its own. `inPlace` opens the workspace itself; `onLine` gets the suite's lines. */
export async function openVsCode(options) {
  const folder = mkdtempSync(path.join(tmpdir(), 'orchestrator-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.once('exit', remove); // also when this process ends by an exception that nobody took
  try {
    return await launch(folder, options);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function launch(folder, { entry, onLine = console.log, timeoutMs = TIMEOUT_MS, ...options }) {
  const node = await ownNode();
  const host = await vsCodeHost(node);
  const result = path.join(folder, 'result.json');
  const port = await freePort();
  const log = path.join(out, `${options.logName ?? 'vscode'}.log`);
  mkdirSync(out, { recursive: true });
  writeFileSync(log, '');
  writeProfile(path.join(folder, 'user'), options);
  for (const extension of options.extensions ?? []) installExtension(extension, path.join(folder, 'extensions'));
  const env = { ...environment(folder, options), ...host.env, SUITE_RESULT: result, SUITE_WINDOW_PORT: String(port) };
  const lines = [];
  const started = await run(
    node,
    [
      path.join(import.meta.dirname, 'launch.mjs'),
      JSON.stringify(testOptions(folder, { ...options, entry, host, port })),
    ],
    {
      cwd: root,
      env: withOwnNode(node, env),
      timeoutMs: options.stay ? undefined : timeoutMs,
      onText: suiteLines((line) => (lines.push(line), onLine(line)), log),
    },
  );
  const outcome = { host: host.name, ms: started.ms, lines, log };
  return { ...outcome, ...verdict(started, result, { timeoutMs, log }) };
}

function testOptions(folder, { entry, host, port, extension = root, ...options }) {
  return {
    vscodeExecutablePath: host.executable,
    extensionDevelopmentPath: extension,
    extensionTestsPath: entry,
    launchArgs: [
      openedFolder(folder, options),
      `--remote-debugging-port=${port}`,
      `--user-data-dir=${path.join(folder, 'user')}`,
      `--extensions-dir=${path.join(folder, 'extensions')}`,
    ],
  };
}

/** VS Code takes over what stands in its extensions folder when it starts for the first time. */
function installExtension(from, folder) {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8'));
  cpSync(from, path.join(folder, `${publisher}.${name}-${version}`), { recursive: true });
}

function openedFolder(folder, { workspace, inPlace }) {
  if (workspace && inPlace) return workspace;
  const copy = path.join(folder, workspace ? path.basename(workspace) : 'workspace');
  mkdirSync(copy, { recursive: true });
  if (workspace) cpSync(workspace, copy, { recursive: true });
  return copy;
}

/** Nothing of the person's own data folders is read or written: the profile is fresh. */
function environment(
  folder,
  { env = {}, agent, trust, stay, screenshotsDir = path.join(out, 'screenshots'), windowSize },
) {
  const own = (name) => path.join(folder, name);
  return {
    ...process.env,
    ORCHESTRATOR_DB: own('journal.db'),
    XDG_DATA_HOME: own('share'),
    XDG_CONFIG_HOME: own('config'),
    XDG_STATE_HOME: own('state'),
    XDG_CACHE_HOME: own('cache'),
    SUITE_SCREENSHOTS: screenshotsDir,
    CODE_HOST_AGENT: agent ? '1' : '',
    CODE_HOST_TRUST: trust ?? 'trusted',
    CODE_HOST_STAY: stay ? '1' : '',
    ...(windowSize && { CODE_HOST_WINDOW: windowSize }),
    ...env,
  };
}

/** Lines of the suite start with "| " and are handed on; the rest is only logged. */
function suiteLines(onLine, log) {
  let rest = '';
  return (text) => {
    appendFileSync(log, text);
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.startsWith('| ')) onLine(line.slice(2));
  };
}

/** What VS Code's server build without its native modules logs all the time. */
const noise = /^\s+at |^\s*- \/|AgentHost|Require stack|watchdog|\.node.?,?$|bindings file/;

function verdict({ code, timedOut, output }, result, { timeoutMs, log }) {
  const written = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : undefined;
  const problem = timedOut
    ? `VS Code did not end within ${timeoutMs / 1000} s`
    : !written
      ? `VS Code ended before the suite did (exit code ${code})`
      : undefined;
  const counts = { passed: 0, failed: 0, pending: 0, failures: [], ...written };
  if (!problem) return counts;
  const last = output
    .trim()
    .split('\n')
    .filter((line) => !noise.test(line))
    .slice(-15)
    .join('\n  ');
  const failure = { title: problem, message: `the whole log is ${log}; it ends with\n  ${last}` };
  return { ...counts, failed: counts.failed + 1, failures: [...counts.failures, failure] };
}
