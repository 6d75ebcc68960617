import assert from 'node:assert/strict';
import { APIConnectionError } from 'openai';
import { ask, both, closeAll, openAiText, start, summaries, TEXT, twice } from './behaviour-rig.ts';
import { emptyBody, htmlPage, httpDateIn, nullBody, ok } from './behaviours.ts';
import type { Behaviour, InsteadOfReply, ReplyFault } from './behaviours.ts';
import { requestRaw } from './raw-http.ts';

/** One check for every kind; the type sees to it that none is left out. */
const checks: { readonly [K in (InsteadOfReply | ReplyFault)['kind']]: () => Promise<void> } = {
  async resetOnAccept() {
    assert.deepEqual(summaries(await both({ kind: 'resetOnAccept' })), twice('no status, not whole, reset, faulted'));
    const server = await start('openai');
    server.queueBehaviour({ kind: 'resetOnAccept' }, { kind: 'resetOnAccept' }, ok);
    await assert.rejects(openAiText(server), APIConnectionError);
    await assert.rejects(openAiText(server), APIConnectionError);
    assert.equal(await openAiText(server), TEXT);
    assert.deepEqual(
      server.requests().map(({ operation }) => operation),
      ['connection', 'connection', 'chat'],
    );
  },
  async reset() {
    assert.deepEqual(summaries(await both({ kind: 'reset' })), twice('no status, not whole, reset, faulted'));
  },
  async hangBeforeHeaders() {
    await checkHang({ kind: 'hangBeforeHeaders' }, undefined);
  },
  async hangAfterHeaders() {
    await checkHang({ kind: 'hangAfterHeaders' }, 200);
  },
  async status() {
    const date = httpDateIn(60_000);
    for (const retryAfter of ['1', '3600', date, 'soon', '-5']) {
      const [{ raw }] = await both({ kind: 'status', status: 429, retryAfter });
      assert.deepEqual([raw.status, raw.headers['retry-after']], [429, retryAfter]);
    }
    const [openai, ollama] = await both({ kind: 'status', status: 429, retryAfterMs: '250' });
    assert.deepEqual([openai.raw.headers['retry-after'], openai.raw.headers['retry-after-ms']], [undefined, '250']);
    assert.equal(
      openai.text,
      '{"error":{"message":"Rate limit reached for requests. Please try again later.","type":"requests","param":null,"code":"rate_limit_exceeded"}}',
    );
    assert.equal(ollama.text, '{"error":"Rate limit reached for requests. Please try again later."}');
    for (const status of [400, 404, 413, 500])
      assert.deepEqual(summaries(await both({ kind: 'status', status })), twice(`${status}, whole, fin, faulted`));
  },
  async echoKey() {
    const headers = { authorization: 'Bearer canary-key' };
    const server = await start('openai', { kind: 'echoKey', status: 503 });
    const page = await ask(server, { headers });
    assert.deepEqual(
      [page.raw.headers['content-type'], page.text.includes('Authorization: Bearer canary-key')],
      ['text/html', true],
    );
    server.setBehaviour({ kind: 'echoKey', status: 401 });
    assert.match((await ask(server, { headers })).text, /"message":"Incorrect API key provided: canary-key\."/);
  },
  async body() {
    const bodies = [htmlPage, emptyBody, nullBody];
    const seen = await Promise.all(bodies.map(async (behaviour) => ask(await start('openai', behaviour))));
    assert.deepEqual(
      seen.map(({ text }) => text.slice(0, 9)),
      ['<!doctype', '', 'null'],
    );
    assert.deepEqual(
      summaries(seen),
      bodies.map(() => '200, whole, fin, faulted'),
    );
    const servers = await Promise.all(bodies.map((behaviour) => start('openai', behaviour)));
    assert.deepEqual(
      await Promise.all(servers.map(openAiText)),
      ['', '', ''],
      'the openai client takes each for an empty success',
    );
  },
  async contextOverflow() {
    const [openai, ollama] = await both({ kind: 'contextOverflow', contextTokens: 512 });
    assert.match(openai.text, /"code":"context_length_exceeded"/);
    assert.equal(
      ollama.text,
      '{"error":"request (1512 tokens) exceeds the available context size (512 tokens), try increasing it"}',
    );
    const [llama] = await both({ kind: 'contextOverflow', shape: 'llama-server', contextTokens: 512 });
    assert.match(
      llama.text,
      /"type":"exceed_context_size_error","param":null,"code":400,"n_prompt_tokens":1512,"n_ctx":512\}/,
    );
  },
  async redirect() {
    for (const status of [301, 302, 303, 307, 308] as const) {
      const target = await start('openai');
      const server = await start('openai', { kind: 'redirect', status, toOrigin: target.url });
      const { raw } = await ask(server);
      assert.deepEqual([raw.status, raw.headers['location']], [status, `${target.url}/v1/chat/completions`]);
      if (status < 307) continue;
      assert.equal(await openAiText(server), TEXT, 'the client by itself follows, with the prompt');
      assert.deepEqual(
        target.requests().map(({ method }) => method),
        ['POST'],
      );
    }
  },
  async ignoreMaxTokens() {
    const body = { max_tokens: 2, options: { num_predict: 2 } };
    const [openai, ollama] = await both({ kind: 'ignoreMaxTokens' }, { body });
    for (const { record } of [openai, ollama])
      assert.deepEqual([record.sentText, record.reported?.outputTokens], [TEXT, Math.ceil(TEXT.length / 4)]);
  },
  async ignoreFormat() {
    const body = {
      response_format: { type: 'json_object' },
      format: 'json',
      messages: [{ role: 'user', content: 'json' }],
    };
    for (const { record } of await both({ kind: 'ignoreFormat' }, { body })) assert.equal(record.sentText, TEXT);
    assert.deepEqual(
      summaries(await both(ok, { body })),
      twice('500, whole, fin, faulted'),
      'without it the brain must give JSON',
    );
  },
  async ignoreTools() {
    const server = await start('openai', { kind: 'ignoreTools' }, ({ tools }) => `${tools.length} tools`);
    const { record } = await ask(server, {
      body: { tools: [{ type: 'function', function: { name: 't', parameters: {} } }] },
    });
    assert.equal(record.sentText, '0 tools');
  },
  async cutReply() {
    for (const protocol of ['openai', 'ollama'] as const) {
      const server = await start(protocol, { kind: 'cutReply', tokens: 3 }, () => '{"a":"bcdefghijkl"}');
      const { text, record } = await ask(server, {
        body: {
          response_format: { type: 'json_object' },
          format: 'json',
          messages: [{ role: 'user', content: 'json' }],
        },
      });
      assert.deepEqual(
        [record.sentText, /"(finish_reason|done_reason)":"length"/.test(text), record.outcome],
        ['{"a":"bcdefg', true, 'completed'],
      );
    }
  },
  async lyingUsage() {
    const said = async (usage: 'missing' | 'zero' | 'negative' | 'NaN' | '1e308'): Promise<readonly unknown[]> => {
      const [openai, ollama] = await both({ kind: 'lyingUsage', usage });
      return [
        /"completion_tokens":([^,]+)/.exec(openai.text)?.[1],
        /"eval_count":([^,]+)/.exec(ollama.text)?.[1],
        openai.record.reported?.outputTokens,
        openai.record.counted?.outputTokens,
      ];
    };
    const truth = Math.ceil(TEXT.length / 4);
    assert.deepEqual(await said('missing'), [undefined, undefined, undefined, truth]);
    assert.deepEqual(await said('zero'), ['0', '0', 0, truth]);
    assert.deepEqual(await said('negative'), ['-1000', '-1000', -1000, truth]);
    assert.deepEqual(await said('NaN'), ['"NaN"', '"NaN"', undefined, truth]);
    assert.deepEqual(await said('1e308'), ['1e+308', '1e+308', 1e308, truth]);
  },
};

async function checkHang(behaviour: Behaviour, status: number | undefined): Promise<void> {
  for (const protocol of ['openai', 'ollama'] as const) {
    const server = await start(protocol, behaviour);
    const leaving = new AbortController();
    const path = protocol === 'openai' ? '/v1/chat/completions' : '/api/chat';
    const answer = requestRaw(server.url, {
      path,
      body: {},
      signal: leaving.signal,
      ...(status === undefined ? {} : { until: (received: string) => received.endsWith('\r\n\r\n') }),
    });
    await server.waitFor((now) => now.requests()[0]?.behaviours[0] === behaviour.kind);
    if (status === undefined) leaving.abort();
    const raw = await answer;
    await server.waitFor((now) => now.openSockets() === 0);
    assert.deepEqual(
      [raw.status, raw.body.length, raw.end, server.requests()[0]?.outcome],
      [status, 0, 'left', 'aborted by client'],
    );
  }
}

describe('Each behaviour that replaces or changes a reply does on the wire what it says', () => {
  afterEach(closeAll);
  for (const [kind, check] of Object.entries(checks)) it(kind, check);
});
