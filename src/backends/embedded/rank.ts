import type { PassageIndex } from './passage-index.ts';
import { indexPassages } from './passage-index.ts';
import type { SourceText, SplitSource } from './passages.ts';
import { MAX_LINES } from './passages.ts';
import type { PathLike } from './paths.ts';
import { askedPaths, asksForOverview, byPath, scorePaths, withoutPaths } from './paths.ts';
import type { Question } from './question.ts';
import { readQuestion } from './question.ts';
import type { Match, PassageScore } from './score.ts';
import { scorePassages } from './score.ts';

export interface Passage {
  readonly path: string;
  /** 1-based lines of the file, both included. */
  readonly startLine: number;
  readonly endLine: number;
  /** These lines, word for word, with the line endings between them. */
  readonly text: string;
  /** Higher is better; comparable within one call. */
  readonly score: number;
  /** What was matched, for people. */
  readonly why: string;
}

export interface RankOptions {
  /** Default 5. */
  readonly limit?: number;
  /** Least evidence that something was found, 0 to 1; default 0.46. Lower finds more, and more that is beside the point. */
  readonly minEvidence?: number;
}

const DEFAULT_LIMIT = 5;
const DEFAULT_EVIDENCE = 0.46;
/** Results below this share of the best one's score are left out. */
const LEAST_SHARE = 0.15;
/** A passage is put together with a better neighbour when it has at least this share of its score. */
const JOIN_SHARE = 0.6;
const WHY_TERMS = 5;
/** Neighbours have at most so many blank lines between them. */
const BLANK_LINES = 2;
/** See `evidence`. */
const EVIDENCE = { strength: 4.2, coverage: 0.5, together: 4.7, nowhere: -3.2, base: -5.9 };

/**
 * The passages that bear most on a question, best first; empty when nothing does. Ranks by the question's words and by words of like
 * meaning, in code, names, comments and paths; understands nothing. A question that names files is answered from these, and one that
 * asks for nothing in particular with how the files begin.
 */
export function rankPassages(
  question: string,
  sources: readonly SourceText[],
  options: RankOptions = {},
): readonly Passage[] {
  return rankIndexed(question, indexPassages(sources), options);
}

/** The same over an index that was made before. */
export function rankIndexed(question: string, index: PassageIndex, options: RankOptions = {}): readonly Passage[] {
  const limit = options.limit ?? DEFAULT_LIMIT;
  const named = new Set(
    askedPaths(
      question,
      index.sources.map(({ path }) => path),
    ),
  );
  const sources = index.sources.filter(({ path }) => named.size === 0 || named.has(path));
  const read = readQuestion(withoutPaths(question, named), index.terms);
  const words = read.concepts.filter(({ weight }) => weight >= 1).map(({ word }) => word);
  if (asksForOverview(words)) return openings(sources, limit);
  const scores = scorePassages(index, read).filter(({ passage }) => named.size === 0 || named.has(passage.source.path));
  if (evidence(scores, read, index) >= (options.minEvidence ?? DEFAULT_EVIDENCE)) return choose(scores, limit);
  return named.size > 0 ? openings(sources, limit) : [];
}

/**
 * How much speaks for the best passages having to do with the question, 0 to 1: how strongly they match, how much of what is asked for
 * they have, and how much of it is nowhere. The curve was fitted to the tuning questions with and without an answer.
 */
function evidence(scores: readonly PassageScore[], question: Question, index: PassageIndex): number {
  const best = scores.slice(0, DEFAULT_LIMIT);
  const strength = Math.log1p((best[0]?.score ?? 0) / Math.log(index.passages.length + 42));
  const coverage = Math.max(0, ...best.map((score) => score.coverage));
  const telling = question.concepts.filter(({ weight }) => weight >= 1).length;
  const tellingOf = (matches: readonly Match[]): readonly Match[] =>
    matches.filter(({ concept }) => concept.weight >= 1);
  const together = Math.max(
    0,
    ...best.map(({ matched }) => tellingOf(matched).reduce((sum, { factor }) => sum + factor, 0)),
  );
  const anywhere = new Set(scores.flatMap(({ matched }) => tellingOf(matched).map(({ concept }) => concept))).size;
  const { base, ...weights } = EVIDENCE;
  const sum =
    base +
    weights.strength * strength +
    weights.coverage * coverage +
    (weights.together * together + weights.nowhere * (telling - anywhere)) / Math.max(1, telling);
  return 1 / (1 + Math.exp(-sum));
}

