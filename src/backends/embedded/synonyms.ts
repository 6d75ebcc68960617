import { plainWords } from './plain-words.ts';
import { stem } from './terms.ts';
import { nearWords, sameWords } from './word-groups.ts';

interface Alternative {
  readonly term: string;
  /** Share of a direct hit that this one is worth, 0 to 1. */
  readonly factor: number;
}

const SAME_FACTOR = 0.9;
const NEAR_FACTOR = 0.65;

type Table = Map<string, Map<string, number>>;

/** The first factor given to a pair stands. */
function add(
  table: Table,
  term: string,
  { names, factor }: { readonly names: readonly string[]; readonly factor: number },
): void {
  const alternatives = table.get(term) ?? new Map<string, number>();
  for (const name of names) if (name !== term && !alternatives.has(name)) alternatives.set(name, factor);
  table.set(term, alternatives);
}

function buildTable(): ReadonlyMap<string, readonly Alternative[]> {
  const table: Table = new Map();
  for (const [groups, factor] of [
    [sameWords, SAME_FACTOR],
    [nearWords, NEAR_FACTOR],
  ] as const) {
    for (const terms of groups.map((group) => group.map(stem)))
      for (const term of terms) add(table, term, { names: terms, factor });
  }
  for (const [word, names] of plainWords) add(table, stem(word), { names: names.map(stem), factor: NEAR_FACTOR });
  return new Map(
    [...table].map(([term, others]) => [term, [...others].map(([other, factor]) => ({ term: other, factor }))]),
  );
}

const TABLE = buildTable();

/** Other stems that may stand for a stem. */
export function alternativesOf(stemmed: string): readonly Alternative[] {
  return TABLE.get(stemmed) ?? [];
}
