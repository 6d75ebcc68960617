/**
 * Which processes live, as far as this one can tell.
 *
 * Owns: what was seen of heartbeats here, and how long this process was awake. Does not own: heartbeats (lease-table.ts), what a
 * pid tells (process-record.ts).
 * 1. A process whose heartbeat counts is dead when that has stood still for STALE_AFTER_MS of the time that this process was awake.
 *    Wall clocks jump, and a machine sleeps with all its processes: after it, each has time to be heard again.
 * 2. Only of a process that was not seen before the wall clock is asked whether its heartbeat is too old to be trusted.
 */
import { uptime } from 'node:os';
import { systemClock, type Clock } from '../base/clock.ts';
import { isAlive, lookAtPid, type PidLook, type ProcessRecord } from './process-record.ts';

/** Several heartbeats. */
export const STALE_AFTER_MS = 60_000;
/** `tick` comes more often, so a longer step was sleep: on some systems monotonic clocks go on in it. */
const LONGEST_STEP_MS = 20_000;

export interface OwnerRecord extends ProcessRecord {
  readonly heartbeatWallMs: number;
}

export interface OwnerWatchOptions {
  /** See ProcessRecord. */
  readonly machine: string;
  readonly clock?: Clock;
  readonly look?: PidLook;
  /** How long the machine has been up. */
  readonly upMs?: () => number;
}

interface Seen {
  readonly heartbeatWallMs: number;
  /** In time awake; far back: it was too old when it was first seen. */
  readonly sinceMs: number;
}

export class OwnerWatch {
  readonly #machine: string;
  readonly #clock: Clock;
  readonly #look: PidLook;
  readonly #upMs: () => number;
  readonly #seen = new Map<string, Seen>();
  #awakeMs = 0;
  #tickedAtMs: number;

  constructor({ machine, clock = systemClock, look = lookAtPid, upMs = () => uptime() * 1_000 }: OwnerWatchOptions) {
    this.#machine = machine;
    this.#clock = clock;
    this.#look = look;
    this.#upMs = upMs;
    this.#tickedAtMs = clock.monotonicMs();
  }

  /** To be called more often than every LONGEST_STEP_MS, or time awake is counted short. */
  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#awakeMs += Math.min(nowMs - this.#tickedAtMs, LONGEST_STEP_MS);
    this.#tickedAtMs = nowMs;
  }

  lives(owner: string, record: OwnerRecord): boolean {
    return isAlive(record, {
      machine: this.#machine,
      look: this.#look,
      upMs: this.#upMs,
      beats: (trustedMs) => this.#beats(owner, record.heartbeatWallMs, trustedMs),
    });
  }

  /** `trustedMs`: at first sight, a heartbeat may be so old. */
  #beats(owner: string, heartbeatWallMs: number, trustedMs: number): boolean {
    this.tick();
    let seen = this.#seen.get(owner);
    if (seen?.heartbeatWallMs !== heartbeatWallMs) {
      const isTrusted = seen !== undefined || this.#clock.wallMs() - heartbeatWallMs <= trustedMs;
      seen = { heartbeatWallMs, sinceMs: isTrusted ? this.#awakeMs : Number.NEGATIVE_INFINITY };
      this.#seen.set(owner, seen);
    }
    return this.#awakeMs - seen.sinceMs <= STALE_AFTER_MS;
  }
}
