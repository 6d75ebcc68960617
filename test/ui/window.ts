import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { selectors } from './selectors.ts';

/** The VS Code window that the suite runs in, driven from the suite itself over the browser's debugging port. */
export interface DrivenWindow {
  readonly page: Page;
  /** Saves test/out/screenshots/<name>.png and resolves to its path. */
  screenshot(name: string): Promise<string>;
  /** Lets go of the window; it stays open. */
  close(): Promise<void>;
}

/** Connects to the window. Works alike for desktop VS Code and for the server build in Chromium. */
export async function connectWindow(): Promise<DrivenWindow> {
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${process.env['SUITE_WINDOW_PORT']}`);
  const pages = browser.contexts().flatMap((context) => context.pages());
  const counts = await Promise.all(pages.map((page) => page.locator(selectors.workbench).count()));
  const page = pages.find((_, i) => counts[i] === 1);
  if (!page) throw new Error(`No VS Code window among the pages ${pages.map((other) => other.url()).join(', ')}`);
  const folder = process.env['SUITE_SCREENSHOTS'] ?? '.';
  return {
    page,
    screenshot: async (name) => {
      const file = path.join(folder, `${name.replaceAll(/[^\w.-]+/g, '-').slice(0, 120)}.png`);
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: file });
      return file;
    },
    close: () => browser.close(),
  };
}

/** Draws the border of the Chat view to the left, so that an answer can be read in a screenshot. The view must be open. */
export async function widenChat(page: Page, widthPx = 600): Promise<void> {
  const box = await page.locator(selectors.secondarySideBar).boundingBox();
  if (!box || box.width >= widthPx) return;
  const y = box.y + box.height / 2;
  const sashX = box.x - 2; // it lies in the gap beside the view
  await page.mouse.move(sashX, y);
  await page.mouse.down();
  await page.mouse.move(sashX + box.width - widthPx, y, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(sashX / 2, y); // off the border, which is highlighted under the mouse
}

/** Turns the wheel over the Chat view until the target is well inside it: VS Code scrolls only by itself. */
export async function scrollChatTo(page: Page, target: Locator): Promise<void> {
  const view = await page.locator(selectors.secondarySideBar).boundingBox();
  if (!view) throw new Error('The Chat view is not open.');
  await page.mouse.move(view.x + view.width / 2, view.y + view.height / 2);
  for (let turns = 0; turns < 40; turns++) {
    const box = await target.boundingBox();
    const middle = view.y + view.height / 2;
    if (box !== null && Math.abs(box.y - middle) < view.height / 4) return;
    await page.mouse.wheel(0, box === null || box.y < middle ? -120 : 120);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
  }
  throw new Error('It did not come into view.');
}

/** Draws the border of the side bar to the right, so that the rows of a tree can be read whole. */
export async function widenSideBar(page: Page, widthPx: number): Promise<void> {
  const box = await page.locator(selectors.sideBar).boundingBox();
  if (!box || box.width >= widthPx) return;
  const y = box.y + box.height / 2;
  const sashX = box.x + box.width + 2;
  await page.mouse.move(sashX, y);
  await page.mouse.down();
  await page.mouse.move(sashX + widthPx - box.width, y, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(sashX + widthPx, y + 100);
}
