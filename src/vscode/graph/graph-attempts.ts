/** When and where a task was at work, from the fold of its run. */
import { livenessOf, type View } from '../../app/run-text.ts';
import type { CallState, RunState, TaskState } from '../../core/run-state.ts';
import type { Attempt, Place, Span } from '../../webview/graph/graph-view.ts';

/** All tries, the oldest first; one that was interrupted meanwhile is as many as it was taken up. */
export function attemptsOf(task: TaskState, state: RunState, view: View): readonly Attempt[] {
  return [...task.earlier, task].flatMap((one) => stretches(one, state, view));
}

function stretches(task: TaskState, state: RunState, view: View): readonly Attempt[] {
  const goesOn = livenessOf(state, view) === 'running';
  return task.stints.map(({ fromMs, toMs, backend }) => {
    const span = { fromMs, toMs: toMs ?? (goesOn ? null : Math.max(fromMs, state.lastAtMs)) };
    const calls = task.calls.filter(({ startedAtMs }) => isWithin(startedAtMs, span));
    return {
      ...span,
      places: placesOf(calls, span, backend ?? task.backend),
      waits: waitSpans(task).flatMap((wait) => cut(wait, span)),
      calls: calls.flatMap(({ startedAtMs, endedAtMs, backend: at }) =>
        cut({ fromMs: startedAtMs, toMs: endedAtMs }, span).map((one) => ({ ...one, backend: at })),
      ),
    };
  });
}

/** One unless it was called for elsewhere too: the first from the beginning on, the one that it is at last to the end. */
function placesOf(calls: readonly CallState[], whole: Span, last: string | null): readonly Place[] {
  const places = new Map<string, Span>();
  for (const { backend, startedAtMs, endedAtMs, aside } of calls) {
    if (aside === true) continue;
    const known = places.get(backend);
    const toMs = endedAtMs === null || known?.toMs === null ? null : Math.max(endedAtMs, known?.toMs ?? 0);
    const fromMs = places.size === 0 ? whole.fromMs : startedAtMs;
    places.set(backend, { fromMs: known?.fromMs ?? fromMs, toMs });
  }
  if (places.size < 2) return [{ backend: [...places.keys()][0] ?? last, fromMs: whole.fromMs, toMs: whole.toMs }];
  return [...places].map(([backend, { fromMs, toMs }]) => ({
    backend,
    fromMs,
    toMs: backend === last ? whole.toMs : (toMs ?? whole.toMs),
  }));
}

/** From each question to the next word of the user. */
function waitSpans({ talk }: TaskState): readonly Span[] {
  const spans: Span[] = [];
  let sinceMs: number | undefined;
  for (const { by, atMs } of talk) {
    if (by === 'task') sinceMs ??= atMs;
    else if (sinceMs !== undefined) {
      spans.push({ fromMs: sinceMs, toMs: atMs });
      sinceMs = undefined;
    }
  }
  return sinceMs === undefined ? spans : [...spans, { fromMs: sinceMs, toMs: null }];
}

/** What of it lies in the whole. */
function cut(span: Span, whole: Span): readonly Span[] {
  const fromMs = Math.max(span.fromMs, whole.fromMs);
  const toMs = span.toMs === null ? whole.toMs : Math.min(span.toMs, whole.toMs ?? span.toMs);
  return toMs !== null && toMs < fromMs ? [] : [{ fromMs, toMs }];
}

function isWithin(atMs: number, { fromMs, toMs }: Span): boolean {
  return atMs >= fromMs && (toMs === null || atMs <= toMs);
}
