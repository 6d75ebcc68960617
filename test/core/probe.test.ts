import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BackendHealthBook } from '../../src/core/health.ts';
import { failure } from '../../src/core/failure.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend, type ScriptedReply } from '../support/scripted-backend.ts';
import { failsWith, works } from '../support/scripted-replies.ts';

const lost = failure('connection', 'Lost.', { whatToDo: 'Wait.' });
const limited = (retryAfterMs: number) => failure('rate-limited', 'Too many.', { whatToDo: 'Wait.', retryAfterMs });

describe('a rest', () => {
  it('that the server named is not ended by an older call that succeeds', () => {
    const book = new BackendHealthBook(new ManualClock());
    book.failed('b', limited(60_000));
    book.succeeded('b');
    assert.equal(book.rest('b').forMs, 60_000);
  });

  it('is not made shorter by a later, shorter one', () => {
    const book = new BackendHealthBook(new ManualClock());
    book.failed('b', limited(3_600_000));
    assert.equal(book.failed('b', limited(1_000)), undefined);
    assert.equal(book.rest('b').forMs, 3_600_000);
  });

  it('is not made longer by calls that were in flight when it began', () => {
    const book = new BackendHealthBook(new ManualClock());
    for (let i = 0; i < 8; i++) book.failed('b', lost);
    assert.equal(book.rest('b').forMs, 15_000);
  });

  it('goes on being tried by its own probe when an older call ends', async () => {
    const clock = new ManualClock();
    const book = new BackendHealthBook(clock);
    for (let i = 0; i < 3; i++) book.failed('b', lost);
    await clock.advance(15_000);
    const probe = book.begin('b');
    assert.equal(book.begin('b'), undefined, 'one probe');
    book.failed('b', lost);
    book.abandoned('b', undefined);
    assert.equal(book.rest('b').forMs, Number.POSITIVE_INFINITY);
    assert.equal(book.failed('b', lost, probe)?.forMs, 30_000);
  });
});

function task(id: string, own: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: id, objective: 'do it', mode: 'autonomous', dependsOn: [], inputs: [], target: 'only', ...own };
}

describe('a backend whose rest is over', () => {
  it('gets one call of the fifty that wait, without polling, and the others when that one succeeds', async () => {
    const clock = new ManualClock();
    const probe = Promise.withResolvers<ScriptedReply>();
    const only: ScriptedBackend = new ScriptedBackend({ id: 'only', maxConcurrency: 50 }, (request) => {
      if (request.key.task === 'limited') return failsWith('rate-limited', { retryAfterMs: 20_000 });
      return only.calls.length === 2 ? probe.promise : works(request);
    });
    const gate = new ScriptedBackend({ id: 'gate' });
    const waiting = Array.from({ length: 50 }, (_, index) => task(`t${index}`, { dependsOn: ['gate'] }));
    const { start } = engineFixture({ backends: [only, gate], clock });
    const handle = await start(
      { text: 'r', plan: { request: 'r', tasks: [task('limited'), task('gate', { target: 'gate' }), ...waiting] } },
      { synthesis: false },
    );
    await clock.flush();
    gate.calls[0]?.reply({ text: 'open' });
    await clock.flush();
    assert.equal(only.calls.length, 1);
    await clock.advance(20_000);
    assert.equal(only.calls.length, 2, 'one probe');
    assert.equal(clock.pending, 0, 'nobody polls while it is tried');
    probe.resolve({ text: 'back' });
    const finished = await handle.finished;
    assert.deepEqual(
      finished.tasks.filter((one) => one.status !== 'completed').map((one) => one.id),
      ['limited'],
    );
    assert.equal(only.calls.length, 51);
  });
});
