/** What each fault on the wire comes to, for both protocols: outcome, calls made, usage charged, time to give up. */
import assert from 'node:assert/strict';
import type { Backend, ChatOutcome, ChatRequest } from '../../src/core/backend.ts';
import { emptyBody, htmlPage, listOf, nullBody } from '../servers/behaviours.ts';
import type { Behaviours } from '../servers/behaviours.ts';
import { startModelServer } from '../servers/model-server.ts';
import type { ModelServer } from '../servers/model-server.ts';
import { assertGolden } from '../support/golden.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { chatRequest, makeBackend, outcomeLine, startChat } from './harness.ts';
import type { HttpProvider } from './harness.ts';
import { closedPort } from './raw-server.ts';

const KEY = 'sk-canary-0123456789';
const REPLY = 'The quick brown fox jumps over the lazy dog. '.repeat(4).trim();
const DEADLINES = { connectMs: 1_000, firstByteMs: 5_000, idleMs: 2_000 };
const TOTAL_MS = 20_000;
const SCHEMA = {
  name: 'reply',
  schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};

interface Row {
  readonly name: string;
  readonly faults: Behaviours;
  readonly request?: Partial<ChatRequest>;
  /** What the model says; default: a text of 179 characters. */
  readonly brain?: 'tool' | 'json' | 'thinking' | 'nothing';
  /** Pieces of text that arrive before the server hangs; only then does time move. */
  readonly pieces?: number;
  readonly only?: HttpProvider;
}

const HANGS: readonly Row[] = [
  { name: 'F2 hang before the headers', faults: { kind: 'hangBeforeHeaders' }, pieces: 0 },
  { name: 'F2 hang after the headers', faults: { kind: 'hangAfterHeaders' }, pieces: 0 },
  { name: 'F3 stall in the middle', faults: { kind: 'stall', afterChunks: 2 }, pieces: 2 },
  { name: 'F3 pings for ever, no content', faults: { kind: 'pingForever', afterChunks: 0, everyMs: 5 }, pieces: 0 },
  {
    name: 'F3 pings for ever after some content',
    faults: { kind: 'pingForever', afterChunks: 2, everyMs: 5 },
    pieces: 2,
  },
];

