const MOST_NAMES = 5;
const LONGEST_COMPARED = 200;
const LINES_COMPARED = 10_000;
const LEAST_LIKENESS = 0.5;

/** Paths that may have been meant: the most alike first. */
export function similarNames(wanted: string, paths: readonly string[]): readonly string[] {
  const likePath = likenessTo(wanted);
  const likeName = likenessTo(nameOf(wanted));
  return mostAlike(paths, (path) => (likePath(path) + 2 * likeName(nameOf(path))) / 3, MOST_NAMES);
}

/** Numbers (from 0) of the lines that are most like the wanted one, the most alike first. */
export function similarLines(wanted: string, lines: readonly string[], most: number): readonly number[] {
  const compared = lines.slice(0, LINES_COMPARED);
  const likeWanted = likenessTo(wanted.trim());
  return mostAlike([...compared.keys()], (index) => likeWanted(compared[index]?.trim() ?? ''), most);
}

function mostAlike<T>(items: readonly T[], likenessOf: (item: T) => number, most: number): readonly T[] {
  return items
    .map((item) => ({ item, likeness: likenessOf(item) }))
    .filter(({ likeness }) => likeness >= LEAST_LIKENESS)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, most)
    .map(({ item }) => item);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The share of pairs of characters that both have (Dice's coefficient), from 0 to 1; case does not count. */
function likenessTo(wanted: string): (other: string) => number {
  const wantedPairs = pairsOf(wanted);
  const size = sizeOf(wantedPairs);
  return (other) => {
    if (other.length - 1 > 3 * size && wanted.length <= LONGEST_COMPARED) return 0;
    const pairs = pairsOf(other);
    let common = 0;
    for (const [pair, count] of pairs) common += Math.min(count, wantedPairs.get(pair) ?? 0);
    const sum = size + sizeOf(pairs);
    return sum === 0 ? 0 : (2 * common) / sum;
  };
}

function pairsOf(text: string): ReadonlyMap<string, number> {
  const plain = text.slice(0, LONGEST_COMPARED).toLowerCase();
  const pairs = new Map<string, number>();
  for (let at = 0; at + 1 < plain.length; at++) {
    const pair = plain.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

function sizeOf(pairs: ReadonlyMap<string, number>): number {
  let size = 0;
  for (const count of pairs.values()) size += count;
  return size;
}
