/**
 * When a person is told that something waits for them.
 *
 * Owns: what was told already, and gathering what begins to wait at about the same time. Does not own: how it is shown.
 *
 * 1. A wait is told once: a question that is asked again after a resume is the same one.
 * 2. What begins to wait within `GATHER_MS` is one notice. What was answered meanwhile is left out.
 * 3. A plan is told only when it was made from a finished run: of any other one the chat shows that it waits.
 * 4. After `dispose` nothing is told.
 */
import { waitsForUser } from '../../core/waiting.ts';
import { oneLine } from '../../app/safe-text.ts';
import type { Clock } from '../../base/clock.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import { payloadText, type RunEvent } from '../../core/run-event.ts';

export type Notice =
  | {
      readonly kind: 'tasks';
      readonly text: string;
      readonly run: string;
      readonly task: string;
      readonly count: number;
    }
  | { readonly kind: 'plan'; readonly text: string; readonly run: string };

export interface WaitingNoticesDeps {
  readonly clock: Clock;
  readonly orchestrator: Pick<Orchestrator, 'state' | 'onEvent'>;
  readonly show: (notice: Notice) => void;
}

interface Wait {
  readonly run: string;
  readonly task: string;
  readonly question: string;
}

const GATHER_MS = 500;

export class WaitingNotices {
  readonly #deps: WaitingNoticesDeps;
  readonly #told = new Map<string, Set<string>>();
  readonly #subscription: { dispose(): void };
  #waits: Wait[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(deps: WaitingNoticesDeps) {
    this.#deps = deps;
    this.#subscription = deps.orchestrator.onEvent((event) => this.#onEvent(event));
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#cancelTimer?.();
    this.#waits = [];
  }

  #onEvent(event: RunEvent): void {
    if (event.type === 'run.finished') this.#told.delete(event.run);
    else if (event.type === 'plan.waiting') this.#planWaits(event.run);
    else if (event.type === 'task.retried') this.#forget(event.run, event.task);
    else if (event.type === 'task.waiting') this.#taskWaits(event);
  }

  /** Waiting for the first word has the turn of the first reply, which may ask something. */
  #taskWaits({ run, task, turn, question }: Extract<RunEvent, { readonly type: 'task.waiting' }>): void {
    const asked = payloadText(question);
    if (this.#isNew(run, `${task} ${asked === '' ? 'first word' : turn}`)) this.#gather({ run, task, question: asked });
  }

  /** A new attempt asks anew. */
  #forget(run: string, task: string): void {
    const told = this.#told.get(run);
    for (const wait of told ?? []) if (wait.startsWith(`${task} `)) told?.delete(wait);
  }

  #planWaits(run: string): void {
    const state = this.#deps.orchestrator.state(run);
    if (state === undefined || state.from === null || !this.#isNew(run, 'plan')) return;
    const title = oneLine(payloadText(state.request), 80);
    this.#deps.show({
      kind: 'plan',
      run,
      text: `A new run of "${title}" waits for you. Look at its plan, then run it.`,
    });
  }

  #isNew(run: string, wait: string): boolean {
    const told = this.#told.get(run) ?? new Set();
    if (told.has(wait)) return false;
    this.#told.set(run, told.add(wait));
    return true;
  }

  #gather(wait: Wait): void {
    this.#waits.push(wait);
    this.#cancelTimer ??= this.#deps.clock.schedule(GATHER_MS, () => {
      this.#cancelTimer = undefined;
      const waits = this.#waits.filter(({ run, task }) => this.#waitsForUser(run, task));
      this.#waits = [];
      const [first] = waits;
      if (first === undefined) return;
      const text = waits.length === 1 ? this.#ofOne(first) : this.#ofMany(waits);
      this.#deps.show({ kind: 'tasks', text, run: first.run, task: first.task, count: waits.length });
    });
  }

  #ofOne({ run, task, question }: Wait): string {
    const title = this.#title(run, task);
    return question.trim() === '' ? `${title} waits for your first word.` : `${title} asks: ${oneLine(question, 300)}`;
  }

  #ofMany(waits: readonly Wait[]): string {
    const titles = waits.slice(0, 3).map(({ run, task }) => this.#title(run, task));
    const rest = waits.length - titles.length;
    return `${waits.length} tasks wait for you: ${titles.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
  }

  #title(run: string, task: string): string {
    return `"${oneLine(this.#task(run, task)?.title ?? task, 60)}"`;
  }

  #waitsForUser(run: string, id: string): boolean {
    const state = this.#deps.orchestrator.state(run);
    const task = state?.tasks.get(id);
    return state !== undefined && task !== undefined && waitsForUser(task, state);
  }

  #task(run: string, task: string) {
    return this.#deps.orchestrator.state(run)?.tasks.get(task);
  }
}
