/**
 * Looks up the quotations of a reply. Those that are not found go back to the reader once, with the reason and the lines
 * about there; what is not found then is struck.
 */
import { findBackend } from '../claim.ts';
import { correctQuotesPrompt, type RefusedQuote } from '../prompts/correct-quotes.ts';
import { wordsText } from '../prompts/words.ts';
import { isKept, withWords } from '../task-work.ts';
import { estimateTokens, takeTokens } from '../tokens.ts';
import type { Citation, StrikeReason, StruckQuote } from './citation.ts';
import { parseCorrections, QUOTES_SCHEMA, type Claim, type ClaimQuote } from './claims.ts';
import { pieceOf, sliceInput, type IndexedInput } from './indexed-input.ts';
import type { QuoteLookup } from './quote-book.ts';
import { askReader, tokensOfMessages, type Form, type Reading } from './reading-call.ts';
import { windowOf } from './reading-shape.ts';
import type { CheckedClaim } from './render-claims.ts';

export interface CheckedClaims {
  readonly claims: readonly CheckedClaim[];
  readonly struck: readonly StruckQuote[];
  /** The work was stopped before all quotations were looked up; claims whose turn had not come are left out. */
  readonly isStopped: boolean;
}

export interface ClaimsToCheck {
  readonly claims: readonly Claim[];
  /** Where they came from: asked first for corrections. Without it nobody is asked. */
  readonly backend?: string;
  /** The turn of the correction, if nothing else has it. */
  readonly turn?: number;
  /** Claims are named `p3_1`, `p3_2`, …: by the number of the part. */
  readonly part: number;
}

/** Quotations that are sent back at the most; a reader that invents more is not worth a longer question. */
const MOST_CORRECTED = 24;
const MOST_PROMPT_TOKENS = 5_000;
const LINES_AROUND = 20;
const MOST_AROUND_TOKENS = 400;
const MOST_CLAIM_TOKENS = 150;
const MOST_QUOTE_TOKENS = 300;
/** Each corrected quotation, and the JSON around it. */
const OUTPUT_TOKENS_EACH = 160;
const LEAST_OUTPUT_TOKENS = 512;
const MOST_FILES_NAMED = 50;
/** Corrections end a part's work: they go before parts that have not begun. */
const URGENCY = 0.5;

interface LookedUp {
  /** Index of the claim. */
  readonly claim: number;
  readonly quote: ClaimQuote;
  readonly found: QuoteLookup;
}

type Refused = LookedUp & { readonly found: { readonly ok: false } };

export async function checkClaims(reading: Reading, given: ClaimsToCheck): Promise<CheckedClaims> {
  const looked: LookedUp[] = [];
  for (const [claim, { quotes }] of given.claims.entries()) {
    for (const quote of quotes) {
      // What there is when the user stops the work is kept with its citations.
      if (reading.work.time.signal.aborted && !isKept(reading.work))
        return settle({ ...given, claims: given.claims.slice(0, claim) }, looked, true);
      looked.push({ claim, quote, found: await find(reading, quote) });
    }
  }
  const refused = looked.filter((one): one is Refused => !one.found.ok);
  const { backend } = given;
  const again =
    refused.length === 0 || backend === undefined || reading.work.time.signal.aborted
      ? new Map<LookedUp, LookedUp>()
      : await correct(reading, { ...given, backend }, refused);
  return settle(
    given,
    looked.map((one) => again.get(one) ?? one),
    false,
  );
}

function find({ book }: Reading, { path, line, text }: ClaimQuote): Promise<QuoteLookup> {
  return book.find({ path, line, quote: text });
}

/** A claim that had quotations and lost all of them goes with them. */
function settle({ claims, part }: ClaimsToCheck, looked: readonly LookedUp[], isStopped: boolean): CheckedClaims {
  const struck: StruckQuote[] = [];
  const citations = new Map<number, Citation[]>();
  for (const { claim, quote, found } of looked) {
    if (found.ok) citations.set(claim, [...(citations.get(claim) ?? []), found.citation]);
    else struck.push({ path: quote.path, line: quote.line, quote: quote.text, why: found.why });
  }
  const kept = claims.flatMap(({ text, quotes }, index): CheckedClaim[] => {
    const own = citations.get(index) ?? [];
    return quotes.length > 0 && own.length === 0 ? [] : [{ id: `p${part}_${index + 1}`, text, citations: own }];
  });
  return { claims: kept, struck, isStopped };
}

