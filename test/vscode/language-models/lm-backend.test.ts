import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { LmSelector } from '../../../src/config/lm-selector.ts';
import type { ChatOutcome, ChatRequest } from '../../../src/core/backend.ts';
import { LmBackend, type LmModel, type LmReplyPart } from '../../../src/vscode/language-models/lm-backend.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { describeBackend } from '../../support/scripted-backend.ts';

/** A model whose reply the test sends part by part. */
class HeldModel implements LmModel {
  readonly vendor: string;
  readonly family = 'f';
  readonly id = 'm-1';
  readonly version = '1';
  readonly maxInputTokens = 100;
  tokensEach = 1;
  signal: AbortSignal | undefined;
  refuse: Error | undefined;
  readonly #queue: (LmReplyPart | Error | 'end')[] = [];
  #wake: () => void = () => {};

  constructor(vendor = 'other') {
    this.vendor = vendor;
  }

  countTokens(): Promise<number> {
    return Promise.resolve(this.tokensEach);
  }

  send(_messages: unknown, _tools: unknown, signal: AbortSignal): Promise<AsyncIterable<LmReplyPart>> {
    this.signal = signal;
    return this.refuse === undefined ? Promise.resolve(this.#parts()) : Promise.reject(this.refuse);
  }

  reply(...parts: readonly (LmReplyPart | Error | string)[]): void {
    this.#queue.push(
      ...parts.map((part) =>
        typeof part === 'string' && part !== 'end' ? { kind: 'text' as const, text: part } : part,
      ),
    );
    this.#wake();
  }

