/**
 * What the extension has told the page.
 *
 * 1. `plan` goes up only when what decides the layout has changed: which tasks there are, what they need, what they are under.
 */
import type { ToGraph } from './graph-messages.ts';
import type { GraphHead, GraphTask, GraphView } from './graph-view.ts';
import { PageClock } from './page-clock.ts';

export class GraphStore {
  readonly clock = new PageClock();
  readonly #tasks = new Map<string, GraphTask>();
  #order: readonly string[] = [];
  #head: GraphHead | undefined;
  #backends: readonly string[] = [];
  #shape = '';
  #plan = 0;

  get head(): GraphHead | undefined {
    return this.#head;
  }

  get plan(): number {
    return this.#plan;
  }

  /** In their order, with the turns of the orchestrator. */
  get all(): readonly GraphTask[] {
    return this.#order.flatMap((id) => this.#tasks.get(id) ?? []);
  }

  /** Those of the plan. */
  get tasks(): readonly GraphTask[] {
    return this.all.filter(({ mode }) => mode !== null);
  }

  get nowMs(): number {
    return this.clock.nowMs();
  }

  get backends(): readonly string[] {
    return this.#backends;
  }

  get isLive(): boolean {
    return this.#head !== undefined && this.#head.time.toMs === null;
  }

  task(id: string): GraphTask | undefined {
    return this.#tasks.get(id);
  }

  show({ head, tasks, backends }: GraphView): void {
    this.#tasks.clear();
    for (const task of tasks) this.#tasks.set(task.id, task);
    this.#order = tasks.map(({ id }) => id);
    this.#head = head;
    this.#backends = backends;
    this.#look();
  }

  change({ put, order, head, backends }: Extract<ToGraph, { readonly type: 'change' }>): void {
    for (const task of put) this.#tasks.set(task.id, task);
    if (order !== null) {
      this.#order = order;
      const known = new Set(order);
      for (const id of this.#tasks.keys()) if (!known.has(id)) this.#tasks.delete(id);
    }
    this.#head = head ?? this.#head;
    this.#backends = backends ?? this.#backends;
    if (put.length > 0 || order !== null) this.#look();
  }

  #look(): void {
    const shape = JSON.stringify(this.tasks.map(({ id, parent, needs }) => [id, parent, needs]));
    if (shape === this.#shape) return;
    this.#shape = shape;
    this.#plan += 1;
  }
}
