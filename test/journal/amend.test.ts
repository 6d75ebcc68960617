/** Writing to a run after its end: what the user decided about its edits. */
import assert from 'node:assert/strict';
import type { ProposalEntry } from '../../src/core/edits/proposal.ts';
import type { Journal } from '../../src/core/ports.ts';
import { PAYLOAD_FIELDS, type RunEvent, type RunEventBody } from '../../src/core/run-event.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Workbench, finished, partial, started, told, value } from './fixture.ts';

const CONTENT = JSON.stringify([{ path: 'a.ts', text: 'x'.repeat(400) }]);
const FORMAT = { encoding: 'utf8', eol: 'lf' } as const;

const ENTRY: ProposalEntry = {
  path: 'a.ts',
  kind: 'modified',
  tasks: ['t'],
  added: 1,
  removed: 1,
  isConflict: false,
  newUrls: [],
  problems: [],
};
const MADE: RunEventBody = { type: 'proposal.made', files: [ENTRY], content: CONTENT };

/** Both journals promise this. */
for (const kind of ['SQLite', 'memory'] as const) {
  describe(`a finished run in ${kind}`, () => {
    let bench: Workbench;
    let clock: ManualClock;
    let journal: Journal;

    beforeEach(async () => {
      bench = new Workbench();
      clock = new ManualClock(1_000);
      journal = kind === 'SQLite' ? await bench.open({ clock }) : createMemoryJournal({ clock });
    });
    afterEach(() => bench.dispose());

    async function finishedRun(run: string): Promise<void> {
      const writer = value(await journal.createRun(run));
      value(await writer.append([started('Change it'), MADE, finished('done')]));
      await writer.release();
    }

    it('takes decisions about its edits, numbered on, and stays finished with its outcome and spend', async () => {
      await finishedRun('r1');
      const listed = value(await journal.listRuns({ limit: 9 }));
      clock.setWall(9_000);
      const writer = value(await journal.amendRun('r1'));
      const originals = JSON.stringify([
        { path: 'a.ts', before: { base64: 'eA=='.repeat(200), hash: 'h' }, after: null },
      ]);
      const written = value(
        await writer.append([
          { type: 'proposal.applying', paths: ['a.ts'], originals },
          { type: 'proposal.applied', paths: ['a.ts'], hashes: [null] },
        ]),
      );
      assert.deepEqual(
        written.map(({ seq, at, type }) => [seq, at, type]),
        [
          [4, 9_000, 'proposal.applying'],
          [5, 9_000, 'proposal.applied'],
        ],
      );
      assert.deepEqual(value(await journal.listRuns({ limit: 9 })), listed);
      assert.deepEqual([listed[0]?.liveness, listed[0]?.outcome, listed[0]?.spent.ms], ['finished', 'answered', 77]);
      await writer.release();
      const read = value(await journal.readRun('r1', { textsUpToBytes: 300, afterSeq: 1 }));
      assert.deepEqual(
        read.map((event) => [event.type, ...payloadsOf(event).map((payload) => typeof payload)]),
        [['proposal.made', 'object'], ['run.finished'], ['proposal.applying', 'object'], ['proposal.applied']],
      );
      const whole = value(await journal.readRun('r1', { textsUpToBytes: 10_000 }));
      const { proposal } = foldRun('r1', whole);
      assert.deepEqual(
        [proposal?.content, proposal?.originals, proposal?.files.get('a.ts')?.status],
        [CONTENT, [originals], 'applied'],
      );
    });

    it('refuses every other event, by a failure that writes nothing', async () => {
      await finishedRun('r1');
      const writer = value(await journal.amendRun('r1'));
      const discarded: RunEventBody = { type: 'proposal.discarded', paths: ['a.ts'] };
      for (const other of [partial('late'), finished('again'), started('once more')])
        assert.equal(
          told(await writer.append([discarded, other])),
          `journal: Run r1 has finished: only decisions about its edits are recorded after its end, and ${other.type} is none. Report this as a bug, with the message.`,
        );
      assert.equal(value(await journal.readRun('r1', { textsUpToBytes: 0 })).length, 3);
      assert.equal(value(await writer.append([discarded]))[0]?.seq, 4);
    });

    it('is refused while the run goes on, and by one who holds it already, and is free when that one has released it', async () => {
      const owner = value(await journal.createRun('open'));
      await owner.append([started('Change it'), MADE]);
      const goesOn =
        'journal: Run open has not finished, so nothing can be decided about its edits yet. Wait until it ends; if it was interrupted, resume it.';
      assert.equal(told(await journal.amendRun('open')), goesOn);
      await owner.release();
      assert.equal(told(await journal.amendRun('open')), goesOn, 'an interrupted run is none that has finished');
      assert.match(told(await journal.amendRun('nope')), /^journal: The journal has no run nope\. /);

      await finishedRun('r1');
      const first = value(await journal.amendRun('r1'));
      assert.equal(
        told(await journal.amendRun('r1')),
        'journal: A decision about the edits of run r1 is being recorded in this process. Wait a moment and do it again.',
      );
      await first.release();
      const second = value(await journal.amendRun('r1'));
      assert.match(
        told(await first.append([{ type: 'proposal.discarded', paths: ['a.ts'] }])),
        /^journal: Run r1 was (given back|taken over)/,
      );
      assert.equal(told(await second.append([{ type: 'proposal.reverted', paths: ['a.ts'] }])), 'ok');
      assert.equal(told(await journal.adoptRun('r1')), 'journal: Run r1 has finished. Start a new request.');
      await second.release();
      assert.equal(
        told(await second.append([{ type: 'proposal.reverted', paths: ['a.ts'] }])),
        'journal: Run r1 was given back, so nothing more is recorded for it here. Do it again.',
      );
    });

    it('is not amended while its writer has not given it back', async () => {
      const writer = value(await journal.createRun('r1'));
      await writer.append([started('Change it'), finished('done')]);
      assert.match(
        told(await journal.amendRun('r1')),
        /^journal: A decision about the edits of run r1 is being recorded/,
      );
      await writer.release();
      assert.equal(told(await journal.amendRun('r1')), 'ok');
    });

    it('keeps the long texts of tools, edits and citations by content', async () => {
      const long = 'ü'.repeat(300);
      const bodies: readonly RunEventBody[] = [
        {
          type: 'tool.finished',
          task: 't',
          turn: 1,
          call: 'c1',
          name: 'read_file',
          arguments: long,
          result: `${long}!`,
          isOk: true,
          ms: 3,
        },
        {
          type: 'edit.based',
          task: 't',
          path: 'a.ts',
          exists: true,
          text: `${long}?`,
          hash: 'h',
          format: FORMAT,
          unsaved: false,
          protectedBecause: null,
        },
        { type: 'edit.made', task: 't', turn: 1, path: 'a.ts', change: 'write', to: null, text: `${long}.` },
        { type: 'task.completed', task: 't', backend: 'b', result: long, partial: false, citations: `${long},` },
        { type: 'proposal.made', files: [], content: `${long};` },
        { type: 'proposal.updated', entry: ENTRY, content: `${long}:`, why: 'resolved' },
        { type: 'proposal.applying', paths: [], originals: `${long}-` },
      ];
      const writer = value(await journal.createRun('r1'));
      const written = value(await writer.append(bodies));
      const split = value(await journal.readRun('r1', { textsUpToBytes: 599 }));
      assert.deepEqual(
        split.flatMap(payloadsOf).map((payload) => typeof payload),
        Array.from({ length: 9 }, () => 'object'),
      );
      assert.deepEqual(value(await journal.readRun('r1', { textsUpToBytes: 700 })), written);
    });

    it('gives a prompt of more than 64 KiB back as a reference, which leads to the text', async () => {
      const writer = value(await journal.createRun('r1'));
      const limit = 64 * 1024;
      const prompts = ['ä'.repeat(limit / 2), `${'ä'.repeat(limit / 2)}.`, 'x'.repeat(limit * 3)];
      const written = value(await writer.append(prompts.map(callStarted)));
      const given = written.map((event) => (event.type === 'call.started' ? event.prompt : undefined));
      assert.equal(given[0], prompts[0]);
      for (const [index, prompt] of prompts.entries()) {
        if (index === 0) continue;
        const ref = given[index];
        assert.ok(typeof ref === 'object');
        assert.equal(ref.bytes, Buffer.byteLength(prompt));
        assert.equal(value(await journal.readBlob(ref)), prompt);
      }
      const [whole] = value(await journal.readRun('r1', { textsUpToBytes: limit * 3 })).slice(2);
      assert.equal(whole?.type === 'call.started' && whole.prompt, prompts[2]);
      assert.deepEqual(value(await journal.readRun('r1', { textsUpToBytes: limit })), written);
    });
  });
}

function callStarted(prompt: string, turn: number): RunEventBody {
  const key = { run: 'r1', task: 't', turn, attempt: 0 };
  const ceiling = { inputTokens: 1, outputTokens: 1 };
  return { type: 'call.started', key, backend: 'b', promptVersion: 'read@1', ceiling, prompt };
}

function payloadsOf(event: RunEvent): readonly unknown[] {
  return (PAYLOAD_FIELDS[event.type] ?? []).map((field): unknown => Reflect.get(event, field));
}
