import { asText, type FileRef, type IsFile, type PartList } from './safe-part.ts';

const LINE_SUFFIX =
  /^(?<path>[^\s#]+?)(?:#L(?<start>\d{1,9})(?:C\d+)?(?:-L?(?<end>\d{1,9})(?:C\d+)?)?|:(?<from>\d{1,9})(?:(?:-|:)(?<to>\d{1,9}))?)?$/;

/** `src/a.ts`, `src/a.ts#L3`, `src/a.ts#L3-L9`, `src/a.ts:3`, `src/a.ts:3-9`; `src/a.ts:3:9` is line and column. */
export function parseFileRef(text: string): FileRef | undefined {
  const groups = LINE_SUFFIX.exec(text)?.groups;
  const path = groups?.['path']?.replace(/^\.\//, '');
  if (groups === undefined || path === undefined || path === '') return undefined;
  const start = groups['start'] ?? groups['from'];
  const isColumn = groups['to'] !== undefined && text.endsWith(`:${groups['to']}`);
  const end = groups['end'] ?? (isColumn ? undefined : groups['to']);
  if (start === undefined || Number(start) === 0) return { path };
  const startLine = Number(start);
  return { path, startLine, endLine: Math.max(startLine, Number(end ?? start)) };
}

/** The file of the workspace that `text` names, with its lines; a name with spaces or percent signs counts too. */
export function findFile(text: string, isFile: IsFile): FileRef | undefined {
  for (const candidate of [text, decode(text)]) {
    const ref = candidate === undefined ? undefined : (parseFileRef(candidate) ?? { path: candidate });
    if (ref !== undefined && ref.path !== '' && isFile(ref.path)) return ref;
  }
  return undefined;
}

export type LinkScan =
  | { readonly kind: 'pending' }
  | { readonly kind: 'none' }
  | { readonly kind: 'link'; readonly label: string; readonly target: string; readonly end: number };

const LONGEST_LABEL = 600;
const LONGEST_TARGET = 3_000;

/** Reads `[label](target "title")` that begins at `start`. Pending: more text may make it one. */
export function scanLink(text: string, start: number, isComplete: boolean): LinkScan {
  const open: LinkScan = isComplete ? { kind: 'none' } : { kind: 'pending' };
  const close = closingBracket(text, start);
  if (close === undefined) return text.length - start > LONGEST_LABEL ? { kind: 'none' } : open;
  if (close + 1 >= text.length) return open;
  if (text[close + 1] !== '(') return { kind: 'none' };
  const end = closingParenthesis(text, close + 1);
  if (end === undefined) return text.length - close > LONGEST_TARGET ? { kind: 'none' } : open;
  const inside = text.slice(close + 2, end).trim();
  const target = /^<(?<inner>[^<>]*)>|^(?<bare>\S*)/.exec(inside)?.groups;
  return {
    kind: 'link',
    label: text.slice(start + 1, close),
    target: target?.['inner'] ?? target?.['bare'] ?? '',
    end: end + 1,
  };
}

function closingBracket(text: string, start: number): number | undefined {
  let depth = 0;
  for (let i = start; i < text.length && i - start <= LONGEST_LABEL; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') depth++;
    else if (text[i] === ']' && --depth === 0) return i;
  }
  return undefined;
}

function closingParenthesis(text: string, start: number): number | undefined {
  let depth = 0;
  for (let i = start; i < text.length && i - start <= LONGEST_TARGET; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return undefined;
}

/** A link of a model: to a file, to the web with its host shown, or only its text. */
export function renderLink(
  link: { readonly label: string; readonly target: string },
  parts: PartList,
  isFile: IsFile,
): void {
  const label = plainLabel(link.label);
  const file = findFile(link.target, isFile);
  if (file !== undefined) {
    const says = label.replaceAll('`', '').trim();
    if (says !== '' && !link.target.includes(says) && !isSamePlace(says, file)) parts.markdown(`${asText(says)} `);
    return parts.file(file);
  }
  const url = webUrl(link.target);
  if (url !== undefined) return parts.markdown(webLink(label, url));
  const where = link.target === '' || link.target === label ? '' : ` (${shortTarget(link.target)})`;
  parts.markdown(asText(`${label}${where}`));
}

/** `src/a.ts:3-9` as the label of a link to those lines says nothing that the file's pill does not. */
function isSamePlace(label: string, file: FileRef): boolean {
  const named = parseFileRef(label);
  const isNamed = named !== undefined && (named.path === file.path || file.path.endsWith(`/${named.path}`));
  return isNamed && named.startLine === file.startLine && named.endLine === file.endLine;
}

/** An image is never loaded: its text and where it would have come from. */
export function renderImage(image: { readonly label: string; readonly target: string }, parts: PartList): void {
  const alt = plainLabel(image.label);
  const url = webUrl(image.target);
  parts.markdown(
    asText(`[image${alt === '' ? '' : `: ${alt}`}, not loaded from ${url?.host ?? shortTarget(image.target)}]`),
  );
}

/** An address that stands in the text by itself. */
export function renderAddress(address: string, parts: PartList): void {
  const url = webUrl(address);
  parts.markdown(url === undefined ? asText(address) : `[${asText(address)}](${safeHref(url)})`);
}

function webLink(label: string, url: URL): string {
  const shown = label === '' || label.includes(url.host) ? label : `${label} (${url.host})`;
  return `[${asText(shown === '' ? url.host : label.includes(url.host) ? spelledOut(label, url) : shown)}](${safeHref(url)})`;
}

/** A label that itself looks like an address must be the address, or the true host is added. */
function spelledOut(label: string, url: URL): string {
  const isAddress = label === url.host || label === url.href || `${label}/` === url.href;
  return isAddress ? label : `${label} (${url.host})`;
}

/** Only http and https, and never the host name that VS Code uses inside for its own references. */
function webUrl(target: string): URL | undefined {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  const url = new URL(target);
  return url.host === '' || url.host.includes('_vscode') ? undefined : url;
}

/** `&` that would read as an entity is encoded, so that no reader of markdown makes another address of it. */
function safeHref(url: URL): string {
  return url.href
    .replaceAll(/[()<>[\]\\`*|$\s!"']/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .replaceAll(/&(?=#?\w+;)/g, '%26');
}

function plainLabel(label: string): string {
  return label
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\\(?=[!-/:-@[-`{-~])/g, '')
    .replaceAll('**', '')
    .trim();
}

function shortTarget(target: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(target)?.[0];
  if (scheme !== undefined) return `${scheme} link, not followed`;
  return target.length > 120 ? `${target.slice(0, 120)}…` : target;
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
