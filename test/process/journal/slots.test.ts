import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../../../src/journal/migrations.ts';
import { SlotTable } from '../../../src/journal/slot-table.ts';
import { NEVER, Workbench } from '../../journal/fixture.ts';

describe('slots over several processes', () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  it('are never more than the limit, and every process gets all it asked for', async function () {
    this.timeout(30_000);
    const max = 2;
    const children = [1, 2, 3].map(() => bench.child('slots', '15', '4', String(max)));
    const held = (await Promise.all(children.map((child) => child.rest())))
      .flat()
      .map((line) => line.split(' ').map(BigInt));
    assert.equal(held.length, 45);
    const changes = held
      .flatMap(([from = 0n, to = 0n]) => [
        { at: from, by: 1 },
        { at: to, by: -1 },
      ])
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.by - b.by));
    let inUse = 0;
    let most = 0;
    for (const { by } of changes) {
      inUse += by;
      most = Math.max(most, inUse);
    }
    assert.equal(most, max);
  });

  it('of a killed process are free for others', async () => {
    const journal = await bench.open();
    const child = bench.child('hold-slot');
    assert.equal(await child.line(), 'held');
    let isGranted = false;
    const waiting = journal.takeSlot('b', 1, NEVER).then((release) => {
      isGranted = true;
      return release;
    });
    const another = await journal.takeSlot('another', 1, NEVER);
    assert.equal(isGranted, false);
    await child.kill();
    assert.equal(typeof (await waiting), 'function');
    another?.();
  });

  it('are handed on when another process gives one back', async () => {
    const journal = await bench.open();
    const child = bench.child('hold-slot');
    assert.equal(await child.line(), 'held');
    const waiting = journal.takeSlot('b', 1, NEVER);
    child.tell('release');
    assert.equal(typeof (await waiting), 'function');
  });

  it('do not stay taken when a wait is given up just as it is served', async () => {
    const journal = await bench.open();
    for (let n = 0; n < 40; n += 1) {
      const abort = new AbortController();
      const wait = journal.takeSlot('b', 1, abort.signal);
      if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      (await wait)?.();
    }
    assert.equal(typeof (await journal.takeSlot('b', 1, NEVER)), 'function');
    const other = await bench.open();
    const abort = new AbortController();
    const refused = other.takeSlot('b', 1, abort.signal);
    abort.abort();
    assert.equal(await refused, undefined);
  });

  it('are counted in this process when the database can no longer count them', async () => {
    const warnings: string[] = [];
    const journal = await bench.open({
      logger: { info: () => undefined, warn: (text) => void warnings.push(text), error: () => undefined },
    });
    const first = await journal.takeSlot('b', 2, NEVER);
    const db = new DatabaseSync(bench.file);
    db.exec('DROP TABLE slot_waiters; CREATE TABLE slot_waiters (other TEXT)');
    db.close();
    const second = await journal.takeSlot('b', 2, NEVER);
    const third = journal.takeSlot('b', 2, NEVER);
    assert.match(warnings[0] ?? '', /^Slots of b are counted in this process only: /);
    assert.equal(typeof second, 'function');
    first?.();
    assert.equal(typeof (await third), 'function');
  });
});

describe('the table of slots', () => {
  const now = Date.now();

  function tables() {
    const db = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
    migrate(db);
    const alive = new Set(['me', 'you']);
    for (const owner of alive) db.prepare('INSERT INTO owners VALUES (?, 1, ?, ?, ?)').run(owner, '', '', Date.now());
    const table = (owner: string): SlotTable => new SlotTable(db, owner, (id) => alive.has(id));
    return { me: table('me'), you: table('you'), alive };
  }

  const asker = (id: string, sinceWallMs: number) => ({ id, max: 1, sinceWallMs });

  it("lets another process's waiter go first when it has waited clearly longer, else nobody is held back", () => {
    const { me, you, alive } = tables();
    assert.deepEqual(me.serve('b', [asker('m1', now)]), { granted: ['m1'], dependsOnOthers: false });
    assert.deepEqual(you.serve('b', [asker('y1', now)]), { granted: [], dependsOnOthers: true });
    assert.deepEqual(me.serve('b', [asker('m2', now + 400), asker('m3', now + 900)]), {
      granted: [],
      dependsOnOthers: false,
    });
    me.release('m1');
    assert.deepEqual(me.serve('b', [asker('m2', now + 400), asker('m3', now + 900)]), {
      granted: ['m2'],
      dependsOnOthers: true,
    });
    me.release('m2');
    assert.deepEqual(me.serve('b', [asker('m3', now + 900)]), { granted: [], dependsOnOthers: true });
    assert.deepEqual(you.serve('b', [asker('y1', now)]), { granted: ['y1'], dependsOnOthers: false });
    alive.delete('you');
    assert.deepEqual(me.serve('b', [asker('m3', now + 900)]), { granted: ['m3'], dependsOnOthers: false });
  });

  it('does not wait for the waiters of a dead process, and keeps backends apart', () => {
    const { me, you, alive } = tables();
    me.serve('b', [asker('m1', now)]);
    you.serve('b', [asker('y1', now)]);
    assert.deepEqual(me.serve('c', [asker('m2', now + 5_000)]).granted, ['m2']);
    me.release('m1');
    alive.delete('you');
    assert.deepEqual(me.serve('b', [asker('m3', now + 5_000)]).granted, ['m3']);
  });
});
