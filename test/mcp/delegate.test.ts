/** The tool, without a supervisor: what it hands on, and how it tells an end. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as z from 'zod';
import { ok } from '../../src/base/result.ts';
import { NO_SPEND } from '../../src/core/spend.ts';
import type { Delegated, DelegateEnd, DelegatePort, DelegateRequest } from '../../src/mcp/engine-tool.ts';
import { toolRig, type ToolRig } from './tool-rig.ts';

interface Seen {
  readonly rig: ToolRig;
  readonly requests: DelegateRequest[];
  readonly end: (end: DelegateEnd) => void;
  readonly cancelled: () => number;
}

function withPort(): Seen {
  const requests: DelegateRequest[] = [];
  const finished = Promise.withResolvers<DelegateEnd>();
  let cancelled = 0;
  const started: Delegated = {
    run: 'run-7',
    task: 'lead',
    finished: finished.promise,
    cancel: () => (cancelled += 1),
  };
  const delegate: DelegatePort = {
    deliverable: z.strictObject({ file: z.string() }),
    start: (request) => {
      requests.push(request);
      return Promise.resolve(ok(started));
    },
  };
  const rig = toolRig({ backends: [], options: { limits: { maxUsd: 1, maxTokens: 5_000 } }, deps: { delegate } });
  return { rig, requests, end: finished.resolve, cancelled: () => cancelled };
}

describe('delegate', () => {
  it('is not offered where there is no supervisor', () => {
    assert.ok(!toolRig({ backends: [] }).tools.some(({ name }) => name === 'delegate'));
    assert.equal(withPort().rig.tools[0]?.name, 'delegate');
  });

  it('hands on the intent with limits that can only be lower, and refuses a deliverable that is none', async () => {
    const { rig, requests, end } = withPort();
    const wrong = await rig.call('delegate', { intent: 'x', deliverable: { command: 'rm' } });
    assert.deepEqual([wrong.isError, requests.length], [true, 0]);
    end({ kind: 'winner', output: 'Made.', deliverable: 'a.txt exists', spentTotal: NO_SPEND });
    const { said, isError } = await rig.call('delegate', {
      intent: 'Make a.txt',
      deliverable: { file: 'a.txt' },
      budget: { maxUsd: 50, maxTokens: 100, maxMs: 9 },
    });
    assert.deepEqual(requests, [
      {
        intent: 'Make a.txt',
        deliverable: { file: 'a.txt' },
        limits: { maxUsd: 1, maxTokens: 100, maxMs: 9 },
        source: 'mcp',
        isUnattended: true,
      },
    ]);
    assert.deepEqual(
      [said, isError],
      [
        {
          status: 'winner',
          task: 'subtask:/run-7/lead',
          output: 'Made.',
          deliverable: 'a.txt exists',
          spentTotal: NO_SPEND,
        },
        false,
      ],
    );
  });

  it('tells why there is no winner, with what there is and what it cost', async () => {
    const { rig, end } = withPort();
    end({ kind: 'no-winner', reason: 'not-delivered', partial: 'Half.', spentTotal: { ...NO_SPEND, iterations: 3 } });
    const { said, isError, text } = await rig.call('delegate', { intent: 'x' });
    assert.deepEqual(
      [said['status'], said['reason'], said['partial'], isError],
      ['no-winner', 'not-delivered', 'Half.', true],
    );
    assert.match(
      text,
      /^No winner: not-delivered\.\n\nWhat there is all the same:\nHalf\.\n\n\[subtask:\/run-7\/lead · 3 calls/,
    );
  });

  it('is cancelled with its call, in the background only until it has begun', async () => {
    const waiting = withPort();
    const abort = new AbortController();
    const called = waiting.rig.call('delegate', { intent: 'x' }, { signal: abort.signal });
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    assert.equal(waiting.cancelled(), 1);
    waiting.end({ kind: 'no-winner', reason: 'cancelled', partial: '', spentTotal: NO_SPEND });
    assert.equal((await called).said['reason'], 'cancelled');
    const gone = withPort();
    await gone.rig.call('delegate', { intent: 'x', background: true }, { signal: AbortSignal.abort() });
    assert.equal(gone.cancelled(), 1);
    const background = withPort();
    const left = new AbortController();
    const { said } = await background.rig.call('delegate', { intent: 'x', background: true }, { signal: left.signal });
    left.abort();
    assert.deepEqual([said, background.cancelled()], [{ status: 'started', task: 'subtask:/run-7/lead' }, 0]);
  });
});
