/** From replies to the outcome of a reading task. */
import type { Failure } from '../failure.ts';
import type { TurnResult } from '../turn.ts';
import type { ReadingPiece } from '../run-event.ts';
import { isKept, type TaskOutcome } from '../task-work.ts';
import type { Citation, StruckQuote } from './citation.ts';
import { parseClaims } from './claims.ts';
import { checkClaims } from './correct-quotes.ts';
import type { Piece } from './indexed-input.ts';
import type { Reading } from './reading-call.ts';
import type { Reduced } from './reduce-claims.ts';
import { notRead, renderResult, withoutLineLinks, type CheckedClaim, type UnreadLines } from './render-claims.ts';

/** What one call brought. */
export interface ReadPart {
  readonly kind: 'read';
  readonly backend: string;
  readonly claims: readonly CheckedClaim[];
  readonly struck: readonly StruckQuote[];
  readonly missing: string;
  /** The reply or its check ended early: claims may be missing. */
  readonly isCut: boolean;
  /** The reply had no claims in it: its text is the one claim. */
  readonly isUnchecked: boolean;
  /** Words of the user that the reply has heard. */
  readonly said: number;
}

export interface FailedPart {
  readonly kind: 'failed';
  readonly failure: Failure;
  readonly pieces: readonly Piece[];
}

export type PartResult = ReadPart | FailedPart;

export function isRead(part: PartResult): part is ReadPart {
  return part.kind === 'read';
}

interface ReplyPlace {
  /** From 1. */
  readonly part: number;
  readonly correctionTurn: number;
}

export async function checkReply(
  reading: Reading,
  result: Pick<TurnResult & { readonly kind: 'done' }, 'text' | 'backend' | 'finish' | 'said'>,
  { part, correctionTurn }: ReplyPlace,
): Promise<ReadPart> {
  const { backend, said } = result;
  const isLimited = result.finish === 'length';
  const reply = parseClaims(result.text);
  if (reply.kind === 'prose') {
    const text = reply.text.trim();
    const claims = text === '' ? [] : [{ id: `p${part}_1`, text, citations: [] }];
    return { kind: 'read', backend, claims, struck: [], missing: '', isCut: isLimited, isUnchecked: true, said };
  }
  const { claims, struck, isStopped } = await checkClaims(reading, {
    claims: reply.claims,
    backend,
    turn: correctionTurn,
    part,
  });
  return {
    kind: 'read',
    backend,
    claims,
    struck,
    missing: reply.missing,
    isCut: isLimited || reply.isCut || isStopped,
    isUnchecked: false,
    said,
  };
}

