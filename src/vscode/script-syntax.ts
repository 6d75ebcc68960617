/** Syntax of proposed TypeScript and JavaScript, read by the TypeScript that VS Code brings, in a thread of its own. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EditChecker } from '../core/ports.ts';

const SCRIPTS = /\.[cm]?[jt]sx?$/i;
const MOST_CHARS = 1_000_000;
const MOST_FILES = 50;
const MOST_PROBLEMS = 10;
const WITHIN_MS = 15_000;

type Checked = Parameters<EditChecker['check']>[0][number];

/**
 * Runs in the thread: takes the library's path and the files, answers with `path:line: message` lists. A library without this
 * function (the native compilers have none) finds nothing.
 */
const READER = `
const { parentPort, workerData } = require('node:worker_threads');
const ts = require(workerData.library);
function faults(path, text) {
  if (text === null || typeof ts.transpileModule !== 'function') return [];
  const read = ts.transpileModule(text, { fileName: path, reportDiagnostics: true, compilerOptions: { allowJs: true, jsx: 1, target: 99, module: 99 } });
  return (read.diagnostics || []).map((one) => ({
    line: one.start === undefined ? 1 : text.slice(0, one.start).split('\\n').length,
    message: ts.flattenDiagnosticMessageText(one.messageText, ' '),
  }));
}
parentPort.postMessage(workerData.files.map(({ path, text, before }) => {
  const known = new Set(faults(path, before).map((one) => one.message));
  return faults(path, text).filter((one) => !known.has(one.message)).map((one) => path + ':' + one.line + ': ' + one.message);
}));
`;

/** `library` is TypeScript's own `typescript.js`; undefined: nothing is checked. */
export function createScriptSyntax(library: string | undefined): EditChecker {
  return {
    check: async (files, signal) => {
      const scripts = files.filter((file) => SCRIPTS.test(file.path) && file.text.length <= MOST_CHARS);
      if (library === undefined || scripts.length === 0 || signal.aborted) return [];
      const found = await readInThread(library, scripts.slice(0, MOST_FILES), signal);
      return found.flatMap((problems) => problems.slice(0, MOST_PROBLEMS));
    },
  };
}

/** Undefined where VS Code does not bring one. */
export function bundledTypeScript(appRoot: string): string | undefined {
  const library = path.join(appRoot, 'extensions', 'node_modules', 'typescript', 'lib', 'typescript.js');
  return existsSync(library) ? library : undefined;
}

/** A reader that breaks, or takes too long, has found nothing. */
function readInThread(
  library: string,
  files: readonly Checked[],
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  return new Promise((resolve) => {
    const worker = new Worker(READER, { eval: true, workerData: { library, files }, env: {} });
    const finish = (found: readonly (readonly string[])[]): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(found);
      void worker.terminate();
    };
    const stop = (): void => finish([]);
    const timer = setTimeout(stop, WITHIN_MS);
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', finish);
    worker.once('error', stop);
    worker.once('exit', stop);
  });
}
