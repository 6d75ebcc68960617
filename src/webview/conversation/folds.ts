import { make } from '../shared/dom.ts';

/** What the person unfolded, kept when a piece is drawn anew and when the window is loaded again. */
export class Folds {
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

  /** Its content is made when it is unfolded first. */
  details(key: string, summary: readonly (Node | string)[], content: () => readonly Node[]): HTMLDetailsElement {
    const inside = make('div', { class: 'fold-content' });
    const details = make('details', { class: 'fold' }, [make('summary', {}, summary), inside]);
    let isMade = false;
    const fill = (): void => {
      if (isMade || !details.open) return;
      isMade = true;
      inside.append(...content());
    };
    details.open = this.isOpen(key);
    fill();
    details.addEventListener('toggle', () => {
      this.set(key, details.open);
      fill();
    });
    return details;
  }
}
