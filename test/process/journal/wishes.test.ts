import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Journal, Logger, RunWriter } from '../../../src/core/ports.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { JournalEngine } from '../../../src/journal/engine.ts';
import type { FromWorker } from '../../../src/journal/protocol.ts';
import { NEVER, Workbench, finished, record, silentLogger, started, told, value } from '../../journal/fixture.ts';

/** Both journals promise this. */
for (const kind of ['SQLite', 'memory'] as const) {
  it(`a wish for a run that nobody else has is refused with what to do instead, in ${kind}`, async () => {
    const bench = new Workbench();
    const journal = kind === 'SQLite' ? await bench.open() : createMemoryJournal();
    try {
      journal.onCommand(() => assert.fail('Nobody sends a wish.')).dispose();
      await record(journal, 'finished', [started('a'), finished('b')]);
      await record(journal, 'interrupted', [started('a')]);
      value(await journal.createRun('own'));
      const aborted = new AbortController();
      aborted.abort();
      const wish = async (run: string, signal = NEVER): Promise<string> =>
        told(await journal.sendCommand({ run, action: '{}' }, signal));
      assert.equal(await wish('finished'), 'journal: Run finished has finished. Run it again, or start a new request.');
      assert.equal(await wish('interrupted'), 'journal: Run interrupted was interrupted. Resume it first.');
      assert.equal(await wish('own'), 'journal: Run own is going on in this process. Do it here.');
      assert.match(await wish('nope'), /^journal: The journal has no run nope\./);
      assert.equal(
        await wish('own', aborted.signal),
        'cancelled: What was wanted of run own was withdrawn. Do it again if it is wanted still.',
      );
    } finally {
      await journal.close();
      await bench.dispose();
    }
  });
}

