import type { ToGraph } from '../../webview/graph/graph-messages.ts';
import type { GraphView } from '../../webview/graph/graph-view.ts';

/** What to tell a panel that shows `before`; undefined: nothing. Tasks are compared as objects: the model keeps those that did not change. */
export function graphChange(before: GraphView, after: GraphView, nowMs: number): ToGraph | undefined {
  const known = new Set(before.tasks);
  const put = after.tasks.filter((task) => !known.has(task));
  const isSameOrder =
    before.tasks.length === after.tasks.length && before.tasks.every(({ id }, index) => id === after.tasks[index]?.id);
  const order = isSameOrder ? null : after.tasks.map(({ id }) => id);
  const head = JSON.stringify(before.head) === JSON.stringify(after.head) ? null : after.head;
  const backends = before.backends.length === after.backends.length ? null : after.backends;
  if (put.length === 0 && order === null && head === null && backends === null) return undefined;
  return { type: 'change', put, order, head, backends, nowMs };
}
