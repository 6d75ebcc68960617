import type { ToPanel } from '../../webview/conversation/conversation-messages.ts';
import type { ConversationView } from '../../webview/conversation/conversation-view.ts';

/** What to tell a panel that shows `before`; undefined: nothing. Pieces are compared as objects: the model keeps those that did not change. */
export function changeOf(before: ConversationView, after: ConversationView): ToPanel | undefined {
  const known = new Map(before.items.map((item) => [item.key, item]));
  const put = after.items.filter((item) => !isShown(known.get(item.key), item));
  const isSameOrder =
    before.items.length === after.items.length &&
    before.items.every(({ key }, index) => key === after.items[index]?.key);
  const head = isEqual(before.head, after.head) ? null : after.head;
  const box = isEqual(before.box, after.box) ? null : after.box;
  if (put.length === 0 && isSameOrder && head === null && box === null && before.isLive === after.isLive)
    return undefined;
  return {
    type: 'change',
    put,
    order: isSameOrder ? null : after.items.map(({ key }) => key),
    head,
    box,
    isLive: after.isLive,
  };
}

/** Notes are few and made anew each time. */
function isShown(
  before: ConversationView['items'][number] | undefined,
  after: ConversationView['items'][number],
): boolean {
  return before === after || (before?.kind === 'note' && after.kind === 'note' && isEqual(before, after));
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
