/** What a language-model tool brought, as a text. */
import { isObject } from '../is-object.ts';

const MOST_CHARACTERS = 50_000;
const MOST_NODES = 20_000;

/** Parts of `LanguageModelToolResult.content`: texts, data, and trees of VS Code's prompt library, whose texts are taken. */
export function lmToolText(content: readonly unknown[]): string {
  const text = content
    .map(partText)
    .filter((part) => part !== '')
    .join('\n\n');
  if (text === '') return '(It brought no text.)';
  if (text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS).toWellFormed()}\n[cut here: ${text.length - MOST_CHARACTERS} more characters; ask for less at a time]`;
}

function partText(part: unknown): string {
  if (!isObject(part)) return '';
  const { value, data, mimeType } = part;
  if (typeof value === 'string') return value;
  if (data instanceof Uint8Array) {
    const kind = typeof mimeType === 'string' ? mimeType : 'unknown type';
    return /^text\/|json/.test(kind) ? new TextDecoder().decode(data) : `[${kind}: not shown]`;
  }
  return treeText(value);
}

/** In the order that they are written; without recursion, for a tree may be any. */
function treeText(root: unknown): string {
  const texts: string[] = [];
  const left: unknown[] = [root];
  for (let seen = 0; left.length > 0 && seen < MOST_NODES; seen++) {
    const node = left.pop();
    if (Array.isArray(node)) left.push(...(node as readonly unknown[]).slice(0, MOST_NODES).toReversed());
    else if (isObject(node)) {
      if (typeof node['text'] === 'string') texts.push(node['text']);
      left.push(node['children'], node['node']);
    }
  }
  return texts.join('');
}
