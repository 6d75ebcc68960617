/** Lines of files as texts name them: `src/a.ts:12-18`, `a.ts#L12`. */
import { citationHref, type Citation } from './citation.ts';
import type { Scan, View } from './markdown-scan.ts';

export interface Mention {
  /** As the text has it. */
  readonly name: string;
  /** Files that may be meant. */
  readonly paths: readonly string[];
  readonly startLine: number;
  readonly endLine: number;
}

/** A path of several hundred characters is not looked for. */
const MAX_NAME = 250;
const ANCHOR = /^(?::L?|#L)(\d+)(?:[-\u2013]L?(\d+)|:\d+)?/;
/** Beginnings of what `ANCHOR` matches, and of what it may go on with. */
const OPEN_ANCHOR = /^(?::|:L|#|#L)$/;
const OPEN_END = /^(?:|[-\u2013]L?|:)$/;

export class Mentions {
  /** Paths, their ends from any `/` on, and both as links encode them. */
  readonly #names = new Map<string, Set<string>>();
  readonly #sorted: readonly string[];
  readonly #lengths: readonly number[];
  readonly #firsts: ReadonlySet<string>;
  readonly #known: readonly Citation[];

  constructor(known: readonly Citation[], files: readonly string[]) {
    this.#known = known;
    for (const path of new Set([...files, ...known.map((citation) => citation.path)])) {
      for (const name of namesOf(path)) {
        this.#add(name, path);
        this.#add(encoded(name), path);
      }
    }
    this.#sorted = [...this.#names.keys()].sort(byUnits);
    this.#lengths = [...new Set(this.#sorted.map(({ length }) => length))].sort((a, b) => b - a);
    this.#firsts = new Set(['.', ...this.#sorted.map((name) => name.charAt(0))]);
  }

  #add(name: string, path: string): void {
    if (name.length > MAX_NAME) return;
    const paths = this.#names.get(name);
    if (paths === undefined) this.#names.set(name, new Set([path]));
    else paths.add(path);
  }

  /** A mention at the beginning of the text; the one with the longest path. */
  scan({ text, isEnd }: View): Scan<Mention> {
    if (!this.#firsts.has(text.charAt(0))) return 'none';
    const dots = text.startsWith('./') ? 2 : 0;
    const rest = text.slice(dots);
    if (!isEnd && (text === '.' || this.#isBeginning(rest))) return 'more';
    for (const length of this.#lengths) {
      const sign = rest[length];
      if (sign !== ':' && sign !== '#') continue;
      const paths = this.#names.get(rest.slice(0, length));
      if (paths === undefined) continue;
      const anchor = scanAnchor({ text: rest.slice(length), isEnd });
      if (anchor === 'more') return 'more';
      if (anchor === 'none') continue;
      const { startLine, endLine } = anchor;
      const name = text.slice(0, dots + length);
      return { length: name.length + anchor.length, name, paths: [...paths], startLine, endLine };
    }
    return 'none';
  }

  /** The whole text, which nothing else stands in. */
  exactly(text: string): Mention | undefined {
    const found = this.scan({ text, isEnd: true });
    return typeof found === 'string' || found.length < text.length ? undefined : found;
  }

  /** The narrowest known citation that the lines lie in; none when files of one name have one each. */
  citationFor({ paths, startLine, endLine }: Omit<Mention, 'name'>): Citation | undefined {
    const around = this.#known.filter(
      (known) => paths.includes(known.path) && known.startLine <= startLine && endLine <= known.endLine,
    );
    const [first, ...others] = around;
    if (first === undefined || startLine > endLine || others.some(({ path }) => path !== first.path)) return undefined;
    return others.reduce((least, one) => (linesOf(one) < linesOf(least) ? one : least), first);
  }

  /** True when a name is this text or goes on from it. */
  #isBeginning(text: string): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(text) === true;
  }
}

function scanAnchor({ text, isEnd }: View): Scan<{ readonly startLine: number; readonly endLine: number }> {
  const found = ANCHOR.exec(text);
  if (found === null) return !isEnd && OPEN_ANCHOR.test(text) ? 'more' : 'none';
  const [{ length }, start, end = start] = found;
  const behind = text.slice(length);
  // A column may follow lines, and a second line the first, when neither has been seen yet.
  if (!isEnd && (behind === '' || (/^\D+\d+$/.test(found[0]) && OPEN_END.test(behind)))) return 'more';
  if (/^[A-Za-z\d]/.test(behind)) return 'none';
  return { length, startLine: Number(start), endLine: Number(end) };
}

/** The path, and its ends from any `/` on; a bare name counts when it has an extension. */
function namesOf(path: string): readonly string[] {
  const segments = path.split('/');
  const ends = segments.slice(1).map((_, at) => segments.slice(at + 1).join('/'));
  return [path, ...ends.filter((end) => end.includes('/') || /.\.[^.]+$/.test(end))].filter((name) => name !== '');
}

function encoded(name: string): string {
  return citationHref({ path: name, startLine: 1, endLine: 1 }).replace(/#L1$/, '');
}

function linesOf({ startLine, endLine }: Citation): number {
  return endLine - startLine;
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
