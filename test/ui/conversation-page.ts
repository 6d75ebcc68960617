import type { FrameLocator, Locator, Page } from 'playwright-core';
import { selectors } from './selectors.ts';

/** The page of the conversation that is in sight. */
export interface ConversationPage {
  readonly frame: FrameLocator;
  readonly title: Locator;
  readonly status: Locator;
  readonly items: Locator;
  readonly live: Locator;
  readonly question: Locator;
  readonly words: Locator;
  readonly outcome: Locator;
  readonly problem: Locator;
  readonly button: (name: string) => Locator;
}

export function conversationPage(page: Page): ConversationPage {
  const { webview, webviewContent } = selectors.editor;
  const frame = page.frameLocator(`${webview}:visible`).frameLocator(webviewContent);
  return {
    frame,
    title: frame.locator('#title'),
    status: frame.locator('#status'),
    items: frame.locator('#items'),
    live: frame.locator('#live'),
    question: frame.locator('#question'),
    words: frame.locator('#words'),
    outcome: frame.locator('#outcome'),
    problem: frame.locator('#problem'),
    button: (name) => frame.getByRole('button', { name, exact: true }),
  };
}
