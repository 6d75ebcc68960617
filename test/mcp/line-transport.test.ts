import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'mocha';
import { MOST_BYTES } from '../../src/mcp/json-rpc.ts';
import { LineTransport } from '../../src/mcp/line-transport.ts';

interface Line {
  readonly transport: LineTransport;
  readonly input: PassThrough;
  readonly output: PassThrough;
  readonly messages: unknown[];
  readonly closed: () => number;
  /** What was written so far. */
  readonly written: () => readonly unknown[];
}

async function open(): Promise<Line> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = new LineTransport({ input, output });
  const messages: unknown[] = [];
  let closed = 0;
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  transport.onmessage = (message) => void messages.push(message);
  transport.onclose = () => (closed += 1);
  await transport.start();
  const written = (): readonly unknown[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
  return { transport, input, output, messages, closed: () => closed, written };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const ping = (id: number): object => ({ jsonrpc: '2.0', id, method: 'ping' });
const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

describe('messages as lines', () => {
  it('are the same however the bytes are cut, also within a character', async () => {
    const bytes = Buffer.from(
      line({ ...ping(1), params: { text: 'é 🌙' } }) + line(ping(2)).replace('\n', '\r\n') + line(ping(3)),
    );
    for (const size of [1, 3, 7, bytes.length]) {
      const { input, messages, written } = await open();
      for (let at = 0; at < bytes.length; at += size) input.write(bytes.subarray(at, at + size));
      await settle();
      assert.deepEqual(messages, [{ ...ping(1), params: { text: 'é 🌙' } }, ping(2), ping(3)]);
      assert.deepEqual(written(), []);
    }
  });

  const FAULTS: readonly (readonly [string, string, number, unknown])[] = [
    ['no JSON', 'hello', -32_700, null],
    ['half of one', '{"jsonrpc":"2.0","id":1', -32_700, null],
    ['a batch', `[${JSON.stringify(ping(1))}]`, -32_600, null],
    ['a wrong version', '{"jsonrpc":"1.0","id":7,"method":"ping"}', -32_600, 7],
    ['a wrong method', '{"jsonrpc":"2.0","id":"x","method":5}', -32_600, 'x'],
    ['no object', '"ping"', -32_600, null],
    ['null', 'null', -32_600, null],
    ['an id that is none', '{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', -32_600, null],
    [
      '50,000 levels',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
      -32_700,
      null,
    ],
  ];
  for (const [what, text, code, id] of FAULTS)
    it(`answer ${what} with an error, and go on`, async () => {
      const { input, messages, written, closed } = await open();
      input.write(`${text}\n${line(ping(9))}`);
      await settle();
      const [answer] = written() as readonly { readonly id: unknown; readonly error: { readonly code: number } }[];
      assert.deepEqual([answer?.id, answer?.error.code], [id, code]);
      assert.deepEqual([messages, closed()], [[ping(9)], 0]);
    });

  it('that are too long are answered once and not kept, and what follows is read', async () => {
    const { input, messages, written } = await open();
    const piece = Buffer.alloc(1024 * 1024, 'a');
    const before = process.memoryUsage();
    for (let mib = 0; mib < 64; mib++) {
      input.write(piece);
      await settle();
    }
    const grown = process.memoryUsage().arrayBuffers - before.arrayBuffers;
    assert.ok(grown < 2 * MOST_BYTES, `${grown} bytes are held`);
    input.write(`\n${line(ping(1))}`);
    await settle();
    assert.deepEqual(written(), [
      { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'The message is longer than 16777216 bytes.' } },
    ]);
    assert.deepEqual(messages, [ping(1)]);
  });

  it('end with the input, once, and half a message is told', async () => {
    const { input, closed, written } = await open();
    input.end('{"jsonrpc"');
    await settle();
    await settle();
    assert.deepEqual([closed(), written().length], [1, 1]);
    assert.equal(input.listenerCount('data'), 0);
  });

  it('wait for a reader that does not keep up, and leave out reports of progress meanwhile', async () => {
    const input = new PassThrough();
    const output = new PassThrough({ highWaterMark: 10 });
    const transport = new LineTransport({ input, output });
    const messages: unknown[] = [];
    transport.onmessage = (message) => void messages.push(message);
    await transport.start();
    await transport.send({ jsonrpc: '2.0', id: 1, result: { text: 'more than ten bytes' } });
    await transport.send({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progress: 1, progressToken: 1 },
    });
    input.write(line(ping(2)));
    await settle();
    assert.deepEqual(messages, []);
    const read = String(output.read());
    await settle();
    assert.deepEqual([read.split('\n').length, messages], [2, [ping(2)]]);
    assert.equal(output.read(), null);
  });
});