/** The quotations that were corrected and are found now, or are still not. A reader that cannot be asked withdraws all. */
async function correct(
  reading: Reading,
  given: ClaimsToCheck & { readonly backend: string },
  refused: readonly Refused[],
): Promise<ReadonlyMap<LookedUp, LookedUp>> {
  const { ctx, work, talk } = reading;
  const corrected = new Map<LookedUp, LookedUp>();
  const questions = questionsFor(reading, given, refused);
  const isFileUnknown = questions.some(({ of }) => of.found.why === 'no-such-file');
  const messages: Form = (said) =>
    correctQuotesPrompt.render({
      objective: withWords(work.spec.objective, said === 0 ? [] : [wordsText(talk.words(0, said))]),
      refused: questions.map(({ asked }) => asked),
      files: isFileUnknown ? filesOf(reading) : [],
      mark: ctx.mark,
    });
  const said = talk.count;
  const turn = await askReader(reading, {
    turn: reading.turns.of([messages], given.turn),
    prompt: correctQuotesPrompt,
    schema: QUOTES_SCHEMA,
    build: (_description, heard) => ({ messages: messages(heard), subject: { kind: 'correct-quotes' } }),
    said,
    inputTokens: tokensOfMessages(messages(said)),
    outputTokens: Math.max(LEAST_OUTPUT_TOKENS, questions.length * OUTPUT_TOKENS_EACH),
    prefer: given.backend,
    urgency: URGENCY,
  });
  if (turn.kind === 'failed') return corrected;
  const replies = parseCorrections(turn.text);
  for (const { asked, of } of questions) {
    const quote = replies.get(asked.n);
    if (quote !== undefined) corrected.set(of, { claim: of.claim, quote, found: await find(reading, quote) });
  }
  return corrected;
}

interface Question {
  readonly asked: RefusedQuote;
  readonly of: Refused;
}

/** As many as the prompt takes. */
function questionsFor(
  reading: Reading,
  { claims, backend }: ClaimsToCheck & { readonly backend: string },
  refused: readonly Refused[],
): readonly Question[] {
  const description = findBackend(reading.ctx, backend)?.description;
  const most = Math.min(MOST_PROMPT_TOKENS, description === undefined ? Infinity : windowOf(description) / 3);
  const questions: Question[] = [];
  let tokens = 0;
  for (const [index, one] of refused.slice(0, MOST_CORRECTED).entries()) {
    const near = linesNear(reading, one);
    const asked: RefusedQuote = {
      n: index + 1,
      path: one.quote.path,
      line: one.quote.line,
      text: takeTokens(one.quote.text, MOST_QUOTE_TOKENS),
      claim: takeTokens(claims[one.claim]?.text ?? '', MOST_CLAIM_TOKENS),
      why: reasonText(reading, one),
      ...(near === undefined ? {} : { near }),
    };
    tokens += estimateTokens(`${asked.text}${asked.claim}${asked.why}${near?.text ?? ''}`) + 100;
    if (questions.length > 0 && tokens > most) break;
    questions.push({ asked, of: one });
  }
  return questions;
}

const REASONS: Readonly<Record<StrikeReason, string>> = {
  'not-found': 'the file does not have this text, word for word.',
  ambiguous: 'it stands in the file more than once, and no place is near the line you gave.',
  'too-short': 'it has fewer than 20 characters and is not a whole line. Copy more of it.',
  'no-such-file': 'there is no such file in the material.',
};

function reasonText({ indexed }: Reading, { quote, found }: Refused): string {
  if (found.why !== 'ambiguous') return REASONS[found.why];
  const places = placesOf(indexed, quote);
  if (places.length === 0) return REASONS.ambiguous;
  return `it stands in the file more than once (lines ${places.join(', ')}). Give the line of the one you mean, or copy more of it.`;
}

const MOST_PLACES = 12;

/** Lines at which the quotation's first line stands as it was given. */
function placesOf(indexed: readonly IndexedInput[], { path, text }: ClaimQuote): readonly number[] {
  const wanted = text.trim().split(/\r?\n/, 1)[0]?.trim() ?? '';
  const places: number[] = [];
  for (const { input, lines } of wanted === '' ? [] : indexed.filter((one) => one.input.path === path)) {
    for (let at = input.text.indexOf(wanted); at >= 0; at = input.text.indexOf(wanted, at + wanted.length)) {
      if (places.length === MOST_PLACES) return places;
      places.push(input.firstLine + lines.lineAt(at));
    }
  }
  return places;
}

/** About where it may have been meant, or around the line it was said to be at. */
function linesNear({ indexed }: Reading, { quote, found }: Refused): RefusedQuote['near'] {
  const wanted = found.nearest ?? (quote.line === null ? undefined : { startLine: quote.line, endLine: quote.line });
  if (wanted === undefined) return undefined;
  const at = indexed.findIndex(({ input, lines }) => {
    const last = input.firstLine + lines.count - 1;
    return samePath(input.path, quote.path) && wanted.startLine >= input.firstLine && wanted.startLine <= last;
  });
  const one = indexed[at];
  if (one === undefined) return undefined;
  const around = Math.max(0, Math.floor((LINES_AROUND - (wanted.endLine - wanted.startLine + 1)) / 2));
  const from = Math.max(0, wanted.startLine - around - one.input.firstLine);
  const to = Math.min(one.lines.count, from + LINES_AROUND);
  const { text, firstLine } = sliceInput(one, pieceOf(one, at, { from, to }));
  return { firstLine, text: takeTokens(text, MOST_AROUND_TOKENS) };
}

function samePath(path: string | undefined, given: string): boolean {
  if (path === undefined) return false;
  const wanted = given
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '');
  return path === wanted || path.endsWith(`/${wanted}`);
}

function filesOf({ indexed }: Reading): readonly string[] {
  const paths = [...new Set(indexed.flatMap(({ input }) => (input.path === undefined ? [] : [input.path])))];
  return paths.length <= MOST_FILES_NAMED
    ? paths
    : [...paths.slice(0, MOST_FILES_NAMED), `and ${paths.length - MOST_FILES_NAMED} more`];
}
