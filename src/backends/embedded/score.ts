import type { IndexedPassage, PassageContent, PassageIndex } from './passage-index.ts';
import { IN_NAME } from './passage-index.ts';
import type { Concept, Form, Question } from './question.ts';

export interface Match {
  readonly concept: Concept;
  /** The term it was found by. */
  readonly term: string;
  /** Share of a direct hit, 0 to 1. */
  readonly factor: number;
  readonly gain: number;
}

/** What a question finds in one passage. */
export interface PassageScore {
  readonly passage: IndexedPassage;
  readonly score: number;
  /** Share of what the question asks for, by weight and rarity, that the passage has; 0 to 1. */
  readonly coverage: number;
  /** Matched concepts, those that add most first. */
  readonly matched: readonly Match[];
}

/* The figures below were set on the tuning questions of test/backends/embedded, by changing one at a time; each is in the middle of a flat range. */

/** Saturation and length normalisation of BM25. */
const K1 = 1.8;
const B = 0.5;
/** Occurrences that being part of a name defined here, standing inside a named thing, or being in the path is worth. */
const NAME_COUNT = 2.5;
const INSIDE_COUNT = 0.6;
const PATH_COUNT = 1.2;
/** What a name adds whose parts the question has, as a share of what the parts are worth, by how much of the name is asked for. */
const NAME_SHARE = 1.5;
/** What two neighbours of the question that stand side by side add, as a share of what the weaker adds alone. */
const NEAR_SHARE = 0.45;
const NEAR_WORDS = 8;
/** What a second term for the same concept adds, as a share of its gain. */
const SECOND_SHARE = 0.25;
/** Share of the score that does not depend on how much of the question is covered. */
const BASE_SHARE = 0.5;
/** Who asks mostly wants the definition, with its comment, rather than a piece of its body or a list of types. */
const CONTENT_FACTORS: Readonly<Record<PassageContent, number>> = { code: 1, body: 0.7, data: 0.65 };
/** Texts that were not given: keeps rarity sensible when only a few passages are there. */
const UNSEEN_PASSAGES = 40;
/** From here on a form is the concept's own word, and counts for how common that is. */
const OWN_FACTOR = 0.85;
/** A rare synonym of a common word is worth at most this share of its rarity more than the word. */
const SYNONYM_RARITY_SHARE = 0.3;

interface Found {
  readonly passage: IndexedPassage;
  /** Weighted occurrences by form. */
  readonly counts: Map<number, number>;
  /** Least distance in words between a concept and the next one of the question, by concept. */
  readonly near: Map<number, number>;
}

interface Hit {
  readonly concept: number;
  readonly term: string;
  readonly word: number;
}

function groupForms(forms: readonly Form[]): ReadonlyMap<string, readonly number[]> {
  const byTerm = new Map<string, number[]>();
  forms.forEach((form, at) => byTerm.set(form.term, [...(byTerm.get(form.term) ?? []), at]));
  return byTerm;
}

function noteNear(near: Map<number, number>, last: Map<number, Hit>, hit: Hit): void {
  for (const other of [hit.concept - 1, hit.concept + 1]) {
    const before = last.get(other);
    if (before === undefined || before.term === hit.term) continue;
    const distance = Math.max(1, hit.word - before.word);
    const pair = Math.min(other, hit.concept);
    if (distance <= NEAR_WORDS) near.set(pair, Math.min(distance, near.get(pair) ?? NEAR_WORDS));
  }
  last.set(hit.concept, hit);
}

/** Reads all passages and notes where what is asked for occurs. */
function readThrough(
  index: PassageIndex,
  question: Question,
  byTerm: ReadonlyMap<string, readonly number[]>,
): readonly Found[] {
  const byWord = index.vocabulary.map((terms) => {
    const forms = terms.flatMap((term) => byTerm.get(term) ?? []);
    return forms.length === 0 ? undefined : forms;
  });
  const found: Found[] = [];
  for (const passage of index.passages) {
    let here: Found | undefined;
    const last = new Map<number, Hit>();
    for (let word = passage.from; word < passage.to; word++) {
      const forms = byWord[index.words[word] ?? 0];
      if (forms === undefined) continue;
      here ??= { passage, counts: new Map(), near: new Map() };
      const count = index.places[word] === IN_NAME ? 1 + NAME_COUNT : 1;
      for (const at of forms) {
        const form = question.forms[at];
        if (form === undefined) continue;
        here.counts.set(at, (here.counts.get(at) ?? 0) + count);
        noteNear(here.near, last, { concept: form.concept, term: form.term, word });
      }
    }
    if (here !== undefined) found.push(here);
  }
  return found;
}

interface Worth {
  /** What an occurrence of a form is worth before saturation. */
  readonly forms: readonly number[];
  /** What covering a concept is worth, and all of them together. */
  readonly concepts: readonly number[];
  readonly total: number;
}

function rarity(passages: number, having: number): number {
  return Math.log(1 + (passages + UNSEEN_PASSAGES - having + 0.5) / (having + 0.9));
}

