/** Where the words of a text are: what makes it cheap to look for many quotations in it. */
import { KINDS, WORD } from './characters.ts';
import { CHARACTERS_AT_ONCE } from './pace.ts';

/** Shorter words are everywhere. */
export const LEAST_WORD = 4;
const MIN_BUCKETS = 1_024;
const MAX_BUCKETS = 1_048_576;

/** About 4 bytes for each word and a quarter of a byte for each character of the text. Words that share a bucket are not told apart. */
export class WordIndex {
  readonly #mask: number;
  /** Where each bucket's places begin; one more than there are buckets. */
  readonly #begins: Uint32Array;
  /** Offsets of the words' first characters, by bucket and then in the order of the text. */
  readonly #places: Uint32Array;

  /** Made by `indexWords`. */
  constructor(begins: Uint32Array, places: Uint32Array) {
    this.#mask = begins.length - 2;
    this.#begins = begins;
    this.#places = places;
  }

  /** Offsets that hold `word`, and some that do not. `word` has at least `LEAST_WORD` characters. */
  places(word: string): Uint32Array {
    const bucket = hashOf(word) & this.#mask;
    return this.#places.subarray(this.#begins[bucket] ?? 0, this.#begins[bucket + 1] ?? 0);
  }
}

export async function indexWords(text: string, pause: () => Promise<void>): Promise<WordIndex> {
  const scan = new WordScan(text);
  for (let at = 0; at < text.length; at += CHARACTERS_AT_ONCE) {
    scan.read(at, Math.min(text.length, at + CHARACTERS_AT_ONCE));
    await pause();
  }
  scan.end();
  return scan.sorted(pause);
}

class WordScan {
  readonly #text: string;
  readonly #buckets: number;
  #places: Uint32Array;
  #bucketOf: Uint32Array;
  #count = 0;
  /** Of the word that the last piece ended in. */
  #hash = 0;
  #length = 0;

  constructor(text: string) {
    this.#text = text;
    let buckets = MIN_BUCKETS;
    while (buckets < MAX_BUCKETS && buckets * 16 < text.length) buckets *= 2;
    this.#buckets = buckets;
    this.#places = new Uint32Array(Math.ceil(text.length / 8) + 1);
    this.#bucketOf = new Uint32Array(this.#places.length);
  }

  read(from: number, to: number): void {
    this.#makeRoom((to - from) / (LEAST_WORD + 1) + 1);
    const [text, places, bucketOf, mask] = [this.#text, this.#places, this.#bucketOf, this.#buckets - 1];
    let [count, hash, length] = [this.#count, this.#hash, this.#length];
    for (let at = from; at < to; at++) {
      const unit = text.charCodeAt(at);
      if (KINDS[unit] === WORD) {
        hash = Math.imul(hash ^ unit, PRIME);
        length += 1;
      } else if (length > 0) {
        if (length >= LEAST_WORD) {
          places[count] = at - length;
          bucketOf[count] = mixed(hash) & mask;
          count += 1;
        }
        hash = 0;
        length = 0;
      }
    }
    [this.#count, this.#hash, this.#length] = [count, hash, length];
  }

  #makeRoom(more: number): void {
    const needed = this.#count + more;
    if (needed <= this.#places.length) return;
    const length = Math.ceil(Math.max(needed, this.#places.length * 1.5));
    this.#places = grown(this.#places, length);
    this.#bucketOf = grown(this.#bucketOf, length);
  }

  end(): void {
    if (this.#length < LEAST_WORD) return;
    this.#makeRoom(1);
    this.#places[this.#count] = this.#text.length - this.#length;
    this.#bucketOf[this.#count] = mixed(this.#hash) & (this.#buckets - 1);
    this.#count += 1;
  }

  async sorted(pause: () => Promise<void>): Promise<WordIndex> {
    const begins = new Uint32Array(this.#buckets + 1);
    const bucketOf = this.#bucketOf;
    for (let at = 0; at < this.#count; at++) {
      const bucket = bucketOf[at] ?? 0;
      begins[bucket] = (begins[bucket] ?? 0) + 1;
      if (at % WORDS_AT_ONCE === WORDS_AT_ONCE - 1) await pause();
    }
    for (let at = 1; at <= this.#buckets; at++) begins[at] = (begins[at] ?? 0) + (begins[at - 1] ?? 0);
    await pause();
    const places = new Uint32Array(this.#count);
    // From the back, which leaves in `begins` where each bucket begins and keeps the order of the text.
    for (let at = this.#count - 1; at >= 0; at--) {
      const bucket = bucketOf[at] ?? 0;
      const place = (begins[bucket] ?? 0) - 1;
      begins[bucket] = place;
      places[place] = this.#places[at] ?? 0;
      if (at % WORDS_AT_ONCE === 0) await pause();
    }
    return new WordIndex(begins, places);
  }
}

const WORDS_AT_ONCE = 65_536;
const PRIME = 0x01000193;

function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return half ^ (half >>> 13);
}

function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), PRIME);
  return mixed(hash);
}

function grown(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
