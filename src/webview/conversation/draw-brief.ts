import { linkButton, make } from '../shared/dom.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import type { Fact, FileShown, ItemOf, TaskLink } from './conversation-view.ts';
import { fileButton } from './file-button.ts';
import type { Page } from './page.ts';
import { longText } from './text-view.ts';

export function drawBrief(item: ItemOf<'brief'>, page: Page): HTMLElement {
  const inputs = item.inputs.map((input, index) =>
    make('li', {}, [
      input.kind === 'file'
        ? fileButton(input.path)
        : longText(page, input.text, { key: `brief.input.${index}`, style: 'plain' }),
    ]),
  );
  return make('section', { attributes: { 'aria-labelledby': 'brief' } }, [
    make('h2', { text: 'Brief', attributes: { id: 'brief' } }),
    longText(page, item.objective, { key: 'brief.objective', style: 'markdown' }),
    factList(item, page),
    inputs.length === 0 ? null : labelled('Inputs', make('ul', {}, inputs)),
    item.given.length === 0
      ? null
      : page.folds.details('brief.given', [`Files it was given: ${item.given.length}`], () => [files(item.given)]),
    item.withheld.length === 0
      ? null
      : page.folds.details('brief.withheld', [`Files kept from it: ${item.withheld.length}`], () => [
          files(item.withheld),
        ]),
    item.earlier.length === 0
      ? null
      : page.folds.details('brief.earlier', [`The conversation it goes on from: ${item.earlier.length} messages`], () =>
          earlier(item, page),
        ),
  ]);
}

function factList(item: ItemOf<'brief'>, page: Page): HTMLElement | null {
  const facts: readonly Fact[] = [
    ...item.facts,
    ...(item.deliverable === null ? [] : [{ name: 'Done when', value: item.deliverable }]),
  ];
  const needs = item.needs.map((link) => make('li', {}, [taskLink(link, page)]));
  if (facts.length === 0 && needs.length === 0) return null;
  return make('dl', { class: 'facts' }, [
    ...facts.flatMap(({ name, value }) => [make('dt', { text: name }), make('dd', { text: showHidden(value) })]),
    ...(needs.length === 0 ? [] : [make('dt', { text: 'Depends on' }), make('dd', {}, [make('ul', {}, needs)])]),
  ]);
}

function labelled(title: string, content: HTMLElement): HTMLElement {
  return make('div', { class: 'labelled' }, [make('h3', { text: title }), content]);
}

function files(shown: readonly FileShown[]): HTMLElement {
  const rows = shown.map(({ path, note }) =>
    make('li', {}, [fileButton(path), make('span', { class: 'meta', text: ` ${showHidden(note)}` })]),
  );
  return make('ul', {}, rows);
}

function earlier(item: ItemOf<'brief'>, page: Page): readonly Node[] {
  return item.earlier.map(({ role, text }, index) =>
    make('article', { class: role === 'user' ? 'by-user' : 'by-model' }, [
      make('h3', { class: 'who', text: role === 'user' ? 'You, or the brief' : 'Model' }),
      longText(page, text, { key: `brief.earlier.${index}`, style: role === 'user' ? 'plain' : 'markdown' }),
    ]),
  );
}

/** Opens the conversation of another task. */
export function taskLink({ run, task, title, status }: TaskLink, page: Page): HTMLElement {
  return make('span', {}, [
    linkButton(showHidden(title), () => page.post({ type: 'open-task', run, task })),
    make('span', { class: 'meta', text: ` ${status}` }),
  ]);
}

export function drawRoute(item: ItemOf<'route'>, page: Page): HTMLElement {
  const head = make(
    'tr',
    {},
    ['Backend', 'Verdict', 'Score', 'Why'].map((text) => make('th', { text, attributes: { scope: 'col' } })),
  );
  const rows = item.candidates.map(({ backend, verdict, score, why }) =>
    make('tr', { class: `verdict-${verdict}` }, [
      make('th', { text: showHidden(backend), attributes: { scope: 'row' } }),
      make('td', { text: verdict }),
      make('td', { class: 'right', text: score }),
      make('td', { text: showHidden(why) }),
    ]),
  );
  const summary = make('span', {}, [
    make('h2', { text: 'Why this backend' }),
    make('span', { class: 'meta', text: ` ${showHidden(item.why)}` }),
  ]);
  return make('section', {}, [
    page.folds.details(item.key, [summary], () => [
      make('div', { class: 'table' }, [make('table', {}, [make('thead', {}, [head]), make('tbody', {}, rows)])]),
    ]),
  ]);
}
