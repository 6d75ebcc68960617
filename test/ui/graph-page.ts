import type { FrameLocator, Locator, Page } from 'playwright-core';
import { selectors } from './selectors.ts';

/** What is read of an element; the suite knows no types of the browser. */
interface Seen {
  getAttribute(name: string): string | null;
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
    return this.frame.locator('#world').evaluate('(world) => world.style.transform');
  }

  isAllInSight(): Promise<boolean> {
    return this.frame.locator('#graph').evaluate(`(place) => {
      const { left, right, top, bottom } = place.getBoundingClientRect();
      const all = [...document.querySelectorAll('.node')].map((one) => one.getBoundingClientRect());
      return all.every((one) => one.left >= left && one.right <= right && one.top >= top && one.bottom <= bottom);
    }`);
  }

  /** Resolves when the bar has grown by so much. */
  async hasGrown(bar: Locator, byMs: number): Promise<void> {
    await bar.evaluate(`(bar) => new Promise((resolve) => {
      const length = () => Number(bar.style.getPropertyValue('--ms'));
      const least = length() + ${byMs};
      const look = () => (length() >= least ? resolve() : requestAnimationFrame(look));
      look();
    })`);
  }

  /** How long the last layout took, milliseconds. */
  layoutMs(): Promise<number> {
    return this.frame.locator('body').evaluate("() => performance.getEntriesByName('layout').at(-1).duration");
  }

  async frameTimes(forMs: number): Promise<Frames> {
    const times: readonly number[] = await this.frame.locator('body').evaluate(`() => new Promise((resolve) => {
      const found = [];
      const startMs = performance.now();
      let lastMs = startMs;
      const look = () => {
        const nowMs = performance.now();
        found.push(nowMs - lastMs);
        lastMs = nowMs;
        if (nowMs - startMs < ${forMs}) requestAnimationFrame(look);
        else resolve(found.slice(1));
      };
      requestAnimationFrame(look);
    })`);
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), longest: at(1) };
  }
}
