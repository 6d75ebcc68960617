import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ok } from '../../src/base/result.ts';
import type { Journal } from '../../src/core/ports.ts';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { NEVER, Workbench, callFinished, finished, partial, spend, started, told, value } from './fixture.ts';

const LONG = 'ä'.repeat(200);
const LONG_REF = { hash: createHash('sha256').update(LONG).digest('hex'), bytes: 400 };

/** What both journals promise. */
for (const kind of ['SQLite', 'memory'] as const) {
  describe(`the journal in ${kind}`, () => {
    let bench: Workbench;
    let clock: ManualClock;
    let journal: Journal;

    beforeEach(async () => {
      bench = new Workbench();
      clock = new ManualClock(1_000);
      journal = kind === 'SQLite' ? await bench.open({ clock }) : createMemoryJournal({ clock });
    });
    afterEach(() => bench.dispose());

    it('gives back every event as it was appended, numbered from 1', async () => {
      const writer = value(await journal.createRun('r1'));
      const first = value(await writer.append([started('Say hello'), { type: 'request.decided', decision: 'answer' }]));
      clock.setWall(2_000);
      const second = value(
        await writer.append([callFinished({ run: 'r1', turn: 1, text: LONG }), finished(LONG.repeat(3))]),
      );
      const read = value(await journal.readRun('r1', { textsUpToBytes: 1_000 }));
      assert.equal(lines(read), lines([...first, ...second]));
      assert.equal(
        read.map((event) => `${event.seq} ${event.at} ${event.run} ${event.type}`).join('\n'),
        '1 1000 r1 run.started\n2 1000 r1 request.decided\n3 2000 r1 call.finished\n4 2000 r1 run.finished',
      );
    });

    it('stores a long payload by content and gives it as a reference where it is longer than asked for', async () => {
      const writer = value(await journal.createRun('r1'));
      await writer.append([
        callFinished({ run: 'r1', turn: 1, text: LONG }),
        callFinished({ run: 'r1', turn: 2, text: 'short' }),
      ]);
      const read = value(await journal.readRun('r1', { textsUpToBytes: 399 }));
      const payloads = read.map((event) => (event.type === 'call.finished' ? event.text : undefined));
      assert.deepEqual(payloads, [LONG_REF, 'short']);
      assert.equal(value(await journal.readBlob(LONG_REF)), LONG);
      const inlined = value(await journal.readRun('r1', { textsUpToBytes: 400 }));
      assert.equal(inlined[0]?.type === 'call.finished' && inlined[0].text, LONG);
    });

    it('keeps the text of a reference that is appended again', async () => {
      const writer = value(await journal.createRun('r1'));
      await writer.append([callFinished({ run: 'r1', turn: 1, text: LONG })]);
      const [event] = value(await journal.readRun('r1', { textsUpToBytes: 0 }));
      assert.ok(event?.type === 'call.finished');
      await writer.append([{ type: 'message.partial', task: 't', text: event.text }]);
      const [again] = value(await journal.readRun('r1', { afterSeq: 1, textsUpToBytes: 500 }));
      assert.equal(again?.type === 'message.partial' && again.text, LONG);
    });

    it('gives only events after the asked number', async () => {
      const writer = value(await journal.createRun('r1'));
      await writer.append(['a', 'b', 'c', 'd'].map(partial));
      assert.deepEqual(
        value(await journal.readRun('r1', { afterSeq: 2, textsUpToBytes: 0 })).map((event) => event.seq),
        [3, 4],
      );
      assert.deepEqual(value(await journal.readRun('r1', { afterSeq: 4, textsUpToBytes: 0 })), []);
    });

    it('reads a run that is too long for one message', async () => {
      const writer = value(await journal.createRun('r1'));
      const texts = Array.from({ length: 1_500 }, (_, index) => `${index} `.repeat(index % 300));
      await writer.append(texts.map(partial));
      const read = value(await journal.readRun('r1', { textsUpToBytes: 1_000_000 }));
      assert.equal(read.map(textOf).join('|'), texts.join('|'));
    });

    it('keeps the order in which appends were made, whoever waits for them', async () => {
      const writers = await Promise.all(['a', 'b'].map(async (run) => value(await journal.createRun(run))));
      const appends = Array.from({ length: 60 }, (_, n) => writers[n % 2]?.append([partial(`${n}`), partial(`${n}+`)]));
      for (const append of appends) assert.ok((await append)?.ok);
      for (const [index, run] of ['a', 'b'].entries()) {
        const texts = value(await journal.readRun(run, { textsUpToBytes: 0 })).map(textOf);
        assert.equal(
          texts.join(' '),
          Array.from({ length: 30 }, (_, n) => `${2 * n + index} ${2 * n + index}+`).join(' '),
        );
      }
    });

    it('replaces what is no text and drops what JSON does not know, in what it returns and in what it keeps', async () => {
      const writer = value(await journal.createRun('r1'));
      const odd = {
        type: 'message.partial',
        task: 'a\ud83d\0b',
        text: `\udc00${'x'.repeat(300)}`,
        undefinedOne: undefined,
        nan: Number.NaN,
      };
      const appended = value(await writer.append([odd as never]));
      const body = { task: 'a\ufffd\0b', text: `\ufffd${'x'.repeat(300)}`, nan: null };
      assert.deepEqual(appended, [{ v: 1, seq: 1, at: 1_000, run: 'r1', type: 'message.partial', ...body }]);
      assert.deepEqual(value(await journal.readRun('r1', { textsUpToBytes: 1_000 })), appended);
    });

    it('refuses an event that cannot be recorded, by a failure that writes nothing', async () => {
      const writer = value(await journal.createRun('r1'));
      const cycle: Record<string, unknown> = { type: 'message.partial', task: 't', text: '' };
      cycle['self'] = cycle;
      assert.match(
        told(await writer.append([partial('a'), cycle as never])),
        /^journal: An event of type message.partial cannot be recorded/,
      );
      assert.deepEqual(value(await journal.readRun('r1', { textsUpToBytes: 0 })), []);
    });

    it('says what to do about a run or text it does not have', async () => {
      assert.match(
        told(await journal.readRun('nope', { textsUpToBytes: 0 })),
        /^journal: The journal has no run nope\. /,
      );
      assert.match(told(await journal.adoptRun('nope')), /^journal: The journal has no run nope\. /);
      assert.match(
        told(await journal.readBlob({ hash: 'ab'.repeat(32), bytes: 3 })),
        /^journal: The journal has no text abababababab\. /,
      );
      value(await journal.createRun('r1'));
      assert.equal(told(await journal.createRun('r1')), 'journal: There is already a run r1. Start the request again.');
    });

    it('lists runs, newest first, with liveness, outcome, spend and the number of tasks', async () => {
      const done = value(await journal.createRun('done'));
      await done.append([
        started('Find 100% of the bugs'),
        callFinished({ run: 'done', turn: 1, text: '' }),
        finished('none'),
      ]);
      clock.setWall(2_000);
      const open = value(await journal.createRun('open'));
      const tasks = ['x', 'y'].map((id) => ({
        id,
        title: id,
        objective: id,
        mode: 'autonomous' as const,
        dependsOn: [],
        inputs: [],
      }));
      await open.append([started('Translate ALL texts'), { type: 'plan.accepted', tasks }]);
      clock.setWall(2_500);
      await open.append([1, 2, 2].map((turn) => callFinished({ run: 'open', turn, text: '', usd: 0.25 })));
      clock.setWall(3_000);
      const left = value(await journal.createRun('left'));
      await left.append([started('Leave')]);
      await left.release();
      value(await journal.createRun('without events'));

      const list = value(await journal.listRuns({ limit: 10 }));
      const twoCalls = { ...spend(0.5, 20), iterations: 2, tokens: { input: 20, output: 2, cachedInput: 0 }, ms: 500 };
      assert.deepEqual(list, [
        {
          run: 'left',
          request: 'Leave',
          startedAtMs: 3_000,
          liveness: 'interrupted',
          outcome: null,
          spent: { ...spend(0, 0), iterations: 0, tokens: { input: 0, output: 0, cachedInput: 0 }, ms: 0 },
          tasks: 0,
          completed: 0,
          from: null,
          workspace: '/w',
          waitsForUser: false,
        },
        {
          run: 'open',
          request: 'Translate ALL texts',
          startedAtMs: 2_000,
          liveness: 'running',
          outcome: null,
          spent: twoCalls,
          tasks: 2,
          completed: 0,
          from: null,
          workspace: '/w',
          waitsForUser: false,
        },
        {
          run: 'done',
          request: 'Find 100% of the bugs',
          startedAtMs: 1_000,
          liveness: 'finished',
          outcome: 'answered',
          spent: { ...spend(0.5), ms: 77 },
          tasks: 0,
          completed: 0,
          from: null,
          workspace: '/w',
          waitsForUser: false,
        },
      ]);
      assert.deepEqual(value(await journal.listRuns({ limit: 2 })), list.slice(0, 2));
      assert.deepEqual(
        await Promise.all(['left', 'open', 'done', 'without events', 'nope'].map((run) => journal.summary(run))),
        [...list, undefined, undefined].map((one) => ok(one)),
      );
    });

    it('adds up what each backend spent since a time, every call once', async () => {
      const writer = value(await journal.createRun('r1'));
      await writer.append([callFinished({ run: 'r1', turn: 1, text: '', backend: 'old' })]);
      clock.setWall(5_000);
      const failed = {
        ...callFinished({ run: 'r1', turn: 3, text: '', backend: 'y' }),
        type: 'call.failed',
        failure: { reason: 'timeout', message: '', whatToDo: '', retryable: true },
        partial: '',
        next: 'retry',
      };
      await writer.append([
        callFinished({ run: 'r1', turn: 2, text: '', backend: 'z', usd: 1 }),
        { ...failed, spent: { ...spend(0), usdKnown: false, ms: 9 } } as never,
      ]);
      await writer.append([
        callFinished({ run: 'r1', turn: 2, text: '', backend: 'z', usd: 1 }),
        callFinished({ run: 'r1', turn: 4, text: '', backend: 'y', usd: 2 }),
      ]);
      assert.deepEqual(value(await journal.spendSince(5_000)), [
        {
          backend: 'y',
          calls: 2,
          spent: {
            iterations: 2,
            tokens: { input: 20, output: 2, cachedInput: 0 },
            usd: 2,
            ms: 9,
            tokensKnown: true,
            usdKnown: false,
          },
          callMs: 14,
          timedCalls: 2,
        },
        { backend: 'z', calls: 1, spent: { ...spend(1) }, callMs: 5, timedCalls: 1 },
      ]);
      assert.deepEqual(value(await journal.spendSince(6_000)), []);
    });

    it('counts a call in doubt as one of unknown cost, once, at the time it began, from the interruption on', async () => {
      const keyed = (attempt: number) => ({ run: 'r1', task: 't', turn: 1, attempt });
      const begun = (attempt: number, usd: number): RunEventBody => ({
        type: 'call.started',
        key: keyed(attempt),
        backend: usd === 0 ? 'local' : 'api',
        promptVersion: 'p@1',
        ceiling: { inputTokens: 1, outputTokens: 1, usd },
        prompt: '[]',
      });
      const writer = value(await journal.createRun('r1'));
      clock.setWall(2_000);
      await writer.append([started('a'), callFinished({ run: 'r1', turn: 0, text: '', backend: 'api', usd: 1 })]);
      await writer.append([begun(0, 4), begun(1, 0)]);
      const exact = value(await journal.spendSince(0));
      assert.deepEqual(
        exact.map(({ backend, spent }) => [backend, spent.usdKnown]),
        [['api', true]],
        'they are in flight',
      );
      await writer.release();
      clock.setWall(3_000);
      const interrupted = value(await journal.spendSince(0));
      assert.deepEqual(value(await journal.spendSince(2_001)), []);
      const next = value(await journal.adoptRun('r1'));
      assert.deepEqual(
        value(await journal.spendSince(0)),
        interrupted,
        'it is taken up, and its record does not say so yet',
      );
      await next.append([{ type: 'run.resumed', inDoubt: [keyed(0), keyed(1), keyed(7)] }]);
      const goesOn = value(await journal.spendSince(0));
      assert.deepEqual(interrupted, goesOn, 'the same before it goes on');
      assert.deepEqual(
        goesOn.map(({ backend, calls, timedCalls, spent: { usd, tokensKnown, usdKnown } }) => {
          return { backend, calls, timedCalls, usd, tokensKnown, usdKnown };
        }),
        [
          { backend: 'api', calls: 2, timedCalls: 1, usd: 1, tokensKnown: false, usdKnown: false },
          { backend: 'local', calls: 1, timedCalls: 0, usd: 0, tokensKnown: false, usdKnown: true },
        ],
      );
      assert.deepEqual(value(await journal.spendSince(2_001)), []);
      const { spent } = value(await journal.summary('r1')) ?? assert.fail('it is listed');
      assert.deepEqual([spent.iterations, spent.usd, spent.usdKnown], [3, 1, false]);
    });

    it('lets a released run be adopted, but not one that goes on or has finished', async () => {
      const writer = value(await journal.createRun('r1'));
      await writer.append([started('a')]);
      assert.equal(
        told(await journal.adoptRun('r1')),
        'journal: Run r1 is going on in this process. Wait until it ends, or cancel it.',
      );
      await writer.release();
      assert.equal(
        told(await writer.append([partial('late')])),
        'journal: Run r1 was given back, so nothing more is recorded for it here. Resume the run.',
      );
      const adopted = value(await journal.adoptRun('r1'));
      const [event] = value(await adopted.append([finished('b')]));
      assert.equal(event?.seq, 2);
      await writer.release();
      assert.equal(told(await adopted.append([partial('c')])), 'ok');
      await adopted.release();
      assert.equal(told(await journal.adoptRun('r1')), 'journal: Run r1 has finished. Start a new request.');
    });

    it('fails clearly after it was closed, and ends every wait for a slot', async () => {
      const writer = value(await journal.createRun('r1'));
      const release = await journal.takeSlot('b', 1, NEVER);
      const waiting = journal.takeSlot('b', 1, NEVER);
      await journal.close();
      await journal.close();
      assert.equal(await waiting, undefined);
      release?.();
      assert.equal(
        told(await writer.append([partial('x')])),
        'journal: The journal is closed. Start the command again or reload the window.',
      );
      assert.equal(
        told(await journal.listRuns({ limit: 1 })),
        'journal: The journal is closed. Start the command again or reload the window.',
      );
      assert.equal(await journal.takeSlot('b', 1, NEVER), undefined);
    });

    it('gives slots in order, never more than the limit, and a release counts once', async () => {
      const order: string[] = [];
      const first = await journal.takeSlot('b', 2, NEVER);
      const second = await journal.takeSlot('b', 2, NEVER);
      const waits = ['third', 'fourth'].map(async (name) => {
        const release = await journal.takeSlot('b', 2, NEVER);
        order.push(name);
        return release;
      });
      const other = await journal.takeSlot('another', 1, NEVER);
      assert.ok(first !== undefined && second !== undefined && other !== undefined);
      assert.deepEqual(order, []);
      first();
      first();
      (await waits[0])?.();
      await waits[1];
      assert.deepEqual(order, ['third', 'fourth']);
    });

    it('hands a slot on to one who asks in the moment in which it is given back', async () => {
      const release = await journal.takeSlot('b', 1, NEVER);
      const waiting = journal.takeSlot('b', 1, NEVER);
      release?.();
      assert.equal(typeof (await waiting), 'function');
    });

    it('ends the wait for a slot at once when its signal aborts, and the next one is served', async () => {
      const release = await journal.takeSlot('b', 1, NEVER);
      const abort = new AbortController();
      const gone = journal.takeSlot('b', 1, abort.signal);
      const next = journal.takeSlot('b', 1, NEVER);
      abort.abort();
      assert.equal(await gone, undefined);
      assert.equal(await journal.takeSlot('b', 1, abort.signal), undefined);
      release?.();
      assert.equal(typeof (await next), 'function');
    });
  });
}

function lines(events: readonly RunEvent[]): string {
  return events.map((event) => JSON.stringify(event)).join('\n');
}

function textOf(event: RunEvent): string {
  return event.type === 'message.partial' && typeof event.text === 'string' ? event.text : '?';
}
