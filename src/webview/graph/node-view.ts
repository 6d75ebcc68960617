/** One node of the graph: a task, or completed ones that are folded into one. */
import { make } from '../shared/dom.ts';
import { icon, type IconName } from '../shared/icons.ts';
import type { GraphTask } from './graph-view.ts';
import type { Point } from './layout-types.ts';
import { besideTask, foldedTitle, spokenTask } from './node-text.ts';
import { TASK_ICONS, backendClass } from './word-icons.ts';

export interface NodeNow {
  readonly nowMs: number;
  readonly backends: readonly string[];
}

export class NodeView {
  readonly element = make('button', { attributes: { type: 'button', tabindex: '-1' } });
  readonly #title = make('span', { class: 'title', attributes: { dir: 'auto' } });
  readonly #signs = make('span', { class: 'signs' });
  readonly #backend = make('span', { class: 'badge' });
  readonly #beside = make('span', { class: 'beside' });
  #icon: IconName | undefined;
  #sign: IconName | undefined;
  #place: Point = { x: 0, y: 0 };
  #shown: GraphTask | undefined;

  constructor(id: string) {
    this.element.dataset['node'] = id;
    const meta = make('span', { class: 'meta-line' }, [this.#backend, this.#beside]);
    this.element.append(make('span', { class: 'title-row' }, [this.#title, this.#signs]), meta);
  }

  get place(): Point {
    return this.#place;
  }

  moveTo(place: Point): void {
    this.#place = place;
    this.element.style.left = `${place.x}px`;
    this.element.style.top = `${place.y}px`;
  }

  /** Draws what differs from what is shown. */
  task(task: GraphTask, { nowMs, backends }: NodeNow): void {
    const kind = `node word-${task.word} ${backendClass(task.backend, backends)}${task.marks.length > 0 ? ' marked' : ''}`;
    setClass(this.element, kind);
    if (task !== this.#shown) {
      this.#shown = task;
      setText(this.#title, task.title);
      setText(this.#backend, task.backend ?? '');
      this.#drawIcon(TASK_ICONS[task.word]);
      this.#drawSign(task.mode === null || task.mode === 'autonomous' ? undefined : task.mode);
    }
    this.tick(nowMs);
  }

  /** The time goes on. */
  tick(nowMs: number): void {
    if (this.#shown === undefined) return;
    setText(this.#beside, besideTask(this.#shown, nowMs));
    setLabel(this.element, spokenTask(this.#shown, nowMs));
  }

  folded(count: number): void {
    this.#shown = undefined;
    setClass(this.element, 'node folded word-completed backend-none');
    setText(this.#title, foldedTitle(count));
    setText(this.#backend, '');
    setText(this.#beside, 'show them');
    this.#drawIcon('completed');
    this.#drawSign(undefined);
    setLabel(this.element, `${foldedTitle(count)}, folded, shows them`);
  }

  #drawIcon(name: IconName): void {
    if (name === this.#icon) return;
    this.#icon = name;
    this.element.querySelector(':scope > .title-row > .icon')?.remove();
    this.#title.before(icon(name));
  }

  #drawSign(name: IconName | undefined): void {
    if (name === this.#sign) return;
    this.#sign = name;
    this.#signs.replaceChildren(...(name === undefined ? [] : [icon(name)]));
  }
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function setLabel(element: HTMLElement, label: string): void {
  if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
}

/** What the page itself has set on it (that it is traced, say) stays. */
function setClass(element: HTMLElement, kind: string): void {
  const own = element.classList.contains('on') ? ' on' : '';
  if (element.className !== `${kind}${own}`) element.className = `${kind}${own}`;
}
