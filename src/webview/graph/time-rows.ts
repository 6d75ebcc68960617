/** Which bars stand in which row of the time axis. */
import type { Attempt, GraphTask } from './graph-view.ts';
import { packLanes } from './lanes.ts';
import { foldedTitle } from './node-text.ts';
import type { ShownNode } from './shown-graph.ts';

export interface TimeBar {
  /** Of the element: stays the same while the try goes on. */
  readonly key: string;
  readonly task: GraphTask;
  readonly attempt: Attempt;
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
      : [{ label, lanes: [bars], fromMs: Math.min(...bars.map(({ attempt }) => attempt.fromMs)) }];
  });
  return rows.sort((a, b) => a.fromMs - b.fromMs).map(({ label, lanes }) => ({ label, lanes }));
}

/** A row for each backend, with as few lanes as hold all that went on at the same time. */
export function rowsByBackend(all: readonly GraphTask[], backends: readonly string[]): readonly TimeRow[] {
  return [...backends, null].flatMap((backend) => {
    const bars = all.filter((task) => task.backend === backend).flatMap(barsOf);
    if (bars.length === 0) return [];
    const numbers = packLanes(
      bars.map(({ attempt }) => ({ fromMs: attempt.fromMs, toMs: attempt.toMs ?? Number.POSITIVE_INFINITY })),
    );
    const lanes = Array.from({ length: Math.max(...numbers) + 1 }, (_, lane) =>
      bars.filter((_bar, at) => numbers[at] === lane),
    );
    return [{ label: backend ?? 'no backend', lanes }];
  });
}

function barsOf(task: GraphTask): readonly TimeBar[] {
  return task.attempts.map((attempt, index) => ({ key: `${index} ${task.id}`, task, attempt }));
}