/** What a reply that the user stopped brought, if it brought anything; nobody is asked again. */
export async function keepPartial(
  { ctx, work, ...reading }: Reading,
  partialText: string,
): Promise<ReadPart | undefined> {
  const reply = parseClaims(partialText);
  // The beginning of a JSON reply says nothing to a person.
  if (reply.kind === 'prose' && (partialText.trim() === '' || /^\s*[[{`]/.test(partialText))) return undefined;
  if (reply.kind === 'claims' && reply.claims.length === 0) return undefined;
  const backend = ctx.state.tasks.get(work.spec.id)?.backend ?? '';
  const result = { text: partialText, backend, finish: 'stop', said: reading.talk.count };
  return { ...(await checkReply({ ctx, work, ...reading }, result, { part: 1, correctionTurn: 0 })), isCut: false };
}

/** What a reply that broke off says, as far as its quotations are found; nobody is asked again. */
export async function salvage(
  reading: Reading,
  partialText: string,
  { part }: Pick<ReplyPlace, 'part'>,
): Promise<string> {
  const reply = parseClaims(partialText);
  if (reply.kind === 'prose') return /^\s*[[{`]/.test(partialText) ? '' : withoutLineLinks(partialText);
  const { claims, struck } = await checkClaims(reading, { claims: reply.claims, part });
  if (claims.length === 0) return '';
  return renderResult(claims, { missing: '', struck: struck.length, withheld: [], unread: [], others: [] });
}

export interface Found {
  /** In the order of the material. */
  readonly parts: readonly PartResult[];
  readonly partsPlanned: number;
  /** What fits no window. */
  readonly unread: readonly ReadingPiece[] | readonly Piece[];
  /** Absent when the claims stay as they came. */
  readonly reduced?: Reduced;
  /** Why what the user said last was not heard. */
  readonly notHeard?: Failure | undefined;
}

/** Reasons for which what has been read so far is no result. */
const NO_RESULT: ReadonlySet<string> = new Set(['cancelled', 'interrupted', 'journal']);

export function endReading({ work }: Reading, found: Found): TaskOutcome {
  const { reduced } = found;
  const read = found.parts.filter(isRead);
  const failed = found.parts.filter((part) => part.kind === 'failed');
  const claims = reduced?.claims ?? read.flatMap((part) => part.claims);
  const struck = [...read.flatMap((part) => part.struck), ...(reduced?.struck ?? [])];
  const isCut = read.some((part) => part.isCut) || reduced?.isPartial === true;
  const left = { withheld: work.read.withheld, unread: unreadLines(found, failed) };
  const isStopped = isKept(work);
  const notHeard = found.notHeard ?? reduced?.notHeard;
  const unreadNotes = notRead(left);
  const isAllKept = work.read.inputs.length === 0 && left.withheld.length > 0;
  const text = renderResult(claims, {
    missing: missingText(found, claims),
    struck: struck.length,
    ...left,
    others: [
      ...(isCut ? ['*A reply was cut at its output limit: something may be missing.*'] : []),
      ...(reduced === undefined || reduced.note === '' ? [] : [reduced.note]),
      ...(notHeard === undefined ? [] : [`*What you said last was not heard: ${notHeard.message}*`]),
      ...(isStopped ? ['*You stopped this task before it was finished: something may be missing.*'] : []),
    ],
  });
  const ended = isStopped ? undefined : failed.find(({ failure }) => NO_RESULT.has(failure.reason));
  const end = ended ?? (read.length === 0 ? failed[0] : undefined);
  if (end !== undefined) return { kind: 'failed', failure: end.failure, partialText: claims.length === 0 ? '' : text };
  const isUnchecked = read.some((part) => part.isUnchecked);
  return {
    kind: 'done',
    backend: reduced?.backend ?? read[0]?.backend ?? '',
    text,
    isPartial:
      failed.length + found.unread.length > 0 ||
      isAllKept ||
      isCut ||
      isStopped ||
      (reduced?.note ?? '') !== '' ||
      notHeard !== undefined,
    citations: {
      verified: distinct(claims.flatMap(({ citations }) => citations)),
      struck,
      unchecked: isUnchecked,
      ...(unreadNotes.length === 0 ? {} : { notRead: unreadNotes }),
    },
  };
}

/** Also what is said when there is no claim at all. */
function missingText(found: Found, claims: readonly CheckedClaim[]): string {
  const read = found.parts.filter(isRead);
  const said = found.partsPlanned === 1 ? (read[0]?.missing ?? '') : (found.reduced?.missing ?? '');
  if (claims.length > 0 || said !== '' || read.length === 0) return said;
  return found.partsPlanned === 1
    ? 'Nothing that answers this was found.'
    : `Nothing that answers this was found in ${read.length} ${read.length === 1 ? 'part' : 'parts'}.`;
}

function unreadLines({ unread }: Found, failed: readonly FailedPart[]): readonly UnreadLines[] {
  return [
    ...failed.flatMap(({ failure, pieces }) => pieces.map((piece) => unreadPiece(piece, failure.message))),
    ...unread.map((piece) => unreadPiece(piece, 'longer than any context window')),
  ];
}

function unreadPiece({ path, startLine, endLine }: ReadingPiece | Piece, why: string): UnreadLines {
  return { path: path ?? null, startLine, endLine, why };
}

function distinct(citations: readonly Citation[]): readonly Citation[] {
  return [
    ...new Map(citations.map((one) => [`${one.startLine}-${one.endLine} ${one.path}\n${one.quote}`, one])).values(),
  ];
}
