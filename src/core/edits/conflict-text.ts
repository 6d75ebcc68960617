/** A file that clashes, as one text that names its sources. */
import { mergeTexts, wholeConflict } from './merge-texts.ts';
import type { ConflictSide } from './proposal.ts';

const MOST_TITLE_CHARACTERS = 60;

/** How a side is named in the markers: one line. */
export function sideLabel(side: Pick<ConflictSide, 'task' | 'title' | 'text'>): string {
  const title = side.title.replaceAll(/\s+/g, ' ').trim();
  const short = title.length > MOST_TITLE_CHARACTERS ? `${title.slice(0, MOST_TITLE_CHARACTERS - 1)}…` : title;
  return `${short} (${side.task})${side.text === null ? ' has no such file' : ''}`;
}

/**
 * Merged where the sides agree; more than two are put together one after the other, so that markers stand inside markers where
 * three clash in the same lines.
 */
export function conflictText(base: string | null, sides: readonly ConflictSide[]): string {
  const [first, ...others] = sides;
  if (first === undefined) return base ?? '';
  let text = first.text ?? '';
  let label = sideLabel(first);
  let isWhole = first.text === null;
  for (const side of others) {
    const merge = { ours: text, theirs: side.text ?? '', oursLabel: label, theirsLabel: sideLabel(side) };
    isWhole ||= side.text === null;
    text = isWhole ? wholeConflict(merge) : mergeTexts({ ...merge, base }).text;
    label = `${label}, ${sideLabel(side)}`;
  }
  return text;
}

/** Do any of the markers that name these sides stand in the text? */
export function hasMarkers(text: string, sides: readonly ConflictSide[]): boolean {
  return sides.some((side) => {
    const label = sideLabel(side);
    return text.includes(`<<<<<<< ${label}`) || text.includes(`>>>>>>> ${label}`);
  });
}
