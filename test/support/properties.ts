import fc, { nat, string, type Arbitrary, type StringConstraints } from 'fast-check';

/**
 * 100 cases in the unit run, more where FC_RUNS says so, each divided by `cost` where a case takes many milliseconds; the
 * seed is printed, and FC_SEED repeats a run.
 */
export function propertyOptions(name: string, cost = 1): { readonly numRuns: number; readonly seed: number } {
  const seed =
    process.env['FC_SEED'] === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env['FC_SEED']);
  const numRuns = Math.ceil(Number(process.env['FC_RUNS'] ?? 100) / cost);
  console.log(`      ${name}: ${numRuns} cases, FC_SEED=${seed}`);
  return { numRuns, seed };
}

const SURROGATES = { first: 0xd800, count: 0x800 };

/** The same texts as `unit: 'binary'`, which first makes a table of all characters: most of a second, in every process. */
const character = nat({ max: 0x10_ffff - SURROGATES.count }).map(
  (number) => String.fromCodePoint(number < SURROGATES.first ? number : number + SURROGATES.count),
  (drawn) => {
    const point = typeof drawn === 'string' ? (drawn.codePointAt(0) ?? -1) : -1;
    const isSurrogate = point >= SURROGATES.first && point < SURROGATES.first + SURROGATES.count;
    if (point < 0 || isSurrogate || drawn !== String.fromCodePoint(point)) throw new Error('This is no character.');
    return point < SURROGATES.first ? point : point - SURROGATES.count;
  },
);

/** Texts of any characters of Unicode, all well-formed. */
export function unicodeText(length: Pick<StringConstraints, 'maxLength'> = {}): Arbitrary<string> {
  return string({ ...length, unit: character });
}

/** A deterministic generator of numbers in [0, 1) for simulations that one drawn seed drives (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export { fc };
