import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Backend } from '../../../src/core/backend.ts';
import { failure } from '../../../src/core/failure.ts';
import { DEFAULT_OPTIONS, type RunOptions } from '../../../src/core/run-request.ts';
import { converse, type Conversation } from '../../../src/vscode/language-models/lm-conversation.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';

interface Fixture {
  readonly log: string[];
  /** Answers of the user for a host; undefined: not asked yet. */
  readonly decided: Map<string, boolean>;
  readonly ask: (more?: Partial<Conversation>, options?: Partial<RunOptions>) => Promise<string>;
  readonly abort: AbortController;
}

function fixture(backends: readonly Backend[], allow: (host: string) => boolean = () => true): Fixture {
  const log: string[] = [];
  const decided = new Map<string, boolean>();
  const abort = new AbortController();
  let number = 0;
  const ask: Fixture['ask'] = async (more, options) => {
    number += 1;
    const done = await converse(
      { number, target: undefined, messages: [{ role: 'user', content: 'Hi' }], tools: [], ...more },
      {
        engine: {
          roster: { backends: () => backends },
          orchestrator: { health: () => [] },
          options: () => ({ ...DEFAULT_OPTIONS, ...options }),
          journal: {
            takeSlot: (backend, max, signal) => {
              log.push(`slot ${backend}/${max}`);
              return Promise.resolve(signal.aborted ? undefined : () => log.push(`release ${backend}`));
            },
          },
        },
        consent: {
          decided: (host) => decided.get(host),
          consent: (host, ids) => {
            log.push(`consent ${host} for ${ids.join()}`);
            return Promise.resolve(decided.get(host) ?? allow(host));
          },
        },
        signal: abort.signal,
        onText: (delta) => log.push(`text ${delta}`),
      },
    );
    return done.ok ? `${done.value.backend}: ${done.value.text}` : `${done.error.reason}: ${done.error.message}`;
  };
  return { log, decided, ask, abort };
}

const down = failure('connection', 'Nothing answers.', { whatToDo: 'Start it.' });
const says = (id: string, more: Partial<ScriptedBackend['description']> = {}): ScriptedBackend =>
  new ScriptedBackend({ id, ...more }, () => ({ text: id }));

describe('a conversation from the model picker', () => {
  it('goes to the backend that may orchestrate and fits best, inside a slot, with consent asked first', async () => {
    const { ask, log } = fixture([
      says('grunt', { canOrchestrate: false }),
      says('best', { goodAt: ['reasoning'], tier: 'subscription', host: 'best.test', maxConcurrency: 2 }),
      says('plain'),
    ]);
    assert.equal(await ask(), 'best: best');
    assert.deepEqual(log, ['consent best.test for best', 'slot best/2', 'text best', 'release best']);
  });

  it('goes on to the next backend when one fails or its host is refused, but not after text was shown', async () => {
    const failing = new ScriptedBackend({ id: 'a', goodAt: ['reasoning'] }, () => ({ failure: down }));
    const refused = says('b', { tier: 'subscription', host: 'b.test', goodAt: ['reasoning', 'x'] });
    const first = fixture([failing, refused, says('c')], () => false);
    assert.equal(await first.ask(), 'c: c');
    assert.deepEqual([failing.calls.length, refused.calls.length], [1, 0]);
    const half: Backend = {
      description: says('half', { goodAt: ['reasoning'] }).description,
      check: () => says('half').check(),
      chat: (_request, { onText }) => {
        onText('Half');
        return Promise.resolve({
          kind: 'failed',
          failure: down,
          partialText: 'Half',
          usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, known: true },
        });
      },
    };
    const second = fixture([half, says('c')]);
    assert.equal(await second.ask(), 'connection: Nothing answers.');
    assert.deepEqual(second.log, ['slot half/4', 'text Half', 'release half']);
  });

  it('never asks a host the user refused, a metered one that was not allowed, or any other machine when only local is', async () => {
    const remote = says('remote', { tier: 'subscription', host: 'r.test' });
    const metered = says('metered', { tier: 'api', host: 'm.test' });
    const { ask, log, decided } = fixture([remote, metered]);
    decided.set('r.test', false);
    assert.match(
      await ask(),
      /^no-fit: No backend fits.*remote: you did not allow r\.test; metered: tier api is not allowed/,
    );
    assert.match(await ask({}, { localOnly: true }), /^no-fit: .*only local backends are allowed/);
    assert.equal(await ask({ target: 'metered' }), 'metered: metered');
    assert.match(await ask({ target: 'metered' }, { localOnly: true }), /^no-fit/);
    assert.match(await ask({ target: 'gone' }), /^no-fit: There is no backend gone/);
    assert.deepEqual(
      [remote.calls.length, metered.calls.length, log.filter((line) => line.startsWith('consent'))],
      [0, 1, ['consent m.test for metered']],
    );
  });

  it('with tools prefers a backend that can call them; where there is none another answers without', async () => {
    const tool = { name: 'read', description: 'Reads.', parameters: {} };
    const able = new ScriptedBackend({ id: 'able', features: ['generation', 'tools'] }, () => ({ text: 'able' }));
    const better = says('better', { goodAt: ['reasoning'] });
    assert.equal(await fixture([better, able]).ask({ tools: [tool] }), 'able: able');
    assert.equal(await fixture([better, able]).ask(), 'better: better');
    assert.equal(await fixture([better]).ask({ tools: [tool] }), 'better: better');
    assert.deepEqual(
      [able.calls[0]?.request.tools, better.calls.map((call) => call.request.tools)],
      [[tool], [undefined, undefined]],
    );
  });

  it('takes turns among equals, and says why when none is left', async () => {
    const { ask } = fixture([says('a'), says('b')]);
    const both = new Set([await ask(), await ask()]);
    assert.deepEqual([...both].toSorted(), ['a: a', 'b: b']);
    const broken = new ScriptedBackend({ id: 'x' }, () => ({ failure: down }));
    assert.equal(await fixture([broken]).ask(), 'connection: Nothing answers.');
  });

  it('ends at once when it is cancelled, and gives its slot back', async () => {
    const held = new ScriptedBackend({ id: 'held' });
    const { ask, abort, log } = fixture([held, says('other')]);
    const asking = ask({ target: 'held' });
    while (held.calls.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    abort.abort();
    assert.match(await asking, /^cancelled/);
    assert.deepEqual(log, ['slot held/4', 'release held']);
  });
});
