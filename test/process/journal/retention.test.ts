/** What the setting orchestrator.retention removes, and what it leaves. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { Journal, Retention } from '../../../src/core/ports.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  Workbench,
  callFinished,
  callStarted,
  completed,
  finished,
  planned,
  record,
  started,
  told,
  value,
} from '../../journal/fixture.ts';

const DAY_MS = 24 * 3_600_000;
const LIMIT: Retention = { maxAgeMs: 10 * DAY_MS };

const made = (...paths: readonly string[]): RunEventBody => ({
  type: 'proposal.made',
  files: paths.map((path) => ({
    path,
    kind: 'modified',
    tasks: ['t'],
    added: 1,
    removed: 1,
    isConflict: false,
    newUrls: [],
    problems: [],
  })),
  content: '[]',
});

describe('runs past their time', () => {
  let bench: Workbench;
  let clock: ManualClock;
  let journal: Journal;
  beforeEach(async () => {
    bench = new Workbench();
    clock = new ManualClock();
    journal = await bench.open({ clock });
  });
  afterEach(() => bench.dispose());

  const later = (days: number): void => clock.setWall(clock.wallMs() + days * DAY_MS);

  async function runs(of = journal): Promise<readonly string[]> {
    return value(await of.listRuns({ limit: 99 })).map(({ run }) => run);
  }

  async function removed(retention: Retention, of = journal): Promise<number> {
    // The first look after a jump of the clock only notes it.
    let count = value(await of.removeExpired(retention)).runs;
    for (;;) {
      const { runs: batch, hasMore } = value(await of.removeExpired(retention));
      count += batch;
      if (!hasMore) return count;
    }
  }

  /** Reads as another process does: closing a file here would give up the locks that this process has on it. */
  function filesThatHold(text: string): readonly string[] {
    const script = `for f in "$1" "$1-wal" "$1-shm" "$1-journal"; do if [ -e "$f" ] && grep -aiqF -- "$2" "$f"; then echo "$f"; fi; done`;
    const found = execFileSync('/bin/sh', ['-c', script, 'sh', bench.file, text], { encoding: 'utf8' });
    return found.split('\n').filter((line) => line !== '');
  }

  async function untilGone(text: string): Promise<void> {
    const giveUpAt = performance.now() + 5_000;
    while (filesThatHold(text).length > 0 && performance.now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(filesThatHold(text), []);
  }

  const whole = (run: string, text: string): readonly RunEventBody[] => [
    started(text),
    planned(['t', 'Task', text]),
    callFinished({ run, turn: 1, text }),
    completed('t', text),
    finished(text),
  ];

  it('are removed with every byte of them, and those that are not past it are as they were', async () => {
    const canary = 'qvzxwcanary';
    const shared = 'a text that two runs have '.repeat(40);
    await record(journal, 'old', whole('old', `${canary} ${canary.repeat(400)}`));
    await record(journal, 'old too', whole('old too', shared));
    later(6);
    await record(journal, 'young', whole('young', shared));
    later(6);
    assert.notDeepEqual(filesThatHold(canary), []);
    assert.equal(await removed(LIMIT), 2);
    assert.deepEqual(await runs(), ['young']);
    assert.deepEqual(filesThatHold(canary), []);
    const [event] = value(await journal.readRun('young', { textsUpToBytes: 9_999 }));
    assert.equal(event?.type === 'run.started' && event.request, shared);
    assert.equal(value(await journal.spendSince(0))[0]?.calls, 3);
  });

  it('are told of to who asks for them', async () => {
    await record(journal, 'old', [started('x'), finished('y')]);
    later(11);
    await removed(LIMIT);
    await record(journal, 'a', [started('x'), finished('y')]);
    later(1);
    await record(journal, 'b', [started('x'), finished('y')]);
    await removed({ maxRuns: 1 });
    const why = async (run: string): Promise<string> => told(await journal.readRun(run, { textsUpToBytes: 0 }));
    assert.equal(
      await why('old'),
      'journal: Run old was removed by the setting orchestrator.retention: it was older than 10 days. Start the request again, or keep runs longer in your user settings.',
    );
    assert.match(await why('a'), /: it was not among the newest 1 run\. /);
    assert.match(await why('nobody'), /^journal: The journal has no run nobody\. /);
    later(366);
    await removed({ maxRuns: 0 });
    assert.match(await why('old'), /^journal: The journal has no run old\. /);
  });

  it('count from the last thing that happened in them', async () => {
    await record(journal, 'decided late', [started('x'), made('a.ts'), finished('y')]);
    later(9);
    const amended = value(await journal.amendRun('decided late'));
    value(await amended.append([{ type: 'proposal.discarded', paths: ['a.ts'] }]));
    await amended.release();
    later(9);
    assert.equal(await removed(LIMIT), 0);
    later(2);
    assert.equal(await removed(LIMIT), 1);
  });

  it('stay twice as long while they wait for their user, and are never removed for their number', async () => {
    await record(journal, 'interrupted', [started('x'), planned(['t', 'T']), callStarted('interrupted', 1)]);
    const spent = value(await journal.spendSince(0));
    await record(journal, 'undecided', [started('x'), made('a.ts', 'b.ts'), finished('y')]);
    const half = value(await journal.amendRun('undecided'));
    value(await half.append([{ type: 'proposal.applied', paths: ['a.ts'], hashes: ['h'] }]));
    await half.release();
    await record(journal, 'decided', [started('x'), made('a.ts'), finished('y')]);
    const amended = value(await journal.amendRun('decided'));
    value(await amended.append([{ type: 'proposal.applied', paths: ['a.ts'], hashes: ['h'] }]));
    await amended.release();
    assert.equal(await removed({ maxRuns: 0 }), 1);
    assert.deepEqual(await runs(), ['undecided', 'interrupted']);
    later(19);
    assert.equal(await removed(LIMIT), 0);
    later(2);
    assert.equal(await removed(LIMIT), 2);
    assert.deepEqual(value(await journal.spendSince(0)), spent, 'with the call in doubt');
  });

  it('stay while somebody has them, and while a run that has not finished was made from them', async () => {
    await record(journal, 'base', [started('x'), finished('y')]);
    const going = value(await journal.createRun('going on'));
    value(await going.append([{ ...started('x'), from: 'base' }]));
    later(40);
    assert.equal(await removed(LIMIT), 0);
    value(await going.append([finished('y')]));
    await going.release();
    assert.equal(await removed(LIMIT), 1);
    assert.deepEqual(await runs(), ['going on']);
  });

  it('are all removed, in batches, by one journal at a time, and another goes on when that one is gone', async () => {
    for (let n = 0; n < 35; n += 1) await record(journal, `r${n}`, [started('x'), finished('y')]);
    const child = bench.child('remove-batch');
    assert.equal(await child.line(), '{"runs":10,"hasMore":true}');
    assert.deepEqual(value(await journal.removeExpired({ maxRuns: 0 })), { runs: 0, hasMore: false });
    assert.equal((await runs()).length, 25);
    await child.kill();
    assert.deepEqual(value(await journal.removeExpired({ maxRuns: 0 })), { runs: 0, hasMore: false });
    assert.deepEqual(value(await journal.removeExpired({ maxRuns: 0 })), { runs: 10, hasMore: true });
    const second = await bench.open({ clock });
    assert.equal(await removed({ maxRuns: 0 }, second), 0);
    assert.equal(await removed({ maxRuns: 0 }), 15);
    await record(second, 'new', [started('x'), finished('y')]);
    assert.equal(await removed({ maxRuns: 0 }, second), 1);
  });

  it('are not removed by a clock that is a day or more on, before a later look agrees', async () => {
    await record(journal, 'a', [started('x'), finished('y')]);
    assert.equal(await removed(LIMIT), 0);
    later(400);
    assert.deepEqual(value(await journal.removeExpired(LIMIT)), { runs: 0, hasMore: false });
    later(-400);
    assert.equal(await removed(LIMIT), 0);
    later(0.9);
    assert.equal(value(await journal.removeExpired({ maxRuns: 0 })).runs, 1);
    await record(journal, 'b', [started('x'), finished('y')]);
    later(11);
    assert.equal(value(await journal.removeExpired(LIMIT)).runs, 0);
    later(0.1);
    assert.equal(value(await journal.removeExpired(LIMIT)).runs, 1);
  });

  it('are not those that a clock ahead has put behind others', async () => {
    later(365);
    for (let n = 0; n < 3; n += 1) await record(journal, `future ${n}`, [started('x'), finished('y')]);
    later(-364);
    await record(journal, 'made last', [started('x'), finished('y')]);
    assert.equal(value(await journal.removeExpired({ maxRuns: 2 })).runs, 0, 'the newest run lies in the future');
    assert.equal(value(await journal.removeExpired({ maxRuns: 2, maxAgeMs: DAY_MS / 2 })).runs, 2);
    assert.deepEqual(await runs(), ['future 2', 'made last']);
  });

  it('are not those that a clock behind has made old', async () => {
    await record(journal, 'yesterday', [started('x'), finished('y')]);
    later(-400);
    await record(journal, 'made after it', [started('x'), finished('y')]);
    await record(journal, 'interrupted after it', [started('x'), planned(['t', 'T'])]);
    later(401);
    assert.equal(await removed(LIMIT), 0);
    later(10);
    assert.equal(await removed(LIMIT), 2);
    assert.deepEqual(await runs(), ['interrupted after it']);
  });

  it('leave the files when no run goes on here any more, and nobody is held up meanwhile', async () => {
    const canary = 'qvzxwcanary';
    await record(journal, 'old', whole('old', canary.repeat(400)));
    const going = value(await journal.createRun('going on'));
    value(await going.append([started('x')]));
    later(11);
    value(await going.append([planned(['t', 'T'])]));
    assert.equal(await removed(LIMIT), 1);
    assert.notDeepEqual(filesThatHold(canary), []);
    value(await going.append([finished('y')]));
    await going.release();
    await untilGone(canary);
  });

  it('leave the files only when no other process has a run either, at closing too, and the last one cleans up', async () => {
    const canary = 'qvzxwcanary';
    const child = bench.child('append-when-told', 'elsewhere');
    assert.equal(await child.line(), 'ready');
    await record(journal, 'old', whole('old', canary.repeat(400)));
    later(11);
    assert.equal(await removed(LIMIT), 1);
    assert.equal(await removed(LIMIT), 0);
    assert.notDeepEqual(filesThatHold(canary), []);
    await journal.close();
    assert.notDeepEqual(filesThatHold(canary), []);
    journal = await bench.open({ clock });
    await record(journal, 'short', [started('x'), finished('y')]);
    await runs();
    assert.notDeepEqual(filesThatHold(canary), []);
    await child.kill();
    await removed(LIMIT);
    await untilGone(canary);
  });

  it('leave the files by the process that gave the last run back', async () => {
    const canary = 'qvzxwcanary';
    const second = await bench.open({ clock });
    const going = value(await second.createRun('elsewhere'));
    value(await going.append([started('x')]));
    await record(journal, 'old', whole('old', canary.repeat(400)));
    later(11);
    value(await going.append([finished('y')]));
    assert.equal(await removed(LIMIT), 1);
    assert.notDeepEqual(filesThatHold(canary), []);
    await going.release();
    await untilGone(canary);
  });

  it('is not put off where the user removes one of them', async () => {
    const canary = 'qvzxwcanary';
    const going = value(await journal.createRun('going on'));
    await record(journal, 'own', whole('own', canary.repeat(400)));
    value(await journal.deleteRun('own'));
    assert.deepEqual(filesThatHold(canary), []);
    await going.release();
  });
});
