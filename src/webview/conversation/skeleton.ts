import { make } from '../shared/dom.ts';

/** The landmarks of the page, filled later. */
export function drawSkeleton(): void {
  const id = (name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    id: name,
    ...more,
  });
  const head = make('header', { attributes: id('head') }, [
    make('div', { class: 'title-line' }, [
      make('h1', { attributes: id('title') }),
      make('span', { class: 'status', attributes: id('status') }),
    ]),
    make('p', { class: 'meta', attributes: id('request') }),
    make('div', { class: 'facts-line', attributes: id('facts') }),
  ]);
  const conversation = make(
    'main',
    { attributes: id('conversation', { tabindex: '-1', 'aria-label': 'Conversation' }) },
    [
      make('div', { attributes: id('items') }),
      make('section', { class: 'item item-live', attributes: id('live', { 'aria-label': 'Arriving now' }) }),
    ],
  );
  const foot = make('footer', { attributes: id('foot', { 'aria-label': 'What you say and do' }) }, [
    make('section', { attributes: id('question', { 'aria-label': 'It asks you', hidden: '' }) }),
    make('p', { class: 'meta', attributes: id('why-not') }),
    make('div', { attributes: id('writing', { hidden: '' }) }, [
      make('textarea', { attributes: id('words', { rows: '1', 'aria-describedby': 'question' }) }),
    ]),
    make('div', { attributes: id('buttons', { role: 'group', 'aria-label': 'Actions' }) }),
    make('p', { class: 'meta', attributes: id('outcome', { role: 'status' }) }),
    make('p', { class: 'failed', attributes: id('problem', { role: 'alert' }) }),
  ]);
  const announced = make('div', { class: 'spoken', attributes: id('announced', { 'aria-live': 'polite' }) });
  document.body.append(head, conversation, foot, announced);
}
