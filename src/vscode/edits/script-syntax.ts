/** Syntax of proposed TypeScript and JavaScript, read by the TypeScript that VS Code brings, in a thread of its own. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Diagnosis, Diagnostics, FileProblem } from '../../core/deliverable/check-ports.ts';
import type { CheckedText, EditChecker } from '../../core/ports.ts';

const SCRIPTS = /\.[cm]?[jt]sx?$/i;
const MOST_CHARS = 1_000_000;
const MOST_FILES = 50;
const MOST_PROBLEMS = 10;
const WITHIN_MS = 15_000;

/**
 * Runs in the thread: takes the library's path and the texts, answers with what is wrong in each. A library without this function
 * (the native compilers have none) answers null.
 */
const READER = `
const { parentPort, workerData } = require('node:worker_threads');
const ts = require(workerData.library);
function diagnosticsOf({ path, text }) {
  if (/\\.d\\.[cm]?ts$/i.test(path)) return ts.createSourceFile(path, text, 99).parseDiagnostics;
  return ts.transpileModule(text, { fileName: path, reportDiagnostics: true, compilerOptions: { allowJs: true, jsx: 1, target: 99, module: 99 } }).diagnostics;
}
function faults({ path, text }) {
  let found;
  try {
    found = diagnosticsOf({ path, text });
  } catch {
    return null; // this one cannot be read
  }
  return (found || []).map((one) => ({
    line: one.start === undefined ? 1 : text.slice(0, one.start).split('\\n').length,
    message: ts.flattenDiagnosticMessageText(one.messageText, ' '),
  }));
}
parentPort.postMessage(typeof ts.transpileModule === 'function' ? workerData.texts.map(faults) : null);
`;

/** `library` is TypeScript's own `typescript.js`; undefined: nothing is checked. */
export function createScriptSyntax(library: string | undefined): EditChecker {
  return {
    check: async (files, signal) => {
      const scripts = files.filter(({ path, text }) => isRead({ path, text })).slice(0, MOST_FILES);
      if (library === undefined || scripts.length === 0 || signal.aborted) return [];
      const before = scripts.map(({ path, before }) => ({ path, text: before ?? '' }));
      const found = await readInThread(library, [...scripts, ...before], signal);
      return scripts.flatMap(({ path }, index) => {
        const known = new Set(found?.[scripts.length + index]?.map(({ message }) => message));
        return (found?.[index] ?? [])
          .filter(({ message }) => !known.has(message))
          .slice(0, MOST_PROBLEMS)
          .map(({ line, message }) => `${path}:${line}: ${message}`);
      });
    },
  };
}

/** The same reader, for who has to know whether a script was read at all. */
export function createScriptDiagnostics(library: string | undefined): Diagnostics {
  return {
    diagnose: async (texts, { signal }) => {
      const scripts = texts.filter(isRead);
      const found =
        library === undefined || scripts.length === 0 ? undefined : await readInThread(library, scripts, signal);
      return texts.map((text): Diagnosis => {
        const problems = found?.[scripts.indexOf(text)];
        if (problems !== undefined) return { kind: 'read', problems, isSyntaxOnly: true };
        return { kind: 'unknown', why: 'the TypeScript that VS Code brings could not read it' };
      });
    },
  };
}

function isRead({ path, text }: CheckedText): boolean {
  return SCRIPTS.test(path) && text.length <= MOST_CHARS;
}

/** Undefined where VS Code does not bring one. */
export function bundledTypeScript(appRoot: string): string | undefined {
  const library = path.join(appRoot, 'extensions', 'node_modules', 'typescript', 'lib', 'typescript.js');
  return existsSync(library) ? library : undefined;
}

/** Undefined when the reader breaks, takes too long, or cannot read. */
function readInThread(
  library: string,
  texts: readonly CheckedText[],
  signal: AbortSignal,
): Promise<readonly (readonly FileProblem[])[] | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const shown = texts.map(({ path, text }) => ({ path, text }));
    const worker = new Worker(READER, { eval: true, workerData: { library, texts: shown }, env: {} });
    const finish = (found: readonly (readonly FileProblem[])[] | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(found);
      void worker.terminate();
    };
    const stop = (): void => finish(undefined);
    const timer = setTimeout(stop, WITHIN_MS);
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', (found: readonly (readonly FileProblem[])[] | null) => finish(found ?? undefined));
    worker.once('error', stop);
    worker.once('exit', stop);
  });
}
