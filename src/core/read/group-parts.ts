/** From pieces of one size to parts that are large first and small last. */
import { pieceOf, type IndexedInput } from './indexed-input.ts';
import type { Part } from './split.ts';

export interface GroupSizes {
  readonly leastTokens: number;
  readonly mostTokens: number;
  /** Calls at once. */
  readonly slots: number;
}

/**
 * Puts neighbours together so that the first parts are large, which costs fewer prompts, and the last ones small, so that
 * all slots come to their end at about the same time: of what is left, one call for each slot takes half at the most.
 */
export function groupParts(
  indexed: readonly IndexedInput[],
  parts: readonly Part[],
  { leastTokens, mostTokens, slots }: GroupSizes,
): readonly Part[] {
  const groups: Part[] = [];
  let left = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  for (let at = 0; at < parts.length;) {
    const wanted = Math.max(leastTokens, Math.min(mostTokens, left / (2 * slots)));
    let group = parts[at++];
    for (let next = parts[at]; group !== undefined && next !== undefined; next = parts[++at]) {
      if (group.tokens + next.tokens > wanted) break;
      group = together(indexed, group, next);
    }
    if (group === undefined) break;
    groups.push(group);
    left -= group.tokens;
  }
  return groups;
}

/** Two pieces of one input that follow one another become one. */
function together(indexed: readonly IndexedInput[], a: Part, b: Part): Part {
  const last = a.pieces.at(-1);
  const [first, ...rest] = b.pieces;
  const input = indexed[last?.input ?? -1];
  const doFollow = last !== undefined && first?.input === last.input && last.endLine + 1 === first.startLine;
  if (!doFollow || input === undefined) return { pieces: [...a.pieces, ...b.pieces], tokens: a.tokens + b.tokens };
  const { firstLine } = input.input;
  const joined = pieceOf(input, last.input, { from: last.startLine - firstLine, to: first.endLine - firstLine + 1 });
  const pieces = [...a.pieces.slice(0, -1), joined, ...rest];
  return { pieces, tokens: pieces.reduce((sum, { tokens }) => sum + tokens, 0) };
}
