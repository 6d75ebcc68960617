/** Texts of people, models and files: as markdown, or as they are; long ones folded. */
import { countLines } from '../../base/count-lines.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import { linkButton, make } from '../shared/dom.ts';
import { drawMarkdown } from '../shared/markdown-view.ts';
import type { ShownText } from './conversation-view.ts';
import type { Page } from './page.ts';

type TextStyle = 'markdown' | 'plain' | 'code';

/** Longer texts are folded to their beginning. */
const MOST_LINES = 40;
const MOST_CHARS = 4_000;
/** Markdown of more is shown as it is: drawing it would take seconds. */
const MOST_DRAWN_CHARS = 300_000;

export function drawText(text: string, style: TextStyle): HTMLElement {
  if (style === 'markdown' && text.length <= MOST_DRAWN_CHARS)
    return make('div', { class: 'markdown' }, [drawMarkdown(text)]);
  if (style === 'code') return make('pre', { class: 'code' }, [make('code', { text: showHidden(text) })]);
  return make('div', { class: 'plain', text: showHidden(text) });
}

/** `key` names it among what is folded. */
export function longText(
  page: Page,
  shown: ShownText,
  how: { readonly key: string; readonly style: TextStyle },
): HTMLElement {
  const { text, more } = shown;
  const lines = countLines(text);
  if (more === undefined && lines <= MOST_LINES && text.length <= MOST_CHARS) return drawText(text, how.style);
  const body = make('div', { class: 'long' }, [drawText(text, how.style)]);
  const what = more === undefined ? `all ${lines.toLocaleString('en-US')} lines` : `all of it, ${size(more.bytes)}`;
  let isWhole = more === undefined;
  const set = (isOpen: boolean): void => {
    body.classList.toggle('cut', !isOpen);
    button.textContent = isOpen ? 'Show less' : `Show ${what}`;
    button.setAttribute('aria-expanded', String(isOpen));
    page.folds.set(how.key, isOpen);
    if (!isOpen || isWhole || more === undefined) return;
    isWhole = true;
    void page.load(more.key).then((whole) => {
      body.replaceChildren(
        whole === null
          ? make('p', { class: 'failed', text: 'This text could not be read from the record.' })
          : drawText(whole, how.style),
      );
    });
  };
  const button = linkButton('', () => set(body.classList.contains('cut')));
  set(page.folds.isOpen(how.key));
  return make('div', {}, [body, button]);
}

/** A text that is fetched when it is looked at. */
export function fetchedText(page: Page, key: string, draw: (text: string) => readonly Node[]): HTMLElement {
  const place = make('div', { class: 'fetched', text: '…' });
  void page.load(key).then((text) => {
    if (text === null) place.textContent = 'This text could not be read from the record.';
    else place.replaceChildren(...draw(text));
  });
  return place;
}

function size(bytes: number): string {
  return bytes < 100_000 ? `${bytes.toLocaleString('en-US')} bytes` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
