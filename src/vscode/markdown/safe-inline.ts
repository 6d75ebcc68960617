/**
 * One line of a model's markdown, from left to right: code spans, links, images, HTML, paths and addresses are each
 * recognised whole and written anew in a form that every reader of markdown reads the same way; everything else that
 * could begin one of them is escaped. A construct goes over no line break.
 */
import { findFile, parseFileRef, renderAddress, renderImage, renderLink, scanLink } from './safe-link.ts';
import type { IsFile, PartList } from './safe-part.ts';

export interface InlineContext {
  /** The line ends where `text` ends; otherwise more may follow and what is open is held back. */
  readonly isComplete: boolean;
  /** What of this line was consumed before. */
  readonly before: string;
  readonly isFile: IsFile;
}

interface Line extends InlineContext {
  readonly text: string;
  readonly parts: PartList;
}

const LONGEST_CODE_SPAN = 2_000;
const LONGEST_WORD = 400;
const WORD = /[\w@.~+\-/#:%=&?]+/y;
const ADDRESS = /https?:\/\/[^\s<>`"'[\]()|\\*]+/iy;
const BRACKETED_ADDRESS = /<(https?:\/\/[^\s<>]+)>/iy;
/** Where a reader may begin an address in the middle of a word; it would take what follows, backticks too, into it. */
const ADDRESS_WITHIN = /(?:https?|ftp):\/\/|www\./i;

/** Writes what is certain to `parts` and returns how much of `text` that was. */
export function scanInline(text: string, parts: PartList, context: InlineContext): number {
  const line: Line = { ...context, text, parts };
  let i = 0;
  while (i < text.length) {
    const used = step(line, i);
    if (used === 0) return i;
    i += used;
  }
  return i;
}

/** Characters consumed at `i`; 0: wait for more. */
function step(line: Line, i: number): number {
  const { text, parts } = line;
  switch (text[i]) {
    case '\\':
      return backslash(line, i);
    case '`':
      return codeSpan(line, i);
    case '!':
      return image(line, i);
    case '[':
      return link(line, i);
    case '<':
      return angle(line, i);
    case '$':
      parts.markdown('\\$');
      return 1;
    default:
      return word(line, i);
  }
}

