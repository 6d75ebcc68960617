/** A quotation as it is looked for. */
import { fold, KINDS, WORD } from './characters.ts';
import { LEAST_WORD } from './word-index.ts';

export interface Quote {
  /** White space folded; not empty. */
  readonly folded: string;
  /** Too short to stand for itself: it has to be whole lines. */
  readonly isShort: boolean;
  /** Words that stand in a text as they stand here, wherever the quotation does. */
  readonly words: readonly Anchor[];
  readonly firstRun: Anchor;
  /** The longest stretch without white space. */
  readonly longestRun: Anchor;
}

export interface Anchor {
  readonly text: string;
  /** Offset in `folded`. */
  readonly at: number;
}

const LEAST_CHARACTERS = 20;
const MAX_WORDS = 64;

/** Undefined when there is nothing in it but white space. */
export function quoteOf(text: string): Quote | undefined {
  const folded = fold(text);
  if (folded === '') return undefined;
  const isShort = Array.from(folded.slice(0, LEAST_CHARACTERS * 2)).length < LEAST_CHARACTERS;
  const runs = runsOf(folded);
  const [firstRun = { text: folded, at: 0 }] = runs;
  const longestRun = runs.reduce((longest, run) => (run.text.length > longest.text.length ? run : longest), firstRun);
  // The quotation may begin and end in the middle of a word, whole lines do not.
  const words = wordsOf(folded).filter(({ text, at }) => isShort || (at > 0 && at + text.length < folded.length));
  return { folded, isShort, words: words.slice(0, MAX_WORDS), firstRun, longestRun };
}

function runsOf(folded: string): readonly Anchor[] {
  let at = 0;
  return folded.split(' ').map((text) => {
    const run = { text, at };
    at += text.length + 1;
    return run;
  });
}

export function wordsOf(text: string): readonly Anchor[] {
  const words: Anchor[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && KINDS[text.charCodeAt(at)] === WORD) continue;
    if (at - start >= LEAST_WORD) words.push({ text: text.slice(start, at), at: start });
    start = at + 1;
  }
  return words;
}

const LINE_NUMBER = /^\s*(\d{1,9})\| ?/;

/**
 * Takes off the line numbers that prompts show at the left, when every line has one but the first, which may be quoted
 * from its middle. Undefined when there are none.
 */
export function withoutLineNumbers(text: string): { readonly text: string; readonly firstLine: number } | undefined {
  const lines = text.trim().split('\n');
  const numbers = lines.map((line) => LINE_NUMBER.exec(line)?.[1]);
  const at = numbers.findIndex((number) => number !== undefined);
  if (at < 0 || at > 1 || numbers.slice(1).includes(undefined)) return undefined;
  return {
    text: lines.map((line) => line.replace(LINE_NUMBER, '')).join('\n'),
    firstLine: Number(numbers[at]) - at,
  };
}
