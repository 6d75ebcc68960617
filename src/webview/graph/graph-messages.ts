/** The messages between the extension and the panel of a run's graph. What is not one of these is ignored. */
import { isFields, isOneOf, isText, type Fields } from '../shared/guards.ts';
import {
  RUN_WORDS,
  TASK_WORDS,
  type Attempt,
  type Call,
  type GraphHead,
  type GraphSpend,
  type GraphTask,
  type GraphView,
  type Place,
  type Span,
} from './graph-view.ts';

/** From the extension. `nowMs`: its wall time, which the page's clock may differ from. */
export type ToGraph =
  | { readonly type: 'show'; readonly view: GraphView; readonly nowMs: number }
  /** What is not named stays. `order`: the ids of all tasks, when it changed. */
  | {
      readonly type: 'change';
      readonly put: readonly GraphTask[];
      readonly order: readonly string[] | null;
      readonly head: GraphHead | null;
      readonly backends: readonly string[] | null;
      readonly nowMs: number;
    }
  | { readonly type: 'failed'; readonly what: string };

/** From the panel. */
export type FromGraph =
  | { readonly type: 'ready' }
  /** The person wants the conversation of this task. */
  | { readonly type: 'open'; readonly task: string };

export function readFromGraph(message: unknown): FromGraph | undefined {
  if (!isFields(message)) return undefined;
  const { type, task } = message;
  if (type === 'ready') return { type };
  return type === 'open' && isText(task, 200) && task !== '' ? { type, task } : undefined;
}

export function readToGraph(message: unknown): ToGraph | undefined {
  if (!isFields(message)) return undefined;
  const { type, view, nowMs, what } = message;
  switch (type) {
    case 'show':
      return isView(view) && isNumber(nowMs) ? { type, view, nowMs } : undefined;
    case 'change':
      return readChange(message);
    case 'failed':
      return typeof what === 'string' ? { type, what } : undefined;
    default:
      return undefined;
  }
}

function readChange({ put, order, head, backends, nowMs }: Fields): ToGraph | undefined {
  if (!isTasks(put) || !isNumber(nowMs)) return undefined;
  if ((order !== null && !isTexts(order)) || (backends !== null && !isTexts(backends))) return undefined;
  if (head !== null && !isHead(head)) return undefined;
  return { type: 'change', put, order, head, backends, nowMs };
}

function isView(value: unknown): value is GraphView {
  return isFields(value) && isHead(value['head']) && isTasks(value['tasks']) && isTexts(value['backends']);
}

function isHead(value: unknown): value is GraphHead {
  if (!isFields(value)) return false;
  const { run, title, word, detail, time, empty } = value;
  return (
    isText(run) &&
    typeof title === 'string' &&
    typeof detail === 'string' &&
    isOneOf(word, RUN_WORDS) &&
    isSpan(time) &&
    (empty === null || typeof empty === 'string')
  );
}

function isTasks(value: unknown): value is readonly GraphTask[] {
  return Array.isArray(value) && value.every(isTask);
}

function isTask(value: unknown): value is GraphTask {
  if (!isFields(value)) return false;
  const { id, title, mode, parent, needs, word, backend, marks, waits, attempts, spent, facts } = value;
  const isTextOrNull = (one: unknown): boolean => one === null || typeof one === 'string';
  return (
    isText(id) &&
    typeof title === 'string' &&
    [mode, parent, backend].every(isTextOrNull) &&
    isTexts(needs) &&
    isTexts(marks) &&
    typeof waits === 'string' &&
    isOneOf(word, TASK_WORDS) &&
    Array.isArray(attempts) &&
    attempts.every(isAttempt) &&
    isSpend(spent) &&
    Array.isArray(facts) &&
    facts.every((fact) => isFields(fact) && typeof fact['name'] === 'string' && typeof fact['value'] === 'string')
  );
}

function isAttempt(value: unknown): value is Attempt {
  if (!isFields(value) || !isSpan(value)) return false;
  const { places, waits, calls } = value;
  if (!Array.isArray(places) || !places.every(isPlace)) return false;
  return Array.isArray(waits) && waits.every(isSpan) && Array.isArray(calls) && calls.every(isCall);
}

function isPlace(value: unknown): value is Place {
  return isSpan(value) && (value['backend'] === null || typeof value['backend'] === 'string');
}

function isCall(value: unknown): value is Call {
  return isSpan(value) && typeof value['backend'] === 'string';
}

function isSpend(value: unknown): value is GraphSpend {
  if (!isFields(value)) return false;
  const { calls, tokens, tokensKnown, usd, usdKnown } = value;
  return [calls, tokens, usd].every(isNumber) && [tokensKnown, usdKnown].every((one) => typeof one === 'boolean');
}

function isSpan(value: unknown): value is Span & Fields {
  return isFields(value) && isNumber(value['fromMs']) && (value['toMs'] === null || isNumber(value['toMs']));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
