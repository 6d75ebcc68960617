import DOMPurify from 'dompurify';
import { createMarkdown } from './markdown-html.ts';

const render = createMarkdown();

/** All that a text of a model may become. */
const ALLOWED = {
  ALLOWED_TAGS: [
    'p',
    'br',
    'hr',
    'em',
    'strong',
    's',
    'code',
    'pre',
    'blockquote',
    'ul',
    'ol',
    'li',
    'h4',
    'h5',
    'h6',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'button',
    'span',
    '#text',
  ],
  ALLOWED_ATTR: ['class', 'type', 'title', 'start', 'data-path', 'data-start', 'data-end', 'data-url'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

export function drawMarkdown(text: string): DocumentFragment {
  return DOMPurify.sanitize(render(text), {
    ...ALLOWED,
    ALLOWED_TAGS: [...ALLOWED.ALLOWED_TAGS],
    ALLOWED_ATTR: [...ALLOWED.ALLOWED_ATTR],
  });
}
