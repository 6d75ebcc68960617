/**
 * Lets through of an answer only the citations that were verified.
 *
 * Owns: what has arrived and is not decided, and where in the Markdown it stands. Does not own: the answer.
 * 1. What comes out does not depend on how the answer was cut into deltas.
 * 2. At most about 300 characters are held back, or the longest known link: what is not complete by then is plain text.
 * 3. Outside of code, links to lines are those of known citations, and so are lines named with files that were read.
 */
import { citationHref, citationLink, type Citation } from './citation.ts';
import {
  scanAnchorTag,
  scanCode,
  scanDefinition,
  scanFence,
  scanFenceEnd,
  scanLink,
  scanLinkEnd,
  scanReference,
  type Fence,
  type Link,
  type Scan,
  type View,
} from './markdown-scan.ts';
import { Mentions, type Mention } from './mentions.ts';

const LEAST_LIMIT = 280;
const MAX_WHITE = 16;
/** `[[2-90]]` cites nothing in particular. */
const MAX_RANGE = 20;

/** `#L10-L12`, `#10,5`, `.ts:12`: editors open such links at lines. */
const LINES_OF_FILE = /#L?\d+(?:[,C]\d+)?(?:-L?\d+(?:[,C]\d+)?)?$|\.\w{1,10}:\d+(?:-\d+)?(?::\d+)?$/i;
const LINES_ELSEWHERE = /#L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?$/i;

