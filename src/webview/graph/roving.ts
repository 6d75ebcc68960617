/** One of many elements is a stop of the Tab key; arrow keys move on from it. */
export class Roving {
  #current: HTMLElement | undefined;

  get current(): HTMLElement | undefined {
    return this.#current;
  }

  /** It is the stop from now on. */
  set(element: HTMLElement | undefined): void {
    if (element === this.#current) return;
    if (this.#current !== undefined) this.#current.tabIndex = -1;
    this.#current = element;
    if (element !== undefined) element.tabIndex = 0;
  }

  /** Something must be the stop, of what is there. */
  keep(elements: readonly HTMLElement[]): void {
    if (this.#current === undefined || !this.#current.isConnected) this.set(elements[0]);
  }
}
