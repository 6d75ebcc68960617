import { make } from '../shared/dom.ts';
import { OpenFolds } from './open-folds.ts';

export class Folds extends OpenFolds {
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
