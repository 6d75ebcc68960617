import assert from 'node:assert/strict';
import {
  ask,
  both,
  closeAll,
  leaveAfter,
  ollamaText,
  openAiText,
  start,
  summaries,
  TEXT,
  twice,
} from './behaviour-rig.ts';
import type { DeliveryFault, Dress } from './behaviours.ts';
import { createGate } from './gate.ts';

const MiB = 1024 * 1024;

/** One check for every kind; the type sees to it that none is left out. */
const checks: { readonly [K in DeliveryFault['kind']]: () => Promise<void> } = {
  async delay() {
    const began = performance.now();
    const [{ record }] = await both({ kind: 'delay', beforeHeadersMs: 20, betweenChunksMs: 4 });
    assert.ok((record.endedAtMs ?? 0) - record.startedAtMs >= 35 && record.startedAtMs >= began);
  },
  async hold() {
    for (const at of ['headers', 'finish', { afterChunks: 2 }] as const) {
      const gate = createGate();
      const server = await start('openai', { kind: 'hold', at, gate });
      const seen = ask(server);
      await gate.arrived();
      const [record] = server.requests();
      const sent = record?.sentText;
      assert.deepEqual(
        [record?.outcome, gate.waiting(), record?.status],
        ['running', 1, at === 'headers' ? undefined : 200],
      );
      gate.open();
      assert.deepEqual(
        [(await seen).summary, sent],
        ['200, whole, fin, completed', at === 'headers' ? '' : at === 'finish' ? TEXT : TEXT.slice(0, 24)],
      );
    }
  },
  async stall() {
    for (const seen of await both({ kind: 'stall', afterChunks: 2 }, { until: leaveAfter(/"content":"[^"]/, 2) }))
      assert.deepEqual(
        [seen.summary, seen.record.sentText],
        ['200, not whole, left, aborted by client', TEXT.slice(0, 24)],
      );
  },
  async pingForever() {
    const [openai, ollama] = await both(
      { kind: 'pingForever', afterChunks: 1, everyMs: 1 },
      { until: leaveAfter(/: ping\n\n|\r\n1\r\n\n/, 4) },
    );
    assert.ok((openai.text.match(/^: ping\n$/gm)?.length ?? 0) >= 4 && ollama.text.endsWith('\n\n\n\n'));
    assert.deepEqual([openai.record.sentText, openai.record.outcome], [TEXT.slice(0, 12), 'aborted by client']);
  },
  async slowLoris() {
    const seen = await both({ kind: 'slowLoris', bytes: 100, everyMs: 1 });
    for (const { raw, record } of seen)
      assert.ok(Math.max(...raw.chunks.map(({ length }) => length)) === 100 && record.outcome === 'completed');
  },
  async resetMidStream() {
    for (const seen of await both({ kind: 'resetMidStream', afterChunks: 2 }))
      assert.deepEqual([seen.summary, seen.record.sentText], ['200, not whole, reset, faulted', TEXT.slice(0, 24)]);
    await assert.rejects(openAiText(await start('openai', { kind: 'resetMidStream', afterChunks: 2 })));
  },
  async endWithoutFinish() {
    for (const seen of await both({ kind: 'endWithoutFinish', afterChunks: 2 }))
      assert.deepEqual([seen.summary, seen.record.sentText], ['200, whole, fin, faulted', TEXT.slice(0, 24)]);
    assert.equal(
      await openAiText(await start('openai', { kind: 'endWithoutFinish', afterChunks: 2 })),
      TEXT.slice(0, 24),
      'the openai client takes it for a success',
    );
    await assert.rejects(
      ollamaText(await start('ollama', { kind: 'endWithoutFinish', afterChunks: 2 })),
      /Did not receive done/,
    );
  },
  async cutMidStream() {
    assert.deepEqual(
      summaries(await both({ kind: 'cutMidStream', afterChunks: 2 })),
      twice('200, not whole, fin, faulted'),
    );
    assert.deepEqual(
      summaries(await both({ kind: 'cutMidStream', afterChunks: 2 }, { stream: false })),
      twice('200, not whole, fin, faulted'),
    );
  },
  async endAfterFinish() {
    const [openai, ollama] = await both({ kind: 'endAfterFinish' });
    assert.deepEqual(
      [
        openai.text.includes('[DONE]'),
        openai.text.includes('"finish_reason":"stop"'),
        openai.text.includes('prompt_tokens'),
      ],
      [false, true, false],
    );
    assert.deepEqual(
      [openai.summary, openai.record.reported, ollama.text.includes('"done":true')],
      ['200, whole, fin, completed', undefined, true],
    );
  },
  async badJson() {
    await assert.rejects(
      openAiText(await start('openai', { kind: 'badJson', afterChunks: 1 })),
      /malformed server-sent event JSON/,
    );
    const [openai, ollama] = await both({ kind: 'badJson', afterChunks: 1 });
    const lines = [
      openai.text
        .split('\n')
        .filter((line) => line.startsWith('data: {'))
        .map((line) => line.slice(6)),
      ollama.text.trim().split('\n'),
    ];
    for (const list of lines)
      assert.deepEqual(
        list.flatMap((line, at) => (parses(line) ? [] : [at])),
        list === lines[0] ? [2] : [1],
      );
    assert.deepEqual([openai.summary, ollama.record.sentText], ['200, whole, fin, faulted', TEXT]);
  },
  async halfLine() {
    const [openai, ollama] = await both({ kind: 'halfLine', afterChunks: 1 });
    assert.deepEqual(
      [openai.text.endsWith('"lost'), ollama.text.endsWith('"lost'), openai.summary],
      [true, true, '200, whole, fin, faulted'],
    );
  },
  async errorInStream() {
    const error = { kind: 'errorInStream', afterChunks: 1, message: 'busy' } as const;
    const [openai, ollama] = await both(error);
    assert.match(
      openai.text,
      /\n\ndata: \{"error":\{"message":"busy","type":"overloaded_error","param":null,"code":null\}\}\n\n$/,
    );
    assert.match(ollama.text, /\n\{"error":"busy"\}\n$/);
    assert.match((await both({ ...error, form: 'event' }))[0].text, /\n\nevent: error\ndata: \{"error"/);
    assert.equal((await both(error, { stream: false }))[1].text, '{"error":"busy"}');
    await assert.rejects(openAiText(await start('openai', error)), /busy/);
    await assert.rejects(ollamaText(await start('ollama', error)), /busy/);
  },
  async dress() {
    const marks: Readonly<Record<Dress, RegExp>> = {
      crlf: /\r\n\r\n/,
      bom: /^\ufeff/,
      comments: /^: keep-alive$/m,
      ids: /^id: 1\nretry: 3000\nevent: message$/m,
      noSpace: /^data:\{/m,
      nullData: /^data: null$/m,
      emptyChoices: /"choices":\[\]/,
      noChoices: /"model":"x"\}\n/,
      blankLines: /\n\n\n/,
      dataAfterDone: /\[DONE\]\n\ndata: \{.*after the end/s,
    };
    for (const [style, mark] of Object.entries(marks) as [Dress, RegExp][]) {
      const server = await start('openai', { kind: 'dress', styles: [style] });
      assert.match((await ask(server)).text, mark, style);
      assert.equal(await openAiText(server), TEXT, style);
    }
    const all = await start('openai', [
      { kind: 'dress', styles: Object.keys(marks) as Dress[] },
      { kind: 'fragments', bytes: 7 },
    ]);
    assert.equal(await openAiText(all), TEXT);
    assert.equal(await ollamaText(await start('ollama', { kind: 'dress', styles: ['crlf', 'bom'] })), TEXT);
    const wrong = await ask(await start('ollama', { kind: 'dress', styles: ['noSpace'] }));
    assert.match(String(wrong.record.error), /of SSE only/);
  },
  async fragments() {
    for (const { raw, record } of await both({ kind: 'fragments', bytes: 1 }))
      assert.deepEqual([new Set(raw.chunks.map(({ length }) => length)), record.outcome], [new Set([1]), 'completed']);
    assert.equal(await openAiText(await start('openai', { kind: 'fragments', bytes: 1 })), TEXT);
    assert.equal(await ollamaText(await start('ollama', { kind: 'fragments', bytes: 1 })), TEXT);
  },
  async invalidUtf8() {
    for (const { raw } of await both({ kind: 'invalidUtf8', afterChunks: 1 }))
      assert.ok(raw.body.includes(Buffer.from([0xff, 0xc3, 0x28])));
    assert.equal(
      await ollamaText(await start('ollama', { kind: 'invalidUtf8', afterChunks: 0 })),
      `\ufffd\ufffd(${TEXT}`,
    );
  },
  async loneSurrogate() {
    for (const { text } of await both({ kind: 'loneSurrogate', afterChunks: 1 })) assert.ok(text.includes('"\\ud83d"'));
    assert.equal(await openAiText(await start('openai', { kind: 'loneSurrogate', afterChunks: 0 })), `\ud83d${TEXT}`);
  },
  async endless() {
    const body = { max_tokens: 2, options: { num_predict: 2 } };
    const until = (received: string): boolean => received.length > 200_000;
    for (const { summary } of await both({ kind: 'endless' }, { body, until }))
      assert.equal(summary, '200, not whole, left, aborted by client');
  },
  async giantLine() {
    const server = await start('openai', { kind: 'giantLine', bytes: 64 * MiB });
    const response = await fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] }),
    });
    let line = 0;
    let longest = 0;
    for await (const piece of response.body ?? []) {
      const newline = piece.indexOf(10);
      longest = Math.max(longest, line + (newline === -1 ? piece.length : newline));
      line = newline === -1 ? line + piece.length : piece.length - piece.lastIndexOf(10);
    }
    assert.ok(longest > 64 * MiB);
    assert.equal(server.requests()[0]?.outcome, 'completed');
  },
  async manyChunks() {
    const [openai, ollama] = await both({ kind: 'manyChunks', count: 2000 });
    assert.deepEqual(
      [
        openai.text.match(/"delta":\{"content":"\d+ "\}/g)?.length,
        ollama.text.match(/"content":"\d+ "/g)?.length,
        openai.summary,
      ],
      [2000, 2000, '200, whole, fin, completed'],
    );
  },
  async wholeForStream() {
    const [openai, ollama] = await both({ kind: 'wholeForStream' });
    assert.deepEqual(
      [JSON.parse(openai.text).object, JSON.parse(ollama.text).done, openai.summary],
      ['chat.completion', true, '200, whole, fin, faulted'],
    );
    assert.equal(
      await openAiText(await start('openai', { kind: 'wholeForStream' })),
      '',
      'the openai client takes it for an empty success',
    );
  },
};

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('Each behaviour that changes the delivery does on the wire what it says', () => {
  afterEach(closeAll);
  for (const [kind, check] of Object.entries(checks)) it(kind === 'giantLine' ? `${kind} @scale` : kind, check);
});
