/** A window of VS Code as a person uses it: the Orchestrator views and the chat, by mouse and keys. */
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { out } from '../hosts/places.mjs';
import { selectors } from '../ui/selectors.ts';

const STARTED_WITHIN_MS = 120_000;
const DRAWN_WITHIN_MS = 60_000;
const EFFECT_WITHIN_MS = 15_000;
const CLICKED_WITHIN_MS = 10_000;
const PRESSES = 4;
const LOOK_AGAIN_MS = 300;

/** Runs in the page. */
const KEPT_HOLDS = `async (texts) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db-')) continue;
    const database = await done(indexedDB.open(name));
    const values = database.objectStoreNames.contains('ItemTable')
      ? await done(database.transaction('ItemTable').objectStore('ItemTable').getAll())
      : [];
    database.close();
    if (values.some((value) => texts.every((text) => String(value).includes(text)))) return true;
  }
  return false;
}`;

export class OutsideWindow {
  readonly page: Page;
  readonly #refused: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(DRAWN_WITHIN_MS);
  }

  /** Opens the chat and the Orchestrator views; our extension is active when it has drawn its tasks. */
  async begin(): Promise<void> {
    await this.page.locator(selectors.tree.activityIcon('Orchestrator')).click({ timeout: STARTED_WITHIN_MS });
    await this.page.locator(selectors.tree.view('Tasks')).waitFor({ timeout: STARTED_WITHIN_MS });
    // VS Code calls a participant only when the window has a model.
    const model = this.page.locator(selectors.chat.modelPicker, { hasText: 'Orchestrator' });
    await model.waitFor({ timeout: STARTED_WITHIN_MS });
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(out, 'screenshots', `${name}.png`) });
  }

  row(name: RegExp): Locator {
    return this.page.getByRole('treeitem', { name });
  }

  /** An inline action of a row. */
  action(row: RegExp, title: string): Locator {
    return this.row(row).locator(selectors.tree.rowAction(title));
  }

  /** Presses an inline action until its effect is there. */
  async press(row: RegExp, title: string, effect: Locator): Promise<void> {
    await this.until(() => this.#click(row, title), effect);
  }

  /** Does it again until its effect is there: a row that is drawn anew under the mouse swallows a click. */
  async until(act: () => Promise<void>, effect: Locator): Promise<void> {
    for (let tries = 1; tries <= PRESSES; tries += 1) {
      await act().catch((error: unknown) => this.#refused.push(String(error)));
      if (await isThere(effect)) return;
    }
    throw new Error(`It has no effect. ${this.#refused.join('\n')}`);
  }

  async #click(row: RegExp, title: string): Promise<void> {
    await this.row(row).hover({ timeout: CLICKED_WITHIN_MS });
    await this.action(row, title).click({ timeout: CLICKED_WITHIN_MS });
  }

  /** Opens the row if it is closed. */
  async expand(row: RegExp): Promise<void> {
    if ((await this.row(row).getAttribute('aria-expanded')) === 'true') return;
    await this.row(row).locator('.monaco-tl-twistie').click();
  }

  /** What the icon of the Orchestrator views counts; empty when nothing. */
  async badge(): Promise<string> {
    const badge = this.page.locator('.activitybar .action-item').filter({
      has: this.page.locator(selectors.tree.activityIcon('Orchestrator')),
    });
    return (await badge.locator('.badge-content').allInnerTexts()).join('');
  }

  /** Sends a message in the chat and returns at once. */
  async ask(text: string): Promise<void> {
    await this.page.locator(selectors.chat.input).click();
    // VS Code keeps the participant for the next message.
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(`@orchestrator ${text}`);
    await this.page.keyboard.press('Escape'); // no suggestion is to take the Enter
    await this.page.keyboard.press('Enter');
  }

  /** Until VS Code has written these texts where it finds its editors after a reload: in a browser it does so now and then only. */
  async kept(...texts: readonly string[]): Promise<void> {
    const end = performance.now() + DRAWN_WITHIN_MS;
    while (!(await this.page.evaluate<boolean>(`(${KEPT_HOLDS})(${JSON.stringify(texts)})`))) {
      if (performance.now() > end) throw new Error(`VS Code has not kept ${texts.join(', ')}`);
      await this.page.waitForTimeout(LOOK_AGAIN_MS);
    }
  }

  /** The box in which VS Code asks for a text. */
  get questionBox(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }
}

function isThere(target: Locator): Promise<boolean> {
  return target.waitFor({ timeout: EFFECT_WITHIN_MS }).then(
    () => true,
    () => false,
  );
}