/** Part of a path or a word: no path begins behind it. */
const IN_PATH = /[\w/\\.\-@$%+~#]/;
const ENDS_URL = /[\s<>"`)\]]/;
const ESCAPABLE = /[[\]`!\\]/;

/** Where in what has arrived. */
interface Place {
  readonly text: string;
  readonly at: number;
  /** Nothing follows the text. */
  readonly isLast: boolean;
}

/** So many characters of the text become that output. */
interface Step {
  readonly length: number;
  readonly output: string;
}

export class CitationFilter {
  readonly #known: readonly Citation[];
  readonly #citable: ReadonlySet<Citation>;
  readonly #hasReferences: boolean;
  readonly #mentions: Mentions;
  readonly #byHref: ReadonlyMap<string, Citation>;
  readonly #limit: number;
  readonly #used = new Set<Citation>();
  #struck = 0;
  #held = '';
  #fence: Fence | undefined;
  #isLineStart = true;
  #isInUrl = false;
  /** A path may begin here. */
  #isFree = true;
  #isBehindLink = false;

  /**
   * `files` are the paths that were read; lines named with any other path are left as they are. Without `shown` all of
   * `known` may be cited, else those with these numbers. `[[1]]` is plain text when there is nothing that could be cited.
   */
  constructor(known: readonly Citation[], files: readonly string[] = [], shown?: ReadonlySet<number>) {
    const citable = known.filter((_, index) => shown?.has(index + 1) ?? true);
    this.#known = known;
    this.#citable = new Set(citable);
    this.#hasReferences = known.length > 0 || files.length > 0;
    this.#mentions = new Mentions(citable, files);
    this.#byHref = new Map(citable.toReversed().map((citation) => [citationHref(citation), citation]));
    this.#limit = known.reduce((most, one) => Math.max(most, citationLink(one).length + 2), LEAST_LIMIT);
  }

  /** What is decided by now. */
  push(delta: string): string {
    this.#held += delta;
    return this.#settle(false);
  }

  /** The rest; nothing may be pushed after it. */
  end(): string {
    return this.#settle(true);
  }

  /** Citations that were taken out because nothing verified them. */
  get struck(): number {
    return this.#struck;
  }

  /** Known citations that the text links to, in the order of their first links. */
  get used(): readonly Citation[] {
    return [...this.#used];
  }

  #settle(isLast: boolean): string {
    const text = this.#held;
    const output: string[] = [];
    let at = 0;
    while (at < text.length) {
      const step = this.#step({ text, at, isLast });
      if (step === 'more') break;
      output.push(step.output);
      at += step.length;
    }
    this.#held = text.slice(at);
    return output.join('');
  }

  #step(place: Place): Step | 'more' {
    const { text, at } = place;
    if (this.#fence !== undefined) return this.#inFence(place, this.#fence);
    if (this.#isLineStart) {
      const fence = this.#look(place, scanFence);
      if (fence === 'more') return 'more';
      if (fence !== 'none') {
        this.#fence = fence;
        return this.#plain(text.slice(at, at + fence.length));
      }
    }
    if (this.#isInUrl && !ENDS_URL.test(text.charAt(at))) return this.#plain(text.charAt(at));
    this.#isInUrl = false;
    const replaced = this.#replace(place);
    return replaced === 'none' ? this.#keep(place) : replaced;
  }

  #look<T>({ text, at, isLast }: Place, scan: (view: View) => Scan<T>): Scan<T> {
    const ahead = text.slice(at, at + this.#limit + 1);
    const isEnd = isLast && at + ahead.length === text.length;
    const found = scan({ text: ahead, isEnd });
    return found === 'more' && (ahead.length > this.#limit || isEnd) ? 'none' : found;
  }

  #inFence(place: Place, fence: Fence): Step | 'more' {
    const { text, at } = place;
    if (this.#isLineStart) {
      const end = this.#look(place, (view) => scanFenceEnd(view, fence));
      if (end === 'more') return 'more';
      if (end !== 'none') {
        this.#fence = undefined;
        return this.#plain(text.slice(at, at + end.length));
      }
    }
    const lineEnd = text.indexOf('\n', at);
    return this.#plain(text.slice(at, lineEnd < 0 ? text.length : lineEnd + 1));
  }

  #replace(place: Place): Step | 'more' | 'none' {
    const sign = place.text.charAt(place.at);
    if (this.#isFree) {
      const mention = this.#look(place, (view) => this.#mentions.scan(view));
      if (mention === 'more') return 'more';
      if (mention !== 'none') return this.#settleMention(mention);
    }
    if (sign === '`') return this.#replaceCode(place);
    if (sign === ' ' || sign === '\t') return this.#replaceWhite(place);
    if (sign === '<') return this.#strikeLink(place, scanAnchorTag, ' ');
    if (sign === ']') return this.#strikeLink(place, scanLinkEnd, '] ');
    if (sign !== '[' && sign !== '!') return 'none';
    const reference = this.#lookForReference(place);
    if (reference === 'more') return 'more';
    if (reference !== 'none') return this.#settleReference(reference);
    const link = this.#look(place, scanLink);
    if (link === 'more') return 'more';
    if (link === 'none') return this.#strikeLink(place, scanDefinition, ' ');
    return this.#settleLink(link, place.text.slice(place.at, place.at + link.length));
  }

  #lookForReference(place: Place): ReturnType<typeof scanReference> {
    return this.#hasReferences ? this.#look(place, scanReference) : 'none';
  }

  /** Other ways to link to lines: `output` stays of one, with a space, so that what is around it does not become a link. */
  #strikeLink(place: Place, scan: (view: View) => Scan<Pick<Link, 'dest'>>, output: string): Step | 'more' | 'none' {
    const found = this.#look(place, scan);
    if (typeof found === 'string') return found;
    if (!isLinesLink(found.dest)) return 'none';
    this.#struck += 1;
    return this.#text(found.length, output);
  }

  /** White space goes with an unknown reference behind it. */
  #replaceWhite(place: Place): Step | 'more' | 'none' {
    const { text, at, isLast } = place;
    const { length } = /^[ \t]+/.exec(text.slice(at))?.[0] ?? '';
    if (length > MAX_WHITE) return this.#plain(text.slice(at, at + length - MAX_WHITE));
    if (at + length === text.length && !isLast) return 'more';
    const reference = this.#lookForReference({ ...place, at: at + length });
    if (reference === 'more') return 'more';
    if (reference === 'none' || this.#citationsOf(reference.list).length > 0)
      return this.#plain(text.slice(at, at + length));
    const { length: behind, output } = this.#settleReference(reference);
    return { length: length + behind, output };
  }

  #settleReference(reference: { readonly list: string; readonly dest?: string; readonly length: number }): Step {
    const { list, dest, length } = reference;
    const citations = this.#citationsOf(list);
    const numbers = list.split(',').flatMap(numbersOf);
    this.#struck += numbers.length - citations.length;
    const isOfLines = dest === undefined || isLinesLink(dest);
    const end = isOfLines ? length : length - dest.length - 2;
    if (citations.length === 0) return { length: end, output: '' };
    return this.#put(end, citations);
  }

  #citationsOf(list: string): readonly Citation[] {
    return list
      .split(',')
      .flatMap(numbersOf)
      .flatMap((number) => this.#known[number - 1] ?? [])
      .filter((citation) => this.#citable.has(citation));
  }

  #replaceCode(place: Place): Step | 'more' | 'none' {
    const code = this.#look(place, scanCode);
    if (typeof code === 'string') return code;
    const raw = place.text.slice(place.at, place.at + code.length);
    const mention = code.content === undefined ? undefined : this.#mentions.exactly(code.content.trim());
    if (mention === undefined) return this.#plain(raw, true);
    const settled = this.#settleMention({ ...mention, length: code.length });
    return settled.output === mention.name
      ? { ...settled, output: `${code.ticks}${mention.name}${code.ticks}` }
      : settled;
  }

  #settleMention(mention: Mention & { readonly length: number }): Step {
    const citation = this.#mentions.citationFor(mention);
    if (citation !== undefined) return this.#put(mention.length, [citation]);
    this.#struck += 1;
    return this.#text(mention.length, mention.name);
  }

  #settleLink({ label, dest, length }: Link & { readonly length: number }, raw: string): Step {
    const mention = this.#mentions.exactly(label.replaceAll('`', '').replaceAll(/\\(.)/g, '$1').trim());
    if (!isLinesLink(dest)) {
      if (mention === undefined) return this.#plain(raw, true);
      const settled = this.#settleMention({ ...mention, length });
      return settled.output === mention.name ? { length, output: `[${mention.name}](${dest})` } : settled;
    }
    const citation = this.#byHref.get(dest);
    const struck = this.#struck;
    if (citation === undefined) {
      const text = this.#inside(label);
      this.#struck = struck + 1;
      return this.#text(length, text);
    }
    const isItsOwn = raw === citationLink(citation) || label.trim() === '';
    if (isItsOwn || (mention !== undefined && this.#mentions.citationFor(mention)?.path === citation.path))
      return this.#put(length, [citation]);
    const text = this.#text(length, `${this.#inside(label)} `);
    const link = this.#put(length, [citation]);
    return { length, output: text.output + link.output };
  }

  /** Text that is taken out of what was around it. */
  #inside(text: string): string {
    const isBehindLink = this.#isBehindLink;
    const held = this.#held;
    this.#held = text;
    this.#isLineStart = false;
    const output = this.#settle(true);
    this.#held = held;
    this.#fence = undefined;
    this.#isBehindLink = isBehindLink;
    return output;
  }

  /** What is no citation. */
  #keep({ text, at, isLast }: Place): Step | 'more' {
    const sign = text.charAt(at);
    const ahead = text.slice(at, at + this.#limit);
    if (sign === '`') return this.#plain(/^`+/.exec(ahead)?.[0] ?? sign);
    if (sign === '\\') {
      if (ahead.length === 1 && !isLast) return 'more';
      return this.#plain(ESCAPABLE.test(ahead.charAt(1)) ? ahead.slice(0, 2) : sign);
    }
    if (sign !== ':') return this.#plain(sign);
    if ('://'.startsWith(ahead) && ahead !== '://' && !isLast) return 'more';
    if (!ahead.startsWith('://')) return this.#plain(sign);
    this.#isInUrl = true;
    return this.#plain('://');
  }

  /** As it is. A path may follow a construct directly, but not every character. */
  #plain(raw: string, isConstruct = false): Step {
    const last = raw.charAt(raw.length - 1);
    this.#isLineStart = last === '\n';
    if (last !== '_' || isConstruct) this.#isFree = isConstruct || !IN_PATH.test(last);
    this.#isBehindLink = false;
    return { length: raw.length, output: raw };
  }

  #text(length: number, output: string): Step {
    this.#plain(output, true);
    return { length, output };
  }

  #put(length: number, citations: readonly Citation[]): Step {
    for (const citation of citations) this.#used.add(citation);
    const links = citations.map(citationLink).join(' ');
    const output = this.#isBehindLink ? ` ${links}` : links;
    this.#plain(links, true);
    this.#isBehindLink = true;
    return { length, output };
  }
}

/** `4` or `4-6`; a range that is none gives a number that is never known. */
function numbersOf(item: string): readonly number[] {
  const [first = 0, last = first] = item.split(/[-\u2013]/).map(Number);
  if (last < first || last - first >= MAX_RANGE) return [0];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function isLinesLink(dest: string): boolean {
  const plain = dest.replaceAll(/&(?:#0*35|#x0*23|num);/gi, '#');
  return (/^#|:\/\//.test(plain) ? LINES_ELSEWHERE : LINES_OF_FILE).test(plain);
}
