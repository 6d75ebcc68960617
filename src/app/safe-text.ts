/** Text from models, files and servers is data: these make it fit to be shown. */

/**
 * Control characters (terminal escapes among them), bidirectional overrides, zero-width and tag characters: what can make a
 * reader see something else than what is there. Tab and line breaks are left to the caller.
 */
const HIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;

export function withoutHidden(text: string): string {
  return text.replace(HIDDEN, '');
}

/** JSON text that means the same, with everything hidden, and the line ends that only JSON allows, written as `\u` escapes. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, unicodeEscapes).replace(/[\u2028\u2029]/g, unicodeEscapes);
}

function unicodeEscapes(hidden: string): string {
  return Array.from({ length: hidden.length }, (_, unit) => hidden.charCodeAt(unit))
    .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
    .join('');
}

/** One line, white space collapsed, at most `maxChars` characters with `…` where it was cut. */
export function oneLine(text: string, maxChars = 200): string {
  // Far more than is shown is enough to look at: a title may be a megabyte long.
  const line = withoutHidden(text.slice(0, maxChars * 8))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > maxChars ? `${cutAt(line, maxChars - 1)}…` : line;
}

/** At most `chars` UTF-16 units, never half of a surrogate pair. */
export function cutAt(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const last = text.charCodeAt(chars - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? chars - 1 : chars);
}

/**
 * One line as Markdown that shows exactly these characters: no link, image, HTML, emphasis, autolink, table cell or icon.
 * Only what could mean something is escaped, because the source is read too.
 */
export function escapeMarkdown(text: string, maxChars = 2_000): string {
  return oneLine(text, maxChars)
    .replace(/[\\`*[\]<|~@]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/&(?=[#\p{L}])|\$(?=\()|:(?=\/\/)|(?<=www)\./giu, '\\$&')
    .replace(/^(?:[-+=#>]|\d+(?=[.)]))/, (start) => (/^\d/.test(start) ? `${start}\\` : `\\${start}`));
}

/** A code block that `text` cannot end: the fence is longer than any run of backticks inside. */
export function fenced(text: string, language = ''): string {
  const clean = withoutHidden(text).replace(/\r\n?/g, '\n');
  const longest = (clean.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${clean}${clean.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** Inline code that `text` cannot end. */
export function inlineCode(text: string, maxChars = 200): string {
  const line = oneLine(text, maxChars);
  const longest = (line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const ticks = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** For VS Code's notifications, which make links (also command links) of `[text](target)` and show one line. */
export function noticeText(text: string, maxChars = 600): string {
  return oneLine(text, maxChars).replaceAll('](', '] (');
}
