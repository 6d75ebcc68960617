import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  ConsentRecord,
  questionText,
  type Answer,
  type AnswerStore,
} from '../../../src/vscode/consent/consent-record.ts';

class MemoryStore implements AnswerStore {
  readonly values = new Map<string, unknown>();

  get(key: string): unknown {
    return this.values.get(key);
  }

  async update(key: string, value: unknown): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.values.set(key, value);
  }
}

interface Fixture {
  readonly record: ConsentRecord;
  readonly store: MemoryStore;
  /** One for each question that was shown; the test answers it. */
  readonly asked: { readonly host: string; readonly backends: readonly string[]; answer(answer: Answer): void }[];
}

function fixture(store = new MemoryStore()): Fixture {
  const asked: Fixture['asked'] = [];
  const record = new ConsentRecord({
    store,
    ask: (host, backends) => new Promise<Answer>((resolve) => asked.push({ host, backends, answer: resolve })),
    nowMs: () => 5,
  });
  return { record, store, asked };
}

const never = new AbortController().signal;

describe('consent for a host', () => {
  it('is asked once however many calls wait, is kept, and is not asked again', async () => {
    const { record, store, asked } = fixture();
    const waiting = [record.consent('a.test', ['x'], never), record.consent('a.test', ['y'], never)];
    asked[0]?.answer('allowed');
    assert.deepEqual(await Promise.all(waiting), [true, true]);
    assert.equal(await record.consent('a.test', ['x'], never), true);
    assert.equal(asked.length, 1);
    const later = fixture(store);
    assert.deepEqual([later.record.decided('a.test'), later.record.decided('b.test')], [true, undefined]);
    assert.deepEqual([...later.record.all()], [['a.test', { allowed: true, atMs: 5 }]]);
  });

  it('keeps a refusal too, and forgets an answer that was taken back', async () => {
    const { record, asked } = fixture();
    const waiting = record.consent('a.test', ['x'], never);
    asked[0]?.answer('refused');
    assert.deepEqual([await waiting, await record.consent('a.test', ['x'], never), asked.length], [false, false, 1]);
    await record.withdraw('a.test');
    const again = record.consent('a.test', ['x'], never);
    asked[1]?.answer('allowed');
    assert.equal(await again, true);
  });

  it('is no for now when the question was closed, and is asked again next time', async () => {
    const { record, asked } = fixture();
    const waiting = record.consent('a.test', ['x'], never);
    asked[0]?.answer('unanswered');
    assert.deepEqual([await waiting, record.decided('a.test')], [false, undefined]);
    void record.consent('a.test', ['x'], never);
    assert.equal(asked.length, 2);
  });

  it('stops waiting when the work is cancelled, but keeps the answer that comes later', async () => {
    const { record, asked } = fixture();
    const abort = new AbortController();
    const waiting = record.consent('a.test', ['x'], abort.signal);
    const other = record.consent('a.test', ['y'], never);
    abort.abort();
    assert.equal(await waiting, false);
    assert.equal(record.decided('a.test'), undefined);
    asked[0]?.answer('allowed');
    assert.deepEqual([await other, record.decided('a.test'), asked.length], [true, true, 1]);
    assert.equal(await record.consent('b.test', [], abort.signal), false);
    assert.equal(asked.length, 1);
  });

  it('keeps both of two answers that come at the same time', async () => {
    const { record, asked } = fixture();
    const waiting = [record.consent('a.test', ['x'], never), record.consent('b.test', ['y'], never)];
    for (const one of asked) one.answer('allowed');
    await Promise.all(waiting);
    assert.deepEqual([...record.all().keys()], ['a.test', 'b.test']);
  });

  it('takes nothing that is no answer for one', () => {
    const { record, store } = fixture();
    for (const kept of [
      undefined,
      'yes',
      true,
      { 'a.test': true },
      { 'a.test': { allowed: 'yes', atMs: 1 } },
      { 'a.test': { allowed: true } },
    ]) {
      store.values.set('orchestrator.consent', kept);
      assert.equal(record.decided('a.test'), undefined);
    }
  });

  it('says what goes where', () => {
    assert.equal(questionText('api.example.com', ['a', 'b']).message, 'May Orchestrator send data to api.example.com?');
    assert.equal(
      questionText('vscode.lm:copilot', ['a']).message,
      'May Orchestrator send data to the language models of "copilot" in VS Code?',
    );
    assert.match(
      questionText('x.test', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']).detail,
      /runs on a, b, c, d, e, f and 2 more\./,
    );
  });
});
