import { initialsOf, meaningsOfPair, meaningsOfVerb } from './phrases.ts';
import { alternativesOf } from './synonyms.ts';
import { eachWord, foreignStopWords, isCompound, isGeneric, isStopWord, splitIdentifier, stem } from './terms.ts';

/** One thing a question asks for, and the terms that may stand for it in a source. */
export interface Concept {
  /** As the question has it, for people. */
  readonly word: string;
  readonly term: string;
  /** How much it says what the question is about: 1 for an ordinary word. */
  readonly weight: number;
  /** Place in the question, counted in words. */
  readonly at: number;
}

/** A term that answers a concept, and the share of a direct hit it is worth. */
export interface Form {
  readonly concept: number;
  readonly term: string;
  readonly factor: number;
}

export interface Question {
  readonly concepts: readonly Concept[];
  readonly forms: readonly Form[];
}

const IDENTIFIER_WEIGHT = 2;
const IDENTIFIER_PART_WEIGHT = 0.5;
const QUOTED_WEIGHT = 1.5;
const GENERIC_WEIGHT = 0.45;
/** A verb such as `turn` that a word behind it gives a meaning. */
const PHRASE_WEIGHT = 0.8;
const JOINED_FACTOR = 0.7;
const PHRASE_FACTOR = 0.65;
const PREFIXED_FACTOR = 0.65;
const HALF_FACTOR = 0.5;
const FUZZY_FACTOR = 0.65;
const LEAST_FUZZY = 7;
const FUZZY_START = 0.8;
const MOST_FUZZY = 8;
/** Beyond this a text is no question any more, and its first words say what it is about as well as all of them. */
const MAX_CONCEPTS = 60;
const MAX_CHARACTERS = 20_000;
/** How far behind its verb a particle may stand: `turn the flag into a name`. */
const PHRASE_WORDS = 4;

interface QuestionWord {
  readonly word: string;
  readonly lower: string;
  readonly quoted: boolean;
  /** Says nothing, whatever the question is about. */
  readonly stop: boolean;
  /** True when a hyphen ties it to the next word. */
  readonly hyphen: boolean;
}

type Also = readonly Omit<Form, 'concept'>[];

interface Asked extends Concept {
  /** Terms that may stand for it beside its own and those of the same meaning. */
  readonly also: Also;
}

