/**
 * Recognizes a few constructs of Markdown at the beginning of a text that may go on. What is decided stays so whatever
 * follows, so that a stream may be cut anywhere; `more` says that it depends on what follows.
 */

export type Scan<T> = 'none' | 'more' | (T & { readonly length: number });

/** The beginning of what is left to look at. */
export interface View {
  readonly text: string;
  /** Nothing follows. */
  readonly isEnd: boolean;
}

/** `[[2]]`, `[[2, 5]]`, `[[2-4]]`, also with `(dest)` behind it, which `dest` then is. */
export function scanReference({ text, isEnd }: View): Scan<{ readonly list: string; readonly dest?: string }> {
  const open = isEnd ? 'none' : 'more';
  const begin = /^\[?\[?[\d ,\u2013-]*\]?\]?/.exec(text)?.[0] ?? '';
  const list = /^\[\[( *\d+(?: *[,\u2013-] *\d+)* *)\]\]/.exec(text);
  if (list === null) return begin.length === text.length ? open : 'none';
  const [{ length }, inner = ''] = list;
  const behind = /^\(([^()\s]*)(\)?)/.exec(text.slice(length));
  if (behind === null) return length === text.length && !isEnd ? 'more' : { length, list: inner };
  const [{ length: extra }, dest = '', close] = behind;
  if (close === ')') return { length: length + extra, list: inner, dest };
  return length + extra === text.length && !isEnd ? 'more' : { length, list: inner };
}

export interface Link {
  readonly label: string;
  readonly dest: string;
}

/** `[label](dest)`, `![label](dest)`, with or without a title. */
export function scanLink({ text, isEnd }: View): Scan<Link> {
  const open = isEnd ? 'none' : 'more';
  const begin = text.startsWith('!') ? 2 : 1;
  if (text.length < begin) return open;
  if (text[begin - 1] !== '[') return 'none';
  const label = findClose(text, begin, '[]');
  if (label < 0) return label === BLANK_LINE ? 'none' : open;
  if (label + 1 === text.length) return open;
  if (text[label + 1] !== '(') return 'none';
  const close = findClose(text, label + 2, '()');
  if (close < 0) return close === BLANK_LINE ? 'none' : open;
  return { length: close + 1, label: text.slice(begin, label), dest: destination(text.slice(label + 2, close)) };
}

/** `](dest)`: the end of a link that begins too far away to have been seen as one. */
export function scanLinkEnd({ text, isEnd }: View): Scan<Pick<Link, 'dest'>> {
  if (text.length < 2) return isEnd ? 'none' : 'more';
  if (text[1] !== '(') return 'none';
  const close = findClose(text, 2, '()');
  if (close < 0) return close === BLANK_LINE || isEnd ? 'none' : 'more';
  return { length: close + 1, dest: destination(text.slice(2, close)) };
}

/** `[label]: dest`, which links to `dest` wherever `[label]` stands. */
export function scanDefinition({ text, isEnd }: View): Scan<Pick<Link, 'dest'>> {
  const open = isEnd ? 'none' : 'more';
  const label = text.startsWith('[') ? findClose(text, 1, '[]') : BLANK_LINE;
  if (label < 0) return label === BLANK_LINE ? 'none' : open;
  if (label + 1 === text.length) return open;
  if (text[label + 1] !== ':') return 'none';
  const found = /^:[ \t]*(?:\r?\n[ \t]*)?(?:<([^<>\n]*)>|([^\s<]\S*))/.exec(text.slice(label + 1));
  if (found === null) return /\n[ \t\r]*\n/.test(text.slice(label + 1)) ? 'none' : open;
  const [{ length }, angled, bare = ''] = found;
  const end = label + 1 + length;
  return end === text.length && !isEnd ? 'more' : { length: end, dest: angled ?? bare };
}

