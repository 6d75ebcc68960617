/**
 * Puts the claims of many parts together: one call where a window takes them all, else groups at the same time, round after
 * round. Citations go along by the ids of claims, so that nobody types a quotation again.
 */
import type { Failure } from '../failure.ts';
import { reducePrompt, showClaim, type ClaimToReduce } from '../prompts/reduce.ts';
import { estimateTokens } from '../tokens.ts';
import type { Citation, StruckQuote } from './citation.ts';
import { missingOf, parseReduced, REDUCED_SCHEMA, type ReducedReply } from './claims.ts';
import { converse, followUps, type Exchange, type Reply } from './follow-up.ts';
import { askReader, tokensOfMessages, type Form, type Reading } from './reading-call.ts';
import { roomOfAll } from './reading-shape.ts';
import type { CheckedClaim } from './render-claims.ts';

export interface Reduced {
  readonly claims: readonly CheckedClaim[];
  readonly missing: string;
  /** Claims that named no claim they rest on. */
  readonly struck: readonly StruckQuote[];
  /** Says for a person what could not be done; empty when all was. */
  readonly note: string;
  readonly isPartial: boolean;
  /** Who wrote it last; undefined when nobody did. */
  readonly backend: string | undefined;
  /** Why what the user said last was not heard. */
  readonly notHeard?: Failure;
}

interface ReduceOptions {
  readonly parts: number;
  readonly outputTokens: number;
}

/** Marks and the words around the claims. */
const FRAME_TOKENS = 60;

export async function reduceClaims(
  reading: Reading,
  claims: readonly CheckedClaim[],
  options: ReduceOptions,
): Promise<Reduced> {
  const room = roomFor(reading, options);
  let now: Reduced = { claims, missing: '', struck: [], note: '', isPartial: false, backend: undefined };
  if (room === undefined) return { ...now, note: notTogether('no backend is there for it') };
  for (let round = 1; now.claims.length > 0; round++) {
    const groups = groupBySize(now.claims, room);
    const isLast = groups.length <= 1;
    const replies = await Promise.all(
      groups.map((group, at) => reduceGroup(reading, group, { ...options, isLast, name: `r${round}g${at + 1}` })),
    );
    const next = join(now, replies);
    if (isLast || next.note !== '') return next;
    if (tokensOf(next.claims) >= tokensOf(now.claims))
      return { ...next, note: '*These findings of several parts are more than could be put together into one text.*' };
    now = next;
  }
  return now;
}

function roomFor(reading: Reading, options: ReduceOptions): number | undefined {
  const said = reading.talk.count;
  const frame = tokensOfMessages(promptFor(reading, [], { ...options, isLast: true, said })) + FRAME_TOKENS;
  return roomOfAll(reading.ctx, reading.work, { fixedTokens: frame, outputTokens: options.outputTokens });
}

/** In their order; a claim larger than the room has a group of its own. */
function groupBySize(claims: readonly CheckedClaim[], room: number): readonly (readonly CheckedClaim[])[] {
  const groups: CheckedClaim[][] = [];
  let left = 0;
  for (const claim of claims) {
    const tokens = claimTokens(claim);
    const group = groups.at(-1);
    if (group === undefined || tokens > left) {
      groups.push([claim]);
      left = room - tokens;
    } else {
      group.push(claim);
      left -= tokens;
    }
  }
  return groups;
}

interface GroupResult {
  readonly claims: readonly CheckedClaim[];
  readonly missing: string;
  readonly struck: readonly StruckQuote[];
  readonly isCut: boolean;
  readonly backend: string | undefined;
  /** Why it is as it came; empty when it was reduced. */
  readonly failed: string;
  readonly notHeard?: Failure;
}

interface GroupOptions extends ReduceOptions {
  readonly isLast: boolean;
  readonly name: string;
}

async function reduceGroup(
  reading: Reading,
  claims: readonly CheckedClaim[],
  options: GroupOptions,
): Promise<GroupResult> {
  const asTheyCame = { claims, missing: '', struck: [], isCut: false, backend: undefined };
  const settle = ({ result }: Reply): GroupResult => {
    const reply = parseReduced(result.text);
    if (reply === undefined)
      return { ...asTheyCame, failed: `The reply of ${result.backend} was not in the form that was asked for.` };
    return {
      ...resolve(reply, claims, options.name),
      missing: options.isLast ? reply.missing : '',
      isCut: reply.isCut || result.finish === 'length',
      backend: result.backend,
      failed: '',
    };
  };
  if (!options.isLast) {
    const { turn, result } = await askOnce(reading, claims, { ...options, exchanges: [] });
    return result.kind === 'failed' ? { ...asTheyCame, failed: result.failure.message } : settle({ turn, result });
  }
  const said = await converse(reading, {
    ask: (exchanges) => askOnce(reading, claims, { ...options, exchanges }),
    settle: (reply) => Promise.resolve(settle(reply)),
    missingOf,
  });
  if (said.kind === 'failed') return { ...asTheyCame, failed: said.result.failure.message };
  return { ...said.value, ...(said.notHeard === undefined ? {} : { notHeard: said.notHeard }) };
}

