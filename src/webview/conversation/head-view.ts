import { formatDuration } from '../../base/duration.ts';
import { showHidden } from '../../base/hidden-characters.ts';
import { byId, make } from '../shared/dom.ts';
import { icon } from '../shared/icons.ts';
import type { Head } from './conversation-view.ts';

const TICK_MS = 1_000;

/** Title, status and figures; the time goes on by itself while the task does. */
export class HeadView {
  readonly #time = make('span', { class: 'value' });
  #shown: Head | undefined;
  #timer: number | undefined;

  show(head: Head): void {
    this.#shown = head;
    byId('title').textContent = showHidden(head.title);
    byId('request').textContent = showHidden(head.request);
    const status = byId('status');
    status.className = `status status-${head.status.icon}`;
    status.replaceChildren(icon(head.status.icon), make('span', { text: head.status.words }));
    const facts = head.facts.map(({ name, value }) =>
      fact(name, make('span', { class: 'value', text: showHidden(value) })),
    );
    byId('facts').replaceChildren(...facts, ...(head.time === null ? [] : [fact('Time', this.#time)]));
    this.#tick();
  }

  #tick(): void {
    window.clearTimeout(this.#timer);
    const time = this.#shown?.time ?? null;
    if (time === null) return;
    this.#time.textContent = formatDuration(time.ms + (time.sinceMs === null ? 0 : Date.now() - time.sinceMs));
    if (time.sinceMs !== null) this.#timer = window.setTimeout(() => this.#tick(), TICK_MS);
  }
}

function fact(name: string, value: HTMLElement): HTMLElement {
  return make('span', { class: 'fact' }, [make('span', { class: 'name', text: `${name} ` }), value]);
}