/** `<a href="dest">`. */
export function scanAnchorTag({ text, isEnd }: View): Scan<Pick<Link, 'dest'>> {
  const open = isEnd ? 'none' : 'more';
  if (/^<a?$/i.test(text)) return open;
  if (!/^<a\s/i.test(text)) return 'none';
  const close = text.indexOf('>');
  if (close < 0) return open;
  const [, double, single, bare = ''] =
    /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(text.slice(0, close)) ?? [];
  return { length: close + 1, dest: double ?? single ?? bare };
}

const BLANK_LINE = -2;

/** Where the bracket that is open at `from` is closed; -1 when it is not yet, `BLANK_LINE` when it never is. */
function findClose(text: string, from: number, [opening, closing]: string): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\') at += 1;
    else if (sign === opening) depth += 1;
    else if (sign === closing) {
      depth -= 1;
      if (depth === 0) return at;
    } else if (sign === '\n' && /^[ \t\r]*\n/.test(text.slice(at + 1))) return BLANK_LINE;
  }
  return -1;
}

function destination(inner: string): string {
  const trimmed = inner.trim();
  const angled = /^<([^<>]*)>/.exec(trimmed)?.[1];
  return angled ?? trimmed.replace(/\s+(?:"[^"]*"|'[^']*'|\([^()]*\))$/, '');
}

/** Code in backticks; `content` is between them. A run of backticks that nothing closes is `{ content: undefined }`. */
export function scanCode({
  text,
  isEnd,
}: View): Scan<{ readonly ticks: string; readonly content: string | undefined }> {
  const ticks = /^`+/.exec(text)?.[0] ?? '';
  if (ticks === '') return 'none';
  for (const [run, offset] of runsOfTicks(text, ticks.length)) {
    if (run === undefined) return { length: ticks.length, ticks, content: undefined };
    const end = offset + run.length;
    if (end === text.length && !isEnd) return 'more';
    if (run.length === ticks.length) return { length: end, ticks, content: text.slice(ticks.length, offset) };
  }
  return isEnd ? { length: ticks.length, ticks, content: undefined } : 'more';
}

/** Undefined stands for the blank line that ends the paragraph. */
function* runsOfTicks(text: string, from: number): Generator<readonly [string | undefined, number]> {
  for (const { 0: found, index } of text.slice(from).matchAll(/`+|\n[ \t\r]*\n/g)) {
    yield [found.startsWith('`') ? found : undefined, from + index];
  }
}

export interface Fence {
  /** The backticks or tildes that opened it. */
  readonly mark: string;
  readonly isQuoted: boolean;
}

/** At the beginning of a line: what opens a block of code, up to the end of its mark. */
export function scanFence({ text, isEnd }: View): Scan<Fence> {
  const open = isEnd ? 'none' : 'more';
  const { 0: begin, 1: quoted = '', 2: mark = '' } = /^[ \t]*((?:>[ \t]*)*)(`+|~+)?/.exec(text) ?? [''];
  if (begin.length === text.length && !isEnd) return 'more';
  if (mark.length < 3) return 'none';
  const fence = { length: begin.length, mark, isQuoted: quoted !== '' };
  if (mark.startsWith('~')) return fence;
  // Backticks behind it on the line make it code in a line.
  const next = /[`\n]/.exec(text.slice(begin.length))?.[0];
  if (next === undefined) return isEnd ? fence : open;
  return next === '\n' ? fence : 'none';
}

/** At the beginning of a line inside a block of code: what closes it, up to the end of the line. */
export function scanFenceEnd({ text, isEnd }: View, { mark, isQuoted }: Fence): Scan<object> {
  const sign = mark.startsWith('~') ? '~' : '`';
  const lead = isQuoted ? '(?:[ \\t]|>)*' : '[ \\t]*';
  const found = new RegExp(`^${lead}(${sign}*)[ \\t\\r]*`).exec(text);
  const { 0: line = '', 1: run = '' } = found ?? [];
  if (line.length === text.length) {
    if (!isEnd) return 'more';
    return run.length >= mark.length ? { length: line.length } : 'none';
  }
  return run.length >= mark.length && text[line.length] === '\n' ? { length: line.length } : 'none';
}
