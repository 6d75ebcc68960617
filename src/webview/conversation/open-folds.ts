/** What the person unfolded, kept when a piece is drawn anew and when the window is loaded again. */
export class OpenFolds {
  readonly #open: Set<string>;
  readonly #onChange: () => void;

  constructor(open: readonly string[], onChange: () => void) {
    this.#open = new Set(open);
    this.#onChange = onChange;
  }

  get keys(): readonly string[] {
    return [...this.#open];
  }

  isOpen(key: string): boolean {
    return this.#open.has(key);
  }

  set(key: string, isOpen: boolean): void {
    if (isOpen === this.#open.has(key)) return;
    if (isOpen) this.#open.add(key);
    else this.#open.delete(key);
    this.#onChange();
  }
}