function wordsOf(question: string): readonly QuestionWord[] {
  const words: Omit<QuestionWord, 'stop'>[] = [];
  eachWord(question, { from: 0, to: Math.min(question.length, MAX_CHARACTERS) }, (word, offset) => {
    const after = question.charAt(offset + word.length);
    const quoted = /[`"']/.test(question.charAt(offset - 1)) || after === '(';
    words.push({ word, lower: word.toLowerCase(), quoted, hyphen: after === '-' });
  });
  const foreign = foreignStopWords(words.map(({ lower }) => lower));
  return words.map((word) => ({ ...word, stop: isStopWord(word.lower) || foreign.has(word.lower) }));
}

const PARTICLES = new Set(['back', 'down', 'off', 'out', 'over', 'up']);

/** `times out`, `shut down`, `re-run`: the sources write them in one word, whose stem is returned if they do. */
function compoundTerm(words: readonly QuestionWord[], at: number, terms: ReadonlySet<string>): string | undefined {
  const [left, right] = [words[at], words[at + 1]];
  if (left === undefined || right === undefined || !(left.hyphen || PARTICLES.has(right.lower))) return undefined;
  const bases = [/(?:)$/, /s$/, /e?d$/, /d$/, /ing$/].map((ending) => left.lower.replace(ending, ''));
  return [...bases, left.lower.replace(/ing$/, 'e')]
    .map((base) => stem(base + right.lower))
    .find((term) => terms.has(term));
}

/** Meanings a verb has with one of the next words behind it. */
function phraseForms(words: readonly QuestionWord[], at: number, term: string): Also {
  const behind = words.slice(at + 1, at + 1 + PHRASE_WORDS);
  const meanings = behind.flatMap(({ lower }, gap) => [
    ...meaningsOfVerb(term, lower),
    ...(gap === 0 ? meaningsOfPair(words[at]?.lower ?? '', lower) : []),
  ]);
  return meanings.map((meaning) => ({ term: meaning, factor: PHRASE_FACTOR }));
}

/** `stop watching` may be `unwatch`, `run again` may be `rerun`. */
function prefixedForms(term: string): Also {
  return term.length < 3 ? [] : ['un', 're'].map((prefix) => ({ term: prefix + term, factor: PREFIXED_FACTOR }));
}

/** `subcommand` where the sources have only `sub` and `command`. */
function halfForms(word: string, terms: ReadonlySet<string>): Also {
  const term = stem(word);
  if (terms.has(term) || alternativesOf(term).length > 0) return [];
  for (let cut = 3; cut <= word.length - 4; cut++) {
    const halves = [stem(word.slice(0, cut)), stem(word.slice(cut))];
    if (halves.every((half) => terms.has(half))) return halves.map((half) => ({ term: half, factor: HALF_FACTOR }));
  }
  return [];
}

function readWord(words: readonly QuestionWord[], at: number, terms: ReadonlySet<string>): readonly Asked[] {
  const { word = '', lower = '', quoted = false, stop = false } = words[at] ?? {};
  const asked: Asked[] = [];
  const initials = initialsOf(words.slice(at, at + 4).map((next) => next.lower));
  if (initials !== undefined && terms.has(initials))
    asked.push({ word: initials, term: initials, weight: QUOTED_WEIGHT, at, also: [] });
  const compound = compoundTerm(words, at, terms);
  if (compound !== undefined)
    return [...asked, { word: `${word} ${words[at + 1]?.word ?? ''}`, term: compound, weight: 1, at, also: [] }];
  if (isCompound(word)) {
    const parts = splitIdentifier(word).filter((part) => part.length > 1);
    const whole: Asked = { word, term: stem(splitIdentifier(word).join('')), weight: IDENTIFIER_WEIGHT, at, also: [] };
    return [
      ...asked,
      whole,
      ...parts.map((part) => ({ word: part, term: stem(part), weight: IDENTIFIER_PART_WEIGHT, at, also: [] })),
    ];
  }
  const term = stem(lower);
  const phrase = phraseForms(words, at, term);
  if (lower.length < 2 || (stop && !quoted && phrase.length === 0)) return asked;
  const ordinary = isGeneric(term) || stop ? GENERIC_WEIGHT : 1;
  const meaning = phrase.find((form) => terms.has(form.term)) ?? phrase[0];
  if (meaning !== undefined && ordinary < 1 && !quoted) {
    return [...asked, { word, term: meaning.term, weight: PHRASE_WEIGHT, at, also: phrase }];
  }
  const like = ordinary < 1 ? [] : [...prefixedForms(term), ...fuzzyForms(term, terms), ...halfForms(lower, terms)];
  return [...asked, { word, term, weight: quoted ? QUOTED_WEIGHT : ordinary, at, also: [...phrase, ...like] }];
}

function commonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left.charCodeAt(length) === right.charCodeAt(length)) length++;
  return length;
}

/** One letter more, less or other, or the same word with another ending that `stem` leaves on. */
function areAlike(left: string, right: string): boolean {
  const longer = Math.max(left.length, right.length);
  const start = commonStart(left, right);
  if (start >= LEAST_FUZZY && start >= longer * FUZZY_START) return true;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  return longer - start - end <= 1;
}

/** For a word that the sources do not have: words of theirs that differ by a slip or an ending. */
function fuzzyForms(term: string, terms: ReadonlySet<string>): Also {
  if (term.length < LEAST_FUZZY || terms.has(term)) return [];
  const alike: string[] = [];
  for (const other of terms) {
    if (other.length < LEAST_FUZZY || Math.abs(other.length - term.length) > 3 || !areAlike(term, other)) continue;
    if (alike.push(other) === MOST_FUZZY) break;
  }
  return alike.map((other) => ({ term: other, factor: FUZZY_FACTOR }));
}

function readConcepts(question: string, terms: ReadonlySet<string>): readonly Asked[] {
  const byTerm = new Map<string, Asked>();
  const words = wordsOf(question);
  for (const at of words.keys()) {
    for (const asked of readWord(words, at, terms)) {
      const known = byTerm.get(asked.term);
      if (known !== undefined)
        byTerm.set(asked.term, {
          ...known,
          weight: Math.max(known.weight, asked.weight),
          also: [...known.also, ...asked.also],
        });
      else if (byTerm.size < MAX_CONCEPTS) byTerm.set(asked.term, asked);
    }
  }
  return [...byTerm.values()];
}

/** `sub command` and `subcommand`: two neighbours written as one word, where the sources do so. */
function joinedForms(concepts: readonly Concept[]): readonly Form[] {
  return concepts.flatMap((left, index) => {
    const right = concepts[index + 1];
    if (right === undefined || right.at !== left.at + 1) return [];
    const term = stem(`${left.word}${right.word}`.toLowerCase());
    return [index, index + 1].map((concept) => ({ concept, term, factor: JOINED_FACTOR }));
  });
}

/** What `question` asks for, in terms of an index. `terms` are those the index has. */
export function readQuestion(question: string, terms: ReadonlySet<string>): Question {
  const concepts = readConcepts(question, terms);
  const own = new Set(concepts.map(({ term }) => term));
  const forms = concepts.flatMap(({ term, also }, concept): readonly Form[] => [
    { concept, term, factor: 1 },
    ...[...alternativesOf(term), ...also]
      .filter((other) => terms.has(other.term) && !own.has(other.term))
      .map((other) => ({ concept, ...other })),
  ]);
  return { concepts, forms: [...forms, ...joinedForms(concepts).filter((form) => terms.has(form.term))] };
}
