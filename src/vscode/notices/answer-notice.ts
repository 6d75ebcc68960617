/**
 * Whose answer nobody would see: a run that waited for a person and ended after its chat turn.
 *
 * Owns: which runs a chat turn of this window began or took up, and which of them a turn shows now. Does not own: how the
 * person is told.
 *
 * 1. A run is told of once, when it ends, and only if no turn shows it then.
 * 2. Nothing is told of a run that the person cancelled.
 */
import type { Subscription } from '../../base/emitter.ts';
import type { RunEvent } from '../../core/run-event.ts';

export type RunFinishedEvent = Extract<RunEvent, { readonly type: 'run.finished' }>;

export class AnswerNotice {
  readonly #tell: (finished: RunFinishedEvent) => void;
  /** By run: how many turns show it. */
  readonly #turns = new Map<string, number>();

  constructor(tell: (finished: RunFinishedEvent) => void) {
    this.#tell = tell;
  }

  /** A chat turn shows this run until the subscription is disposed. */
  attach(run: string): Subscription {
    this.#turns.set(run, (this.#turns.get(run) ?? 0) + 1);
    let isAttached = true;
    return {
      dispose: () => {
        const count = this.#turns.get(run);
        if (isAttached && count !== undefined) this.#turns.set(run, count - 1);
        isAttached = false;
      },
    };
  }

  onEvent(event: RunEvent): void {
    if (event.type !== 'run.finished') return;
    const turns = this.#turns.get(event.run);
    this.#turns.delete(event.run);
    if (turns === 0 && event.outcome !== 'cancelled') this.#tell(event);
  }
}
