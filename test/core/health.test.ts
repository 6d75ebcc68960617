import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { nextStep, RetryBudget } from '../../src/core/attempts.ts';
import { failure, type Failure, type FailureReason } from '../../src/core/failure.ts';
import { BackendHealthBook } from '../../src/core/health.ts';
import { ManualClock } from '../support/manual-clock.ts';

function failed(reason: FailureReason, retryAfterMs?: number): Failure {
  return failure(reason, 'It failed.', { whatToDo: 'Wait.', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

describe('resting backends', () => {
  it('rests after three failures in a row, lets one call probe, and rests twice as long when that fails', async () => {
    const clock = new ManualClock();
    const book = new BackendHealthBook(clock);
    assert.equal(book.failed('b', failed('connection')), undefined);
    assert.equal(book.failed('b', failed('server-error')), undefined);
    assert.equal(book.failed('b', failed('timeout'))?.forMs, 15_000);
    assert.equal(book.rest('b').forMs, 15_000);
    await clock.advance(15_000);
    assert.equal(book.rest('b').forMs, 0);
    const probe = book.begin('b');
    assert.deepEqual(book.rest('b'), { forMs: Number.POSITIVE_INFINITY, why: 'one call is trying whether it is back' });
    assert.equal(book.failed('b', failed('connection'), probe)?.forMs, 30_000);
    await clock.advance(30_000);
    book.begin('b');
    book.succeeded('b');
    assert.equal(book.rest('b').forMs, 0);
  });

  it('keeps to the time that the server named', async () => {
    const clock = new ManualClock();
    const book = new BackendHealthBook(clock);
    assert.equal(book.failed('b', failed('rate-limited', 3_600_000))?.forMs, 3_600_000);
    await clock.advance(3_599_999);
    assert.equal(book.rest('b').forMs, 1);
  });

  it('rests at once where the key was refused, until the entry or the key is another one', () => {
    const book = new BackendHealthBook(new ManualClock());
    assert.deepEqual(book.failed('b', failed('unauthorized')), { forMs: 3_600_000, why: 'it refused our key' });
    book.succeeded('b'); // a call that began before
    assert.equal(book.rest('b').forMs, 3_600_000);
    book.forget('b');
    assert.equal(book.rest('b').forMs, 0);
  });

  it('does not count failures that tell of the request, and a cancelled probe lets the next one try', async () => {
    const clock = new ManualClock();
    const book = new BackendHealthBook(clock);
    for (let i = 0; i < 10; i++) assert.equal(book.failed('b', failed('rejected')), undefined);
    for (let i = 0; i < 3; i++) book.failed('b', failed('connection'));
    await clock.advance(15_000);
    book.abandoned('b', book.begin('b'));
    assert.equal(book.rest('b').forMs, 0);
  });
});

describe('what follows a failed call', () => {
  const fresh = { retriesHere: 0, timeLeftMs: Number.POSITIVE_INFINITY, jitter: 0.5 };

  it('is decided by the class of the failure alone', () => {
    const table = (
      [
        'connection',
        'timeout',
        'server-error',
        'truncated-stream',
        'bad-response',
        'rejected',
        'unauthorized',
        'context-overflow',
        'redirected',
        'truncated-output',
        'cancelled',
        'budget',
        'journal',
      ] as const
    )
      .map(
        (reason) =>
          `${reason}: ${nextStep(failed(reason), fresh, new RetryBudget()).kind}, then ${nextStep(failed(reason), { ...fresh, retriesHere: 1 }, new RetryBudget()).kind}`,
      )
      .join('\n');
    assert.equal(
      table,
      `connection: retry, then next-backend
timeout: retry, then next-backend
server-error: retry, then next-backend
truncated-stream: retry, then next-backend
bad-response: next-backend, then next-backend
rejected: next-backend, then next-backend
unauthorized: next-backend, then next-backend
context-overflow: next-backend, then next-backend
redirected: next-backend, then next-backend
truncated-output: next-backend, then next-backend
cancelled: give-up, then give-up
budget: give-up, then give-up
journal: give-up, then give-up`,
    );
  });

  it('waits as long as the server asked, when that is short and fits the deadline', () => {
    const wait = (retryAfterMs: number, timeLeftMs: number) =>
      nextStep(failed('rate-limited', retryAfterMs), { ...fresh, timeLeftMs }, new RetryBudget());
    assert.deepEqual(wait(1_000, 60_000), { kind: 'retry', afterMs: 1_000 });
    assert.deepEqual(wait(1_000, 900), { kind: 'next-backend' });
    assert.deepEqual(wait(3_600_000, Number.POSITIVE_INFINITY), { kind: 'next-backend' });
    assert.deepEqual(nextStep(failed('rate-limited'), fresh, new RetryBudget()), { kind: 'next-backend' });
  });

  it('has a retry budget over the run, refilled by calls that succeed', () => {
    const budget = new RetryBudget();
    const kinds = Array.from({ length: 12 }, () => nextStep(failed('connection'), fresh, budget).kind);
    assert.deepEqual(kinds, [...Array.from({ length: 10 }, () => 'retry'), 'next-backend', 'next-backend']);
    for (let i = 0; i < 11; i++) budget.success();
    assert.equal(nextStep(failed('connection'), fresh, budget).kind, 'retry');
  });
});
