/** Ranks many texts without holding the event loop for long, and stops between two slices when it is called off. */
import { countLines } from '../../base/count-lines.ts';
import type { QuotedPassage } from './passage-text.ts';
import { bestPassages } from './passage-text.ts';
import { askedPaths, asksForOverview } from './paths.ts';
import { PassageIndexer } from './passage-index.ts';
import { pause } from './pause.ts';
import type { SourceText } from './passages.ts';
import { readQuestion } from './question.ts';
import { rankIndexed } from './rank.ts';

/** About 25 ms of work. */
const SLICE_CHARACTERS = 256 * 1024;
const OPENING_CHARACTERS = 8 * 1024;

export interface SliceOptions {
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Best first, at most `limit`; empty when nothing bears on the question. Rejects with the signal's reason when it aborts. */
export async function rankInSlices(
  question: string,
  sources: readonly SourceText[],
  { limit, signal }: SliceOptions,
): Promise<readonly QuotedPassage[]> {
  // Indexed slice by slice and ranked as a whole: how rare a word is, and whether anything was found, shows only over all.
  const indexer = new PassageIndexer();
  for (const slice of slicesOf(askedSources(question, sources))) {
    await pause(signal);
    for (const part of slice) indexer.add(part);
  }
  await pause(signal);
  return bestPassages(rankIndexed(question, indexer.finish(), { limit }), limit);
}

/** Files that the question names are looked for in all sources, not slice by slice. */
function askedSources(question: string, sources: readonly SourceText[]): readonly SourceText[] {
  const named = new Set(
    askedPaths(
      question,
      sources.map(({ path }) => path),
    ),
  );
  const asked = named.size === 0 ? sources : sources.filter(({ path }) => named.has(path));
  if (!isOverview(question)) return asked;
  // Such a question is answered with how the files begin.
  return asked.map((source) => ({ ...source, text: source.text.slice(0, OPENING_CHARACTERS) }));
}

/** A question about the whole, which names nothing to look for. */
export function isOverview(question: string): boolean {
  const { concepts } = readQuestion(question, new Set());
  return asksForOverview(concepts.filter(({ weight }) => weight >= 1).map(({ word }) => word));
}

function slicesOf(sources: readonly SourceText[]): readonly (readonly SourceText[])[] {
  const slices: SourceText[][] = [];
  let room = 0;
  for (const part of sources.flatMap(partsOf)) {
    if (part.text.length > room || slices.length === 0) {
      slices.push([]);
      room = SLICE_CHARACTERS;
    }
    slices.at(-1)?.push(part);
    room -= part.text.length;
  }
  return slices;
}

/** A text longer than a slice is cut between lines. */
function partsOf(source: SourceText): readonly SourceText[] {
  if (source.text.length <= SLICE_CHARACTERS) return [source];
  const parts: SourceText[] = [];
  let firstLine = source.firstLine ?? 1;
  for (let from = 0; from < source.text.length;) {
    const border = source.text.lastIndexOf('\n', from + SLICE_CHARACTERS);
    const to =
      from + SLICE_CHARACTERS >= source.text.length
        ? source.text.length
        : border > from
          ? border + 1
          : from + SLICE_CHARACTERS;
    const text = source.text.slice(from, to);
    parts.push({ path: source.path, text, firstLine });
    firstLine += countLines(text) - 1;
    from = to;
  }
  return parts;
}
