import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'mocha';
import { LeaseTable } from '../../src/journal/lease-table.ts';
import { migrate } from '../../src/journal/migrations.ts';
import { OwnerWatch, STALE_AFTER_MS } from '../../src/journal/owner-watch.ts';
import { lookAtPid, thisProcess } from '../../src/journal/process-record.ts';
import { SlotTable } from '../../src/journal/slot-table.ts';
import { ManualClock } from '../support/manual-clock.ts';

const HOUR_MS = 3_600_000;
const TICK_MS = 15_000;

/** What a process sees on a machine that tells `start` of the pid, or that nobody has it. */
function watching(found: { readonly start: string } | undefined, upMs = 100 * HOUR_MS) {
  const clock = new ManualClock();
  const watch = new OwnerWatch({ machine: 'here', clock, look: () => found, upMs: () => upMs });
  const record = { pid: 7, startMarker: '', machine: 'here' };
  const lives = (ageMs: number, more: { readonly startMarker?: string; readonly machine?: string } = {}): boolean =>
    watch.lives('owner', { ...record, ...more, heartbeatWallMs: clock.wallMs() - ageMs });
  /** Time in which this process is awake. */
  const wait = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= TICK_MS) {
      await clock.advance(Math.min(left, TICK_MS));
      watch.tick();
    }
  };
  return { clock, watch, lives, wait, record };
}

describe('whether a process lives', () => {
  it('is told by its pid and start time where both are known, whatever the heartbeat says', async () => {
    const { lives, wait } = watching({ start: '100' });
    assert.equal(lives(0, { startMarker: '100' }), true);
    assert.equal(lives(1_000 * HOUR_MS, { startMarker: '100' }), true);
    await wait(HOUR_MS);
    assert.equal(lives(1_000 * HOUR_MS, { startMarker: '100' }), true);
    assert.equal(lives(0, { startMarker: '999' }), false);
    assert.equal(watching(undefined).lives(0, { startMarker: '100' }), false);
  });

  describe('where start times are unknown', () => {
    it('is told by a pid that is gone', () => {
      assert.equal(watching(undefined).lives(0), false);
    });

    it('is told by a heartbeat that stood still while this process was awake', async () => {
      const { clock, watch, wait, record } = watching({ start: '' });
      const owner = { ...record, heartbeatWallMs: clock.wallMs() };
      assert.equal(watch.lives('owner', owner), true);
      await wait(STALE_AFTER_MS);
      assert.equal(watch.lives('owner', owner), true);
      await wait(1);
      assert.equal(watch.lives('owner', owner), false);
      assert.equal(watch.lives('owner', { ...owner, heartbeatWallMs: clock.wallMs() }), true, 'it beats again');
    });

    it('is not told by a wall clock that jumped, nor by time in which the machine slept', async () => {
      const { clock, watch, wait, record } = watching({ start: '' });
      const owner = { ...record, heartbeatWallMs: clock.wallMs() };
      assert.equal(watch.lives('owner', owner), true);
      clock.setWall(clock.wallMs() + 50 * HOUR_MS);
      assert.equal(watch.lives('owner', owner), true, 'the wall clock jumped');
      const beaten = { ...owner, heartbeatWallMs: owner.heartbeatWallMs + TICK_MS };
      assert.equal(watch.lives('owner', beaten), true, 'it was heard since, by a clock that has not jumped');
      await wait(TICK_MS);
      await clock.advance(50 * HOUR_MS);
      assert.equal(watch.lives('owner', beaten), true, 'the monotonic clock went on in sleep');
      await wait(TICK_MS);
      assert.equal(watch.lives('owner', beaten), true, 'it has time to be heard again');
    });

    it('is at first sight told by a heartbeat that may have been slept over, but not by one of long ago or before the machine started', () => {
      assert.equal(watching({ start: '' }).lives(20 * HOUR_MS), true);
      assert.equal(watching({ start: '' }).lives(25 * HOUR_MS), false);
      assert.equal(watching({ start: '' }, HOUR_MS).lives(2 * HOUR_MS), false);
    });
  });

  it('is told by the heartbeat alone on another machine', async () => {
    const elsewhere = { machine: 'there' };
    assert.equal(watching(undefined).lives(STALE_AFTER_MS, elsewhere), true);
    assert.equal(watching({ start: '' }).lives(STALE_AFTER_MS + 1, elsewhere), false);
    const { clock, watch, wait, record } = watching(undefined);
    const owner = { ...record, ...elsewhere, heartbeatWallMs: clock.wallMs() };
    assert.equal(watch.lives('owner', owner), true);
    await wait(STALE_AFTER_MS + 1);
    assert.equal(watch.lives('owner', owner), false);
  });

  it('is seen of this process, and not of a pid that nobody has', () => {
    const own = { ...thisProcess(), heartbeatWallMs: Date.now() };
    const watch = new OwnerWatch({ machine: own.machine, look: lookAtPid });
    assert.equal(watch.lives('own', own), true);
    assert.equal(watch.lives('other', { ...own, pid: 2_147_483_646 }), false);
  });
});

describe('two windows on a machine that does not tell start times, which slept', () => {
  it('keep their runs and slots', async () => {
    const db = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
    migrate(db);
    const clock = new ManualClock();
    const window = (id: string) => {
      const watch = new OwnerWatch({
        machine: 'laptop',
        clock,
        look: () => ({ start: '' }),
        upMs: () => 100 * HOUR_MS,
      });
      const leases = new LeaseTable(db, { id, pid: 1, startMarker: '', machine: 'laptop' }, { watch, clock });
      leases.beat();
      return { leases, slots: new SlotTable(db, id, (owner) => leases.lives(owner)) };
    };
    const [a, b] = [window('A'), window('B')];
    const asker = (id: string) => ({ id, max: 1, sinceWallMs: clock.wallMs() });
    assert.ok(a.leases.create('r1', 1).ok);
    assert.deepEqual(a.slots.serve('b', [asker('a1')]).granted, ['a1']);
    assert.deepEqual(b.slots.serve('b', [asker('b1')]).granted, []);
    await clock.advance(30 * HOUR_MS);
    const adopted = b.leases.adopt('r1');
    assert.deepEqual(
      { ok: adopted.ok, granted: b.slots.serve('b', [asker('b1')]).granted },
      { ok: false, granted: [] },
    );
  });
});
