import type { Clock } from '../../base/clock.ts';

/** Silence after the first part that counts as a stall. */
const IDLE_MS = 60_000;

/** One call's end: by the user, by its deadline, by silence, or by us when enough has come. */
export class LmDeadlines {
  readonly idleMs: number;
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  readonly #stopTotal: () => void;
  #stopIdle: () => void = () => {};
  readonly #unlink: () => void;
  ended: 'cancelled' | 'total' | 'idle' | undefined;

  constructor(signal: AbortSignal, timeoutMs: number, clock: Clock) {
    this.#clock = clock;
    this.idleMs = Math.min(IDLE_MS, timeoutMs);
    const onAbort = (): void => this.#end('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    this.#unlink = () => signal.removeEventListener('abort', onAbort);
    this.#stopTotal = clock.schedule(timeoutMs, () => this.#end('total'));
    if (signal.aborted) onAbort();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  alive(): void {
    this.#stopIdle();
    this.#stopIdle = this.#clock.schedule(this.idleMs, () => this.#end('idle'));
  }

  /** Ends the request although nothing went wrong. */
  stop(): void {
    this.#abort.abort(new Error('enough'));
  }

  /** Whatever is still open in VS Code ends too. */
  dispose(): void {
    this.#unlink();
    this.#stopTotal();
    this.#stopIdle();
    this.stop();
  }

  #end(why: 'cancelled' | 'total' | 'idle'): void {
    this.ended ??= why;
    this.#abort.abort(new Error(why));
  }
}