async function askOnce(
  reading: Reading,
  claims: readonly CheckedClaim[],
  options: GroupOptions & { readonly exchanges: readonly Exchange[] },
) {
  const { talk, turns } = reading;
  const { exchanges, outputTokens } = options;
  const messages: Form = (said) => [
    ...promptFor(reading, claims, { ...options, said: exchanges[0]?.said ?? said }),
    ...followUps(talk, exchanges, said),
  ];
  const said = talk.count;
  const turn = turns.of([messages]);
  const result = await askReader(reading, {
    turn,
    prompt: reducePrompt,
    schema: REDUCED_SCHEMA,
    build: (_description, heard) => ({
      messages: messages(heard),
      subject: { kind: 'reduce', claims: claims.map(({ id, text }) => ({ id, text })) },
    }),
    said,
    inputTokens: tokensOfMessages(messages(said)),
    outputTokens,
  });
  return { turn, result };
}

/** A claim takes over the citations of those it names; one that names none of them rests on nothing. */
function resolve(
  reply: ReducedReply,
  claims: readonly CheckedClaim[],
  name: string,
): Pick<GroupResult, 'claims' | 'struck'> {
  const byId = new Map(claims.map((claim) => [claim.id, claim]));
  const kept: CheckedClaim[] = [];
  const struck: StruckQuote[] = [];
  for (const [index, { text, from }] of reply.claims.entries()) {
    const named = from.map((id) => byId.get(id.replace(/^\[|\]$/g, ''))).filter((claim) => claim !== undefined);
    if (named.length === 0) struck.push({ path: '', line: null, quote: text, why: 'not-found' });
    else
      kept.push({ id: `${name}_${index + 1}`, text, citations: distinct(named.flatMap(({ citations }) => citations)) });
  }
  return { claims: kept, struck };
}

function distinct(citations: readonly Citation[]): readonly Citation[] {
  return [...new Map(citations.map((one) => [`${one.startLine}-${one.endLine} ${one.path}`, one])).values()];
}

function join(before: Reduced, groups: readonly GroupResult[]): Reduced {
  const failed = groups.find((group) => group.failed !== '');
  const isCut = groups.some((group) => group.isCut);
  const notHeard = groups.find((group) => group.notHeard !== undefined)?.notHeard;
  return {
    claims: groups.flatMap((group) => group.claims),
    missing: groups.map((group) => group.missing).join(''),
    struck: [...before.struck, ...groups.flatMap((group) => group.struck)],
    note: failed === undefined ? '' : notTogether(failed.failed),
    isPartial: before.isPartial || isCut,
    backend: groups.findLast((group) => group.backend !== undefined)?.backend ?? before.backend,
    ...(notHeard === undefined ? {} : { notHeard }),
  };
}

function notTogether(why: string): string {
  return `*The findings of several parts could not be put together (${why.replace(/\.$/, '')}). Here they are as they came.*`;
}

/** More places say nothing that the text does not. */
const MOST_PLACES = 4;

function promptFor(
  { ctx, work, talk }: Reading,
  claims: readonly CheckedClaim[],
  { parts, isLast, said }: Pick<GroupOptions, 'parts' | 'isLast'> & { readonly said: number },
): ReturnType<typeof reducePrompt.render> {
  const { title, objective, deliverable, conversation } = work.spec;
  return reducePrompt.render({
    title,
    objective,
    ...(deliverable === undefined ? {} : { deliverable }),
    claims: claims.map(toReduce),
    parts,
    isLast,
    ...(conversation === undefined ? {} : { conversation }),
    words: talk.words(0, said),
    mayAsk: isLast && talk.mayAsk,
    mark: ctx.mark,
  });
}

function toReduce({ id, text, citations }: CheckedClaim): ClaimToReduce {
  const places = citations.map(({ path, startLine, endLine }) =>
    startLine === endLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`,
  );
  return { id, text, places: [...new Set(places)].slice(0, MOST_PLACES) };
}

function claimTokens(claim: CheckedClaim): number {
  return estimateTokens(`${showClaim(toReduce(claim))}\n\n`);
}

function tokensOf(claims: readonly CheckedClaim[]): number {
  return claims.reduce((sum, claim) => sum + claimTokens(claim), 0);
}
