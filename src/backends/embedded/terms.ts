/** Words of questions and of source text: identifiers taken apart, endings cut, words that carry nothing left out. */

const MAX_WORD_LENGTH = 80;

/** Letters, digits, `_` and `$`; beyond ASCII everything but punctuation and spaces. */
function isWordCode(code: number): boolean {
  if (code < 0x80) {
    return (
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 95 ||
      code === 36
    );
  }
  return code > 0xbf && !(code >= 0x2000 && code <= 0x2bff) && !(code >= 0x3000 && code <= 0x303f) && code < 0xfff0;
}

/** Calls `visit` with every word of `text` between two offsets, as written. Longer runs than 80 characters are data, not words. */
export function eachWord(
  text: string,
  range: { readonly from: number; readonly to: number },
  visit: (word: string, offset: number) => void,
): void {
  let start = -1;
  for (let at = range.from; at <= range.to; at++) {
    const inWord = at < range.to && isWordCode(text.charCodeAt(at));
    if (inWord) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      if (at - start <= MAX_WORD_LENGTH) visit(text.slice(start, at), start);
      start = -1;
    }
  }
}

const PARTS = /\p{Lu}+\p{N}*(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+\p{N}*|\p{N}+/gu;

/** `parseHTTPHeader_v2` -> `parse`, `http`, `header`, `v2`. Lower case, in order. */
export function splitIdentifier(identifier: string): readonly string[] {
  return (identifier.match(PARTS) ?? []).map((part) => part.toLowerCase());
}

/** True for words that nobody writes in prose: `parseOptions`, `max_size`, `HTTPServer`. */
export function isCompound(word: string): boolean {
  return splitIdentifier(word).length > 1;
}

type Rule = readonly [ending: string, replacement: string, leastStem: number];

const PLURALS: readonly Rule[] = [
  ['ies', 'y', 2],
  ['sses', 'ss', 2],
  ['ches', 'ch', 2],
  ['shes', 'sh', 2],
  ['xes', 'x', 2],
  ['ss', 'ss', 0],
  ['us', 'us', 0],
  ['is', 'is', 0],
  ['s', '', 3],
];

const ADVERBS: readonly Rule[] = [['ly', '', 5]];

const ENDINGS: readonly Rule[] = [
  ['ization', 'iz', 3],
  ['isation', 'iz', 3],
  ['ation', '', 4],
  ['ator', '', 4],
  ['ated', '', 4],
  ['ating', '', 4],
  ['ate', '', 4],
  ['ency', '', 5],
  ['ence', '', 5],
  ['ment', '', 4],
  ['ent', '', 5],
  ['ied', 'y', 2],
  ['ingly', '', 3],
  ['edly', '', 3],
  ['ing', '', 3],
  ['able', '', 4],
  ['ible', '', 4],
  ['ness', '', 4],
  ['ive', '', 4],
  ['ion', '', 3],
  ['ed', '', 3],
  ['er', '', 3],
  ['tor', 't', 3],
  ['sor', 's', 3],
  ['e', '', 3],
];

function cut(word: string, rules: readonly Rule[]): string {
  for (const [ending, replacement, leastStem] of rules) {
    if (word.endsWith(ending) && word.length - ending.length >= leastStem)
      return word.slice(0, word.length - ending.length) + replacement;
  }
  return word;
}

/** They end like plurals. */
const SINGULAR = new Set(['alias', 'always', 'atlas', 'bias', 'canvas', 'lens', 'perhaps']);

/** Forms that no ending explains, each with its base. */
const IRREGULAR = new Map(
  `began begin, begun begin, bent bend, bound bind, broke break, broken break, brought bring, built build, bought buy, came come, caught catch, chose choose,
  chosen choose, dealt deal, drawn draw, drew draw, driven drive, drove drive, fallen fall, fed feed, fell fall, felt feel, forgotten forget, fought fight,
  found find, frozen freeze, gave give, given give, goes go, gone go, got get, gotten get, grew grow, grown grow, held hold, hid hide, hidden hide, kept keep,
  knew know, known know, laid lay, led lead, left leave, lent lend, lost lose, made make, meant mean, met meet, paid pay, ran run, said say, saw see,
  seen see, sent send, shown show, slept sleep, sold sell, sought seek, spent spend, spoken speak, stood stand, stolen steal, stuck stick, taken take,
  taught teach, threw throw, thrown throw, told tell, took take, understood understand, went go, woke wake, woken wake, written write, wrote write,
  addition add, analysis analyze, appearance appear, approval approve, arrival arrive, behavior behave, behaviour behave, children child, choice choose, choices choose,
  collision collide, collisions collide, comparison compare, comparisons compare, consumption consume, conversion convert, conversions convert,
  decision decide, decisions decide, definition define, definitions define, delivery deliver, description describe, descriptions describe,
  discovery discover, division divide, erroneous error, exclusion exclude, exclusive exclude, expansion expand, explanation explain, failure fail,
  failures fail, growth grow, inclusion include, indices index, omission omit, permission permit, permissions permit,
  proof prove, reception receive, recognition recognize, recovery recover, removal remove, repetition repeat, resolution resolve, retrieval retrieve,
  solution solve, submission submit, subscription subscribe, subscriptions subscribe, suspension suspend, transmission transmit, vertices vertex`
    .split(',')
    .map((pair) => pair.trim().split(' '))
    .map(([form, base]): [string, string] => [form ?? '', base ?? '']),
);

/**
 * Brings the forms of an English word together: `retries`, `retried` -> `retry`; `serialise`, `serializer` -> `serializ`.
 * Light on purpose: a wrong join costs more than a missed one. Words of other languages pass almost unchanged.
 */
export function stem(inflected: string): string {
  const word = IRREGULAR.get(inflected) ?? inflected;
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  let result = cut(cut(SINGULAR.has(word) ? word : cut(word, PLURALS), ADVERBS), ENDINGS);
  if (result.length > 3 && /([^aeiouylsz])\1$/.test(result)) result = result.slice(0, -1);
  if (result.length >= 4 && result.endsWith('e')) result = result.slice(0, -1);
  if (result.length >= 5 && result.endsWith('our')) result = `${result.slice(0, -3)}or`;
  if (result.length >= 6 && result.endsWith('is')) result = `${result.slice(0, -2)}iz`;
  return result;
}

/** The terms a word of source text is found by: its parts, every two neighbours in one, and the whole in one. */
export function termsOfWord(word: string): readonly string[] {
  const all = splitIdentifier(word);
  const terms = new Set(all.filter((part) => part.length > 1 || part > '\u007f').map(stem));
  for (const part of all) {
    const letters = part.replace(/[0-9]+$/, '');
    if (letters.length > 1 && letters !== part) terms.add(stem(letters));
  }
  if (all.length > 1) terms.add(stem(all.join('')));
  if (all.length > 2) all.slice(1).forEach((part, at) => terms.add(stem((all[at] ?? '') + part)));
  return [...terms];
}

const STOP_WORDS = new Set(
  `a about across ahead along around away back all also am an and any are aren as at be been being but by can cannot could couldn did didn
  do does doesn doing don down each either else ever every for from further had has hasn have haven having he her here hers him his how however i
  if in into is isn it its itself just let ll may me might more most must my no nor not now of off on one onto or our out 
  per please rather re really s she should shouldn so some such t than that the their them then there these they this those though through
  to too up upon us used uses using ve very via was wasn we were what whatever when where whether which while who whom whose why will with 
   won would wouldn yes yet you your`.split(/\s+/),
);

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

/** What German, French and Spanish questions say whatever they are about; no word of English or of its programs. */
const FOREIGN_STOP_WORDS = new Set(
  `auf aus bei beim dass diese diesem diesen dieser dieses durch ein eine einem einen einer eines für gegen gibt haben hatte ich ihr ist kann
  können muss müssen nach nicht oder ohne sich sie sind soll sollen über und unter vom von wann warum welche welchem welchen welcher welches wem
  wen wenn wer werden weshalb wie wieso wird wir wo woher wohin wurde wurden zum zur zwischen
  où quand quel quelle quelles quels quoi pourquoi qu que qui lequel laquelle sont été être ont peut cette ces dans avec leur nous vous elle
  cómo como cuál cual cuáles cuales cuándo cuando dónde donde qué quién quien porqué está están fue una uno del desde hasta entre
  este esta estos estas puede tiene`.split(/\s+/),
);

/** So do these, but they are words or names in English too: they count as such only beside one of the others. */
const FOREIGN_OR_ENGLISH = new Set(
  `als am das dem den der des die er es hat im ins man mit war ce comment de du elles aux en est et fait il la le les par pas pour se sans ses sur un con
  cada el ha hay las lo los para por ser sin son su`.split(/\s+/),
);

/** Which of a question's words, in lower case, say nothing in the language that it is in. */
export function foreignStopWords(words: readonly string[]): ReadonlySet<string> {
  if (!words.some((word) => FOREIGN_STOP_WORDS.has(word))) return new Set();
  return new Set(words.filter((word) => FOREIGN_STOP_WORDS.has(word) || FOREIGN_OR_ENGLISH.has(word)));
}

/** Stems of words that many questions use whatever they are about; they count, but little. */
const GENERIC = new Set(
  `above after again against before below between both during inside once only other outside over own same under until within without
  able actual afterwards already always annoying answer anybody anything anyway apart apply aside away bad become beginning behave behavior behind
  belong better big bit bring care carefully case cause certain change choose clear clearly code come common complete completely concern
  consider correct correctly couple current currently deal decide deep define describe detail determine different differently directly
  done early easily easy effect else enough ensure especially even eventually everybody everything exact exactly example exist expect explain fact far
  fast few fine follow forever free fully function further generally get give go good great guy half handle happen hard help hi high hold huge idea
  immediately implement important instead intend interesting internal internally involve keep kind know large late later lead least leave
  library like likely little lie long look lot low main make manage manner many matter mean mechanism method middle moment much must
  name near need never new next nice nobody nobody normal normally nothing notice object occur often okay old ordinary otherwise outside own
  part particular particularly people perform perhaps person piece place point poor possible possibly practice probably 
  proper properly provide purpose put question quick quickly quite ready real really reason regard relate remain reside responsible right
  safe safely say see seem sense set several shall short show side simple simply single situation slightly small somebody
  somehow someone something sometimes somewhere soon specific stay still strange stuff suddenly support sure
  take talk tell thanks thing think third three time together treat trouble true try turn twice two type unless use used useful
  user usual usually value various want way whole wish wonder word work world wrong`
    .split(/\s+/)
    .map(stem),
);

export function isGeneric(stemmed: string): boolean {
  return GENERIC.has(stemmed);
}
