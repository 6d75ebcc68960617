import type { RunContext } from './run-context.ts';

const RUNS_LONG_AFTER_MS = 5_000;
const BETWEEN_RECORDS_MS = 1_000;

/** Leaves what a long stream has brought so far in the journal: first after 5 s, then at most once a second. */
export class PartialRecorder {
  readonly #ctx: RunContext;
  readonly #task: string;
  #text = '';
  #nextAtMs: number;
  #isOpen = true;

  constructor(ctx: RunContext, task: string) {
    this.#ctx = ctx;
    this.#task = task;
    this.#nextAtMs = ctx.clock.monotonicMs() + RUNS_LONG_AFTER_MS;
  }

  get text(): string {
    return this.#text;
  }

  add(delta: string): void {
    this.#text += delta;
    const nowMs = this.#ctx.clock.monotonicMs();
    if (!this.#isOpen || nowMs < this.#nextAtMs) return;
    this.#nextAtMs = nowMs + BETWEEN_RECORDS_MS;
    void this.#ctx.append({ type: 'message.partial', task: this.#task, text: this.#text });
  }

  end(): void {
    this.#isOpen = false;
  }
}
