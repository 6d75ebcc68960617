/** Answers the questions of a set with the ranking and, over the same passages, with a plain count of their words. */
import type { PassageIndex } from '../../../src/backends/embedded/passage-index.ts';
import { indexPassages } from '../../../src/backends/embedded/passage-index.ts';
import type { Passage } from '../../../src/backends/embedded/rank.ts';
import { rankIndexed } from '../../../src/backends/embedded/rank.ts';
import type { AnswerPlace } from './package-sources.ts';
import { answerPlaces, readPackage } from './package-sources.ts';
import type { QuestionSet } from './question-set.ts';

export interface Figures {
  readonly questions: number;
  /** Right passage first, and among the first five. */
  readonly first: number;
  readonly firstFive: number;
  /** Mean of 1 / place, 0 where it is not among the first five. */
  readonly meanReciprocalRank: number;
  /** Per question, the index not counted. */
  readonly ms: number;
}

export interface NothingFound {
  readonly questions: number;
  readonly rightly: number;
  /** Questions that have no answer and got one. */
  readonly wrong: readonly string[];
}

type Lines = Pick<Passage, 'path' | 'startLine' | 'endLine'>;
type Ranker = (question: string, index: PassageIndex) => readonly Lines[];

const FIRST = 5;

export const ranking: Ranker = (question, index) => rankIndexed(question, index, { limit: FIRST });

/** How many of a passage's words are words of the question. */
export const plainCount: Ranker = (question, index) => {
  const words = new Set(wordsOf(question));
  return index.passages
    .map((passage) => ({ passage, count: wordsOf(passage.text).filter((word) => words.has(word)).length }))
    .toSorted((left, right) => right.count - left.count)
    .slice(0, FIRST)
    .map(({ passage: { source, startLine, endLine } }) => ({ path: source.path, startLine, endLine }));
};

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/\W+/)
    .filter((word) => word !== '');
}

function shows(passage: Lines, places: readonly AnswerPlace[]): boolean {
  return places.some(({ file, line }) => passage.path === file && passage.startLine <= line && passage.endLine >= line);
}

export class Examination {
  readonly #set: QuestionSet;
  readonly #packages: ReadonlyMap<
    string,
    { readonly sources: ReturnType<typeof readPackage>; readonly index: PassageIndex }
  >;

  constructor(set: QuestionSet) {
    this.#set = set;
    this.#packages = new Map(
      set.packages.map((wanted) => {
        const sources = readPackage(wanted);
        return [wanted.package, { sources, index: indexPassages(sources) }];
      }),
    );
  }

  figures(ranker: Ranker): Figures {
    const startedMs = performance.now();
    const places = this.#set.answerable.map((asked) => {
      const { sources, index } = this.#of(asked.package);
      const right = answerPlaces(asked, sources);
      return ranker(asked.question, index).findIndex((passage) => shows(passage, right));
    });
    const questions = places.length;
    return {
      questions,
      first: places.filter((place) => place === 0).length,
      firstFive: places.filter((place) => place >= 0).length,
      meanReciprocalRank: places.reduce((sum, place) => sum + (place < 0 ? 0 : 1 / (place + 1)), 0) / questions,
      ms: (performance.now() - startedMs) / questions,
    };
  }

  nothingFound(): NothingFound {
    const wrong = this.#set.unanswerable.filter(
      ({ question, package: name }) => ranking(question, this.#of(name).index).length > 0,
    );
    const questions = this.#set.unanswerable.length;
    return { questions, rightly: questions - wrong.length, wrong: wrong.map(({ question }) => question) };
  }

  #of(name: string): { readonly sources: ReturnType<typeof readPackage>; readonly index: PassageIndex } {
    const found = this.#packages.get(name);
    if (found === undefined) throw new Error(`The set asks about ${name} and does not read it`);
    return found;
  }
}

/** One line per ranker, and one for the questions without an answer. */
export function table(title: string, examination: Examination): string {
  const line = (name: string, { questions, first, firstFive, meanReciprocalRank, ms }: Figures): string =>
    `  ${name.padEnd(12)} hit@1 ${percent(first, questions)}  hit@5 ${percent(firstFive, questions)} (${firstFive}/${questions})  MRR ${meanReciprocalRank.toFixed(2)}  ${ms.toFixed(1)} ms`;
  const { questions, rightly } = examination.nothingFound();
  return [
    title,
    line('ranking', examination.figures(ranking)),
    line('plain count', examination.figures(plainCount)),
    `  without an answer: nothing found for ${rightly} of ${questions}`,
  ].join('\n');
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1).padStart(5)} %`;
}
