/** A quotation that was found in its file, and how a text links to it. */
import type { CitedCounts } from '../run-event.ts';

export interface Citation {
  readonly path: string;
  /** 1-based, both inclusive: where the quotation stands in the file as it was read. */
  readonly startLine: number;
  readonly endLine: number;
  readonly quote: string;
  /** The file was read as an editor showed it, unsaved. */
  readonly unsaved?: true;
}

export const STRIKE_REASONS = [
  'not-found', // not in that file, word for word
  'ambiguous', // there more than once, and no hint within 20 lines
  'too-short', // fewer than 20 characters and not a whole line
  'no-such-file', // not among the files that were read
] as const;
export type StrikeReason = (typeof STRIKE_REASONS)[number];

export interface StruckQuote {
  readonly path: string;
  readonly line: number | null;
  readonly quote: string;
  readonly why: StrikeReason;
}

/** What became of the quotations of one result. */
export interface CitationReport {
  readonly verified: readonly Citation[];
  readonly struck: readonly StruckQuote[];
  /** True when the reply had no claims in it to check. */
  readonly unchecked: boolean;
  /** A sentence for each reason: which files or lines were not read. Absent when all were. */
  readonly notRead?: readonly string[];
}

export function countCited({ verified, struck, unchecked }: CitationReport): CitedCounts {
  return { verified: verified.length, struck: struck.length, unchecked };
}

/** `src/a%20b.ts#L10-L12`: relative to the workspace, `/` kept, the rest percent-encoded. */
export function citationHref(citation: Pick<Citation, 'path' | 'startLine' | 'endLine'>): string {
  const path = citation.path.split('/').map(encodeSegment).join('/');
  const { startLine, endLine } = citation;
  return `${path}#L${startLine}${endLine === startLine ? '' : `-L${endLine}`}`;
}

/** The Markdown of a verified citation: the only form of link to lines that results and answers hold. */
export function citationLink(citation: Pick<Citation, 'path' | 'startLine' | 'endLine'>): string {
  const name = (citation.path.split('/').at(-1) ?? citation.path).replaceAll(/[[\]\\`*_<>]/g, '\\$&');
  const { startLine, endLine } = citation;
  return `[${name}:${startLine}${endLine === startLine ? '' : `-${endLine}`}](${citationHref(citation)})`;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
