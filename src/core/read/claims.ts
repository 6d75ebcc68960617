/** What a reader replies: claims with the quotations they rest on, as JSON; tolerant of what models do to JSON. */
import * as z from 'zod';
import { endOfValue, gateJson, outerObject } from '../json-gate.ts';

/** A quotation as the model gave it. */
export interface ClaimQuote {
  readonly path: string;
  /** 1-based line it is said to begin at; null when none was given. */
  readonly line: number | null;
  readonly text: string;
}

export interface Claim {
  /** Markdown. */
  readonly text: string;
  readonly quotes: readonly ClaimQuote[];
}

export type ClaimsReply =
  | {
      readonly kind: 'claims';
      readonly claims: readonly Claim[];
      /** What was asked and not found, in sentences; empty when nothing is. */
      readonly missing: string;
      /** The reply was cut or broken: these are the claims that are whole. */
      readonly isCut: boolean;
    }
  /** No claims in it: the text as it came. */
  | { readonly kind: 'prose'; readonly text: string };

const quoteFields = {
  path: { type: 'string' },
  line: { type: 'integer' },
  text: { type: 'string' },
} as const;

/** For servers that can hold a model to a schema; strict mode wants all fields required. */
export const CLAIMS_SCHEMA = {
  name: 'claims',
  schema: object({
    claims: list(object({ text: { type: 'string' }, quotes: list(object(quoteFields)) })),
    missing: { type: 'string' },
  }),
};

export const QUOTES_SCHEMA = {
  name: 'quotes',
  schema: object({ quotes: list(object({ n: { type: 'integer' }, ...quoteFields })) }),
};

export const REDUCED_SCHEMA = {
  name: 'reduced_claims',
  schema: object({
    claims: list(object({ text: { type: 'string' }, from: list({ type: 'string' }) })),
    missing: { type: 'string' },
  }),
};

type JsonSchema = Readonly<Record<string, unknown>>;

function object(properties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties };
}

function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

const LIMITS = { maxChars: 1_000_000, maxDepth: 12 };

const lineSchema = z.preprocess(readLine, z.int().min(1).nullable());
const quoteSchema = z.object({ path: z.string().nullish(), line: lineSchema, text: z.string() });
const claimSchema = z.object({ text: z.string(), quotes: z.array(z.unknown()).nullish().catch(null) });
const numberedSchema = quoteSchema.extend({ n: z.coerce.number().int() });
const reducedSchema = z.object({
  text: z.string(),
  from: z
    .array(z.union([z.string(), z.number()]).transform(String))
    .nullish()
    .catch(null),
});

export function parseClaims(text: string): ClaimsReply {
  const found = itemsOf(text, 'claims');
  if (found === undefined) return { kind: 'prose', text };
  const claims = found.items.flatMap((item) => {
    const claim = claimSchema.safeParse(item);
    if (!claim.success || claim.data.text.trim() === '') return [];
    return [{ text: claim.data.text.trim(), quotes: (claim.data.quotes ?? []).flatMap(readQuote) }];
  });
  return { kind: 'claims', claims, missing: found.missing, isCut: found.isCut };
}

/** What a reply without claims says is missing; a question to the user may stand there. */
export function missingOf(text: string): string {
  const reply = parseClaims(text);
  return reply.kind === 'claims' && reply.claims.length === 0 ? reply.missing : '';
}

/** Corrected quotations by their number; empty when the reply has none. */
export function parseCorrections(text: string): ReadonlyMap<number, ClaimQuote> {
  const items = itemsOf(text, 'quotes')?.items ?? [];
  return new Map(
    items.flatMap((item) => {
      const parsed = numberedSchema.safeParse(item);
      if (!parsed.success) return [];
      const { n, path, line, text: quote } = parsed.data;
      return [[n, { path: path ?? '', line, text: quote }] as const];
    }),
  );
}

export interface ReducedReply {
  readonly claims: readonly { readonly text: string; readonly from: readonly string[] }[];
  readonly missing: string;
  readonly isCut: boolean;
}

/** Undefined when the reply has no claims in the form that was asked for. */
export function parseReduced(text: string): ReducedReply | undefined {
  const found = itemsOf(text, 'claims');
  if (found === undefined) return undefined;
  const claims = found.items.flatMap((item) => {
    const claim = reducedSchema.safeParse(item);
    if (!claim.success || claim.data.text.trim() === '') return [];
    return [{ text: claim.data.text.trim(), from: (claim.data.from ?? []).map((id) => id.trim()) }];
  });
  return { claims, missing: found.missing, isCut: found.isCut };
}

function readQuote(raw: unknown): readonly ClaimQuote[] {
  const quote = quoteSchema.safeParse(raw);
  return quote.success ? [{ path: quote.data.path ?? '', line: quote.data.line, text: quote.data.text }] : [];
}