function backslash(line: Line, i: number): number {
  const { text, parts } = line;
  const next = text[i + 1];
  if (next === undefined && !line.isComplete) return 0;
  if (next === undefined || !/[!-/:-@[-`{-~]/.test(next)) {
    // At the end of a line it is a line break; else it must not escape what is written for the next character.
    parts.markdown(next === undefined ? '\\' : '\\\\');
    return 1;
  }
  if (next !== '`') {
    parts.markdown(next === '<' ? '&lt;' : `\\${next}`);
    return 2;
  }
  // Readers differ on a run of backticks after an escaped one: none of them begins code.
  const run = runOf('`', text, i + 1);
  if (i + 1 + run === text.length && !line.isComplete) return 0;
  parts.markdown('\\`'.repeat(run));
  return 1 + run;
}

function codeSpan(line: Line, i: number): number {
  const { text, parts } = line;
  const run = runOf('`', text, i);
  if (i + run === text.length && !line.isComplete) return 0;
  const end = closingRun(text, i + run, run);
  // A run at the very end may still grow and then would not close this one.
  const mayGrow = end !== undefined && end + run === text.length && !line.isComplete;
  if (mayGrow || (end === undefined && !line.isComplete && text.length - i < LONGEST_CODE_SPAN)) return 0;
  const code = end === undefined ? undefined : text.slice(i + run, end);
  // In a table a `|` ends the cell also inside code, and what follows it would be read as text.
  if (end === undefined || code === undefined || (code.includes('|') && /[[<]|:\/\//.test(code))) {
    parts.markdown('\\`'.repeat(run));
    return run;
  }
  const file = findFile(code.trim(), line.isFile);
  if (file === undefined) parts.markdown(renderCode(code));
  else parts.file(file);
  return end + run - i;
}

function renderCode(code: string): string {
  const longest = Math.max(0, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || code.trim() === '' ? ' ' : '';
  return `${fence}${pad}${withoutHostTags(code)}${pad}${fence}`;
}

/** VS Code reads tags such as `<vscode_codeblock_uri>` also inside code. */
export function withoutHostTags(code: string): string {
  return code.replaceAll(/<(?=\/?vscode_)/gi, '< ');
}

function image(line: Line, i: number): number {
  const { text, parts } = line;
  if (i + 1 === text.length && !line.isComplete) return 0;
  if (text[i + 1] !== '[') {
    // What follows may be written as a link, which a bare `!` would make an image.
    parts.markdown(/^!(?:\s|$)/.test(text.slice(i, i + 2)) ? '!' : '\\!');
    return 1;
  }
  const scan = scanLink(text, i + 1, line.isComplete);
  if (scan.kind === 'pending') return 0;
  if (scan.kind === 'none') {
    parts.markdown('\\!\\[');
    return 2;
  }
  renderImage(scan, parts);
  return scan.end - i;
}

function link(line: Line, i: number): number {
  const { text, parts } = line;
  if (/^\s*(?:[-*+]|\d{1,9}[.)])\s+$/.test(line.before + text.slice(0, i))) {
    const rest = text.slice(i, i + 4);
    if (rest.length < 4 && !line.isComplete) return 0;
    if (/^\[[ xX]\] /.test(rest)) {
      parts.markdown(rest);
      return 4;
    }
  }
  const scan = scanLink(text, i, line.isComplete);
  if (scan.kind === 'pending') return 0;
  if (scan.kind === 'none') {
    parts.markdown('\\[');
    return 1;
  }
  renderLink(scan, parts, line.isFile);
  return scan.end - i;
}

function angle(line: Line, i: number): number {
  const { text, parts } = line;
  const address = matchAt(BRACKETED_ADDRESS, text, i);
  if (address?.[1] !== undefined) {
    renderAddress(address[1], parts);
    return address[0].length;
  }
  const mayBecomeOne = !line.isComplete && text.length - i < LONGEST_WORD && /^<[^\s<>]*$/.test(text.slice(i));
  if (mayBecomeOne) return 0;
  parts.markdown('&lt;');
  return 1;
}

function word(line: Line, i: number): number {
  const { text, parts } = line;
  const address = matchAt(ADDRESS, text, i)?.[0];
  if (address !== undefined) return addressWord(line, i, address);
  const token = matchAt(WORD, text, i)?.[0];
  if (token === undefined) {
    const plain = String.fromCodePoint(text.codePointAt(i) ?? 0);
    parts.markdown(plain);
    return plain.length;
  }
  if (i + token.length === text.length && !line.isComplete && token.length < LONGEST_WORD) return 0;
  const within = token.search(ADDRESS_WITHIN);
  if (within === 0) {
    // Not one that is let through: its first dot or colon is made plain text.
    const plain = /^[a-z]+/i.exec(token)?.[0] ?? '';
    parts.markdown(`${plain}\\${token.charAt(plain.length)}`);
    return plain.length + 1;
  }
  const taken = within > 0 ? token.slice(0, within) : token;
  const core = taken.replace(/[.:,;?]+$/, '');
  const ref = parseFileRef(core);
  if (ref?.startLine !== undefined && line.isFile(ref.path)) parts.file(ref);
  else parts.markdown(core.replaceAll('@', '\\@'));
  parts.markdown(taken.slice(core.length));
  return taken.length;
}

function addressWord(line: Line, i: number, address: string): number {
  const { text, parts } = line;
  if (i + address.length === text.length && !line.isComplete && address.length < LONGEST_WORD) return 0;
  const core = address.replace(/[.:,;?!]+$/, '');
  renderAddress(core, parts);
  return core.length;
}

function runOf(character: string, text: string, from: number): number {
  let end = from;
  while (text[end] === character) end++;
  return end - from;
}

/** Where a run of exactly `length` backticks begins. */
function closingRun(text: string, from: number, length: number): number | undefined {
  for (let i = text.indexOf('`', from); i >= 0; i = text.indexOf('`', i)) {
    const run = runOf('`', text, i);
    if (run === length) return i;
    i += run;
  }
  return undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
