/**
 * The messages between the extension and the panel of a conversation, and what a page leaves for the next one. What is not one of
 * these is ignored.
 */
import { isCount, isFields, isOneOf, isText, webAddress, type Fields } from '../shared/guards.ts';
import {
  ACTS,
  ASKED,
  STATUS_ICONS,
  type Box,
  type ConversationView,
  type Head,
  type Item,
  type Wish,
} from './conversation-view.ts';

/** From the extension. */
export type ToPanel =
  | { readonly type: 'show'; readonly view: ConversationView }
  /** What is not named stays. `order`: the keys of all pieces, when it changed. */
  | {
      readonly type: 'change';
      readonly put: readonly Item[];
      readonly order: readonly string[] | null;
      readonly head: Head | null;
      readonly box: Box | null;
      readonly isLive: boolean;
    }
  /** Text that arrives. `restart`: what arrived before no longer counts. */
  | { readonly type: 'stream'; readonly text: string; readonly restart: boolean }
  /** What was asked for by `load`; null: it cannot be read. */
  | { readonly type: 'text'; readonly key: string; readonly text: string | null }
  | { readonly type: 'done'; readonly id: number; readonly what: string }
  /** Nothing was done. `id` null: it was not the panel that asked. */
  | { readonly type: 'failed'; readonly id: number | null; readonly what: string }
  /** A page before this one wished it. What becomes of it follows. */
  | { readonly type: 'wish'; readonly wish: Wish }
  /** What stood in the box when the panel was closed. */
  | ({ readonly type: 'draft' } & Draft)
  /** The person wants to write. */
  | { readonly type: 'focus' };

/** From the panel. */
export type FromPanel =
  | { readonly type: 'ready' }
  | ({ readonly type: 'act' } & Wish)
  /** What became of that wish is shown. */
  | { readonly type: 'heard'; readonly id: number }
  /** What stands in the box now. */
  | ({ readonly type: 'draft' } & Draft)
  | { readonly type: 'load'; readonly key: string }
  | {
      readonly type: 'open-file';
      readonly path: string;
      /** 1-based. */
      readonly startLine: number | null;
      readonly endLine: number | null;
    }
  | { readonly type: 'open-task'; readonly run: string; readonly task: string }
  | { readonly type: 'open-diff'; readonly path: string }
  | { readonly type: 'review' }
  /** http or https, in its full form. */
  | { readonly type: 'open-link'; readonly url: string };

/** What stands in the box, and what Enter meant when it was begun (enter-meaning.ts). */
export interface Draft {
  readonly draft: string;
  readonly meaning: string;
}

/** A person's words to a task. */
const MOST_TYPED = 1_000_000;

