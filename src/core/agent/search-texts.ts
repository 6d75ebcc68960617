import type { SearchOptions, SearchResult } from '../ports.ts';
import { globMatcher, lineMatcher } from './match-path.ts';

const LINES_BETWEEN_PAUSES = 5_000;
const LONGEST_LINE = 1_000;

/** Lines that match in texts that are not on disk, one more than the limit at most; null: a file that is gone. */
export async function searchTexts(
  texts: ReadonlyMap<string, string | null>,
  options: SearchOptions,
  pause: () => Promise<void>,
): Promise<SearchResult['lines'][number][]> {
  const found: SearchResult['lines'][number][] = [];
  const matches = lineMatcher(options);
  const isWanted = options.glob === undefined ? (): boolean => true : globMatcher(options.glob);
  let looked = 0;
  for (const [path, text] of texts) {
    if (text === null || !isWanted(path)) continue;
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (found.length > options.limit) return found;
      if (matches(line)) found.push({ path, line: index + 1, text: line.slice(0, LONGEST_LINE), localOnly: false });
      looked += 1;
      if (looked % LINES_BETWEEN_PAUSES === 0) await pause();
      options.signal.throwIfAborted();
    }
  }
  return found;
}
