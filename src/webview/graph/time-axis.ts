/**
 * The time axis: bars from start to end of what was tried, the calls in them, and now.
 *
 * 1. A bar that stays keeps its element. Lengths are counted in milliseconds, and one factor makes pixels of them: when the
 *    axis gets longer, that factor alone changes.
 * 2. What lies still is drawn as the axis has it without its pauses; when there is another pause, all of it is drawn anew.
 */
import { byId, make } from '../shared/dom.ts';
import type { Span } from './graph-view.ts';
import type { GraphStore } from './graph-store.ts';
import { spokenTask } from './node-text.ts';
import { Roving } from './roving.ts';
import type { ShownNode } from './shown-graph.ts';
import { FoldedTime, pausesOf, pauseText, type AxisPoint } from './time-fold.ts';
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

/** How wide a pause is, and how much of the axis all of them may take. */
const BREAK_PX = 32;
const BREAKS_SHARE = 0.4;

export class TimeAxis {
  readonly #store: GraphStore;
  readonly #place = byId('times');
  readonly #scale = byId('scale');
  readonly #lines = byId('lines');
  readonly #rows = byId('rows');
  readonly #now = make('div', { class: 'now' });
  readonly #roving = new Roving();
  readonly #bars = new Map<string, BarView>();
  #folded = new FoldedTime(0, []);
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
    this.#refold();
    for (const view of this.#bars.values()) this.#drawBar(view);
    this.tick();
  }

  /** Time goes on. */
  tick(): void {
    if (this.#refold()) for (const view of this.#bars.values()) this.#drawBar(view);
    for (const { element, bar } of this.#bars.values()) {
      if (bar.place.toMs !== null) continue;
      this.#stretch(element, bar.place);
      for (const [name, spans] of [
        ['idle', bar.idle],
        ['wait', bar.attempt.waits],
      ] as const) {
        const span = spans.at(-1);
        const last = [...element.querySelectorAll<HTMLElement>(`.${name}`)].at(-1);
        if (span?.toMs === null && last !== undefined) this.#stretch(last, span);
      }
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

  #drawBar({ element, bar: { task, attempt, place, calls, idle } }: BarView): void {
    const isLast = task.attempts.at(-1) === attempt;
    const on = element.classList.contains('on') ? ' on' : '';
    const kind = `bar word-${isLast ? task.word : 'cancelled'} ${backendClass(place.backend, this.#store.backends)}${on}`;
    if (element.className !== kind) element.className = kind;
    const shape = JSON.stringify([attempt, place, calls, idle, this.#folded]);
    if (element.dataset['shape'] !== shape) {
      element.dataset['shape'] = shape;
      const inside = (span: Span, name: string): HTMLElement => {
        const part = make('span', { class: name });
        this.#put(part, span, place.fromMs);
        return part;
      };
      element.replaceChildren(
        ...idle.map((span) => inside(span, 'idle')),
        ...attempt.waits.map((span) => inside(span, 'wait')),
        ...calls.map((fromMs) => inside({ fromMs, toMs: fromMs }, 'call')),
      );
      this.#put(element, place);
    }
    const label = spokenTask(task, this.#store.nowMs);
    if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
  }

  /** True when there are other pauses than before. */
  #refold(): boolean {
    const { head, all, nowMs } = this.#store;
    if (head === undefined || head.time.fromMs === 0) return false;
    const pauses = pausesOf(all, head.time, nowMs);
    const folded = new FoldedTime(head.time.fromMs, pauses);
    if (JSON.stringify(folded) === JSON.stringify(this.#folded)) return false;
    this.#folded = folded;
    return true;
  }

  /** `insideMs`: what it is in begins then. */
  #put(element: HTMLElement, span: Span, insideMs?: number): void {
    const { nowMs } = this.#store;
    const at = this.#folded.at(span.fromMs, nowMs);
    const from = insideMs === undefined ? undefined : this.#folded.at(insideMs, nowMs);
    setPlace(element, { ms: at.ms - (from?.ms ?? 0), breaks: at.breaks - (from?.breaks ?? 0) });
    this.#stretch(element, span);
  }

  #stretch(element: HTMLElement, { fromMs, toMs }: Span): void {
    const { nowMs } = this.#store;
    const from = this.#folded.at(fromMs, nowMs);
    const to = this.#folded.at(toMs, nowMs);
    element.style.setProperty('--ms', String(Math.max(0, to.ms - from.ms)));
    element.style.setProperty('--breaks', String(Math.max(0, to.breaks - from.breaks)));
  }

  #measure(): void {
    const { head, nowMs } = this.#store;
    const width = this.#lines.clientWidth;
    if (head === undefined || width === 0 || head.time.fromMs === 0) return;
    const { time } = head;
    const end = this.#folded.at(time.toMs, nowMs);
    const elapsedMs = Math.max(1, end.ms);
    const lengthMs = time.toMs === null ? axisMs(elapsedMs, this.#lengthMs) : elapsedMs;
    this.#lengthMs = lengthMs;
    const breakPx = Math.min(BREAK_PX, (width * BREAKS_SHARE) / Math.max(1, end.breaks));
    const workPx = width - end.breaks * breakPx;
    const texts = this.#folded.pauses.map(({ fromMs, toMs }) => pauseText((toMs ?? nowMs) - fromMs));
    const marked = JSON.stringify([lengthMs, width, texts, this.#folded]);
    if (marked !== this.#marked) {
      this.#marked = marked;
      this.#place.style.setProperty('--k', String(workPx / lengthMs));
      this.#place.style.setProperty('--break', String(breakPx));
      this.#drawMarks(marksOf(lengthMs, workPx), texts);
    }
    this.#now.hidden = time.toMs !== null;
    setPlace(this.#now, { ms: elapsedMs, breaks: end.breaks });
  }

  #drawMarks(marks: readonly number[], pauses: readonly string[]): void {
    const at = (point: AxisPoint, name: string, text: string): HTMLElement => {
      const mark = make('span', { class: name, text });
      setPlace(mark, point);
      return mark;
    };
    const points = marks.map((ms) => ({ ms, breaks: this.#folded.breaksBefore(ms) }));
    const breaks = this.#folded.pauses.map(({ fromMs }) => this.#folded.at(fromMs, fromMs));
    this.#scale.replaceChildren(
      ...points.map((point) => at(point, 'mark', markText(point.ms))),
      ...breaks.map((point, index) => at(point, 'break', pauses[index] ?? '')),
    );
    this.#lines.replaceChildren(
      ...points.map((point) => at(point, 'line', '')),
      ...breaks.map((point) => at(point, 'break', '')),
    );
  }
}

function makeBar({ task }: TimeBar): HTMLElement {
  return make('button', { attributes: { type: 'button', tabindex: '-1', 'data-task': task.id } });
}

function setPlace(element: HTMLElement, { ms, breaks }: AxisPoint): void {
  element.style.setProperty('--from', String(ms));
  element.style.setProperty('--breaks-before', String(breaks));
}
