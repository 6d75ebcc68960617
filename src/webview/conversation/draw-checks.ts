import { showHidden } from '../../base/hidden-characters.ts';
import { make } from '../shared/dom.ts';
import { icon } from '../shared/icons.ts';
import type { CheckShown, ItemOf } from './conversation-view.ts';

const ICONS = { passed: 'completed', failed: 'failed', broken: 'interrupted' } as const;

/** How a submission was judged: a mark and a word for each check, so that no colour is needed to tell them apart. */
export function drawChecks(item: ItemOf<'checks'>): HTMLElement {
  return make('section', { attributes: { 'aria-label': 'Checks' } }, [
    make('header', {}, [make('h2', { text: 'Checks' }), make('span', { class: 'meta', text: item.verdict })]),
    make('ul', { class: 'checks' }, item.checks.map(drawCheck)),
  ]);
}

function drawCheck({ check, outcome, why, notes }: CheckShown): HTMLElement {
  return make('li', { class: `check check-${outcome}` }, [
    icon(ICONS[outcome]),
    make('span', { class: 'check-outcome', text: outcome }),
    make('span', { class: 'check-words', text: showHidden(check) }),
    ...notes.map((note) => make('span', { class: 'meta', text: `(${showHidden(note)})` })),
    why === '' ? null : make('div', { class: 'plain check-why', text: showHidden(why) }),
  ]);
}
