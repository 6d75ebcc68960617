/**
 * Lines at the bottom of a terminal that are drawn over again.
 *
 * Owns: how many lines stand there, and when they are drawn next. Does not own: what they say.
 *
 * 1. They are drawn at most every 100 ms, and at least every second while they are shown, so that times go on.
 * 2. Between `hide` and `show` the terminal is free for others.
 * 3. No line is wrapped and none scrolls out at the top, else going up would miss.
 */
import type { Clock } from '../base/clock.ts';
import type { TextSink } from './io.ts';

const BETWEEN_DRAWS_MS = 100;
const LONGEST_STILL_MS = 1_000;
/** Lines left free, so that the terminal never scrolls what is drawn. */
const MARGIN_ROWS = 2;
const LEAST_ROWS = 4;

export interface LiveTreeOptions {
  readonly sink: TextSink;
  readonly clock: Clock;
  /** At most `room` lines. */
  readonly lines: (room: number) => readonly string[];
}

export class LiveTree {
  readonly #options: LiveTreeOptions;
  #drawn = 0;
  #isHidden = false;
  #isOver = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: () => void = () => undefined;

  constructor(options: LiveTreeOptions) {
    this.#options = options;
  }

  /** What is shown has changed. */
  changed(): void {
    if (this.#isHidden || this.#isOver) return;
    this.#drawIn(Math.max(0, this.#lastMs + BETWEEN_DRAWS_MS - this.#options.clock.monotonicMs()));
  }

  hide(): void {
    this.#isHidden = true;
    this.#cancelTimer();
    this.#erase();
  }

  show(): void {
    this.#isHidden = false;
    this.changed();
  }

  /** Leaves `lines` where the live ones stood. */
  end(lines: readonly string[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#erase();
    if (lines.length > 0) this.#options.sink.write(`${lines.join('\n')}\n`);
  }

  #drawIn(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.schedule(ms, () => {
      this.#draw();
      this.#drawIn(LONGEST_STILL_MS);
    });
  }

  #draw(): void {
    const { sink, clock, lines } = this.#options;
    this.#lastMs = clock.monotonicMs();
    const shown = lines(Math.max(LEAST_ROWS, sink.rows - MARGIN_ROWS));
    if (shown.length === 0) return;
    sink.write(`${this.#eraseCode()}\u001B[?7l${shown.join('\n')}\n\u001B[?7h`);
    this.#drawn = shown.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#options.sink.write(this.#eraseCode());
    this.#drawn = 0;
  }

  #eraseCode(): string {
    return this.#drawn === 0 ? '' : `\u001B[${this.#drawn}A\r\u001B[J`;
  }
}
