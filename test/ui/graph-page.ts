import type { FrameLocator, Locator, Page } from 'playwright-core';
import { selectors } from './selectors.ts';

interface Sides {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What is read of a page; the suite knows no types of the browser. */
interface Seen {
  getAttribute(name: string): string | null;
  getBoundingClientRect(): Sides;
  querySelectorAll(selector: string): Iterable<Seen>;
  readonly style: { readonly transform: string; getPropertyValue(name: string): string };
  readonly ownerDocument: {
    readonly defaultView: {
      requestAnimationFrame(look: () => void): void;
      readonly performance: {
        now(): number;
        getEntriesByName(name: string): readonly { readonly duration: number }[];
      };
    };
  };
}

export interface Frames {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

/** The page of the run graph that is in sight. */
export class GraphPage {
  readonly frame: FrameLocator;

  constructor(page: Page) {
    const { webview, webviewContent } = selectors.editor;
    this.frame = page.frameLocator(`${webview}:visible`).frameLocator(webviewContent);
  }

  get nodes(): Locator {
    return this.frame.locator('#nodes .node');
  }

  get folded(): Locator {
    return this.frame.locator('.node.folded');
  }

  get bars(): Locator {
    return this.frame.locator('#rows .bar');
  }

  get tip(): Locator {
    return this.frame.getByRole('tooltip');
  }

  get status(): Locator {
    return this.frame.locator('#status');
  }

  /** By what who listens is told of it. */
  node(name: RegExp): Locator {
    return this.frame.locator('#nodes').getByRole('button', { name });
  }

  task(id: string): Locator {
    return this.frame.locator(`.node[data-node="${id}"]`);
  }

  button(name: string): Locator {
    return this.frame.locator('#head').getByRole('button', { name, exact: true });
  }

  /** `2 active`, `12 completed`. */
  async legend(): Promise<readonly string[]> {
    return (await this.frame.locator('#legend').innerText()).split('\n').filter((line) => line.trim() !== '');
  }

  attributes(elements: Locator, name: string): Promise<readonly string[]> {
    return elements.evaluateAll(
      (all: readonly Seen[], attribute) => all.map((one) => one.getAttribute(attribute) ?? ''),
      name,
    );
  }

  /** Where the middle of the element is on the screen, from the left. */
  async middleOf(element: Locator): Promise<number> {
    const box = await element.boundingBox();
    if (box === null) throw new Error('It is not in sight.');
    return box.x + box.width / 2;
  }

  transform(): Promise<string> {
    return this.frame.locator('#world').evaluate((world: Seen) => world.style.transform);
  }

  isAllInSight(): Promise<boolean> {
    return this.frame.locator('#graph').evaluate((place: Seen) => {
      const { left, right, top, bottom } = place.getBoundingClientRect();
      const all = [...place.querySelectorAll('.node')].map((one) => one.getBoundingClientRect());
      return all.every((one) => one.left >= left && one.right <= right && one.top >= top && one.bottom <= bottom);
    });
  }

  /** Resolves when the bar has grown by so much. */
  async hasGrown(bar: Locator, byMs: number): Promise<void> {
    await bar.evaluate(
      (one: Seen, least) =>
        new Promise<void>((resolve) => {
          const { defaultView } = one.ownerDocument;
          const length = (): number => Number(one.style.getPropertyValue('--ms'));
          const enough = length() + least;
          const look = (): void => (length() >= enough ? resolve() : defaultView.requestAnimationFrame(look));
          look();
        }),
      byMs,
    );
  }

  /** How long the last layout took, milliseconds. */
  layoutMs(): Promise<number> {
    return this.frame
      .locator('body')
      .evaluate(
        (body: Seen) => body.ownerDocument.defaultView.performance.getEntriesByName('layout').at(-1)?.duration ?? NaN,
      );
  }

  async frameTimes(forMs: number): Promise<Frames> {
    const times: readonly number[] = await this.frame.locator('body').evaluate(
      (body: Seen, limitMs) =>
        new Promise<readonly number[]>((resolve) => {
          const { defaultView } = body.ownerDocument;
          const found: number[] = [];
          const startMs = defaultView.performance.now();
          let lastMs = startMs;
          const look = (): void => {
            const nowMs = defaultView.performance.now();
            found.push(nowMs - lastMs);
            lastMs = nowMs;
            if (nowMs - startMs < limitMs) defaultView.requestAnimationFrame(look);
            else resolve(found.slice(1));
          };
          defaultView.requestAnimationFrame(look);
        }),
      forMs,
    );
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), longest: at(1) };
  }
}