export function readFromPanel(message: unknown): FromPanel | undefined {
  if (!isFields(message)) return undefined;
  switch (message['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'review':
      return { type: 'review' };
    case 'act':
      return readAct(message);
    case 'heard':
      return isCount(message['id']) ? { type: 'heard', id: message['id'] } : undefined;
    case 'draft':
      return readDraft(message);
    case 'load':
      return isText(message['key']) ? { type: 'load', key: message['key'] } : undefined;
    case 'open-file':
      return readOpenFile(message);
    case 'open-task': {
      const { run, task } = message;
      return isText(run, 200) && isText(task, 200) ? { type: 'open-task', run, task } : undefined;
    }
    case 'open-diff':
      return isText(message['path']) ? { type: 'open-diff', path: message['path'] } : undefined;
    case 'open-link': {
      const url = webAddress(message['url']);
      return url === undefined ? undefined : { type: 'open-link', url: url.href };
    }
    default:
      return undefined;
  }
}

function readAct(message: Fields): FromPanel | undefined {
  const wish = readWish(message);
  return wish === undefined ? undefined : { type: 'act', ...wish };
}

function readDraft({ draft, meaning }: Fields): ({ readonly type: 'draft' } & Draft) | undefined {
  return isText(draft, MOST_TYPED) && isText(meaning, MOST_TYPED) ? { type: 'draft', draft, meaning } : undefined;
}

function readWish({ id, act, text }: Fields): Wish | undefined {
  return isCount(id) && isOneOf(act, ACTS) && isText(text, MOST_TYPED) ? { id, act, text } : undefined;
}

function readOpenFile({ path, startLine, endLine }: Fields): FromPanel | undefined {
  if (!isText(path, 1_000) || path === '') return undefined;
  if (startLine === null && endLine === null) return { type: 'open-file', path, startLine, endLine };
  if (!isCount(startLine, 1) || !isCount(endLine, startLine)) return undefined;
  return { type: 'open-file', path, startLine, endLine };
}

export function readToPanel(message: unknown): ToPanel | undefined {
  if (!isFields(message)) return undefined;
  const { type, text, key, id, what } = message;
  switch (type) {
    case 'show':
      return isView(message['view']) ? { type, view: message['view'] } : undefined;
    case 'change':
      return readChange(message);
    case 'stream': {
      const { restart } = message;
      return typeof text === 'string' && typeof restart === 'boolean' ? { type, text, restart } : undefined;
    }
    case 'text':
      return isText(key) && (text === null || typeof text === 'string') ? { type, key, text } : undefined;
    case 'done':
      return isCount(id) && typeof what === 'string' ? { type, id, what } : undefined;
    case 'failed':
      return (id === null || isCount(id)) && typeof what === 'string' ? { type, id, what } : undefined;
    case 'wish': {
      const wish = isFields(message['wish']) ? readWish(message['wish']) : undefined;
      return wish === undefined ? undefined : { type, wish };
    }
    case 'draft':
      return readDraft(message);
    case 'focus':
      return { type };
    default:
      return undefined;
  }
}

function readChange({ put, order, head, box, isLive }: Fields): ToPanel | undefined {
  const isOrder = order === null || (Array.isArray(order) && order.every((key) => typeof key === 'string'));
  if (!isItems(put) || !isOrder || typeof isLive !== 'boolean') return undefined;
  if ((head !== null && !isHead(head)) || (box !== null && !isBox(box))) return undefined;
  return { type: 'change', put, order, head, box, isLive };
}

function isView(value: unknown): value is ConversationView {
  if (!isFields(value)) return false;
  return (
    isHead(value['head']) && isItems(value['items']) && isBox(value['box']) && typeof value['isLive'] === 'boolean'
  );
}

function isHead(value: unknown): value is Head {
  if (!isFields(value) || !isFields(value['status'])) return false;
  const { icon, words } = value['status'];
  return (
    typeof value['title'] === 'string' &&
    typeof words === 'string' &&
    isOneOf(icon, STATUS_ICONS) &&
    Array.isArray(value['facts'])
  );
}

const KINDS: Readonly<Record<Item['kind'], true>> = {
  brief: true,
  route: true,
  note: true,
  message: true,
  failure: true,
  tool: true,
  reading: true,
  result: true,
  edits: true,
  checks: true,
  problems: true,
  spend: true,
  attempt: true,
};

function isItems(value: unknown): value is readonly Item[] {
  if (!Array.isArray(value)) return false;
  return value.every(
    (item: unknown) =>
      isFields(item) &&
      isText(item['key']) &&
      typeof item['kind'] === 'string' &&
      Object.hasOwn(KINDS, item['kind']) &&
      (item['kind'] !== 'attempt' || isItems(item['items'])),
  );
}

function isBox(value: unknown): value is Box {
  if (!isFields(value) || !Array.isArray(value['buttons']) || typeof value['isWaiting'] !== 'boolean') return false;
  if (!isOneOf(value['asks'], ASKED)) return false;
  return (value['send'] === null || isButton(value['send'])) && value['buttons'].every(isButton);
}

function isButton(value: unknown): boolean {
  return isFields(value) && isOneOf(value['act'], ACTS) && typeof value['label'] === 'string';
}

/** What is kept over a reload of the window. `run` and `task` are for the extension, which brings the panel back. */
export interface KeptPage extends Draft {
  readonly run: string;
  readonly task: string;
  /** What is unfolded. */
  readonly open: readonly string[];
}

/** What another version kept, or nobody, is nothing. */
export function readKeptPage(state: unknown): KeptPage {
  const { run, task, draft, meaning, open } = isFields(state) ? state : {};
  return {
    run: isText(run) ? run : '',
    task: isText(task) ? task : '',
    draft: typeof draft === 'string' ? draft : '',
    meaning: typeof meaning === 'string' ? meaning : '',
    open: Array.isArray(open) ? open.filter((key) => isText(key)) : [],
  };
}