interface Chosen {
  readonly best: PassageScore;
  readonly startLine: number;
  readonly endLine: number;
}

/** Neighbours become one passage, and of several pieces of one body, of copies and of overlapping parts only the best is kept. */
function choose(scores: readonly PassageScore[], limit: number): readonly Passage[] {
  const chosen: Chosen[] = [];
  const texts = new Set<string>();
  for (const score of scores) {
    const { passage } = score;
    if (score.score < LEAST_SHARE * (scores[0]?.score ?? 0)) break;
    const neighbour = chosen.findIndex((other) => canJoin(other, score));
    const other = chosen[neighbour];
    if (other !== undefined) {
      chosen[neighbour] = {
        best: other.best,
        startLine: Math.min(other.startLine, passage.startLine),
        endLine: Math.max(other.endLine, passage.endLine),
      };
      continue;
    }
    const text = passage.text.replace(/\s+/g, ' ');
    if (texts.has(text) || chosen.some((kept) => overlaps(kept, score) || isSameBody(kept.best, score))) continue;
    if (chosen.length >= limit) break;
    texts.add(text);
    chosen.push({ best: score, startLine: passage.startLine, endLine: passage.endLine });
  }
  return chosen.map(passageOf);
}

function canJoin(chosen: Chosen, { passage, score }: PassageScore): boolean {
  const [first, second] = chosen.startLine < passage.startLine ? [chosen, passage] : [passage, chosen];
  const gap = second.startLine - first.endLine;
  return (
    chosen.best.passage.source === passage.source &&
    gap > 0 &&
    gap <= BLANK_LINES + 1 &&
    second.endLine - first.startLine < MAX_LINES &&
    score >= JOIN_SHARE * chosen.best.score
  );
}

function overlaps(chosen: Chosen, { passage }: PassageScore): boolean {
  return (
    chosen.best.passage.source.path === passage.source.path &&
    chosen.startLine <= passage.endLine &&
    passage.startLine <= chosen.endLine
  );
}

function isSameBody({ passage: kept }: PassageScore, { passage }: PassageScore): boolean {
  const last = passage.insideTerms.join(' ');
  return (
    passage.content === 'body' &&
    last !== '' &&
    kept.source === passage.source &&
    kept.content === 'body' &&
    kept.insideTerms.join(' ') === last
  );
}

function passageOf({ best, startLine, endLine }: Chosen): Passage {
  const { source } = best.passage;
  const text = source.facts.lines.slice(startLine - source.firstLine, endLine - source.firstLine);
  return { path: source.path, startLine, endLine, text, score: best.score, why: whyOf(best) };
}

function whyOf({ matched }: PassageScore): string {
  return matched
    .slice(0, WHY_TERMS)
    .map(({ concept, term }) => (concept.term === term ? concept.word : `${concept.word} (${term})`))
    .join(', ');
}

/** How each source begins, those that introduce the others first. */
function openings(sources: readonly SplitSource[], limit: number): readonly Passage[] {
  const order = scorePaths('overview', sources);
  return sources
    .map((source, at) => ({ source, first: source.spans[0], score: order[at] ?? 0 }))
    .toSorted((left, right) => right.score - left.score)
    .flatMap(({ source, first }, at) =>
      first === undefined
        ? []
        : [
            {
              path: source.path,
              startLine: source.firstLine + first.from,
              endLine: source.firstLine + first.to,
              text: source.facts.lines.slice(first.from, first.to),
              score: 1 / (1 + at),
              why: 'how the file begins; the question names nothing to look for',
            },
          ],
    )
    .slice(0, limit);
}

/**
 * The files to look at first by path alone, best first, at most `limit`: those that the question names, whose names or folders have its
 * words, or whose kind it asks for; then what is most likely to answer anything. What is not written by hand comes last.
 */
export function rankPaths<File extends PathLike>(
  question: string,
  files: readonly File[],
  limit: number,
): readonly File[] {
  const scores = scorePaths(question, files);
  return files
    .map((file, at) => ({ file, score: scores[at] ?? 0 }))
    .toSorted((left, right) => right.score - left.score || byPath(left.file.path, right.file.path))
    .slice(0, limit)
    .map(({ file }) => file);
}
