import type { ChatRequest } from '../../src/core/backend.ts';
import type { ScriptedReply } from './scripted-backend.ts';

export interface QuoteGiven {
  readonly path: string;
  readonly line: number | null;
  readonly text: string;
}

export function quoteOf(path: string, line: number | null, text: string): QuoteGiven {
  return { path, line, text };
}

export type ClaimGiven = readonly [text: string, ...quotes: QuoteGiven[]];

/** A reader's reply. */
export function claimsReply(claims: readonly ClaimGiven[], missing = ''): { readonly text: string } {
  return { text: JSON.stringify({ claims: claims.map(([text, ...quotes]) => ({ text, quotes })), missing }) };
}

/** What was asked of a reader, by the schema that came along. */
export function askedFor({
  schema,
  key,
}: ChatRequest): 'claims' | 'quotes' | 'reduced_claims' | 'plan' | 'answer' | 'other' {
  if (key.task === '@plan') return 'plan';
  if (key.task === '@answer') return 'answer';
  return schema?.name === 'claims' || schema?.name === 'quotes' || schema?.name === 'reduced_claims'
    ? schema.name
    : 'other';
}

export interface ShownLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** The numbered lines of files in a prompt; in parts only some show their numbers. */
export function linesShown(prompt: string): readonly ShownLine[] {
  return [...prompt.matchAll(/<<(~\w+) file (\S+)[^\n]*>>\n([\s\S]*?)\n<<\1 end>>/g)].flatMap(
    ([, , path = '', text = '']) => {
      const rows = text.split('\n');
      const first = Number(/^\s*(\d+)\|/.exec(rows[0] ?? '')?.[1]);
      return rows.map((row, index) => {
        const [, number, shown = ''] = /^\s*(\d+)\| (.*)$/.exec(row) ?? [];
        return { path, line: first + index, text: Number(number) === first + index ? shown : row };
      });
    },
  );
}

/** Claims each line that holds `word`, quoting it. */
export function readsFor(word: string): (request: ChatRequest, prompt: string) => ScriptedReply {
  return (request, prompt) => {
    if (askedFor(request) === 'reduced_claims') return reducesAll(prompt);
    const found = linesShown(prompt).filter(({ text }) => text.includes(word));
    return claimsReply(
      found.map(({ path, line, text }): ClaimGiven => [`It says ${text.trim()}.`, quoteOf(path, line, text)]),
    );
  };
}

/** The claims that a reduce prompt shows. */
export function claimsShown(prompt: string): readonly { readonly id: string; readonly text: string }[] {
  return [...prompt.matchAll(/^\[(\w+)\] (.*?)(?: \([^()]*:\d[^()]*\))?$/gm)].map(([, id = '', text = '']) => ({
    id,
    text,
  }));
}

/** Puts all claims together as they are. */
export function reducesAll(prompt: string): ScriptedReply {
  const claims = claimsShown(prompt).map(({ id, text }) => ({ text, from: [id] }));
  return { text: JSON.stringify({ claims, missing: '' }) };
}
