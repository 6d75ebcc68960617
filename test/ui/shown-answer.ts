import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { selectors } from './selectors.ts';

const RENDERED_WITHIN_MS = 15_000;

/**
 * What the last answer of the Chat view reads, once it matches all patterns: VS Code goes on drawing a moment after a turn
 * has ended. Fails with the text as it is when it never does.
 */
export async function shownAnswer(page: Page, ...patterns: readonly RegExp[]): Promise<string> {
  const response = page.locator(selectors.chat.response).last();
  const giveUpAtMs = performance.now() + RENDERED_WITHIN_MS;
  let text = await response.innerText();
  while (!patterns.every((pattern) => pattern.test(text)) && performance.now() < giveUpAtMs) {
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    text = await response.innerText();
  }
  for (const pattern of patterns) assert.match(text, pattern);
  return text;
}
