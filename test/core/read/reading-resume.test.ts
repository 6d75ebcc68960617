import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  HAY,
  NEEDLES,
  maps,
  outcomeOf,
  planOf,
  reader,
  readers,
  reading,
  type Script,
} from '../../support/reading-fixture.ts';
import { askedFor, claimsReply, linesShown, quoteOf, readsFor } from '../../support/reading-replies.ts';
import type { ScriptedReply } from '../../support/scripted-backend.ts';

describe('a long reading that was interrupted', () => {
  it('goes on after a restart without making a finished call again, and gives the same result', async () => {
    const inventing: Script = (request, prompt) => {
      if (askedFor(request) === 'quotes') return { text: '{"quotes":[]}' };
      const reply = readsFor('needle')(request, prompt);
      if (askedFor(request) !== 'claims' || !('text' in reply) || !prompt.includes('alpha line 2 ')) return reply;
      return {
        text: reply.text.replace(
          '"claims":[',
          '"claims":[{"text":"Not so.","quotes":[{"path":"a.txt","line":2,"text":"alpha line two holds gold and silver"}]},',
        ),
      };
    };
    const whole = await reading(HAY, readers(inventing)).read({ capability: 'long-context' });
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    let read = 0;
    const firstBackends = readers((request, prompt) => {
      read += 1;
      return read > 5 ? new Promise<ScriptedReply>(() => undefined) : inventing(request, prompt);
    });
    const first = reading(HAY, firstBackends, { journal, clock });
    const handle = await first.start(
      { text: 'Which trees?', ...planOf(Object.keys(HAY), { capability: 'long-context' }) },
      { synthesis: false },
    );
    for (let turns = 0; read < 9 && turns < 400; turns++) await new Promise((resolve) => setImmediate(resolve));
    await first.engine.dispose();
    const secondBackends = readers(inventing);
    const second = reading(HAY, secondBackends, { journal, clock });
    const resumed = await second.engine.resume(handle.run);
    assert.ok(resumed.ok, resumed.ok ? '' : resumed.error.message);
    const again = outcomeOf(await resumed.value.finished, second.events);
    assert.equal(again.result, whole.result);
    assert.deepEqual(again.report, whole.report);
    const answered = new Set(first.events.flatMap((event) => (event.type === 'call.finished' ? [event.key.turn] : [])));
    const repeated = second.events.filter((event) => event.type === 'call.started' && answered.has(event.key.turn));
    assert.ok(answered.size >= 4, `${answered.size} calls had finished`);
    assert.deepEqual(repeated, []);
    assert.ok(!second.events.some((event) => event.type === 'reading.planned'), 'the plan is not made again');
  });

  it('plans anew, with turns of its own, when a file has changed since', async () => {
    class Changing extends MemoryWorkspace {
      version = 1;
      override async read(path: string): ReturnType<MemoryWorkspace['read']> {
        const read = await super.read(path);
        return read.ok ? { ...read, value: { ...read.value, hash: `${path} ${this.version}` } } : read;
      }
    }
    const workspace = new Changing(HAY);
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    let read = 0;
    const first = reading(
      HAY,
      readers((request, prompt) => {
        read += 1;
        return read > 2 ? new Promise<ScriptedReply>(() => undefined) : readsFor('needle')(request, prompt);
      }),
      { journal, clock, workspace },
    );
    const handle = await first.start(
      { text: 'Which trees?', ...planOf(Object.keys(HAY), { capability: 'long-context' }) },
      { synthesis: false },
    );
    for (let turns = 0; read < 6 && turns < 400; turns++) await new Promise((resolve) => setImmediate(resolve));
    await first.engine.dispose();
    workspace.version = 2;
    const backends = readers(readsFor('needle'));
    const second = reading(HAY, backends, { journal, clock, workspace });
    const resumed = await second.engine.resume(handle.run);
    assert.ok(resumed.ok);
    const { report } = outcomeOf(await resumed.value.finished, second.events);
    assert.equal(report?.verified.length, NEEDLES);
    const seen = maps(backends).flatMap(({ prompt }) => linesShown(prompt));
    assert.equal(seen.length, 7_001, 'all of it is read again');
    const before = first.events.flatMap((event) => (event.type === 'call.started' ? [event.key.turn] : []));
    const after = second.events.flatMap((event) =>
      event.type === 'reading.planned' ? event.parts.map(({ turn }) => turn) : [],
    );
    assert.ok(Math.min(...after) > Math.max(...before), `${before.join()} then ${after.join()}`);
  });

  for (const [what, between] of [
    ['another, shorter text', { 'a.txt': HAY['b.txt'], 'b.txt': HAY['b.txt'] }],
    ['one file less', { 'a.txt': HAY['a.txt'] }],
  ] as const) {
    it(`reads every line when the files are again what they were, after ${what} in between`, async () => {
      class Hashed extends MemoryWorkspace {
        override async read(path: string): ReturnType<MemoryWorkspace['read']> {
          const read = await super.read(path);
          return read.ok
            ? { ...read, value: { ...read.value, hash: `${path} ${read.value.text.slice(0, 50)}` } }
            : read;
        }
      }
      const clock = new ManualClock();
      const journal = createMemoryJournal({ clock });
      const begin = async (files: Readonly<Record<string, string>>, run: string | undefined): Promise<string> => {
        let read = 0;
        const backends = readers((request, prompt) => {
          read += 1;
          return read > 2 ? new Promise<ScriptedReply>(() => undefined) : readsFor('needle')(request, prompt);
        });
        const part = reading(files, backends, { journal, clock, workspace: new Hashed(files) });
        const request = { text: 'Which trees?', ...planOf(Object.keys(HAY), { capability: 'long-context' }) };
        const id = run ?? (await part.start(request, { synthesis: false })).run;
        if (run !== undefined) assert.ok((await part.engine.resume(run)).ok);
        for (let turns = 0; read < 4 && turns < 400; turns++) await new Promise((resolve) => setImmediate(resolve));
        await part.engine.dispose();
        return id;
      };
      const run = await begin(HAY, undefined);
      await begin(between, run);
      const last = reading(HAY, readers(readsFor('needle')), { journal, clock, workspace: new Hashed(HAY) });
      const resumed = await last.engine.resume(run);
      assert.ok(resumed.ok);
      const { report } = outcomeOf(await resumed.value.finished, last.events);
      assert.equal(new Set(report?.verified.map(({ path, startLine }) => `${path}:${startLine}`)).size, NEEDLES);
    });
  }

  it('asks in one call only what was not answered, when it is taken up again', async () => {
    const first = reader((request) =>
      askedFor(request) === 'quotes'
        ? new Promise<ScriptedReply>(() => undefined)
        : claimsReply([['It is so.', quoteOf('a.txt', 1, 'nobody ever wrote this line at all')]]),
    );
    const files = { 'a.txt': 'alpha line 1 holds nothing but straw and dust\n' };
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const before = reading(files, [first], { journal, clock });
    const handle = await before.start({ text: 'go', ...planOf(['a.txt']) }, { synthesis: false });
    for (let turns = 0; first.calls.length < 2 && turns < 400; turns++)
      await new Promise((resolve) => setImmediate(resolve));
    await before.engine.dispose();
    const second = reader((request) =>
      askedFor(request) === 'quotes'
        ? { text: '{"quotes":[{"n":1,"path":"a.txt","line":1,"text":"alpha line 1 holds nothing"}]}' }
        : { text: 'asked again' },
    );
    const after = reading(files, [second], { journal, clock });
    const resumed = await after.engine.resume(handle.run);
    assert.ok(resumed.ok);
    assert.equal(outcomeOf(await resumed.value.finished, after.events).result, 'It is so. [a.txt:1](a.txt#L1)');
    assert.deepEqual(
      second.calls.map(({ request }) => `${askedFor(request)} ${request.key.turn}`),
      ['quotes 1'],
    );
  });
});
