/** One piece of the conversation as an element. */
import { icon } from '../shared/icons.ts';
import { make, spoken } from '../shared/dom.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import type { Item, ItemOf } from './conversation-view.ts';
import { drawBrief, drawRoute, taskLink } from './draw-brief.ts';
import { drawChecks } from './draw-checks.ts';
import { drawEdits, drawProblems, drawReading, drawSpend, drawTool } from './draw-work.ts';
import type { Page } from './page.ts';
import { promptFold } from './prompt-fold.ts';
import { drawText, longText } from './text-view.ts';

export function drawItem(item: Item, page: Page): HTMLElement {
  const element = draw(item, page);
  element.dataset['key'] = item.key;
  element.classList.add('item', `item-${item.kind}`);
  return element;
}

function draw(item: Item, page: Page): HTMLElement {
  switch (item.kind) {
    case 'brief':
      return drawBrief(item, page);
    case 'route':
      return drawRoute(item, page);
    case 'note':
      return make('p', {}, [
        showHidden(item.text),
        item.link === null ? null : ' ',
        item.link && taskLink(item.link, page),
      ]);
    case 'message':
      return drawMessage(item, page);
    case 'failure':
      return drawFailure(item, page);
    case 'tool':
      return drawTool(item, page);
    case 'reading':
      return drawReading(item, page);
    case 'result':
      return drawResult(item, page);
    case 'edits':
      return drawEdits(item, page);
    case 'checks':
      return drawChecks(item);
    case 'problems':
      return drawProblems(item);
    case 'spend':
      return drawSpend(item);
    case 'attempt':
      return drawAttempt(item, page);
  }
}

function drawMessage(item: ItemOf<'message'>, page: Page): HTMLElement {
  const name =
    item.asks === null || (item.name === 'Question' && item.asks === 'you')
      ? item.name
      : `${item.name} asks ${item.asks}`;
  const head = make('header', {}, [
    item.asks !== null ? icon('waiting') : null,
    make('h3', { class: 'who', text: showHidden(name) }),
    item.meta === '' ? null : make('span', { class: 'meta', text: item.meta }),
  ]);
  const article = make('article', { class: `by-${item.by}${item.asks === null ? '' : ' question'}` }, [head]);
  if (item.isData)
    article.append(
      page.folds.details(`${item.key}.data`, ['Reply, as data for the program'], () => [
        longText(page, item.text, { key: `${item.key}.text`, style: 'code' }),
      ]),
    );
  else if (item.text.text !== '' || item.text.more !== undefined)
    article.append(
      longText(page, item.text, { key: `${item.key}.text`, style: item.by === 'user' ? 'plain' : 'markdown' }),
    );
  if (item.isOpen) article.append(make('div', { class: 'live-place' }));
  if (item.prompt !== null) article.append(promptFold(item.prompt, page));
  return article;
}

function drawFailure(item: ItemOf<'failure'>, page: Page): HTMLElement {
  const head = make('header', {}, [
    icon('failed'),
    make('h3', { class: 'who', text: showHidden(item.title) }),
    item.meta === '' ? null : make('span', { class: 'meta', text: item.meta }),
  ]);
  return make('article', {}, [
    head,
    drawText(item.message, 'plain'),
    item.whatToDo === '' ? null : make('p', { class: 'what-to-do', text: showHidden(item.whatToDo) }),
    item.partial === null ? null : longText(page, item.partial, { key: `${item.key}.text`, style: 'plain' }),
    item.prompt === null ? null : promptFold(item.prompt, page),
  ]);
}

function drawResult(item: ItemOf<'result'>, page: Page): HTMLElement {
  const heading = make('h2', { text: item.title });
  return make('section', { attributes: { 'aria-label': item.title } }, [
    make('header', {}, [heading, item.meta === '' ? null : make('span', { class: 'meta', text: item.meta })]),
    longText(page, item.text, { key: `${item.key}.text`, style: 'markdown' }),
    ...item.notes.map((note) => make('p', { class: 'meta', text: note })),
    item.prompt === null ? null : promptFold(item.prompt, page),
  ]);
}

function drawAttempt(item: ItemOf<'attempt'>, page: Page): HTMLElement {
  return make('section', {}, [
    page.folds.details(item.key, [make('h2', { text: item.title }), spoken(' (an earlier attempt)')], () =>
      item.items.map((one) => drawItem(one, page)),
    ),
  ]);
}

/** Clicks on links of drawn texts: they are told to the extension, never followed. */
export function followLinks(root: HTMLElement, page: Page): void {
  root.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('button.link') : null;
    if (!(link instanceof HTMLElement)) return;
    const { path, start, end, url } = link.dataset;
    if (path !== undefined)
      page.post({
        type: 'open-file',
        path,
        startLine: start === undefined ? null : Number(start),
        endLine: end === undefined ? null : Number(end),
      });
    else if (url !== undefined) page.post({ type: 'open-link', url });
  });
}
