import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceText } from '../../../src/backends/embedded/passages.ts';
import type { AnswerableQuestion, PackageSources } from './question-set.ts';

const NODE_MODULES = join(import.meta.dirname, '../../../node_modules');

/** The files of an installed package, by path inside the package, sorted. Throws when another version is installed. */
export function readPackage(wanted: PackageSources): readonly SourceText[] {
  const root = join(NODE_MODULES, wanted.package);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  if (manifest.version !== wanted.version) {
    throw new Error(
      `${wanted.package} is ${manifest.version}, the questions were written for ${wanted.version}: run npm ci, or check every anchor and change the version`,
    );
  }
  return readdirSync(join(root, wanted.folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(wanted.folder, name))
    .filter(
      (path) =>
        !path.includes('node_modules') &&
        !path.endsWith('.d.ts') &&
        wanted.endings.some((ending) => path.endsWith(ending)),
    )
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export interface AnswerPlace {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** Where the answers are. Throws when an anchor is not on exactly one line. */
export function answerPlaces(question: AnswerableQuestion, sources: readonly SourceText[]): readonly AnswerPlace[] {
  return question.answers.map(({ file, anchor }) => {
    const source = sources.find((candidate) => candidate.path === file);
    if (source === undefined) throw new Error(`${question.package} has no file ${file}`);
    const lines = source.text.split('\n').flatMap((line, index) => (line.includes(anchor) ? [index + 1] : []));
    const [line] = lines;
    if (line === undefined || lines.length > 1) {
      throw new Error(`"${anchor}" is on ${lines.length} lines of ${question.package}/${file}, and must be on one`);
    }
    return { file, line };
  });
}
