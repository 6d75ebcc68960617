/** How well and how fast the embedded backend finds passages. Fails below the figures that the tests hold, and above the time for 5 MB. */
import process from 'node:process';
import { rankPassages } from '../../src/backends/embedded/rank.ts';
import { commanderAndMocha } from '../backends/embedded/commander-mocha-questions.ts';
import { diffAndMinimatch } from '../backends/embedded/diff-minimatch-questions.ts';
import { readPackage } from '../backends/embedded/package-sources.ts';
import { Examination, table } from '../backends/embedded/retrieval-figures.ts';
import { tuning } from '../backends/embedded/tuning-questions.ts';

const LARGE = { package: 'openai', version: '7.55.0', folder: 'src', endings: ['.ts'] };
const LIMIT_MS = 1_500;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function time(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

say(table('commander and mocha (their misses were looked into)', new Examination(commanderAndMocha)));
say(table('diff and minimatch (never tuned on)', new Examination(diffAndMinimatch)));
say(table('tuning questions', new Examination(tuning)));

const sources = readPackage(LARGE);
const megabytes = sources.reduce((sum, { text }) => sum + text.length, 0) / 1e6;
const times = Array.from({ length: 3 }, () =>
  time(() => rankPassages('How are uploads turned into multipart form data?', sources)),
);
const best = Math.min(...times);
say(
  `one question over ${megabytes.toFixed(1)} MB in ${sources.length} files: ${times.map((ms) => `${ms.toFixed(0)} ms`).join(', ')} (limit ${LIMIT_MS} ms)`,
);
if (best > LIMIT_MS) process.exitCode = 1;
