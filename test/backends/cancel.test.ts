import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { createGate } from '../servers/gate.ts';
import { startModelServer } from '../servers/model-server.ts';
import type { ModelServer } from '../servers/model-server.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { chatRequest, makeBackend, startChat } from './harness.ts';

const TEXT = 'One two three four five six seven eight nine ten.';

/** Each case is a call. */
function fewer({ numRuns, seed }: ReturnType<typeof propertyOptions>): ReturnType<typeof propertyOptions> {
  return { numRuns: Math.ceil(numRuns / 4), seed };
}

for (const provider of ['openai', 'ollama'] as const) {
  describe(`Calling off over the ${provider} wire`, () => {
    let server: ModelServer;
    beforeEach(async () => {
      server = await startModelServer({ protocol: provider, models: { m: {} }, brain: () => TEXT });
    });
    afterEach(() => server.close());

    const backend = (caps = {}) =>
      makeBackend(provider, { clock: systemClock, baseUrl: server.baseUrl, caps, description: { timeoutMs: 5_000 } });
    const noneRuns = () =>
      server.waitFor(({ requests }) => requests().every(({ outcome }) => outcome !== 'running'), 1_000);

    for (const at of ['headers', { afterChunks: 1 }, { afterChunks: 3 }, 'finish'] as const) {
      it(`closes the socket and keeps the text so far: held at ${JSON.stringify(at)}`, async () => {
        const gate = createGate();
        server.queueBehaviour({ kind: 'hold', at, gate });
        const talk = startChat(backend(), chatRequest('hello'));
        await gate.arrived();
        const pieces = at === 'headers' ? 0 : at === 'finish' ? Infinity : at.afterChunks;
        while (talk.deltas.length < pieces && talk.deltas.join('') !== TEXT)
          await new Promise((resolve) => setImmediate(resolve));
        talk.abort();
        const outcome = await talk.outcome;
        assert.equal(outcome.kind === 'failed' && outcome.failure.reason, 'cancelled');
        assert.equal(outcome.kind === 'failed' && outcome.partialText, talk.deltas.join(''));
        assert.equal(outcome.usage.known, false);
        await noneRuns();
        assert.equal(server.requests()[0]?.outcome, 'aborted by client');
      });
    }

    it('ends every call that is called off at any moment: cancelled, or whole if it was faster', async () => {
      const one = backend();
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: 30 }), async (turns) => {
          const talk = startChat(one, chatRequest('hello'));
          for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
          talk.abort();
          const after = talk.deltas.length;
          const outcome = await talk.outcome;
          if (outcome.kind === 'finished') assert.equal(outcome.text, TEXT);
          else assert.deepEqual([outcome.failure.reason, talk.deltas.length], ['cancelled', after]);
        }),
        fewer(propertyOptions('moments of calling off, of these a quarter')),
      );
      await noneRuns();
    });

    it('takes in no more of an endless line than its cap', async () => {
      const before = process.memoryUsage().rss;
      server.queueBehaviour({ kind: 'giantLine', bytes: 16 * 2 ** 20 });
      const outcome = await startChat(backend(), chatRequest('hello')).outcome;
      assert.equal(outcome.kind === 'failed' && outcome.failure.reason, 'too-large');
      await noneRuns();
      // The server in this process makes the line; the client must not add its length again.
      assert.ok(
        process.memoryUsage().rss - before < 150 * 2 ** 20,
        `${Math.round((process.memoryUsage().rss - before) / 2 ** 20)} MiB more`,
      );
    });
  });
}
