/** Title, status and figures of the run; legend; buttons. */
import { formatDuration } from '../../base/duration.ts';
import { byId, make } from '../shared/dom.ts';
import { icon } from '../shared/icons.ts';
import type { GraphStore } from './graph-store.ts';
import { TASK_WORDS, type GraphTask } from './graph-view.ts';
import type { Coloring } from './time-axis.ts';
import { RUN_ICONS, TASK_ICONS, backendClass } from './word-icons.ts';

export interface HeadActions {
  readonly color: (coloring: Coloring) => void;
  /** All that can be folded, or nothing. */
  readonly fold: (folds: boolean) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
}

export class HeadView {
  readonly #store: GraphStore;
  readonly #colors: Readonly<Record<Coloring, HTMLElement>>;
  readonly #fold = make('button', { class: 'tool', attributes: { type: 'button' } });
  #folds = false;
  #legend = '';
  #status = '';

  constructor(store: GraphStore, actions: HeadActions) {
    this.#store = store;
    const color = (coloring: Coloring, text: string): HTMLElement =>
      make('button', { class: 'tool', text, attributes: { type: 'button' }, onClick: () => actions.color(coloring) });
    this.#colors = { status: color('status', 'Status'), backend: color('backend', 'Backend') };
    byId('coloring').append(this.#colors.status, this.#colors.backend);
    this.#fold.addEventListener('click', () => actions.fold(!this.#folds));
    byId('buttons').append(
      this.#fold,
      tool('−', 'Zoom Out', () => actions.zoom(0.8)),
      tool('+', 'Zoom In', () => actions.zoom(1.25)),
      tool('Fit', 'Fit', () => actions.fit()),
    );
  }

  show({ coloring, folds }: { readonly coloring: Coloring; readonly folds: boolean }): void {
    const { head } = this.#store;
    if (head === undefined) return;
    byId('title').textContent = head.title;
    if (this.#status !== head.word) {
      this.#status = head.word;
      const status = byId('status');
      status.className = `status run-${head.word}`;
      status.replaceChildren(icon(RUN_ICONS[head.word]), make('span', { text: head.word }));
    }
    byId('empty').textContent = head.empty ?? '';
    byId('empty').hidden = head.empty === null;
    for (const [name, button] of Object.entries(this.#colors))
      button.setAttribute('aria-pressed', String(name === coloring));
    this.#folds = folds;
    this.#fold.textContent = folds ? 'Show All' : 'Collapse Finished';
    this.#fold.hidden = this.#store.tasks.filter(({ word }) => word === 'completed').length < 2;
    this.#drawLegend(coloring);
    this.tick();
  }

  tick(): void {
    const { head, nowMs } = this.#store;
    if (head === undefined) return;
    const ms = (head.time.toMs ?? nowMs) - head.time.fromMs;
    const text = [head.detail, ...(head.time.fromMs === 0 ? [] : [formatDuration(ms)])]
      .filter((part) => part !== '')
      .join(' · ');
    const detail = byId('detail');
    if (detail.textContent !== text) detail.textContent = text;
  }

  #drawLegend(coloring: Coloring): void {
    const { tasks, all, backends } = this.#store;
    const entries =
      coloring === 'status'
        ? TASK_WORDS.map((word) => ({
            kind: `word-${word}`,
            sign: TASK_ICONS[word],
            text: word,
            count: tasks.filter((task) => task.word === word).length,
          }))
        : backends.map((backend) => ({
            kind: backendClass(backend, backends),
            sign: null,
            text: backend,
            count: all.filter((task) => wasAt(task, backend)).length,
          }));
    const shown = entries.filter(({ count }) => count > 0);
    const legend = JSON.stringify(shown);
    if (legend === this.#legend) return;
    this.#legend = legend;
    byId('legend').replaceChildren(
      ...shown.map(({ kind, sign, text, count }) =>
        make('span', { class: `entry ${kind}` }, [
          sign === null ? make('span', { class: 'swatch' }) : icon(sign),
          make('span', { text: `${count} ${text}` }),
        ]),
      ),
    );
  }
}

function wasAt({ backend, attempts }: GraphTask, name: string): boolean {
  return backend === name || attempts.some(({ places }) => places.some((place) => place.backend === name));
}

function tool(text: string, name: string, onClick: () => void): HTMLElement {
  return make('button', {
    class: 'tool',
    text,
    attributes: { type: 'button', 'aria-label': name, title: name },
    onClick,
  });
}
