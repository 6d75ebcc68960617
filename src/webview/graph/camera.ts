/**
 * What of the picture is in sight, and how large: pan by dragging and wheel, zoom by ctrl and wheel.
 *
 * 1. Until the person moves it, all of the picture is in sight, also when picture or place change.
 * 2. A drag is no click on what it began on.
 */
import type { Point } from './layout-types.ts';

/** Of the picture. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const MOST = 2.5;
const LEAST = 0.05;
const PADDING = 16;
const DRAG_FROM_PX = 4;
/** Below this, names cannot be read. */
const FAR_BELOW = 0.55;

export class Camera {
  readonly #viewport: HTMLElement;
  readonly #world: HTMLElement;
  #size: Size = { width: 0, height: 0 };
  #x = 0;
  #y = 0;
  #scale = 1;
  #isFitted = true;
  #drag: { readonly x: number; readonly y: number; readonly id: number; isMoved: boolean } | undefined;

  constructor(viewport: HTMLElement, world: HTMLElement) {
    this.#viewport = viewport;
    this.#world = world;
    viewport.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    viewport.addEventListener('pointerdown', (event) => this.#onDown(event));
    viewport.addEventListener('pointermove', (event) => this.#onMove(event));
    for (const end of ['pointerup', 'pointercancel'] as const)
      viewport.addEventListener(end, () => {
        // The click that ends a drag comes after.
        const drag = this.#drag;
        window.setTimeout(() => {
          if (this.#drag === drag) this.#drag = undefined;
        });
      });
    viewport.addEventListener('click', (event) => this.#onClick(event), true);
    // The focus moves by keys: the browser must not scroll what we pan.
    viewport.addEventListener('scroll', () => viewport.scrollTo(0, 0));
    new ResizeObserver(() => {
      if (this.#isFitted) this.fit();
    }).observe(viewport);
  }

  get isFitted(): boolean {
    return this.#isFitted;
  }

  get aspect(): number {
    const { clientWidth, clientHeight } = this.#viewport;
    return clientHeight === 0 ? 2 : Math.min(4, Math.max(0.8, clientWidth / clientHeight));
  }

  /** What the person looks at: this point of the picture. */
  get center(): Point {
    const { clientWidth, clientHeight } = this.#viewport;
    return { x: (clientWidth / 2 - this.#x) / this.#scale, y: (clientHeight / 2 - this.#y) / this.#scale };
  }

  setSize(size: Size): void {
    this.#size = size;
    if (this.#isFitted) this.fit();
  }

  fit(): void {
    const { clientWidth, clientHeight } = this.#viewport;
    const { width, height } = this.#size;
    if (width === 0 || height === 0 || clientWidth === 0) return;
    this.#isFitted = true;
    const scale = Math.min((clientWidth - 2 * PADDING) / width, (clientHeight - 2 * PADDING) / height, 1);
    this.#scale = Math.max(LEAST, scale);
    this.#x = (clientWidth - width * this.#scale) / 2;
    this.#y = (clientHeight - height * this.#scale) / 2;
    this.#apply();
  }

  /** `at`: in pixels of the place; default its middle. */
  zoom(factor: number, at: Point = { x: this.#viewport.clientWidth / 2, y: this.#viewport.clientHeight / 2 }): void {
    const scale = Math.min(MOST, Math.max(LEAST, this.#scale * factor));
    this.#x = at.x - ((at.x - this.#x) / this.#scale) * scale;
    this.#y = at.y - ((at.y - this.#y) / this.#scale) * scale;
    this.#scale = scale;
    this.#isFitted = false;
    this.#apply();
  }

  /** Pixels. */
  pan(x: number, y: number): void {
    this.#x += x;
    this.#y += y;
    this.#isFitted = false;
    this.#apply();
  }

  /** Something of the picture is elsewhere now; it stays where it is seen. */
  follow(from: Point, to: Point): void {
    this.#x += (from.x - to.x) * this.#scale;
    this.#y += (from.y - to.y) * this.#scale;
    this.#apply();
  }

  /** Moves only as far as is needed. */
  reveal({ x, y }: Point, { width, height }: Size): void {
    const { clientWidth, clientHeight } = this.#viewport;
    const left = x * this.#scale + this.#x;
    const top = y * this.#scale + this.#y;
    const byX = into(left, left + width * this.#scale, clientWidth);
    const byY = into(top, top + height * this.#scale, clientHeight);
    if (byX !== 0 || byY !== 0) this.pan(byX, byY);
  }

  #apply(): void {
    this.#world.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    this.#viewport.classList.toggle('far', this.#scale < FAR_BELOW);
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (!event.ctrlKey) return this.pan(-event.deltaX * lines, -event.deltaY * lines);
    const box = this.#viewport.getBoundingClientRect();
    const factor = Math.exp(Math.max(-0.4, Math.min(0.4, -event.deltaY * lines * 0.005)));
    this.zoom(factor, { x: event.clientX - box.left, y: event.clientY - box.top });
  }

  #onDown(event: PointerEvent): void {
    this.#drag =
      event.button === 0 ? { x: event.clientX, y: event.clientY, id: event.pointerId, isMoved: false } : undefined;
  }

  #onMove(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag === undefined || event.buttons === 0) return;
    const isFar = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) >= DRAG_FROM_PX;
    if (!drag.isMoved && !isFar) return;
    if (!drag.isMoved) this.#viewport.setPointerCapture(drag.id);
    drag.isMoved = true;
    this.pan(event.movementX, event.movementY);
  }

  #onClick(event: MouseEvent): void {
    if (this.#drag?.isMoved === true) event.stopPropagation();
    this.#drag = undefined;
  }
}

/** How far a stretch must move to lie within `[0, most]`. */
function into(from: number, to: number, most: number): number {
  if (from < PADDING) return PADDING - from;
  return to > most - PADDING ? Math.max(most - PADDING - to, PADDING - from) : 0;
}
