import { icon } from '../shared/icons.ts';
import { linkButton, make } from '../shared/dom.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import type { EditShown, ItemOf, PartShown } from './conversation-view.ts';
import type { Page } from './page.ts';
import { fetchedText, longText } from './text-view.ts';

export function drawTool(item: ItemOf<'tool'>, page: Page): HTMLElement {
  const summary = make('span', { class: 'tool' }, [
    icon(item.isOk ? 'completed' : 'failed'),
    make('span', { class: 'tool-name', text: showHidden(item.name) }),
    make('span', { class: 'tool-brief', text: showHidden(item.brief) }),
    make('span', { class: 'meta', text: `${item.outcome} · ${item.time}` }),
  ]);
  const whole = (key: string, title: string): Node[] => [
    make('h4', { text: title }),
    fetchedText(page, key, (text) => [longText(page, { text }, { key: `${key}.long`, style: 'code' })]),
  ];
  return make('div', { class: item.isOk ? 'is-ok' : 'is-refused' }, [
    page.folds.details(item.key, [summary], () => [
      ...whole(item.arguments, 'Arguments'),
      ...whole(item.result, 'What the model was told'),
    ]),
  ]);
}

const PART_ICONS = { read: 'completed', reading: 'active', waiting: 'pending', failed: 'failed' } as const;

export function drawReading(item: ItemOf<'reading'>, page: Page): HTMLElement {
  const total = item.parts.length;
  const progress = make('progress', { attributes: { max: String(total), value: String(item.done) } });
  progress.setAttribute('aria-label', 'Parts read');
  const row = ({ title, state, note }: PartShown): HTMLElement =>
    make('li', { class: `part part-${state}` }, [
      icon(PART_ICONS[state]),
      make('span', { text: showHidden(title) }),
      make('span', { class: 'meta', text: [state, note].filter((part) => part !== '').join(' · ') }),
    ]);
  return make('section', {}, [
    make('header', {}, [
      make('h2', { text: 'Reading' }),
      make('span', { class: 'meta', text: `${item.done} of ${total} parts` }),
    ]),
    progress,
    page.folds.details(`${item.key}.parts`, ['Parts'], () => [make('ul', { class: 'parts' }, item.parts.map(row))]),
    item.unread.length === 0
      ? null
      : make('p', {
          class: 'failed',
          text: `Not read, for no window takes them: ${showHidden(item.unread.join(', '))}`,
        }),
  ]);
}

export function drawEdits(item: ItemOf<'edits'>, page: Page): HTMLElement {
  return make('section', { attributes: { 'aria-label': 'Edits' } }, [
    make('header', {}, [
      make('h2', { text: 'Edits' }),
      item.canReview ? linkButton('Review all edits of the run', () => page.post({ type: 'review' })) : null,
    ]),
    make(
      'ul',
      { class: 'edits' },
      item.files.map((file) => make('li', {}, [edit(file, page)])),
    ),
    item.canReview ? null : make('p', { class: 'meta', text: 'Nothing is written before you accept it.' }),
  ]);
}

function edit(file: EditShown, page: Page): HTMLElement {
  const { path, diff } = file;
  const line = [
    file.canOpen
      ? linkButton(showHidden(path), () => page.post({ type: 'open-diff', path }))
      : make('span', { text: showHidden(path) }),
    make('span', { class: 'meta', text: showHidden(file.change) }),
    file.added === null ? null : make('span', { class: 'added', text: `+${file.added}` }),
    file.removed === null ? null : make('span', { class: 'removed', text: `−${file.removed}` }),
  ].filter((part) => part !== null);
  if (diff === null) return make('div', { class: 'edit' }, line);
  return make('div', {}, [
    make('div', { class: 'edit' }, line),
    page.folds.details(diff, ['Lines that change'], () => [fetchedText(page, diff, (text) => [drawDiff(text)])]),
  ]);
}

/** Lines of a diff in the editor's colours. */
function drawDiff(text: string): HTMLElement {
  const lines = text.split('\n').slice(0, 4_000);
  const kind = (line: string): string =>
    line.startsWith('+')
      ? 'line-added'
      : line.startsWith('-')
        ? 'line-removed'
        : line.startsWith('@@')
          ? 'line-place'
          : '';
  return make('pre', { class: 'code diff' }, [
    make(
      'code',
      {},
      lines.map((line) => make('span', { class: kind(line), text: `${showHidden(line)}\n` })),
    ),
  ]);
}

export function drawProblems(item: ItemOf<'problems'>): HTMLElement {
  return make('section', { attributes: { 'aria-label': 'Problems' } }, [
    make('h2', { text: 'Problems in its edits' }),
    make(
      'ul',
      {},
      item.problems.map((problem) => make('li', { text: showHidden(problem) })),
    ),
  ]);
}

export function drawSpend(item: ItemOf<'spend'>): HTMLElement {
  const names = ['Backend', 'Calls', 'Input tokens', 'Output tokens', 'Cost'];
  const head = make(
    'tr',
    {},
    names.map((text) => make('th', { text, attributes: { scope: 'col' } })),
  );
  const rows = item.rows.map(({ backend, calls, input, output, cost }) =>
    make('tr', {}, [
      make('th', { text: showHidden(backend), attributes: { scope: 'row' } }),
      ...[calls, input, output, cost].map((text) => make('td', { class: 'right', text })),
    ]),
  );
  return make('section', { attributes: { 'aria-label': 'Spend' } }, [
    make('header', {}, [make('h2', { text: 'Spend' }), make('span', { class: 'meta', text: item.total })]),
    make('div', { class: 'table' }, [make('table', {}, [make('thead', {}, [head]), make('tbody', {}, rows)])]),
  ]);
}