const ROWS: readonly Row[] = [
  { name: 'no fault', faults: [] },
  { name: 'F1 reset on accept', faults: { kind: 'resetOnAccept' } },
  { name: 'F1 reset after the request', faults: { kind: 'reset' } },
  { name: 'F5 reset in the middle', faults: { kind: 'resetMidStream', afterChunks: 2 } },
  { name: 'F5 connection cut in the middle', faults: { kind: 'cutMidStream', afterChunks: 2 } },
  { name: 'F6 ends without finish', faults: { kind: 'endWithoutFinish', afterChunks: 2 } },
  { name: 'F6 ends without finish, at once', faults: { kind: 'endWithoutFinish', afterChunks: 0 } },
  { name: 'F6 ends right after the finish', faults: { kind: 'endAfterFinish' } },
  { name: 'F7 a chunk that is no JSON', faults: { kind: 'badJson', afterChunks: 2 } },
  { name: 'F7 ends inside a line', faults: { kind: 'halfLine', afterChunks: 2 } },
  {
    name: 'F7 legal oddities',
    faults: {
      kind: 'dress',
      styles: [
        'crlf',
        'bom',
        'comments',
        'ids',
        'noSpace',
        'nullData',
        'emptyChoices',
        'noChoices',
        'blankLines',
        'dataAfterDone',
      ],
    },
    only: 'openai',
  },
  { name: 'F7 legal oddities', faults: { kind: 'dress', styles: ['crlf', 'bom', 'blankLines'] }, only: 'ollama' },
  { name: 'F7 one byte at a time', faults: { kind: 'fragments', bytes: 1 } },
  { name: 'F8 error object in the stream', faults: { kind: 'errorInStream', afterChunks: 2 } },
  {
    name: 'F8 error event in the stream',
    faults: { kind: 'errorInStream', afterChunks: 0, form: 'event', message: 'Overloaded', type: 'overloaded_error' },
  },
  { name: 'F9 HTML with 200', faults: htmlPage },
  { name: 'F9 empty body with 200', faults: emptyBody },
  { name: 'F9 null with 200', faults: nullBody },
  { name: 'F9 one JSON body for a stream', faults: { kind: 'wholeForStream' } },
  { name: 'F10 429, Retry-After 1', faults: { kind: 'status', status: 429, retryAfter: '1' } },
  { name: 'F10 429, Retry-After 3600', faults: { kind: 'status', status: 429, retryAfter: '3600' } },
  {
    name: 'F10 429, Retry-After a date',
    faults: { kind: 'status', status: 429, retryAfter: 'Tue, 01 Jan 2030 00:02:00 GMT' },
  },
  { name: 'F10 429, retry-after-ms', faults: { kind: 'status', status: 429, retryAfterMs: '1500' } },
  { name: 'F10 429, Retry-After garbage', faults: { kind: 'status', status: 429, retryAfter: 'soon' } },
  { name: 'F10 429, Retry-After negative', faults: { kind: 'status', status: 429, retryAfter: '-1' } },
  { name: 'F10 429, no Retry-After', faults: { kind: 'status', status: 429 } },
  {
    name: 'F10 429, the credit is used up',
    faults: { kind: 'status', status: 429, code: 'insufficient_quota', message: 'You exceeded your current quota' },
  },
  { name: 'F11 500', faults: { kind: 'status', status: 500 } },
  { name: 'F11 503 HTML with our key in it', faults: { kind: 'echoKey', status: 503 } },
  { name: 'F11 408', faults: { kind: 'status', status: 408 } },
  { name: 'F11 409', faults: { kind: 'status', status: 409 } },
  { name: 'F12 400', faults: { kind: 'status', status: 400 } },
  { name: 'F12 401 with our key in it', faults: { kind: 'echoKey', status: 401 } },
  { name: 'F12 403', faults: { kind: 'status', status: 403 } },
  { name: 'F12 404, another path', faults: { kind: 'status', status: 404 } },
  { name: 'F12 413', faults: { kind: 'status', status: 413 } },
  { name: 'F12 context overflow as OpenAI says it', faults: { kind: 'contextOverflow', shape: 'openai' } },
  { name: 'F12 context overflow as llama-server says it', faults: { kind: 'contextOverflow', shape: 'llama-server' } },
  { name: 'F13 one giant line', faults: { kind: 'giantLine', bytes: 100_000 } },
  {
    name: 'F13 more chunks than the cap',
    faults: { kind: 'manyChunks', count: 4_000 },
    request: { maxOutputTokens: 100_000 },
  },
  { name: 'F14 bytes that are no UTF-8', faults: { kind: 'invalidUtf8', afterChunks: 2 } },
  { name: 'F14 half a surrogate pair', faults: { kind: 'loneSurrogate', afterChunks: 2 } },
  { name: 'F15 text without end, whatever the limit', faults: { kind: 'endless' }, request: { maxOutputTokens: 100 } },
  { name: 'F15 stops at the limit', faults: [], request: { maxOutputTokens: 10 } },
  { name: 'F16 ignores the schema', faults: { kind: 'ignoreFormat' }, request: { schema: SCHEMA } },
  { name: 'F17 structured answer cut', faults: [], request: { schema: SCHEMA, maxOutputTokens: 3 }, brain: 'json' },
  {
    name: 'F17 tool arguments cut',
    faults: { kind: 'cutReply', tokens: 4 },
    brain: 'tool',
    request: { tools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }] },
  },
  { name: 'F17 all of the limit used for reasoning', faults: [], request: { maxOutputTokens: 5 }, brain: 'thinking' },
  { name: 'nothing said', faults: [], brain: 'nothing' },
  { name: 'T16 usage of 0', faults: { kind: 'lyingUsage', usage: 'zero' }, request: { inputTokensEstimate: 300 } },
  { name: 'T16 usage missing', faults: { kind: 'lyingUsage', usage: 'missing' } },
  { name: 'T16 usage negative', faults: { kind: 'lyingUsage', usage: 'negative' } },
  { name: 'T16 usage not a number', faults: { kind: 'lyingUsage', usage: 'NaN' } },
  { name: 'T16 usage of 1e308', faults: { kind: 'lyingUsage', usage: '1e308' } },
];

