import assert from 'node:assert/strict';
import type { Journal } from '../../src/core/ports.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  NEVER,
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
} from './fixture.ts';

const SHARED = 'a text that two runs have '.repeat(20);
const OWN = 'a text of its own '.repeat(20);

/** Both journals promise this. */
for (const kind of ['SQLite', 'memory'] as const) {
  describe(`removing a run in ${kind}`, () => {
    let bench: Workbench;
    let journal: Journal;

    beforeEach(async () => {
      bench = new Workbench();
      const clock = new ManualClock(1_000);
      journal = kind === 'SQLite' ? await bench.open({ clock }) : createMemoryJournal({ clock });
    });
    afterEach(() => bench.dispose());

    function bodies(run: string, text: string): readonly RunEventBody[] {
      return [
        started(SHARED),
        planned(['t', 'Task', text]),
        callFinished({ run, turn: 1, text }),
        completed('t', text),
        finished('done'),
      ];
    }

    async function seen(run: string): Promise<unknown> {
      return [
        await journal.summary(run),
        await journal.readRun(run, { textsUpToBytes: 1_000 }),
        await journal.searchRuns({ text: 'task', limit: 9 }),
      ];
    }

    it('leaves nothing of it to read, list or find, and all of the others, with what they share', async () => {
      await record(journal, 'other', bodies('other', 'another text '.repeat(30)));
      const before = await seen('other');
      await record(journal, 'gone', bodies('gone', OWN));
      assert.deepEqual(value(await journal.deleteRun('gone')), { exports: [] });
      assert.deepEqual(await seen('other'), before);
      assert.deepEqual(
        value(await journal.listRuns({ limit: 9 })).map(({ run }) => run),
        ['other'],
      );
      assert.equal(value(await journal.summary('gone')), undefined);
      assert.deepEqual(value(await journal.searchRuns({ text: 'own', limit: 9 })), []);
      for (const asked of [
        journal.readRun('gone', { textsUpToBytes: 0 }),
        journal.adoptRun('gone'),
        journal.amendRun('gone'),
        journal.deleteRun('gone'),
        journal.noteExport('gone', '/x'),
        journal.sendCommand({ run: 'gone', action: '{}' }, NEVER),
      ])
        assert.match(told(await asked), /^journal: The journal has no run gone\. /);
      const read = value(await journal.readRun('other', { textsUpToBytes: 0 }));
      const shared = read[0]?.type === 'run.started' ? read[0].request : '';
      assert.ok(typeof shared !== 'string');
      assert.equal(value(await journal.readBlob(shared)), SHARED);
    });

    it('takes its texts along, and the same run can be recorded anew', async () => {
      await record(journal, 'gone', bodies('gone', OWN));
      const [, , call] = value(await journal.readRun('gone', { textsUpToBytes: 0 }));
      assert.ok(call?.type === 'call.finished' && typeof call.text !== 'string');
      assert.equal(value(await journal.readBlob(call.text)), OWN);
      value(await journal.deleteRun('gone'));
      assert.match(told(await journal.readBlob(call.text)), /^journal: The journal has no text/);
      await record(journal, 'gone', bodies('gone', OWN));
      assert.equal(value(await journal.readBlob(call.text)), OWN);
      assert.equal(value(await journal.searchRuns({ text: 'own', limit: 9 })).length, 1);
    });

    it('leaves what was spent as it was: with a call in doubt no sum looks exact afterwards', async () => {
      await record(journal, 'ended', [started('a'), callStarted('ended', 1), finished('b')]);
      await record(journal, 'gone', [
        started('a'),
        callFinished({ run: 'gone', turn: 1, text: '' }),
        callStarted('gone', 2),
      ]);
      const before = value(await journal.spendSince(0));
      assert.deepEqual(
        before.map(({ backend, calls, spent }) => [backend, calls, spent.usdKnown]),
        [['b', 2, false]],
      );
      for (const run of ['ended', 'gone']) value(await journal.deleteRun(run));
      assert.deepEqual(value(await journal.spendSince(0)), before);
    });

    it('is refused while it goes on, or while its edits are decided about', async () => {
      const writer = value(await journal.createRun('r'));
      value(await writer.append([started('a')]));
      assert.equal(
        told(await journal.deleteRun('r')),
        'journal: Run r is going on in this process. Wait until it ends, or cancel it.',
      );
      value(await writer.append([finished('b')]));
      await writer.release();
      const amending = value(await journal.amendRun('r'));
      assert.equal(
        told(await journal.deleteRun('r')),
        'journal: A decision about the edits of run r is being recorded in this process. Wait a moment and do it again.',
      );
      assert.equal(value(await journal.readRun('r', { textsUpToBytes: 0 })).length, 2);
      await amending.release();
      value(await journal.deleteRun('r'));
    });

    it('is refused while a run that was made from it, over however many runs, has not finished', async () => {
      await record(journal, 'first', [started('a'), finished('b')]);
      await record(journal, 'second', [{ ...started('a'), from: 'first' }, finished('b')]);
      const draft = value(await journal.createRun('draft'));
      value(await draft.append([{ ...started('a'), from: 'second' }]));
      await draft.release();
      for (const run of ['first', 'second'])
        assert.equal(
          told(await journal.deleteRun(run)),
          `journal: Run draft was made from run ${run}, has not finished, and uses its results. Let that one run to its end, or cancel it; then delete this one.`,
        );
      value(await journal.deleteRun('draft'));
      value(await journal.deleteRun('first'));
    });

    it('is allowed for one that was interrupted', async () => {
      const writer = value(await journal.createRun('r'));
      value(await writer.append([started('a')]));
      await writer.release();
      value(await journal.deleteRun('r'));
      assert.deepEqual(value(await journal.listRuns({ limit: 9 })), []);
      assert.match(told(await writer.append([finished('late')])), /^journal: /);
    });

    it('tells which files it was exported to, each once', async () => {
      await record(journal, 'r', [started('a'), finished('b')]);
      await record(journal, 'other', [started('a'), finished('b')]);
      for (const file of ['/z.md', '/a.json', '/z.md']) value(await journal.noteExport('r', file));
      value(await journal.noteExport('other', '/other.md'));
      assert.deepEqual(value(await journal.deleteRun('r')), { exports: ['/a.json', '/z.md'] });
      assert.deepEqual(value(await journal.deleteRun('other')), { exports: ['/other.md'] });
    });

    it('keeps what was spent', async () => {
      await record(
        journal,
        'r',
        [1, 2].map((turn) => callFinished({ run: 'r', turn, text: '' })),
      );
      const spent = value(await journal.spendSince(0));
      assert.equal(spent[0]?.calls, 2);
      value(await journal.deleteRun('r'));
      assert.deepEqual(value(await journal.spendSince(0)), spent);
    });
  });
}
