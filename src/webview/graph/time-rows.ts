/** Which bars stand in which row of the time axis. */
import type { Attempt, Call, GraphTask, Place, Span } from './graph-view.ts';
import { packLanes } from './lanes.ts';
import { foldedTitle } from './node-text.ts';
import type { ShownNode } from './shown-graph.ts';

export interface TimeBar {
  /** Of the element: stays the same while the try goes on. */
  readonly key: string;
  readonly task: GraphTask;
  readonly attempt: Attempt;
  /** From when to when it reaches, and where the task was then. */
  readonly place: Place;
  /** When the calls began that are drawn in it. */
  readonly calls: readonly number[];
  /** When the backend had no call of it, in a bar of a backend: it waited for a slot, for its tools, for somebody. */
  readonly idle: readonly Span[];
}

export interface TimeRow {
  readonly label: string;
  /** Bars at the same height. */
  readonly lanes: readonly (readonly TimeBar[])[];
}

/** A row for each node that has begun, in the order in which they began; `nodes` are those of the graph. */
export function rowsByNode(all: readonly GraphTask[], nodes: readonly ShownNode[]): readonly TimeRow[] {
  const tasks = new Map(all.map((task) => [task.id, task]));
  const shown = [
    ...all.filter(({ mode }) => mode === null).map(({ id }) => [id]),
    ...nodes.map(({ members }) => members),
  ];
  const rows = shown.flatMap((members) => {
    const own = members.flatMap((id) => tasks.get(id) ?? []);
    const bars = own.flatMap(barsOf);
    const label = own.length > 1 ? foldedTitle(own.length) : (own[0]?.title ?? '');
    return bars.length === 0
      ? []
      : [{ label, lanes: [bars], fromMs: Math.min(...bars.map(({ place }) => place.fromMs)) }];
  });
  return rows.sort((a, b) => a.fromMs - b.fromMs).map(({ label, lanes }) => ({ label, lanes }));
}

/** A row for each backend, with as few lanes as hold all that went on at the same time. */
export function rowsByBackend(all: readonly GraphTask[], backends: readonly string[]): readonly TimeRow[] {
  const everywhere = all.flatMap(barsByPlace);
  return [...backends, null].flatMap((backend) => {
    const bars = everywhere.filter(({ place }) => place.backend === backend);
    if (bars.length === 0) return [];
    const numbers = packLanes(
      bars.map(({ place }) => ({ fromMs: place.fromMs, toMs: place.toMs ?? Number.POSITIVE_INFINITY })),
    );
    const lanes = Array.from({ length: Math.max(...numbers) + 1 }, (_, lane) =>
      bars.filter((_bar, at) => numbers[at] === lane),
    );
    return [{ label: backend ?? 'no backend', lanes }];
  });
}

function barsOf(task: GraphTask): readonly TimeBar[] {
  return task.attempts.map((attempt, index) => {
    const { fromMs, toMs, places, calls } = attempt;
    const place = { fromMs, toMs, backend: places.at(-1)?.backend ?? null };
    return { key: `${index} ${task.id}`, task, attempt, place, calls: calls.map((call) => call.fromMs), idle: [] };
  });
}

function barsByPlace(task: GraphTask): readonly TimeBar[] {
  return task.attempts.flatMap((attempt, index) =>
    attempt.places.map((place, nth) => {
      const calls = attempt.calls.filter(({ backend }) => backend === place.backend);
      return {
        key: `${index}${nth === 0 ? '' : `.${nth}`} ${task.id}`,
        task,
        attempt,
        place,
        calls: calls.map(({ fromMs }) => fromMs),
        idle: place.backend === null ? [] : between(calls, place),
      };
    }),
  );
}

/** What of the whole is in none of the calls. */
function between(calls: readonly Call[], whole: Span): readonly Span[] {
  const idle: Span[] = [];
  let sinceMs: number | null = whole.fromMs;
  for (const { fromMs, toMs } of [...calls].sort((a, b) => a.fromMs - b.fromMs)) {
    if (sinceMs === null) break;
    if (fromMs > sinceMs) idle.push({ fromMs: sinceMs, toMs: fromMs });
    sinceMs = toMs === null ? null : Math.max(sinceMs, toMs);
  }
  const goesOn = sinceMs !== null && (whole.toMs === null || whole.toMs > sinceMs);
  return goesOn && sinceMs !== null ? [...idle, { fromMs: sinceMs, toMs: whole.toMs }] : idle;
}
