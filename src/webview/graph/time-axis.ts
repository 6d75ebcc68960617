/**
 * The time axis: bars from start to end of what was tried, the calls in them, and now.
 *
 * 1. A bar that stays keeps its element. Lengths are counted in milliseconds, and one factor makes pixels of them: when the
 *    axis gets longer, that factor alone changes.
 */
import { byId, make } from '../shared/dom.ts';
import type { Span } from './graph-view.ts';
import type { GraphStore } from './graph-store.ts';
import { spokenTask } from './node-text.ts';
import { Roving } from './roving.ts';
import type { ShownNode } from './shown-graph.ts';
import { rowsByBackend, rowsByNode, type TimeBar, type TimeRow } from './time-rows.ts';
import { axisMs, markText, marksOf } from './time-scale.ts';
import { backendClass } from './word-icons.ts';

export type Coloring = 'status' | 'backend';

interface BarView {
  readonly element: HTMLElement;
  bar: TimeBar;
}

const ROW_PX = { least: 5, label: 14, most: 20 };
/** Of the panel's height; less where there is more of the graph to see. */
const SHARE = { few: 0.4, many: 0.3, manyFrom: 24 };

export class TimeAxis {
  readonly #store: GraphStore;
  readonly #place = byId('times');
  readonly #scale = byId('scale');
  readonly #lines = byId('lines');
  readonly #rows = byId('rows');
  readonly #now = make('div', { class: 'now' });
  readonly #roving = new Roving();
  readonly #bars = new Map<string, BarView>();
  #drawn = '';
  #lengthMs: number | undefined;
  #marked = '';