/** Models write lines as `12`, `"12"`, `"L12-L14"`. */
function readLine(raw: unknown): number | null {
  const line = typeof raw === 'string' ? Number(/\d{1,9}/.exec(raw)?.[0]) : raw;
  return typeof line === 'number' && Number.isInteger(line) && line >= 1 ? line : null;
}

interface Items {
  readonly items: readonly unknown[];
  readonly missing: string;
  readonly isCut: boolean;
}

/** Models think aloud and repeat the form first; a reply of nothing but beginnings is not looked at again and again. */
const MOST_OBJECTS = 8;

/** The members of the list `field` of the reply's last object that has any; of a broken one those that are whole. */
function itemsOf(text: string, field: 'claims' | 'quotes'): Items | undefined {
  const begin = new RegExp(`\\{\\s*"(?:${field}|missing)"\\s*:`, 'g');
  let best: Items | undefined;
  for (let count = 0, from = 0; count < MOST_OBJECTS; count++) {
    begin.lastIndex = from;
    const at = begin.exec(text)?.index ?? -1;
    if (at < 0 && count > 0) break;
    const end = at < 0 ? text.length : (endOfValue(text, at) ?? text.length);
    const found = itemsIn(at < 0 ? text : text.slice(at, end), field);
    if (found !== undefined && (best === undefined || found.items.length > 0)) best = found;
    if (at < 0) break;
    from = end === text.length ? at + 1 : end;
  }
  return best ?? bareItems(text);
}

/** The list alone, without the object around it. */
function bareItems(text: string): Items | undefined {
  const list = /^\s*(?:```\w*\s*)?\[(?=\s*\{\s*"(?:text|quotes|from|n)"\s*:)/.exec(text);
  if (list === null) return undefined;
  const [{ length }] = list;
  return { items: wholeItems(text, length), missing: '', isCut: endOfValue(text, length - 1) === undefined };
}

function itemsIn(text: string, field: 'claims' | 'quotes'): Items | undefined {
  const named = text.search(new RegExp(`\\{\\s*"(?:${field}|missing)"\\s*:`));
  const whole = parse(outerObject(text, named < 0 ? text.indexOf('{') : named));
  const shape = z.looseObject({ [field]: z.array(z.unknown()) }).safeParse(whole);
  if (shape.success) {
    const { missing } = z.looseObject({ missing: z.string().catch('') }).parse(shape.data);
    return { items: shape.data[field] ?? [], missing: missing.trim(), isCut: false };
  }
  const list = new RegExp(`"${field}"\\s*:\\s*\\[`).exec(text);
  if (named < 0 || list === null) return undefined;
  return { items: wholeItems(text, list.index + list[0].length), missing: '', isCut: true };
}

/** The objects that follow one another from `from` on, up to the first that has no end or cannot be read. */
function wholeItems(text: string, from: number): readonly unknown[] {
  const items: unknown[] = [];
  for (let at = text.indexOf('{', from); at >= 0;) {
    const end = endOfValue(text, at);
    const item = end === undefined ? undefined : parse(text.slice(at, end));
    if (end === undefined || item === undefined) break;
    items.push(item);
    at = /^\s*,\s*\{/.test(text.slice(end, end + 200)) ? text.indexOf('{', end) : -1;
  }
  return items;
}

/** Undefined when it is no JSON, also not after the strings in it were mended. */
function parse(text: string): unknown {
  if (gateJson(text, LIMITS) !== undefined) return undefined;
  for (const form of [() => text, () => mendStrings(text)]) {
    try {
      return JSON.parse(form());
    } catch {
      // The next form may do.
    }
  }
  return undefined;
}

const CONTROL = /[\n\r\t]/g;
const CONTROL_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const ESCAPE = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/;

/** Code is often quoted as it stands: line ends inside strings, and `\d` where JSON wants `\\d`. One pass. */
function mendStrings(text: string): string {
  const parts: string[] = [];
  let done = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      const part = text.slice(done, at + 1);
      parts.push(isInString ? part.replaceAll(CONTROL, (found) => CONTROL_ESCAPES[found] ?? found) : part);
      done = at + 1;
      isInString = !isInString;
    } else if (sign === '\\' && isInString) {
      const known = ESCAPE.exec(text.slice(at, at + 6))?.[0];
      if (known === undefined) {
        parts.push(
          text.slice(done, at).replaceAll(CONTROL, (found) => CONTROL_ESCAPES[found] ?? found),
          '\\\\',
        );
        done = at + 1;
      } else at += known.length - 1;
    }
  }
  return parts.join('') + text.slice(done);
}
