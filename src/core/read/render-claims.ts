/** The result of a reading task as Markdown: claims with links, then what a reader must know of what is not in it. */
import type { ReadingPiece, WithheldFile } from '../run-event.ts';
import { CitationFilter } from './citation-filter.ts';
import { citationLink, type Citation } from './citation.ts';

/** A claim whose quotations were looked up. */
export interface CheckedClaim {
  /** `p3_2`: the second claim of part 3. */
  readonly id: string;
  /** Markdown. */
  readonly text: string;
  /** Empty for what cannot be quoted, and for a reply that was no claims. */
  readonly citations: readonly Citation[];
}

/** Lines that nobody read. */
export interface UnreadLines extends ReadingPiece {
  readonly why: string;
}

export interface RenderedNotes {
  /** What was asked and not found, in sentences; empty when nothing is. */
  readonly missing: string;
  readonly struck: number;
  readonly withheld: readonly WithheldFile[];
  readonly unread: readonly UnreadLines[];
  /** Paragraphs, each for a person. */
  readonly others: readonly string[];
}

export function renderResult(claims: readonly CheckedClaim[], notes: RenderedNotes): string {
  return [
    renderClaims(claims),
    withFencesClosed(withoutLineLinks(notes.missing)),
    withoutLineLinks(unsavedNote(claims)),
    struckNote(notes.struck, 'files'),
    ...notes.others,
    ...notRead(notes).map(withoutLineLinks),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Empty for none. */
export function struckNote(count: number, where: 'files' | 'answer'): string {
  if (count === 0) return '';
  const [noun, verb] = count === 1 ? ['quotation', 'was'] : ['quotations', 'were'];
  return where === 'files'
    ? `*${count} ${noun} ${verb} not found in the files and ${verb} struck.*`
    : `*${count} ${noun} could not be found in the files and ${verb} struck.*`;
}

/** The text without the lines that `struckNote` made for a result. */
export function withoutStruckNotes(text: string): string {
  return text.replaceAll(
    /(?:^|\n\n)\*\d+ quotations? (?:was|were) not found in the files and (?:was|were) struck\.\*(?=\n|$)/g,
    '',
  );
}

/** A file, or lines of one. */
function pieceName({ path, startLine, endLine }: ReadingPiece): string {
  return `${path ?? 'text without a file'} ${startLine === endLine ? `line ${startLine}` : `lines ${startLine}-${endLine}`}`;
}

export function renderClaims(claims: readonly CheckedClaim[]): string {
  let text = '';
  let isAfterItem = false;
  for (const claim of claims) {
    const own = renderClaim(claim);
    const isItem = LIST_ITEM.test(own);
    text += `${text === '' ? '' : isItem && isAfterItem ? '\n' : '\n\n'}${own}`;
    isAfterItem = isItem && LIST_ITEM.test(lastLine(own));
  }
  return text;
}

const LIST_ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s/;
const FENCE = /^\s*(?:`{3,}|~{3,})/;
/** A text that begins so goes on after its link. */
const GOES_ON = '· ';

function renderClaim({ text, citations }: CheckedClaim): string {
  const links = [...new Set(citations.map(citationLink))].join(' ');
  const own = withFencesClosed(withoutLineLinks(text).trim());
  if (links === '') return own;
  if (own.startsWith(GOES_ON)) return `${links} ${own}`;
  if (!endsWithBlock(own)) return `${own} ${links}`;
  return FENCE.test(own) ? `${links}\n\n${own}` : `${own}\n\n${links}`;
}

/** After a table, code, a heading or a list of several items a link would become part of it. */
function endsWithBlock(text: string): boolean {
  const last = lastLine(text);
  if (FENCE.test(last) || /^\s*(?:\||#{1,6}\s)/.test(last)) return true;
  return text.split('\n').filter((line) => LIST_ITEM.test(line)).length > 1;
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** A fence left open would swallow all that follows. */
function withFencesClosed(text: string): string {
  let open = '';
  for (const line of text.split('\n')) {
    const [, mark, info] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (mark === undefined) continue;
    if (open === '') open = mark;
    else if (mark.startsWith(open) && info?.trim() === '') open = '';
  }
  return open === '' ? text : `${text}\n${open}`;
}

/** Only verified citations link to lines: what a model made up itself keeps its words. */
export function withoutLineLinks(text: string): string {
  const filter = new CitationFilter([]);
  return `${filter.push(text)}${filter.end()}`;
}

function unsavedNote(claims: readonly CheckedClaim[]): string {
  const paths = claims.flatMap(({ citations }) => citations.filter(({ unsaved }) => unsaved).map(({ path }) => path));
  return paths.length === 0 ? '' : `*Read as open in the editor (unsaved): ${[...new Set(paths)].join(', ')}.*`;
}

const MOST_LISTED = 40;

/** A sentence for each reason, in the result and below the answer. */
export function notRead({ withheld, unread }: Pick<RenderedNotes, 'withheld' | 'unread'>): readonly string[] {
  const byReason = new Map<string, string[]>();
  const add = (name: string, why: string): void => {
    const names = byReason.get(why);
    if (names === undefined) byReason.set(why, [name]);
    else names.push(name);
  };
  for (const { path, why } of withheld) add(path, why);
  for (const { why, ...lines } of joined(unread)) add(pieceName(lines), why);
  return [...byReason].map(([why, names]) => {
    const more = names.length - MOST_LISTED;
    const listed = names.slice(0, MOST_LISTED).join(', ');
    return `Not read: ${listed}${more > 0 ? ` and ${more} more` : ''} (${why.replace(/\.$/, '')}).`;
  });
}

/** Lines that follow one another and were left out for the same reason are one range. */
function joined(unread: readonly UnreadLines[]): readonly UnreadLines[] {
  const ranges: UnreadLines[] = [];
  for (const lines of unread) {
    const before = ranges.at(-1);
    if (before?.path === lines.path && before.endLine + 1 === lines.startLine && before.why === lines.why)
      ranges[ranges.length - 1] = { ...before, endLine: lines.endLine };
    else ranges.push(lines);
  }
  return ranges;
}
