/**
 * Which runs are past their time, who removes them, and what is remembered of them.
 *
 * Owns: `passes`, `removed_runs`. Does not own: removal itself (run-removal.ts), when it is looked (the caller). Runs inside the
 * caller's transaction.
 * 1. One journal at a time removes what is past its time; another takes over when that one is gone.
 * 2. A run that somebody has (it goes on, or is being amended) is never among them.
 * 3. One that still waits for its user (interrupted, or with edits that nobody decided about) goes only by its age, and stays
 *    twice as long. The runs that such a run was made from, one from the other, stay with it.
 * 4. Wall clocks are wrong at times, and what is removed does not come back. The newest runs are those that were made last. A run is
 *    not older than the making of one that was made before it; one that the future has stamped has no age yet. And a look removes
 *    only what the look before it would not have found strange: the clock is at most a day on and not back, or it lies before the
 *    newest run just as it did then.
 * 5. Of a removed run its id and the reason are kept for a year, so that who asks for it is told.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { plural } from '../base/plural.ts';
import { applyProposal, type ProposalEvent } from '../core/edits/proposal-fold.ts';
import type { Retention } from '../core/ports.ts';
import type { ProposalState } from '../core/run-state.ts';
import { UNFINISHED_BELOW } from './run-line.ts';
import { numberIn, numberOrNullIn, textIn, textOrNullIn } from './row.ts';

const DAY_MS = 24 * 3_600_000;
const FORGET_AFTER_MS = 365 * DAY_MS;
const STAYS_TIMES = 2;
const RETENTION = 'retention';
/** A look may come this long after the one before it. */
const AGREES_WITHIN_MS = DAY_MS;
/** Clocks of processes, read one after the other, differ by less. */
const SLACK_MS = 60_000;

export interface ExpiredRun {
  readonly run: string;
  /** Ends a sentence about the run: "older than 90 days". */
  readonly why: string;
}

export interface PassOwner {
  readonly id: string;
  readonly lives: (owner: string | null) => boolean;
}

export class RetentionTable {
  readonly #owner: PassOwner;
  readonly #holder: StatementSync;
  readonly #take: StatementSync;
  readonly #lastLook: StatementSync;
  readonly #newest: StatementSync;
  readonly #noteLook: StatementSync;
  readonly #pastTime: StatementSync;
  readonly #isNeeded: StatementSync;
  readonly #decisions: StatementSync;
  readonly #remember: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync, owner: PassOwner) {
    this.#owner = owner;
    this.#holder = db.prepare('SELECT owner FROM passes WHERE pass = ?');
    this.#take = db.prepare(
      'INSERT INTO passes (pass, owner) VALUES (?, ?) ON CONFLICT (pass) DO UPDATE SET owner = excluded.owner',
    );
    this.#lastLook = db.prepare('SELECT looked, newest FROM passes WHERE pass = ?');
    this.#newest = db.prepare('SELECT max(last_at) AS at FROM runs WHERE digested >= 0');
    this.#noteLook = db.prepare('UPDATE passes SET looked = ?, newest = ? WHERE pass = ?');
    this.#pastTime = db.prepare(
      `SELECT run, owner, outcome, at, place FROM
         (SELECT run, owner, outcome, row_number() OVER (ORDER BY number DESC) AS place,
            CASE WHEN last_at > ?1 THEN ?1
            ELSE max(last_at, coalesce(max(started) FILTER (WHERE started <= ?1) OVER (ORDER BY number), last_at)) END AS at
          FROM runs WHERE digested >= 0)
       WHERE at < ?2 OR place > ?3 ORDER BY place DESC`,
    );
    this.#isNeeded = db.prepare(UNFINISHED_BELOW);
    this.#decisions = db.prepare("SELECT type, body FROM events WHERE run = ? AND type GLOB 'proposal.*' ORDER BY seq");
    this.#remember = db.prepare(
      'INSERT INTO removed_runs (run, at, why) VALUES (?, ?, ?) ON CONFLICT (run) DO UPDATE SET at = excluded.at, why = excluded.why',
    );
    this.#forget = db.prepare('DELETE FROM removed_runs WHERE at < ?');
  }

  /** False while another journal that lives is at it. This journal must be known as an owner. */
  take(): boolean {
    const row = this.#holder.get(RETENTION);
    const owner = row === undefined ? null : textOrNullIn(row, 'owner');
    if (owner !== null && owner !== this.#owner.id && this.#owner.lives(owner)) return false;
    this.#take.run(RETENTION, this.#owner.id);
    return true;
  }

  giveBack(): void {
    this.#take.run(RETENTION, null);
  }

  /** Notes this look, which follows `take`. May it remove something? */
  agrees(nowWallMs: number): boolean {
    const newest = numberOrNullIn(this.#newest.get(), 'at');
    const last = this.#lastLook.get(RETENTION);
    // Where nobody has looked yet, what was recorded last tells what the clock was.
    const looked = numberOrNullIn(last, 'looked') ?? newest;
    this.#noteLook.run(nowWallMs, newest, RETENTION);
    if (newest === null || looked === null) return false;
    const isSteady = nowWallMs >= looked - SLACK_MS && nowWallMs <= looked + AGREES_WITHIN_MS;
    return isSteady && (nowWallMs >= newest - SLACK_MS || newest === numberOrNullIn(last, 'newest'));
  }

  /** The runs that were left alone longest, at most `limit`. */
  expired(retention: Retention, nowWallMs: number, limit: number): readonly ExpiredRun[] {
    const { maxAgeMs, maxRuns = Number.MAX_SAFE_INTEGER } = retention;
    const before = maxAgeMs === undefined ? null : nowWallMs - maxAgeMs;
    const found: ExpiredRun[] = [];
    for (const row of this.#pastTime.iterate(nowWallMs, before, maxRuns)) {
      if (found.length >= limit) break;
      const run = textIn(row, 'run');
      if (this.#owner.lives(textOrNullIn(row, 'owner')) || this.#isNeeded.get(run) !== undefined) continue;
      const lastAtMs = numberIn(row, 'at');
      const isOld = before !== null && lastAtMs < before;
      const why = isOld ? olderThan(maxAgeMs) : `not among the newest ${plural(maxRuns, 'run')}`;
      if (!this.#waitsForUser(run, textOrNullIn(row, 'outcome'))) found.push({ run, why });
      else if (maxAgeMs !== undefined && lastAtMs < nowWallMs - maxAgeMs * STAYS_TIMES)
        found.push({ run, why: olderThan(maxAgeMs * STAYS_TIMES) });
    }
    return found;
  }

  remember({ run, why }: ExpiredRun, nowWallMs: number): void {
    this.#forget.run(nowWallMs - FORGET_AFTER_MS);
    this.#remember.run(run, nowWallMs, why);
  }

  #waitsForUser(run: string, outcome: string | null): boolean {
    if (outcome === null) return true;
    let proposal: ProposalState | null = null;
    for (const row of this.#decisions.iterate(run)) {
      const body = { type: textIn(row, 'type'), ...(JSON.parse(textIn(row, 'body')) as object) };
      proposal = applyProposal(proposal, body as ProposalEvent);
    }
    return [...(proposal?.files.values() ?? [])].some(({ status }) => status === 'open' || status === 'applying');
  }
}

function olderThan(ageMs: number | undefined): string {
  return `older than ${plural(Math.round((ageMs ?? 0) / DAY_MS), 'day')}`;
}