describe('a wish for a run of another process', () => {
  let bench: Workbench;
  let owner: Journal;
  let sender: Journal;
  let writer: RunWriter;
  let errors: string[];

  beforeEach(async () => {
    bench = new Workbench();
    errors = [];
    const logger: Logger = { ...silentLogger, error: (message, error) => errors.push(`${message} ${String(error)}`) };
    owner = await bench.open({ logger });
    sender = await bench.open();
    writer = value(await owner.createRun('r'));
    value(await writer.append([started('a')]));
  });
  afterEach(() => bench.dispose());

  const send = async (action: string, signal: AbortSignal = NEVER): Promise<string> => {
    const sent = await sender.sendCommand({ run: 'r', action }, signal);
    return sent.ok ? sent.value : told(sent);
  };

  /** Holds what it is handed until the test answers. */
  function slowListener(): { readonly taken: string[]; readonly answer: (outcome: string) => void } {
    const taken: string[] = [];
    const waiting: ((outcome: string) => void)[] = [];
    owner.onCommand((command) => {
      taken.push(command.action);
      return new Promise((resolve) => waiting.push(resolve));
    });
    return { taken, answer: (outcome) => waiting.shift()?.(outcome) };
  }

  async function until(isSo: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + 5_000;
    while (!isSo() && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(isSo());
  }

  function rows(): readonly Readonly<Record<string, unknown>>[] {
    const db = new DatabaseSync(bench.file);
    const all = db.prepare('SELECT action, taken IS NOT NULL AS taken, outcome FROM commands ORDER BY id').all();
    db.close();
    return all.map((row) => ({ ...row }));
  }

  it('is carried out there, one after the other in their order, and what came of it comes back', async () => {
    let running = 0;
    const order: string[] = [];
    owner.onCommand(async ({ run, action }) => {
      running += 1;
      assert.equal(running, 1);
      order.push(`${run} ${action}`);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return `done ${action}`;
    });
    assert.deepEqual(await Promise.all(['1', '2', '3'].map((action) => send(action))), ['done 1', 'done 2', 'done 3']);
    assert.deepEqual(order, ['r 1', 'r 2', 'r 3']);
    assert.deepEqual(rows(), []);
  });

  it('goes to whoever listened last, and is answered as well when nobody listens', async () => {
    owner.onCommand(async () => 'first');
    const second = owner.onCommand(async () => 'second');
    assert.equal(await send('x'), 'second');
    second.dispose();
    second.dispose();
    assert.equal(await send('x'), 'first');
    const deaf = value(await (await bench.open()).createRun('deaf'));
    const answer = JSON.parse(value(await sender.sendCommand({ run: deaf.run, action: 'x' }, NEVER))) as {
      readonly ok: boolean;
      readonly error: { readonly reason: string; readonly message: string };
    };
    assert.deepEqual(
      [answer.ok, answer.error.reason, answer.error.message],
      [false, 'journal', 'The process that has run deaf hears no wishes.'],
    );
  });

  it('that breaks its listener is answered with that, and the next one is heard', async () => {
    owner.onCommand(async ({ action }) => {
      if (action === 'bad') throw new Error('broken');
      return action;
    });
    const [bad, good] = await Promise.all([send('bad'), send('good')]);
    assert.match(bad, /^\{"ok":false,"error":\{"reason":"internal","message":"[^"]*broken/);
    assert.equal(good, 'good');
    assert.deepEqual(errors, ['A wish for run r could not be carried out. Error: broken']);
  });

  it('is not carried out when it was withdrawn before its turn', async () => {
    const { taken, answer } = slowListener();
    const first = send('first');
    await until(() => taken.length === 1);
    const abort = new AbortController();
    const second = send('second', abort.signal);
    await until(() => rows().length === 2);
    const third = send('third');
    abort.abort();
    assert.match(await second, /^cancelled: /);
    await until(() => {
      const actions = rows().map((row) => row['action']);
      return actions.length === 2 && actions[1] === 'third';
    });
    answer('one');
    assert.equal(await first, 'one');
    await until(() => taken.length === 2);
    answer('three');
    assert.equal(await third, 'three');
    assert.deepEqual(taken, ['first', 'third']);
    assert.deepEqual(rows(), []);
  });

  it('is not carried out when it was withdrawn before it was written down', async () => {
    const taken: string[] = [];
    owner.onCommand(async ({ action }) => {
      taken.push(action);
      return action;
    });
    const abort = new AbortController();
    const wish = send('withdrawn', abort.signal);
    abort.abort();
    assert.match(await wish, /^cancelled: /);
    assert.equal(await send('next'), 'next');
    assert.deepEqual(taken, ['next']);
    assert.deepEqual(rows(), []);
  });

  it('does not wait for wishes for other runs', async () => {
    const { taken, answer } = slowListener();
    const other = value(await owner.createRun('other'));
    value(await other.append([started('a')]));
    const first = send('first');
    await until(() => taken.length === 1);
    const second = send('second');
    await until(() => rows().length === 2);
    const apart = sender.sendCommand({ run: 'other', action: 'apart' }, NEVER);
    await until(() => taken.length === 2);
    assert.deepEqual(taken, ['first', 'apart'], 'the second one for the same run waits');
    for (const outcome of ['one', 'of another run']) answer(outcome);
    assert.deepEqual([await first, value(await apart)], ['one', 'of another run']);
    await until(() => taken.length === 3);
    answer('two');
    assert.equal(await second, 'two');
    await other.release();
  });

  it('waits for none when it is to cancel the run', async () => {
    const { taken, answer } = slowListener();
    const first = send('first');
    await until(() => taken.length === 1);
    const second = send('second');
    await until(() => rows().length === 2);
    const cancel = send(JSON.stringify({ kind: 'cancel' }));
    await until(() => taken.length === 2);
    assert.deepEqual(taken, ['first', '{"kind":"cancel"}']);
    for (const outcome of ['one', 'cancelled']) answer(outcome);
    assert.deepEqual([await first, await cancel], ['one', 'cancelled']);
    await until(() => taken.length === 3);
    answer('two');
    assert.equal(await second, 'two');
  });

  it('fails when it is not answered in time, and is then not carried out any more', async () => {
    const { taken, answer } = slowListener();
    const replies = new Map<number, (text: string) => void>();
    const post = (message: FromWorker): void => {
      if (message.kind !== 'replies') return;
      for (const { id, result } of message.replies) replies.get(id)?.(told(result));
    };
    const impatient = new JournalEngine({ file: bench.file, post, commandPatienceMs: 600 });
    await impatient.start();
    const call = (id: number, name: 'sendCommand' | 'close', action: string): Promise<string> =>
      new Promise((resolve) => {
        replies.set(id, resolve);
        impatient.handle([name === 'close' ? { id, name, input: null } : { id, name, input: { run: 'r', action } }]);
      });
    const first = call(1, 'sendCommand', 'first');
    await until(() => taken.length === 1);
    assert.equal(
      await call(2, 'sendCommand', 'second'),
      'journal: The window or command that has run r does not answer; nothing was done. Do it in that window, or close it and resume the run.',
    );
    assert.equal(
      await first,
      'journal: The window or command that has run r has taken the wish and does not answer. Look at the run before doing it again.',
    );
    assert.deepEqual(rows(), []);
    answer('too late');
    assert.equal(await call(3, 'close', ''), 'ok');
    const last = send('last');
    await until(() => taken.length === 2);
    answer('in time');
    assert.equal(await last, 'in time');
    assert.deepEqual(taken, ['first', 'last']);
  });

  it('fails when the run ends before its turn', async () => {
    const { taken, answer } = slowListener();
    const first = send('first');
    await until(() => taken.length === 1);
    const second = send('second');
    await until(() => rows().length === 2);
    value(await writer.append([finished('b')]));
    await writer.release();
    assert.equal(await second, 'journal: Run r has finished. Run it again, or start a new request.');
    answer('that was the last thing');
    assert.equal(await first, 'that was the last thing', 'it was taken before');
    assert.deepEqual(taken, ['first']);
  });

  it('fails when its sender closes its journal, and is not carried out', async () => {
    const { taken, answer } = slowListener();
    const first = send('first');
    await until(() => taken.length === 1);
    const second = send('second');
    await until(() => rows().length === 2);
    await sender.close();
    assert.match(await first, /^journal: The journal is closed\./);
    assert.match(await second, /^journal: The journal is closed\./);
    answer('nobody waits');
    assert.deepEqual(rows(), []);
    assert.deepEqual(taken, ['first']);
  });

  it('of long ago is not carried out: it goes when a journal is opened', async () => {
    const db = new DatabaseSync(bench.file, { timeout: 5_000 });
    db.prepare("INSERT INTO runs (run, started, last_at, epoch, spent) VALUES ('old', 1, 1, 1, '{}')").run();
    db.prepare("INSERT INTO commands (run, action, at) VALUES ('old', 'x', ?)").run(Date.now() - 61_000);
    db.prepare("INSERT INTO commands (run, action, at) VALUES ('old', 'y', ?)").run(Date.now() - 1_000);
    db.close();
    await bench.open();
    assert.deepEqual(rows(), [{ action: 'y', taken: 0, outcome: null }]);
  });
});
