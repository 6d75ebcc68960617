import { extensionOf } from './language.ts';
import type { SourceText, Span, SplitSource } from './passages.ts';
import { splitSource } from './passages.ts';
import { eachWord, isGeneric, isStopWord, splitIdentifier, stem, termsOfWord } from './terms.ts';

/** Marks a word that is part of a name that the passage defines. */
export const IN_NAME = 1;

/** `code` defines a function, a class, a section or a key; `data` only types and constants; `body` nothing. */
export type PassageContent = 'code' | 'data' | 'body';

export interface IndexedPassage {
  readonly source: SplitSource;
  /** Position of the source in what was indexed. */
  readonly sourceAt: number;
  /** 1-based lines of the file, both included. */
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  /** Its words are `words[from]` to `words[to - 1]`. */
  readonly from: number;
  readonly to: number;
  /** Terms of the names it lies inside of. */
  readonly insideTerms: readonly string[];
  /** The parts of each name that it defines. */
  readonly names: readonly (readonly string[])[];
  readonly content: PassageContent;
}

/**
 * Passages and the words in them, for any number of questions. A word is a number into `vocabulary`; what a question asks for is looked up
 * once per distinct word, and the passages are then read through, which for some megabytes is faster than keeping lists per term.
 */
export interface PassageIndex {
  readonly sources: readonly SplitSource[];
  readonly passages: readonly IndexedPassage[];
  /** Distinct words, as the terms they are found by. */
  readonly vocabulary: readonly (readonly string[])[];
  readonly words: Uint32Array;
  readonly places: Uint8Array;
  /** Terms of each source's path, the extension left out. */
  readonly pathTerms: readonly (readonly string[])[];
  /** Every term there is. */
  readonly terms: ReadonlySet<string>;
}

function termsOfName(name: string): readonly string[] {
  const terms = new Set<string>();
  eachWord(name, { from: 0, to: name.length }, (word) => termsOfWord(word).forEach((term) => terms.add(term)));
  return [...terms];
}

/** Terms of folders and file name; the extension says how a file is written, not what about. */
export function termsOfPath(path: string): readonly string[] {
  const extension = extensionOf(path);
  return termsOfName(extension === '' ? path : path.slice(0, -extension.length - 1));
}

/** What is left of a name without `get`, `is`, `to` and the like, unless that is nothing. */
function partsOfName(name: string): readonly string[] {
  const parts = splitIdentifier(name).filter((part) => part.length > 1);
  const telling = parts.filter((part) => !isStopWord(part) && !isGeneric(stem(part)));
  return [...new Set((telling.length > 0 ? telling : parts).map(stem))];
}

/** Grows as words come in; `Array` would take eight bytes and a boxing check for each. */
class WordList {
  #words = new Uint32Array(1 << 14);
  #places = new Uint8Array(1 << 14);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(word: number, place: number): void {
    if (this.#length === this.#words.length) {
      const words = new Uint32Array(this.#length * 2);
      const places = new Uint8Array(this.#length * 2);
      words.set(this.#words);
      places.set(this.#places);
      [this.#words, this.#places] = [words, places];
    }
    this.#words[this.#length] = word;
    this.#places[this.#length++] = place;
  }

  finish(): { readonly words: Uint32Array; readonly places: Uint8Array } {
    return { words: this.#words.subarray(0, this.#length), places: this.#places.subarray(0, this.#length) };
  }
}

/** Offsets of a definition's name on its line; a longer head than 300 characters is not looked at. */
function nameRange(source: SplitSource, line: number): readonly [from: number, to: number] {
  const name = source.facts.definitions[line]?.name ?? '';
  const { lines } = source.facts;
  const at = lines.line(line).slice(0, 300).indexOf(name);
  const from = lines.start(line) + Math.max(at, 0);
  return [from, from + (at < 0 ? 0 : name.length)];
}

function eachWordOf(source: SplitSource, span: Span, visit: (word: string, place: number) => void): void {
  const { lines, definitions } = source.facts;
  for (let line = span.from; line <= span.to; line++) {
    const [nameFrom, nameTo] = definitions[line] === undefined ? [0, 0] : nameRange(source, line);
    eachWord(lines.text, { from: lines.start(line), to: lines.end(line) }, (word, offset) => {
      visit(word, offset >= nameFrom && offset < nameTo ? IN_NAME : 0);
    });
  }
}

const CODE = /^(?:function|method|class|heading|key|section|fn|fun|func|def|impl|macro)/;

function contentOf(source: SplitSource, span: Span): PassageContent {
  if (span.definitions.length === 0) return 'body';
  return span.definitions.some((line) => CODE.test(source.facts.definitions[line]?.kind ?? '')) ? 'code' : 'data';
}

function passageOf(
  source: SplitSource,
  span: Span,
  words: { readonly sourceAt: number; readonly from: number; readonly to: number },
): IndexedPassage {
  return {
    ...words,
    source,
    startLine: source.firstLine + span.from,
    endLine: source.firstLine + span.to,
    text: source.facts.lines.slice(span.from, span.to),
    insideTerms: [...new Set(span.inside.flatMap(termsOfName))],
    names: span.definitions.map((line) => partsOfName(source.facts.definitions[line]?.name ?? '')),
    content: contentOf(source, span),
  };
}

/** Takes sources in one by one, so that whoever has much to read can pause between them; about 15 MB a second. */
export class PassageIndexer {
  readonly #numbers = new Map<string, number>();
  readonly #vocabulary: (readonly string[])[] = [];
  readonly #words = new WordList();
  readonly #sources: SplitSource[] = [];
  readonly #passages: IndexedPassage[] = [];

  add(text: SourceText): void {
    const source = splitSource(text);
    const sourceAt = this.#sources.push(source) - 1;
    for (const span of source.spans) {
      const from = this.#words.length;
      eachWordOf(source, span, (word, place) => this.#words.push(this.#numberOf(word), place));
      this.#passages.push(passageOf(source, span, { sourceAt, from, to: this.#words.length }));
    }
  }

  /** The index of what was added; nothing is added afterwards. */
  finish(): PassageIndex {
    return {
      sources: this.#sources,
      passages: this.#passages,
      vocabulary: this.#vocabulary,
      ...this.#words.finish(),
      pathTerms: this.#sources.map((source) => termsOfPath(source.path)),
      terms: new Set(this.#vocabulary.flat()),
    };
  }

  #numberOf(word: string): number {
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const number = this.#vocabulary.push(termsOfWord(word)) - 1;
    this.#numbers.set(word, number);
    return number;
  }
}

export function indexPassages(sources: readonly SourceText[]): PassageIndex {
  const indexer = new PassageIndexer();
  for (const source of sources) indexer.add(source);
  return indexer.finish();
}
