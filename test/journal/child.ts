/** A process of its own for tests: `child.ts ROLE FILE ...`. Prints one line for each thing that was acknowledged. */
import { createInterface } from 'node:readline';
import { openJournal } from '../../src/journal/open-journal.ts';
import type { Journal } from '../../src/core/ports.ts';
import { NEVER, WORKER_FILE, partial, silentLogger, started, told, value } from './fixture.ts';

const [role = '', file = '', ...args] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const journal = await openJournal({ file, workerFile: WORKER_FILE, logger: silentLogger });

if (journal.warnings.length > 0) throw new Error(journal.warnings.join('\n'));

const ROLES: Readonly<Record<string, (journal: Journal) => Promise<void>>> = {
  /** Appends to a run for ever, several at once. */
  'append-forever': async () => {
    const [run = ''] = args;
    const writer = value(await journal.createRun(run));
    value(await writer.append([started(run)]));
    for (let n = 0; ; n += 3) {
      const appends = [n, n + 1, n + 2].map((i) =>
        writer.append([partial(`${i} ${'x'.repeat(i % 7 === 0 ? 5_000 : 20)}`)]),
      );
      for (const append of appends) for (const event of value(await append)) say(String(event.seq));
    }
  },
  /** Appends `count` events one after the other. */
  'append-count': async () => {
    const [run = '', count = '0'] = args;
    const writer = value(await journal.createRun(run));
    let failures = 0;
    for (let n = 0; n < Number(count); n += 1) if (!(await writer.append([partial(String(n))])).ok) failures += 1;
    say(`failures ${failures}`);
    await journal.close();
  },
  /** Appends one event for each line it is told, and prints how that went. */
  'append-when-told': async () => {
    const [run = ''] = args;
    const writer = value(await journal.createRun(run));
    say('ready');
    for (;;) {
      const text = await nextLine();
      if (text === undefined) return journal.close();
      say(told(await writer.append([partial(text.repeat(2_000))])));
    }
  },
  /** Tries to take over a run when told to. */
  adopt: async () => {
    const [run = ''] = args;
    say('ready');
    await nextLine();
    say(told(await journal.adoptRun(run)).replace(/process \d+/, 'process N'));
    await nextLine();
    await journal.close();
  },
  /** Amends a finished run when told to: discards `path`, and ends when told again. */
  amend: async () => {
    const [run = '', path = ''] = args;
    say('ready');
    await nextLine();
    const amended = await journal.amendRun(run);
    if (amended.ok) value(await amended.value.append([{ type: 'proposal.discarded', paths: [path] }]));
    say(told(amended).replace(/process \d+/, 'process N'));
    await nextLine();
    await journal.close();
  },
  /** Takes `rounds` slots of backend `b`, `width` at a time, and prints from when to when it held each (the system's monotonic clock). */
  slots: async () => {
    const [rounds = '0', width = '1', max = '1'] = args;
    let left = Number(rounds);
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const release = await journal.takeSlot('b', Number(max), NEVER);
        const from = process.hrtime.bigint();
        await new Promise((resolve) => setImmediate(resolve));
        say(`${from} ${process.hrtime.bigint()}`);
        release?.();
      }
    };
    await Promise.all(Array.from({ length: Number(width) }, lane));
    await journal.close();
  },
  /** Holds one slot until it is told something. */
  'hold-slot': async () => {
    const release = await journal.takeSlot('b', 1, NEVER);
    say('held');
    await nextLine();
    release?.();
    await journal.close();
  },
  /** Has a run and carries out wishes for it, but never ends one that is called `hang`. */
  'take-commands': async () => {
    const [run = ''] = args;
    const writer = value(await journal.createRun(run));
    value(await writer.append([started(run)]));
    journal.onCommand(({ action }) => {
      say(action);
      return action === 'hang' ? new Promise(() => undefined) : Promise.resolve(`did ${action}`);
    });
    say('ready');
    await nextLine();
    await journal.close();
  },
  /** Reads, as one long look at the database, until it is told something. */
  'read-until-told': async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(file);
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM events').get();
    say('reading');
    await nextLine();
    db.exec('ROLLBACK');
    db.close();
    say('stopped');
    await journal.close();
  },
  /** Removes one batch of all that is past its time, once its clock has been noted, and stays. */
  'remove-batch': async () => {
    value(await journal.removeExpired({ maxRuns: 0 }));
    say(JSON.stringify(value(await journal.removeExpired({ maxRuns: 0 }))));
    await nextLine();
    await journal.close();
  },
  /** Keeps the database's write lock until it is told something. */
  lock: async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(file, { timeout: 5_000 });
    db.exec('BEGIN IMMEDIATE');
    say('locked');
    await nextLine();
    db.exec('ROLLBACK');
    db.close();
    say('unlocked');
    await journal.close();
  },
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
/** Undefined when there is nobody any more to say something. */
async function nextLine(): Promise<string | undefined> {
  const next = await lines.next();
  return next.done === true ? undefined : next.value;
}

await ROLES[role]?.(journal);
await lines.return?.();
process.stdin.destroy();
