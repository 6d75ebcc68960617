import { make } from '../shared/dom.ts';

/** The landmarks of the page, filled later. */
export function drawSkeleton(): void {
  const id = (name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    id: name,
    ...more,
  });
  const head = make('header', { attributes: id('head') }, [
    make('div', { class: 'title-line' }, [
      make('h1', { attributes: id('title', { dir: 'auto' }) }),
      make('span', { class: 'status', attributes: id('status') }),
      make('span', { class: 'meta', attributes: id('detail') }),
    ]),
    make('div', { class: 'tools' }, [
      make('div', { attributes: id('coloring', { role: 'group', 'aria-label': 'Color by' }) }),
      make('div', { attributes: id('legend', { role: 'group', 'aria-label': 'Legend' }) }),
      make('div', { attributes: id('buttons', { role: 'toolbar', 'aria-label': 'View' }) }),
    ]),
    make('p', { class: 'failed', attributes: id('problem', { role: 'alert' }) }),
  ]);
  const viewport = make('main', { attributes: id('graph', { 'aria-label': 'Run graph' }) }, [
    make('div', { attributes: id('world') }, [
      make('div', { attributes: id('boxes') }),
      make('div', { attributes: id('edges') }),
      make('div', { attributes: id('nodes', { role: 'group', 'aria-label': 'Tasks and their dependencies' }) }),
    ]),
    make('p', { class: 'meta', attributes: id('empty') }),
  ]);
  const times = make('section', { attributes: id('times', { 'aria-label': 'Time axis' }) }, [
    make('div', { attributes: id('scale', { 'aria-hidden': 'true' }) }),
    make('div', { attributes: id('scroller') }, [
      make('div', { attributes: id('lines', { 'aria-hidden': 'true' }) }),
      make('div', { attributes: id('rows') }),
    ]),
  ]);
  const tip = make('div', { attributes: id('tip', { role: 'tooltip' }) });
  tip.hidden = true;
  const announced = make('div', { class: 'spoken', attributes: id('announced', { 'aria-live': 'polite' }) });
  document.body.append(head, viewport, times, tip, announced);
}
