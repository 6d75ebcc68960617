import type { BackendSpend } from '../../core/ports.ts';
import { startOfDay } from '../start-of-day.ts';

/** What was spent on a day. It is not told on another one: after a sleep, whoever was to read it anew at midnight is late. */
export class DaySpend {
  #read: { readonly dayMs: number; readonly rows: readonly BackendSpend[] } | undefined;

  /** `dayMs`: where the day begins that it was read for. */
  put(dayMs: number, rows: readonly BackendSpend[]): void {
    this.#read = { dayMs, rows };
  }

  /** Undefined: nothing was read on that day yet. */
  at(nowMs: number): readonly BackendSpend[] | undefined {
    return this.#read?.dayMs === startOfDay(nowMs) ? this.#read.rows : undefined;
  }
}
