/** Quoted passages as Markdown, and back: a task's result is text, and the answer is put together from those texts. */
import { citationLink } from '../../core/read/citation.ts';
import { extensionOf } from './language.ts';

/** Whole lines of a file, word for word. */
export interface QuotedPassage {
  readonly path: string;
  /** 1-based, both ends included. */
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  /** Higher is better; comparable within one run. */
  readonly score: number;
}

/** A link, then the body. */
export function renderPassage(passage: QuotedPassage): string {
  const { startLine, endLine } = passage;
  const path = fileOf(passage);
  const body = passageBody(passage);
  return path === undefined ? body : `${citationLink({ path, startLine, endLine })} ${body}`;
}

/**
 * How relevant it is, then the lines in a fence that nothing in them can close. Begins with what goes on after a link to the
 * lines; of a text that came without a path with its name and lines, there being nothing to link to.
 */
export function passageBody(passage: QuotedPassage): string {
  const { path, startLine, endLine, text, score } = passage;
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  const name = ATTACHED.exec(path)?.[1];
  const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
  const heading = `${name === undefined ? '' : `${name}:${lines} `}· relevance ${score.toFixed(1)}`;
  return `${heading}\n\n${fence}${extensionOf(path).replace(/[^\w-]/g, '')}\n${text}\n${fence}`;
}

/** Undefined for a text that is in no file. */
export function fileOf({ path }: Pick<QuotedPassage, 'path'>): string | undefined {
  return ATTACHED.test(path) ? undefined : path;
}

/** Stands for the path of a text that came without one: nothing to link to. */
export function attachedPath(number: number): string {
  return `<attached text ${number}>`;
}

const ATTACHED = /^<(attached text \d+)>$/;
const PASSAGE =
  /^(?:\[[^\n]*\]\(([^()\s#]+)#L(\d+)(?:-L(\d+))?\)|(attached text \d+):(\d+)(?:-(\d+))?) · relevance (\d+\.\d)\n\n(`{3,})[\w-]*\n([\s\S]*?)\n\8$/gm;

/** The passages in a text that `renderPassage` wrote, in their order. */
export function parsePassages(markdown: string): readonly QuotedPassage[] {
  return [...markdown.matchAll(PASSAGE)].flatMap(
    ([, target, fileStart, fileEnd, attached, start, end, score, , text = '']) => {
      const path = attached === undefined ? decodePath(target ?? '') : `<${attached}>`;
      if (path === undefined) return [];
      const startLine = Number(fileStart ?? start);
      return [{ path, startLine, endLine: Number(fileEnd ?? end ?? startLine), text, score: Number(score) }];
    },
  );
}

/** Best first; what overlaps a better one is left out. */
export function bestPassages(passages: readonly QuotedPassage[], limit: number): readonly QuotedPassage[] {
  const chosen: QuotedPassage[] = [];
  for (const passage of passages.toSorted(
    (a, b) => b.score - a.score || compareText(a.path, b.path) || a.startLine - b.startLine,
  )) {
    if (chosen.length === limit) break;
    const overlaps = chosen.some(
      (other) =>
        other.path === passage.path && other.startLine <= passage.endLine && passage.startLine <= other.endLine,
    );
    if (!overlaps) chosen.push(passage);
  }
  return chosen;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function decodePath(target: string): string | undefined {
  try {
    return decodeURIComponent(target);
  } catch {
    return undefined;
  }
}
