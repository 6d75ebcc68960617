/** A recorded stream, mutated: nothing that can be sent makes a backend throw or take half a reply for a whole one. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import type { ChatOutcome } from '../../src/core/backend.ts';
import { startModelServer } from '../servers/model-server.ts';
import { requestRaw } from '../servers/raw-http.ts';
import { fc, propertyOptions, seededRandom } from '../support/properties.ts';
import { chat, makeBackend, outcomeLine } from './harness.ts';
import type { HttpProvider } from './harness.ts';
import { startRawServer } from './raw-server.ts';
import type { RawServer } from './raw-server.ts';

const TEXT = 'Grüße – 日本語, and 🎉 between.';
/** Of each kind and wire: 300 in all in the unit run. */
const SHARE = 75 / 200;

for (const provider of ['openai', 'ollama'] as const) {
  describe(`A mutated stream over the ${provider} wire`, () => {
    let server: RawServer;
    let recorded: Buffer;
    let sent: readonly Buffer[] = [];

    before(async () => {
      recorded = await record(provider);
      const type = provider === 'openai' ? 'text/event-stream' : 'application/x-ndjson';
      server = await startRawServer((response) => {
        response.writeHead(200, { 'content-type': type });
        for (const piece of sent) response.write(piece);
        response.end();
      });
    });
    after(() => server.close());

    async function talk(body: Buffer, random: () => number): Promise<ChatOutcome> {
      sent = fragment(body, random);
      return chat(
        makeBackend(provider, { clock: systemClock, baseUrl: server.origin, description: { timeoutMs: 5_000 } }),
        'hello',
      );
    }

    it('gives the same text when the mutation is a legal one', async () => {
      const { seed, numRuns } = propertyOptions(`legal mutations, of these ${SHARE}`);
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (drawn) => {
          const random = seededRandom(drawn);
          const outcome = await talk(legal(provider, recorded, random), random);
          assert.equal(outcome.kind === 'finished' && outcome.text, TEXT, outcomeLine(outcome));
          assert.equal(outcome.usage.known, true);
        }),
        { seed, numRuns: Math.ceil(SHARE * numRuns) },
      );
    });

    it('gives a typed failure, or a reply that had its finish mark, when it is not', async () => {
      const { seed, numRuns } = propertyOptions(`destructive mutations, of these ${SHARE}`);
      const reasons = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (drawn) => {
          const random = seededRandom(drawn);
          const body = destroy(recorded, random);
          const outcome = await talk(body, random);
          const said = outcome.kind === 'finished' ? outcome.text : outcome.partialText;
          assert.ok(said.isWellFormed() && Number.isFinite(outcome.usage.outputTokens));
          if (outcome.kind === 'finished')
            assert.match(body.toString('latin1'), provider === 'openai' ? /finish_reason/ : /"done"/);
          else {
            reasons.add(outcome.failure.reason);
            assert.match(
              outcome.failure.reason,
              /^(truncated-stream|bad-response|server-error|too-large|refused-by-model|truncated-output)$/,
              outcomeLine(outcome),
            );
          }
        }),
        { seed, numRuns: Math.ceil(SHARE * numRuns) },
      );
      assert.ok(reasons.has('truncated-stream') && reasons.has('bad-response'), [...reasons].join());
    });
  });
}

async function record(protocol: HttpProvider): Promise<Buffer> {
  const server = await startModelServer({ protocol, models: { m: {} }, brain: () => TEXT });
  const path = protocol === 'openai' ? '/v1/chat/completions' : '/api/chat';
  const answer = await requestRaw(server.url, {
    path,
    body: {
      model: 'm',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
    },
  });
  await server.close();
  return answer.body;
}

/** Seldom one byte at a time, which takes long; else seven, or larger pieces. */
function fragment(body: Buffer, random: () => number): readonly Buffer[] {
  const most = random() < 0.07 ? 1 : ([7, 64, 4096][Math.floor(random() * 3)] ?? 64);
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += most) pieces.push(body.subarray(at, at + most));
  return pieces;
}

/** Changes that the protocol allows, several at once. */
function legal(provider: HttpProvider, body: Buffer, random: () => number): Buffer {
  const often = (): boolean => random() < 0.4;
  const text = body.toString();
  const lines = text.split('\n').flatMap((line): readonly string[] => {
    if (provider === 'ollama') return line === '' ? [] : [often() ? ` ${line} ` : line, ...(often() ? ['', '  '] : [])];
    if (line === '') return [''];
    const comments = often() ? [': a comment', ...(often() ? [':'] : [])] : [];
    const fields = often() ? ['id: 7', 'retry: 100', 'event: message'] : [];
    const noSpace = often() ? line.replace('data: ', 'data:') : line;
    const strange = often() ? ['data: null', '', 'data: {"choices":[]}', '', 'data: {}', ''] : [];
    return [...strange, ...comments, ...fields, noSpace];
  });
  const end = often() ? '\r\n' : '\n';
  return Buffer.from(`${often() ? '\ufeff' : ''}${lines.join(end)}${provider === 'ollama' && often() ? '' : end}`);
}

/** Takes out, doubles, swaps, flips or cuts something. */
function destroy(body: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * body.length);
  const length = 1 + Math.floor(random() * 60);
  switch (Math.floor(random() * 6)) {
    case 0:
      return body.subarray(0, at);
    case 1:
      return Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
    case 2:
      return Buffer.concat([body.subarray(0, at + length), body.subarray(at)]);
    case 3: {
      const flipped = Buffer.from(body);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return flipped;
    }
    case 4:
      return Buffer.concat([
        body.subarray(0, at),
        Buffer.from(
          ['<html>', '\0\0', '"error":1', '}\n{', '\ud83d', 'data: [DONE]\n\n'][Math.floor(random() * 6)] ?? '',
        ),
        body.subarray(at),
      ]);
    default: {
      const lines = body.toString().split('\n');
      return Buffer.from(lines.filter(() => random() > 0.1).join('\n'));
    }
  }
}
