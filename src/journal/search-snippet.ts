/** The place of a text that is shown for what was found in it. */
import { hitsOf, HITS_AT_MOST, type Hit } from './search-hits.ts';
import type { SearchWord } from './search-words.ts';

const SNIPPET_CHARS = 180;
const CHARS_BEFORE_HIT = 50;
/** More hits hardly stand in one snippet. */
const LOOKED_BACK_AT = 100;

/** The place with most of the words, in one line, with marks around them. */
export function snippetOf(text: string, words: readonly SearchWord[]): string {
  const hits = firstHits(text, words);
  const from = Math.max(0, bestStart(hits) - CHARS_BEFORE_HIT);
  const start = from === 0 ? 0 : wholeLetter(text, wordStart(text, from));
  const end =
    text.length - start <= SNIPPET_CHARS ? text.length : wholeLetter(text, wordEnd(text, start + SNIPPET_CHARS));
  let shown = '';
  let done = start;
  for (const hit of hits) {
    if (hit.start < done || hit.end > end) continue;
    shown += `${unmarked(text.slice(done, hit.start))}\u0002${unmarked(text.slice(hit.start, hit.end))}\u0003`;
    done = hit.end;
  }
  shown += unmarked(text.slice(done, end));
  const line = shown.toWellFormed().replaceAll(/\s+/gu, ' ').trim();
  return `${start > 0 ? '…' : ''}${line}${end < text.length ? '…' : ''}`;
}

/** No more than are needed: nothing is better than the first place that has all of the words. */
function firstHits(text: string, words: readonly SearchWord[]): readonly Hit[] {
  const hits: Hit[] = [];
  let isBest = false;
  let upTo = text.length;
  for (const hit of hitsOf(text, words)) {
    if (hit.start > upTo || hits.push(hit) === HITS_AT_MOST) break;
    if (isBest) continue;
    const near = hits.slice(-LOOKED_BACK_AT).filter(({ start }) => hit.end <= start + SNIPPET_CHARS - CHARS_BEFORE_HIT);
    isBest = new Set(near.map(({ word }) => word)).size === words.length;
    if (isBest) upTo = hit.end + SNIPPET_CHARS;
  }
  return hits;
}

function bestStart(hits: readonly Hit[]): number {
  let best = { start: 0, words: 0 };
  for (const [index, first] of hits.entries()) {
    const near = new Set<number>();
    for (let at = index; at < hits.length; at += 1) {
      const hit = hits[at];
      if (hit === undefined || hit.end > first.start + SNIPPET_CHARS - CHARS_BEFORE_HIT) break;
      near.add(hit.word);
    }
    if (near.size > best.words) best = { start: first.start, words: near.size };
  }
  return best.start;
}

/** The next word's beginning, if it is near. */
function wordStart(text: string, from: number): number {
  const space = text.slice(from, from + CHARS_BEFORE_HIT).search(/\s\S/u);
  return space < 0 ? from : from + space + 1;
}

function wordEnd(text: string, to: number): number {
  const space = text.slice(to - CHARS_BEFORE_HIT / 2, to).search(/\s\S*$/u);
  return space < 0 ? to : to - CHARS_BEFORE_HIT / 2 + space;
}

/** The place before a letter of two units, when `at` is within it. */
function wholeLetter(text: string, at: number): number {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000 ? at - 1 : at;
}

function unmarked(text: string): string {
  return text.replaceAll(/[\u0002\u0003]/gu, ' ');
}
