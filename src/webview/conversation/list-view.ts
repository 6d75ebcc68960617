/**
 * The pieces of a conversation in their order.
 *
 * Owns: one element for each piece, and whether the end stays in sight. Does not own: how a piece looks.
 *
 * 1. An element is drawn once for each version of its piece; what did not change is not touched.
 * 2. Who is at the end of a conversation that goes on stays there as it grows; who reads above, or has just pressed
 *    something in it, stays where they are.
 * 3. A piece that is drawn anew keeps the focus: the same control has it, or the piece itself where that control is gone.
 */
import { drawItem } from './draw-item.ts';
import type { Item } from './conversation-view.ts';
import type { Page } from './page.ts';
import { sameControl } from './same-control.ts';

/** Pixels from the end that count as being there. */
const NEAR_END = 48;

export class ListView {
  readonly #page: Page;
  readonly #scroller: HTMLElement;
  readonly #list: HTMLElement;
  readonly #live: HTMLElement;
  readonly #elements = new Map<string, HTMLElement>();
  #isAtEnd = false;
  /** More may come. */
  isLive = false;

  constructor(
    page: Page,
    places: { readonly scroller: HTMLElement; readonly list: HTMLElement; readonly live: HTMLElement },
  ) {
    this.#page = page;
    this.#live = places.live;
    this.#scroller = places.scroller;
    this.#list = places.list;
    this.#watchEnd();
  }

  /** `order`: the keys of all pieces; null: as it was. */
  update(put: readonly Item[], order: readonly string[] | null): void {
    for (const item of put) {
      const drawn = drawItem(item, this.#page);
      const before = this.#elements.get(item.key);
      const focused = before === undefined ? undefined : focusIn(before);
      before?.replaceWith(drawn);
      this.#elements.set(item.key, drawn);
      if (focused !== undefined) giveFocus(drawn, focused);
    }
    if (order !== null) this.#arrange(order);
    this.#placeLive();
  }

  /** Text that arrives stands with its call. */
  #placeLive(): void {
    const place = [...this.#list.querySelectorAll('.live-place')].at(-1) ?? this.#scroller;
    if (this.#live.parentElement !== place) place.append(this.#live);
  }

  #arrange(order: readonly string[]): void {
    const wanted = new Set(order);
    for (const [key, element] of this.#elements)
      if (!wanted.has(key)) {
        element.remove();
        this.#elements.delete(key);
      }
    let at = this.#list.firstElementChild;
    for (const key of order) {
      const element = this.#elements.get(key);
      if (element === undefined) continue;
      if (element === at) at = at.nextElementSibling;
      else this.#list.insertBefore(element, at);
    }
  }

  /** The end is looked at, and stays in sight while the conversation goes on. */
  toEnd(): void {
    this.#isAtEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #watchEnd(): void {
    const scroller = this.#scroller;
    scroller.addEventListener('scroll', () => {
      this.#isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
    });
    this.#list.addEventListener('click', () => (this.#isAtEnd = false));
    const sizes = new ResizeObserver(() => {
      if (this.#isAtEnd && this.isLive) this.toEnd();
    });
    sizes.observe(scroller);
    sizes.observe(this.#list);
  }
}

interface Focused {
  readonly names: readonly string[];
  /** -1: it was none of the controls. */
  readonly at: number;
}

function controlsIn(piece: HTMLElement): readonly HTMLElement[] {
  return [...piece.querySelectorAll<HTMLElement>('summary, button')];
}

function namesOf(controls: readonly HTMLElement[]): readonly string[] {
  return controls.map(({ textContent }) => textContent);
}

/** Undefined: the focus is elsewhere. */
function focusIn(piece: HTMLElement): Focused | undefined {
  const active = document.activeElement;
  if (!piece.contains(active)) return undefined;
  const controls = controlsIn(piece);
  return { names: namesOf(controls), at: controls.findIndex((one) => one === active) };
}

function giveFocus(piece: HTMLElement, focused: Focused): void {
  const controls = controlsIn(piece);
  const at = focused.at < 0 ? undefined : sameControl(focused, namesOf(controls));
  const control = at === undefined ? undefined : controls[at];
  if (control === undefined) piece.tabIndex = -1;
  (control ?? piece).focus({ preventScroll: true });
}
