/**
 * Text of models as HTML that can do nothing: no address is loaded or followed. Links become buttons whose click the page
 * hands to the extension, images become words, HTML stays text. What comes out is cleaned once more where it is drawn.
 */
import MarkdownIt from 'markdown-it';
import { showHidden } from '../../base/hidden-characters.ts';
import { readFileLink } from './file-link.ts';
import { webAddress } from './guards.ts';

type Tokens = Parameters<InstanceType<typeof MarkdownIt>['renderer']['render']>[0];
type MarkdownToken = Tokens[number];

export function createMarkdown(): (text: string) => string {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
  // Every target is looked at where it is drawn; one that is refused is named there.
  markdown.validateLink = () => true;
  const { rules } = markdown.renderer;
  const { escapeHtml } = markdown.utils;
  rules['link_open'] = (tokens, at) => openLink(hrefOf(tokens[at]), escapeHtml);
  rules['link_close'] = (tokens, at) => closeLink(linkBefore(tokens, at), escapeHtml);
  rules['image'] = (tokens, at) => escapeHtml(imageWords(tokens[at]));
  rules['heading_open'] = (tokens, at) => `<${lowered(tokens[at])}>`;
  rules['heading_close'] = (tokens, at) => `</${lowered(tokens[at])}>\n`;
  rules['fence'] = (tokens, at) => `<pre><code>${escapeHtml(tokens[at]?.content ?? '')}</code></pre>\n`;
  rules['th_open'] = (tokens, at) => `<th${alignment(tokens[at])}>`;
  rules['td_open'] = (tokens, at) => `<td${alignment(tokens[at])}>`;
  return (text) => showHidden(markdown.render(text));
}

function hrefOf(token: MarkdownToken | undefined): string {
  return String(token?.attrGet('href') ?? '');
}

/** The page has headings of its own above those of a message. */
function lowered(token: MarkdownToken | undefined): string {
  return `h${Math.min(6, Number(token?.tag.slice(1) ?? 1) + 3)}`;
}

/** The page takes no styles from a text. */
function alignment(token: MarkdownToken | undefined): string {
  const side = /text-align:(center|right)/.exec(String(token?.attrGet('style') ?? ''))?.[1];
  return side === undefined ? '' : ` class="${side}"`;
}

type Escape = (text: string) => string;

function openLink(href: string, escape: Escape): string {
  const file = readFileLink(href);
  if (file !== undefined) {
    const lines = file.startLine === null ? '' : ` data-start="${file.startLine}" data-end="${file.endLine}"`;
    return `<button type="button" class="link file" data-path="${escape(file.path)}"${lines}>`;
  }
  const url = webAddress(href);
  if (url !== undefined)
    return `<button type="button" class="link web" data-url="${escape(url.href)}" title="${escape(url.href)}">`;
  return '<span class="dead-link">';
}

/** A web address shows its full host, whatever its text says. */
function closeLink({ href, text }: { readonly href: string; readonly text: string }, escape: Escape): string {
  if (readFileLink(href) !== undefined) return '</button>';
  const url = webAddress(href);
  if (url !== undefined)
    return text === url.href || `${text}/` === url.href
      ? '</button>'
      : ` <span class="host">(${escape(url.host)})</span></button>`;
  return href === '' ? '</span>' : ` (${escape(notFollowed(href))})</span>`;
}

function notFollowed(href: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(href)?.[0];
  return `${scheme ?? href.slice(0, 60)} link, not followed`;
}

/** The link that ends here, and what it says. */
function linkBefore(tokens: Tokens, at: number): { readonly href: string; readonly text: string } {
  let from = at;
  while (from > 0 && tokens[from]?.type !== 'link_open') from--;
  const text = tokens
    .slice(from + 1, at)
    .map(({ content }) => content)
    .join('');
  return { href: hrefOf(tokens[from]), text };
}

function imageWords(token: MarkdownToken | undefined): string {
  const src = String(token?.attrGet('src') ?? '');
  const alt = token?.content ?? '';
  const where = webAddress(src)?.host ?? /^[a-z][a-z0-9+.-]*:/i.exec(src)?.[0] ?? src.slice(0, 60);
  return `[image${alt === '' ? '' : `: ${alt}`}, not loaded from ${where}]`;
}
