import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { BegunCall } from '../../src/journal/run-summary.ts';
import { migrate } from '../../src/journal/migrations.ts';
import { SpendList } from '../../src/journal/spend-list.ts';

describe('what interrupted runs left in doubt', () => {
  it('is looked up once for each, and again when somebody has had the run meanwhile', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    const looked: string[] = [];
    const open = (run: string): readonly BegunCall[] => {
      looked.push(run);
      const key = { run, task: 't', turn: 1, attempt: 1 };
      return [{ key, backend: run, ceiling: { inputTokens: 1, outputTokens: 1 }, at: 5 }];
    };
    const list = new SpendList(db, { calls: { open }, lives: (owner) => owner === 'here' });
    const seen = (sinceWallMs: number): string => {
      looked.length = 0;
      const spent = list.since(sinceWallMs).map(({ backend, calls }) => `${backend} ${calls}`);
      return `${spent.join(', ')}; looked at ${looked.join(', ') || 'none'}`;
    };
    db.exec(`INSERT INTO owners VALUES ('here', 1, '', '', 0);
      INSERT INTO runs (run, started, last_at, owner, epoch, last_seq, spent) VALUES
      ('a', 1, 9, NULL, 1, 7, '{}'), ('b', 1, 9, 'here', 1, 7, '{}')`);
    assert.equal(seen(0), 'a 1; looked at a');
    assert.equal(seen(0), 'a 1; looked at none');
    assert.equal(seen(6), '; looked at none', 'it began before');
    db.exec("UPDATE runs SET owner = NULL WHERE run = 'b'");
    assert.equal(seen(0), 'a 1, b 1; looked at b');
    db.exec("UPDATE runs SET epoch = 2 WHERE run = 'a'");
    assert.equal(seen(0), 'a 1, b 1; looked at a');
    db.exec("UPDATE runs SET last_seq = 8 WHERE run = 'b'");
    assert.equal(seen(0), 'a 1, b 1; looked at b');
    db.exec("UPDATE runs SET outcome = 'answered'");
    assert.equal(seen(0), '; looked at none');
    db.close();
  });
});
