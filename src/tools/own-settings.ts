import { createScanner } from 'jsonc-parser';
import { foldName } from './protected-paths.ts';

/** The first part of the names of our own settings. */
const OWN = 'orchestrator';

/**
 * Why a change of a file is refused because it changes our own settings; undefined: it does not. What may be read, which
 * hosts are called and what may be spent are the user's to say, so no edit that a model proposes touches them, accepted
 * or not. `path` may begin anywhere above the file; null: no such file before, or none after.
 */
export function whyOwnSettings(path: string, before: string | null, after: string | null): string | undefined {
  if (!holdsSettings(path.split('/').map(foldName))) return undefined;
  const had = ownSettings(before ?? '');
  const has = ownSettings(after ?? '');
  const changed = [...new Set([...had.keys(), ...has.keys()])].find((key) => had.get(key) !== has.get(key));
  if (changed === undefined) return undefined;
  return `It changes the setting "${changed}". Edits that a model proposes never change Orchestrator's own settings; change it by hand if you want it.`;
}

function holdsSettings(folded: readonly string[]): boolean {
  const name = folded.at(-1) ?? '';
  return (
    name.endsWith('.code-workspace') ||
    name === 'devcontainer.json' ||
    name === '.devcontainer.json' ||
    folded.slice(0, -1).some((folder) => folder === '.vscode' || folder === '.devcontainer')
  );
}

/**
 * Every value of ours in a settings file by its name, at whatever depth it stands: settings of a language lie one deeper.
 * Goes by tokens, not by a tree: a file that no parser takes has settings for the editor all the same, and nesting
 * without end is no harm.
 */
function ownSettings(text: string): ReadonlyMap<string, string> {
  const tokens = tokensOf(text);
  const found = new Map<string, string>();
  /** The names of what the token stands in. */
  const around: string[] = [];
  let last = '';
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text } = tokens[at] ?? NO_TOKEN;
    if (isOpening(kind)) around.push(last);
    else if (isClosing(kind)) around.pop();
    if (tokens[at + 1]?.kind !== KIND.colon) continue;
    last = text;
    if (text !== OWN && !text.startsWith(`${OWN}.`)) continue;
    const end = endOfValue(tokens, at + 2);
    const value = tokens.slice(at + 2, end).map((token) => `${token.kind} ${JSON.stringify(token.text)}`);
    found.set(text, `${found.get(text) ?? ''}\n${JSON.stringify(around.slice(1))}: ${value.join(' ')}`);
    at = end - 1;
  }
  return found;
}

interface Token {
  readonly kind: number;
  /** Of a string, what it means. */
  readonly text: string;
}

const NO_TOKEN: Token = { kind: 0, text: '' };

/** The library's `SyntaxKind`, which is there for its own compiler only. */
const KIND = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, comma: 5, colon: 6, end: 17 };

/** Without white space and comments. */
function tokensOf(text: string): readonly Token[] {
  const scanner = createScanner(text.replace(/^\uFEFF/, ''), true);
  const tokens: Token[] = [];
  for (let kind: number = scanner.scan(); kind !== KIND.end; kind = scanner.scan())
    tokens.push({ kind, text: scanner.getTokenValue() });
  return tokens;
}

function isOpening(kind: number): boolean {
  return kind === KIND.openBrace || kind === KIND.openBracket;
}

function isClosing(kind: number): boolean {
  return kind === KIND.closeBrace || kind === KIND.closeBracket;
}

/** The index after the last token of a value. */
function endOfValue(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { kind } = tokens[at] ?? NO_TOKEN;
    if (isOpening(kind)) depth++;
    else if (isClosing(kind)) depth--;
    if (depth < 0 || (depth === 0 && kind === KIND.comma)) return at;
  }
  return tokens.length;
}