  async *#parts(): AsyncGenerator<LmReplyPart> {
    for (;;) {
      const part = this.#queue.shift();
      if (part === 'end') return;
      if (part instanceof Error) throw part;
      if (part !== undefined) yield part;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

interface Fixture {
  readonly model: HeldModel;
  readonly clock: ManualClock;
  readonly backend: LmBackend;
  readonly texts: string[];
  readonly abort: AbortController;
  readonly chat: (more?: Partial<ChatRequest>) => Promise<ChatOutcome>;
}

function fixture(
  models: readonly HeldModel[] = [new HeldModel()],
  selector: LmSelector = { vendor: 'other' },
): Fixture {
  const clock = new ManualClock();
  const backend = new LmBackend(describeBackend({ id: 'lm', provider: 'vscode', timeoutMs: 100_000 }), selector, {
    lm: { select: () => Promise.resolve(models) },
    clock,
  });
  const texts: string[] = [];
  const abort = new AbortController();
  const chat = (more: Partial<ChatRequest> = {}): Promise<ChatOutcome> =>
    backend.chat(
      {
        key: { run: 'r', task: 't', turn: 0, attempt: 0 },
        messages: [{ role: 'user', content: 'Hi' }],
        maxOutputTokens: 20,
        inputTokensEstimate: 10,
        subject: { kind: 'conversation' },
        ...more,
      },
      { signal: abort.signal, onText: (delta) => texts.push(delta) },
    );
  return { model: models[0] ?? new HeldModel(), clock, backend, texts, abort, chat };
}

function brief(outcome: ChatOutcome): string {
  const { usage } = outcome;
  const used = `${usage.inputTokens}/${usage.outputTokens}${usage.known ? '' : '~'}`;
  if (outcome.kind === 'finished')
    return `${outcome.finish} ${JSON.stringify(outcome.text)} ${outcome.toolCalls.map((call) => call.name).join()} ${used}`;
  return `${outcome.failure.reason} ${JSON.stringify(outcome.partialText)} ${used}: ${outcome.failure.message} ${outcome.failure.whatToDo}`;
}

describe('a model of vscode.lm as a backend', () => {
  it('streams, and charges what the model reports', async () => {
    const { model, chat, texts, clock } = fixture();
    model.reply(
      'Hel',
      'lo',
      { kind: 'other' },
      { kind: 'usage', usage: { inputTokens: 7, outputTokens: 2, cachedInputTokens: 0, known: true } },
      'end',
    );
    assert.equal(brief(await chat()), 'stop "Hello"  7/2');
    assert.deepEqual([texts, clock.pending], [['Hel', 'lo'], 0]);
  });

  it('estimates and marks what is not reported; hands tool calls back', async () => {
    const { model, chat } = fixture();
    model.reply('Look.', { kind: 'call', call: { id: 'a', name: 'read', arguments: {} } }, 'end');
    assert.equal(brief(await chat()), 'tools "Look." read 10/4~');
  });

  it('stops at the output limit, cancels the request, and charges no more than the limit', async () => {
    const { model, chat } = fixture();
    model.reply('123456', '789', 'end');
    assert.equal(brief(await chat({ maxOutputTokens: 2 })), 'length "123456"  10/2~');
    assert.equal(model.signal?.aborted, true);
  });

  it('fails at once when the user cancels, with what had come, and cancels the request', async () => {
    const { model, chat, clock, abort } = fixture();
    model.reply('Half');
    const chatting = chat();
    await clock.flush();
    abort.abort();
    assert.equal(
      brief(await chatting),
      'cancelled "Half" 10/2~: The call to other was cancelled. Ask again when you like.',
    );
    assert.deepEqual([model.signal?.aborted, clock.pending], [true, 0]);
  });

  it('sends nothing when it was cancelled before', async () => {
    const { model, chat, abort, clock } = fixture();
    abort.abort();
    assert.equal(brief(await chat()), 'cancelled "" 0/0: The call to other was cancelled. Ask again when you like.');
    assert.deepEqual([model.signal, clock.pending], [undefined, 0]);
  });

  it('gives up at its deadline, and earlier on silence in the middle', async () => {
    const slow = fixture();
    const waiting = slow.chat();
    await slow.clock.advance(100_000);
    assert.equal(
      brief(await waiting),
      'timeout "" 10/0~: other did not finish within 100 s. Raise "timeoutMs" of the backend, or use another one.',
    );
    const stalled = fixture();
    const talking = stalled.chat();
    stalled.model.reply('Half');
    await stalled.clock.advance(30_000);
    stalled.model.reply('.');
    await stalled.clock.advance(60_000);
    assert.equal(
      brief(await talking),
      'timeout "Half." 10/2~: other sent nothing for 60 s in the middle of its answer. Ask again, or use another backend.',
    );
    assert.deepEqual([stalled.model.signal?.aborted, stalled.clock.pending], [true, 0]);
  });

  it('is never our own model, whether it is named or would match', async () => {
    const named = fixture([new HeldModel('orchestrator')], { vendor: 'Orchestrator' });
    assert.match(brief(await named.chat()), /^rejected "" 0\/0: Orchestrator is a model of this extension itself\./);
    assert.equal((await named.backend.check(new AbortController().signal)).ok, false);
    const matching = fixture([new HeldModel('orchestrator'), new HeldModel('other')], {});
    const checked = await matching.backend.check(new AbortController().signal);
    assert.deepEqual(checked, { ok: true, value: { models: ['m-1'], ms: 0 } });
    const none = fixture([new HeldModel('orchestrator')], {});
    assert.match(brief(await none.chat()), /^rejected .*VS Code offers no model \*\./);
    assert.deepEqual([named.model.signal, none.model.signal], [undefined, undefined]);
  });

  it('says by the code of an error what it means, and an empty answer is none', async () => {
    const outcomes: string[] = [];
    for (const code of ['NotFound', 'NoPermissions', 'Blocked', 'Unknown']) {
      const { model, chat } = fixture();
      model.refuse = Object.assign(new Error('it said no'), { code });
      outcomes.push(brief(await chat()));
    }
    const broken = fixture();
    broken.model.reply('Half', new Error('socket'));
    outcomes.push(brief(await broken.chat()));
    const empty = fixture();
    empty.model.reply(' ', 'end');
    outcomes.push(brief(await empty.chat()));
    assert.deepEqual(outcomes, [
      'rejected "" 0/0: VS Code has no model other any more: it said no. Change "model" of the roster entry, or install the extension that offers it.',
      'unauthorized "" 0/0: VS Code does not let this extension use other: it said no. Allow it under "Manage Language Model Access", or use another backend.',
      'rate-limited "" 0/0: other is blocked for now, for example because a quota is used up: it said no. Wait until the quota is renewed, or use another backend.',
      'server-error "" 10/0~: other failed: it said no. Ask again; if it stays so, look at the extension that offers the model.',
      'server-error "Half" 10/2~: other failed: socket. Ask again; if it stays so, look at the extension that offers the model.',
      'bad-response " " 10/1~: other sent an empty answer. Ask again, or use another backend.',
    ]);
  });

  it("refuses input that is too long by the model's own count, without a call; a mere estimate refuses nothing", async () => {
    const long = fixture();
    long.model.tokensEach = 120;
    assert.equal(
      brief(await long.chat({ inputTokensEstimate: 130 })),
      'context-overflow "" 0/0: The input has 120 tokens and m-1 takes 100. Attach less, or use a backend with a larger context window.',
    );
    assert.equal(long.model.signal, undefined);
    const fits = fixture();
    fits.model.tokensEach = 90;
    fits.model.reply('ok', 'end');
    assert.equal(brief(await fits.chat({ inputTokensEstimate: 130 })), 'stop "ok"  130/1~');
  });
});