function worthOf(question: Question, found: readonly Found[], passages: number): Worth {
  const havingForm = question.forms.map(() => 0);
  const havingOwn = question.concepts.map(() => 0);
  for (const { counts } of found) {
    const own = new Set<number>();
    for (const at of counts.keys()) {
      havingForm[at] = (havingForm[at] ?? 0) + 1;
      const form = question.forms[at];
      if (form !== undefined && form.factor >= OWN_FACTOR) own.add(form.concept);
    }
    for (const concept of own) havingOwn[concept] = (havingOwn[concept] ?? 0) + 1;
  }
  const ownRarity = havingOwn.map((count) => rarity(passages, count));
  const concepts = question.concepts.map(({ weight }, at) => weight * (ownRarity[at] ?? 0));
  const forms = question.forms.map(({ concept, factor }, at) => {
    const alone = rarity(passages, havingForm[at] ?? 0);
    const known = (havingOwn[concept] ?? 0) > 0;
    const capped = known ? Math.min(alone, Math.max(ownRarity[concept] ?? 0, alone * SYNONYM_RARITY_SHARE)) : alone;
    return factor * (question.concepts[concept]?.weight ?? 0) * capped;
  });
  return { forms, concepts, total: concepts.reduce((sum, value) => sum + value, 0) };
}

interface Best {
  readonly gain: number;
  readonly factor: number;
  readonly term: string;
}

/** The best form of each concept in a passage. */
function bestForms(counts: ReadonlyMap<number, number>, norm: number, scoring: Scoring): ReadonlyMap<number, Best> {
  const best = new Map<number, Best>();
  for (const [at, count] of counts) {
    const form = scoring.question.forms[at];
    if (form === undefined) continue;
    const gain = ((scoring.worth.forms[at] ?? 0) * count * (K1 + 1)) / (count + norm);
    const known = best.get(form.concept) ?? { gain: 0, factor: 0, term: form.term };
    best.set(form.concept, {
      gain: Math.max(gain, known.gain) + SECOND_SHARE * Math.min(gain, known.gain),
      factor: Math.max(form.factor, known.factor),
      term: gain > known.gain ? form.term : known.term,
    });
  }
  return best;
}

interface Scoring {
  readonly question: Question;
  readonly byTerm: ReadonlyMap<string, readonly number[]>;
  readonly worth: Worth;
  readonly averageWords: number;
  /** Forms in each source's path. */
  readonly inPaths: readonly (readonly number[])[];
}

/** What the best name defined in the passage adds: much when all its parts are asked for. */
function nameGain(names: readonly (readonly string[])[], { question, byTerm, worth }: Scoring): number {
  const gains = names.map((parts) => {
    let gained = 0;
    let share = 0;
    for (const part of parts) {
      const forms = [...(byTerm.get(part) ?? [])].toSorted(
        (left, right) => (worth.forms[right] ?? 0) - (worth.forms[left] ?? 0),
      );
      const [first] = forms;
      if (first === undefined) continue;
      gained += worth.forms[first] ?? 0;
      share += question.forms[first]?.factor ?? 0;
    }
    return parts.length === 0 ? 0 : (gained * share) / parts.length;
  });
  return NAME_SHARE * Math.max(0, ...gains.slice(0, 50));
}

function scoreOf({ passage, counts, near }: Found, scoring: Scoring): PassageScore {
  const { question, byTerm, worth } = scoring;
  const norm = K1 * (1 - B + (B * (passage.to - passage.from)) / scoring.averageWords);
  const all = new Map(counts);
  const add = (forms: readonly number[], count: number): void =>
    forms.forEach((form) => all.set(form, (all.get(form) ?? 0) + count));
  for (const term of passage.insideTerms) add(byTerm.get(term) ?? [], INSIDE_COUNT);
  add(scoring.inPaths[passage.sourceAt] ?? [], PATH_COUNT);
  const best = bestForms(all, norm, scoring);
  let gains = nameGain(passage.names, scoring);
  let covered = 0;
  const matched: Match[] = [];
  for (const [at, { gain, factor, term }] of best) {
    const concept = question.concepts[at];
    if (concept === undefined) continue;
    const distance = near.get(at);
    gains +=
      gain + (distance === undefined ? 0 : (NEAR_SHARE * Math.min(gain, best.get(at + 1)?.gain ?? 0)) / distance);
    covered += factor * (worth.concepts[at] ?? 0);
    matched.push({ concept, term, factor, gain });
  }
  const coverage = worth.total === 0 ? 0 : covered / worth.total;
  const score = gains * CONTENT_FACTORS[passage.content] * (BASE_SHARE + (1 - BASE_SHARE) * coverage);
  return { passage, coverage, score, matched: matched.toSorted((left, right) => right.gain - left.gain) };
}

/** Scores every passage that has a word of the question, best first; equal ones in the order of the sources. */
export function scorePassages(index: PassageIndex, question: Question): readonly PassageScore[] {
  const byTerm = groupForms(question.forms);
  const found = readThrough(index, question, byTerm);
  const scoring: Scoring = {
    question,
    byTerm,
    worth: worthOf(question, found, index.passages.length),
    averageWords: Math.max(1, index.words.length / Math.max(1, index.passages.length)),
    inPaths: index.pathTerms.map((terms) => terms.flatMap((term) => byTerm.get(term) ?? [])),
  };
  return found
    .map((here) => scoreOf(here, scoring))
    .toSorted((left, right) => right.score - left.score || left.passage.from - right.passage.from);
}
