import { make } from '../shared/dom.ts';
import { isFields } from '../shared/guards.ts';
import type { Page } from './page.ts';
import { drawText, fetchedText, longText } from './text-view.ts';

/** What was sent to the model, fetched when it is unfolded. */
export function promptFold(key: string, page: Page): HTMLElement {
  const fold = page.folds.details(key, ['What was sent'], () => [
    fetchedText(page, key, (text) => drawPrompt(text, key, page)),
  ]);
  fold.classList.add('prompt');
  return fold;
}

function drawPrompt(text: string, key: string, page: Page): readonly Node[] {
  const messages = readMessages(text);
  if (messages === undefined) return [drawText(text, 'code')];
  return messages.flatMap(({ role, content }, index) => [
    make('h4', { text: role }),
    longText(page, { text: content }, { key: `${key}.${index}`, style: 'code' }),
  ]);
}

interface PromptMessage {
  readonly role: string;
  readonly content: string;
}

function readMessages(text: string): readonly PromptMessage[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  const messages = parsed.map((one: unknown) => {
    if (!isFields(one) || typeof one['role'] !== 'string' || typeof one['content'] !== 'string') return undefined;
    const calls = one['toolCalls'];
    const asked = Array.isArray(calls) && calls.length > 0 ? `Calls of tools:\n${JSON.stringify(calls, null, 2)}` : '';
    return { role: one['role'], content: [one['content'], asked].filter((part) => part !== '').join('\n\n') };
  });
  return messages.every((message) => message !== undefined) ? messages : undefined;
}
