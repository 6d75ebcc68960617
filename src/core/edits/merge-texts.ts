/** Three texts to one, by lines. */
import { diff3Merge } from 'node-diff3';
import { eolOf, withLf } from './line-ends.ts';
import { lineHunks, splitLines, type LineHunk } from './line-diff.ts';

export type MergedText =
  | { readonly kind: 'clean'; readonly text: string }
  /** The clashing lines stand between markers that name both sources; all else is merged. */
  | { readonly kind: 'conflict'; readonly text: string };

export interface MergeSides {
  /** What both stand on; null: both created it. */
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
  /** Names for the markers: one line each. */
  readonly oursLabel: string;
  readonly theirsLabel: string;
}

/**
 * Lines that both changed, or that changed side by side, clash unless they became the same. Without a base all lines that differ
 * clash. A side that has other line ends throughout than the base decides the line ends of the whole.
 */
export function mergeTexts(sides: MergeSides): MergedText {
  const { base, ours, theirs } = sides;
  if (ours === theirs) return { kind: 'clean', text: ours };
  if (base === ours) return { kind: 'clean', text: theirs };
  if (base === theirs) return { kind: 'clean', text: ours };
  const eol = mergedEol(sides);
  const like = eol === 'mixed' ? (text: string) => text : withLf;
  const lines = (text: string): readonly string[] => splitLines(like(text));
  const end = eol === 'mixed' && ours.includes('\r\n') ? '\r\n' : '\n';
  const writer = new MarkedText(sides, end);
  if (base === null) putDifferences(writer, lines(ours), lines(theirs));
  else putMerged(writer, { o: lines(base), a: lines(ours), b: lines(theirs) });
  const text = eol === 'crlf' ? writer.text.replaceAll('\n', '\r\n') : writer.text;
  return { kind: writer.clashes > 0 ? 'conflict' : 'clean', text };
}

/**
 * A change from `before` to `after`, made to what is there now; null stands for no file. Undefined: it clashes, as every edit of
 * a file does that the other side deleted.
 */
export function mergedText(
  now: string | null,
  { before, after }: { readonly before: string | null; readonly after: string | null },
): string | null | undefined {
  if (now === before || now === after) return after;
  if (after === before) return now;
  if (now === null || after === null) return undefined;
  const merged = mergeTexts({ base: before, ours: now, theirs: after, oursLabel: '', theirsLabel: '' });
  return merged.kind === 'clean' ? merged.text : undefined;
}

/** Each text as a whole between the markers: for a file that one side deleted. */
export function wholeConflict(sides: Omit<MergeSides, 'base'>): string {
  const isCrlf = eolOf(`${sides.ours}${sides.theirs}`) === 'crlf';
  const writer = new MarkedText(sides, isCrlf ? '\r\n' : '\n');
  writer.clash(splitLines(sides.ours), splitLines(sides.theirs));
  return writer.text;
}

/** `mixed`: the ends are compared and kept line by line. */
function mergedEol({ base, ours, theirs }: MergeSides): 'lf' | 'crlf' | 'mixed' {
  const kinds = [base ?? '', ours, theirs].map(eolOf).map((kind) => (kind === 'none' ? undefined : kind));
  const [before, first, second] = kinds;
  return (first !== undefined && first !== before ? first : (second ?? first ?? before)) ?? 'lf';
}

class MarkedText {
  clashes = 0;
  readonly #parts: string[] = [];
  readonly #labels: Pick<MergeSides, 'oursLabel' | 'theirsLabel'>;
  readonly #end: string;

  constructor(labels: Pick<MergeSides, 'oursLabel' | 'theirsLabel'>, end: string) {
    this.#labels = labels;
    this.#end = end;
  }

  get text(): string {
    return this.#parts.join('');
  }

  put(lines: readonly string[], start = 0, end = lines.length): void {
    for (let index = start; index < end; index++) this.#parts.push(lines[index] ?? '');
  }

  clash(ours: readonly string[], theirs: readonly string[]): void {
    this.clashes++;
    this.#mark(`<<<<<<< ${this.#labels.oursLabel}`);
    this.put(ours);
    this.#mark('=======');
    this.put(theirs);
    this.#mark(`>>>>>>> ${this.#labels.theirsLabel}`);
  }

