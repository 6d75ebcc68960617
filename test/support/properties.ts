import fc from 'fast-check';

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