  constructor(store: GraphStore) {
    this.#store = store;
    new ResizeObserver(() => this.#measure()).observe(this.#place);
  }

  show(coloring: Coloring, nodes: readonly ShownNode[]): void {
    const { all, backends } = this.#store;
    const rows = coloring === 'status' ? rowsByNode(all, nodes) : rowsByBackend(all, backends);
    this.#place.hidden = rows.length === 0;
    this.#drawRows(rows);
    for (const view of this.#bars.values()) this.#drawBar(view);
    this.tick();
  }

  /** Time goes on. */
  tick(): void {
    const nowMs = this.#store.nowMs;
    for (const { element, bar } of this.#bars.values()) {
      if (bar.attempt.toMs !== null) continue;
      setLength(element, bar.attempt, nowMs);
      const wait = bar.attempt.waits.at(-1);
      const last = [...element.querySelectorAll<HTMLElement>('.wait')].at(-1);
      if (wait?.toMs === null && last !== undefined) setLength(last, wait, nowMs);
    }
    this.#measure();
  }

  elements(task: string): readonly HTMLElement[] {
    return [...this.#bars.values()].filter(({ bar }) => bar.task.id === task).map(({ element }) => element);
  }

  trace(tasks: ReadonlySet<string>): void {
    this.#place.classList.toggle('tracing', tasks.size > 0);
    for (const { element, bar } of this.#bars.values()) element.classList.toggle('on', tasks.has(bar.task.id));
  }

  focused(element: HTMLElement): void {
    this.#roving.set(element);
  }

  /** To the bar before or after, in the order of the rows. */
  step(from: HTMLElement, by: 1 | -1): boolean {
    const all = [...this.#rows.querySelectorAll<HTMLElement>('.bar')];
    const next = all[all.indexOf(from) + by];
    next?.focus();
    return next !== undefined;
  }

  #drawRows(rows: readonly TimeRow[]): void {
    const lanes = rows.reduce((sum, row) => sum + row.lanes.length, 0);
    const share = lanes < SHARE.manyFrom ? SHARE.few : SHARE.many;
    const room = window.innerHeight * share - this.#scale.offsetHeight;
    this.#place.style.setProperty('--share', `${share * 100}vh`);
    const height = Math.max(ROW_PX.least, Math.min(ROW_PX.most, Math.floor(room / Math.max(1, lanes))));
    this.#place.style.setProperty('--lane', `${height}px`);
    this.#place.classList.toggle('dense', height < ROW_PX.label);
    const drawn = JSON.stringify(
      rows.map(({ label, lanes: own }) => [label, own.map((bars) => bars.map(({ key }) => key))]),
    );
    const bars = rows.flatMap((row) => row.lanes.flat());
    for (const bar of bars) {
      const known = this.#bars.get(bar.key);
      if (known === undefined) this.#bars.set(bar.key, { element: makeBar(bar), bar });
      else known.bar = bar;
    }
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const keys = new Set(bars.map(({ key }) => key));
    for (const key of this.#bars.keys()) if (!keys.has(key)) this.#bars.delete(key);
    this.#rows.replaceChildren(...rows.map((row) => this.#row(row)));
    this.#rows.append(this.#now);
    this.#roving.keep(bars.flatMap(({ key }) => this.#bars.get(key)?.element ?? []));
  }

  #row({ label, lanes }: TimeRow): HTMLElement {
    return make('div', { class: 'row' }, [
      make('span', { class: 'label', text: label, attributes: { dir: 'auto', 'aria-hidden': 'true' } }),
      ...lanes.map((bars) =>
        make(
          'div',
          { class: 'lane' },
          bars.map(({ key }) => this.#bars.get(key)?.element),
        ),
      ),
    ]);
  }

  #drawBar({ element, bar: { task, attempt } }: BarView): void {
    const isLast = task.attempts.at(-1) === attempt;
    const on = element.classList.contains('on') ? ' on' : '';
    const kind = `bar word-${isLast ? task.word : 'cancelled'} ${backendClass(task.backend, this.#store.backends)}${on}`;
    if (element.className !== kind) element.className = kind;
    const nowMs = this.#store.nowMs;
    const shape = JSON.stringify(attempt);
    if (element.dataset['shape'] !== shape) {
      element.dataset['shape'] = shape;
      const inside = (span: Span, name: string): HTMLElement => {
        const part = make('span', { class: name });
        part.style.setProperty('--from', String(span.fromMs - attempt.fromMs));
        setLength(part, span, nowMs);
        return part;
      };
      const calls = attempt.calls.map((fromMs) => inside({ fromMs, toMs: fromMs }, 'call'));
      element.replaceChildren(...attempt.waits.map((span) => inside(span, 'wait')), ...calls);
      element.style.setProperty('--from', String(attempt.fromMs - (this.#store.head?.time.fromMs ?? 0)));
      setLength(element, attempt, nowMs);
    }
    const label = spokenTask(task, nowMs);
    if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
  }

  #measure(): void {
    const time = this.#store.head?.time;
    const width = this.#lines.clientWidth;
    if (time === undefined || width === 0 || time.fromMs === 0) return;
    const elapsedMs = Math.max(1, (time.toMs ?? this.#store.nowMs) - time.fromMs);
    const lengthMs = time.toMs === null ? axisMs(elapsedMs, this.#lengthMs) : elapsedMs;
    this.#lengthMs = lengthMs;
    const marked = `${lengthMs} ${width}`;
    if (marked !== this.#marked) {
      this.#marked = marked;
      this.#place.style.setProperty('--k', String(width / lengthMs));
      this.#drawMarks(marksOf(lengthMs, width));
    }
    this.#now.hidden = time.toMs !== null;
    this.#now.style.setProperty('--from', String(elapsedMs));
  }

  #drawMarks(marks: readonly number[]): void {
    const at = (ms: number, name: string, text: string): HTMLElement => {
      const mark = make('span', { class: name, text });
      mark.style.setProperty('--from', String(ms));
      return mark;
    };
    this.#scale.replaceChildren(...marks.map((ms) => at(ms, 'mark', markText(ms))));
    this.#lines.replaceChildren(...marks.map((ms) => at(ms, 'line', '')));
  }
}

function makeBar({ task }: TimeBar): HTMLElement {
  return make('button', { attributes: { type: 'button', tabindex: '-1', 'data-task': task.id } });
}

function setLength(element: HTMLElement, { fromMs, toMs }: Span, nowMs: number): void {
  element.style.setProperty('--ms', String(Math.max(0, (toMs ?? nowMs) - fromMs)));
}