  #mark(line: string): void {
    const last = this.#parts.findLast((part) => part !== '');
    this.#parts.push(last === undefined || last.endsWith('\n') ? '' : this.#end, line, this.#end);
  }
}

function putDifferences(writer: MarkedText, ours: readonly string[], theirs: readonly string[]): void {
  let done = 0;
  for (const hunk of lineHunks(ours, theirs)) {
    writer.put(ours, done, hunk.aStart);
    writer.clash(ours.slice(hunk.aStart, hunk.aEnd), theirs.slice(hunk.bStart, hunk.bEnd));
    done = hunk.aEnd;
  }
  writer.put(ours, done);
}

interface ThreeTexts {
  readonly o: readonly string[];
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/**
 * The three-way merge proper is done window by window: its cost grows with the square of its lines (minutes for 45,000), the
 * search for windows with the square of the changes.
 */
function putMerged(writer: MarkedText, { o, a, b }: ThreeTexts): void {
  let done = 0;
  for (const window of windowsOf(lineHunks(o, a), lineHunks(o, b))) {
    writer.put(o, done, window.start);
    if (!window.b.isChanged) writer.put(a, window.a.start, window.a.end);
    else if (!window.a.isChanged) writer.put(b, window.b.start, window.b.end);
    else
      putWindow(writer, {
        o: o.slice(window.start, window.end),
        a: a.slice(window.a.start, window.a.end),
        b: b.slice(window.b.start, window.b.end),
      });
    done = window.end;
  }
  writer.put(o, done);
}

/** Lines times lines: half a second. */
const LARGEST_WINDOW = 4_000_000;

function putWindow(writer: MarkedText, texts: ThreeTexts): void {
  const { o, a, b } = texts;
  if (o.length * Math.max(a.length, b.length) > LARGEST_WINDOW || Math.max(a.length, b.length) > 20_000) {
    if (isSame(a, b)) writer.put(a);
    else writer.clash(a, b);
    return;
  }
  const regions = diff3Merge([...a], [...o], [...b], { excludeFalseConflicts: true });
  for (const { ok, conflict } of regions) {
    if (ok !== undefined) writer.put(ok);
    if (conflict !== undefined) writer.clash(conflict.a, conflict.b);
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

interface Side {
  readonly start: number;
  readonly end: number;
  readonly isChanged: boolean;
}

/** Lines `start` to `end` of the base that a or b changed, with nothing between that both left alone. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly a: Side;
  readonly b: Side;
}

function* windowsOf(a: readonly LineHunk[], b: readonly LineHunk[]): Generator<Window> {
  const sideA = new HunkReader(a);
  const sideB = new HunkReader(b);
  for (;;) {
    const start = Math.min(sideA.nextStart, sideB.nextStart);
    if (start === Infinity) return;
    let end = start;
    for (;;) {
      const reached = Math.max(sideA.takeUpTo(end), sideB.takeUpTo(end));
      if (reached <= end && sideA.nextStart > end && sideB.nextStart > end) break;
      end = Math.max(end, reached);
    }
    yield { start, end, a: sideA.close(start, end), b: sideB.close(start, end) };
  }
}

class HunkReader {
  readonly #hunks: readonly LineHunk[];
  #next = 0;
  #first = 0;
  /** How far this side's line numbers are ahead of the base's. */
  #ahead = 0;

  constructor(hunks: readonly LineHunk[]) {
    this.#hunks = hunks;
  }

  get nextStart(): number {
    return this.#hunks[this.#next]?.aStart ?? Infinity;
  }

  /** Takes hunks that begin at or before this line of the base; where the last one ends. */
  takeUpTo(line: number): number {
    let end = 0;
    while (this.nextStart <= line) {
      end = this.#hunks[this.#next]?.aEnd ?? 0;
      this.#next++;
    }
    return end;
  }

  /** What this side has instead of lines `start` to `end` of the base. */
  close(start: number, end: number): Side {
    const isChanged = this.#next > this.#first;
    const from = start + this.#ahead;
    for (const hunk of this.#hunks.slice(this.#first, this.#next))
      this.#ahead += hunk.bEnd - hunk.bStart - (hunk.aEnd - hunk.aStart);
    this.#first = this.#next;
    return { start: from, end: end + this.#ahead, isChanged };
  }
}