for (const provider of ['openai', 'ollama'] as const) {
  describe(`The failure table of the ${provider} wire`, () => {
    let server: ModelServer;
    let clock: ManualClock;

    before(async () => {
      server = await startModelServer({ protocol: provider, models: BRAINS });
    });
    after(() => server.close());
    beforeEach(() => {
      clock = new ManualClock(Date.UTC(2030, 0, 1));
    });

    function backendFor(model: string, baseUrl = server.baseUrl): Backend {
      const caps = { responseBytes: 256 * 1024, lineBytes: 64 * 1024 };
      return makeBackend(provider, {
        clock,
        baseUrl,
        key: KEY,
        deadlines: DEADLINES,
        caps,
        description: { model, timeoutMs: TOTAL_MS },
      });
    }

    /** Runs one row; time moves only when nothing else can happen. */
    async function runRow(row: Row, backend = backendFor(row.brain ?? 'm')): Promise<string> {
      const callsBefore = server.requests().length;
      const startedMs = clock.monotonicMs();
      if (listOf(row.faults).length > 0) server.queueBehaviour(row.faults);
      const talk = startChat(backend, chatRequest('hello over there', row.request));
      let outcome: ChatOutcome | undefined;
      void talk.outcome.then((ended) => {
        outcome = ended;
      });
      const { pieces } = row;
      if (pieces !== undefined) await server.waitFor(({ requests }) => requests().length > callsBefore);
      while (outcome === undefined) {
        if (pieces !== undefined && talk.deltas.length >= pieces) await clock.advance(100);
        else await clock.flush();
      }
      assert.equal(clock.pending, 0, `${row.name}: a timer was left behind`);
      const text = outcome.kind === 'finished' ? outcome.text : outcome.partialText;
      assert.equal(talk.deltas.join(''), text, 'the pieces handed out are not the text');
      assert.ok(!JSON.stringify(outcome).includes(KEY));
      const calls = server.requests().length - callsBefore;
      const seconds = (clock.monotonicMs() - startedMs) / 1000;
      return `${row.name}\n    ${calls} call${calls === 1 ? '' : 's'}, ${seconds} s | ${outcomeLine(outcome)}\n`;
    }

    it('is what the golden file says: every call is made once, and one that hangs is given up in time and its socket closed', async () => {
      const lines: string[] = [];
      for (const row of ROWS.filter((each) => each.only === undefined || each.only === provider))
        lines.push(await runRow(row));
      for (const row of HANGS) {
        lines.push(await runRow(row));
        await server.waitFor(({ requests }) => requests().at(-1)?.outcome === 'aborted by client');
      }
      const refused = await runRow(
        { name: 'F1 nobody listens', faults: [] },
        backendFor('m', `http://127.0.0.1:${await closedPort()}`),
      );
      lines.push(refused, await runRow({ name: 'F12 404, no such model', faults: [] }, backendFor('missing-model')));
      for (const line of lines) assert.match(line, /\n {4}(1 call,|0 calls, 0 s \| connection)/, line);
      assertGolden(`backends/failures-${provider}.txt`, lines.join('\n'));
    });
  });
}

const BRAINS = {
  tool: { brain: () => ({ toolCalls: [{ name: 'look', arguments: { path: 'a/long/path/to/a/file.ts' } }] }) },
  json: { brain: () => ({ json: { city: 'Llanfairpwllgwyngyll' } }) },
  thinking: { brain: () => ({ thinking: 'Let me think about this for a long while. '.repeat(3), text: REPLY }) },
  nothing: { brain: () => '' },
  m: { brain: () => REPLY },
};
