import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../../src/base/result.ts';
import { failure } from '../../../src/core/failure.ts';
import type { Orchestrator, RunHandle } from '../../../src/core/orchestrator.ts';
import { DEFAULT_OPTIONS, type RunRequest } from '../../../src/core/run-request.ts';
import { followRun, type RunTurn } from '../../../src/vscode/chat/chat-run.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { engineFixture } from '../../support/engine-fixture.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';

const request: RunRequest = { text: 'Say hello', source: 'chat', history: [], files: [], options: DEFAULT_OPTIONS };

/** A stop button. */
class Token {
  isCancellationRequested = false;
  readonly #listeners = new Set<() => void>();
  listening = 0;

  readonly onCancellationRequested = (listener: () => void): { dispose: () => void } => {
    this.#listeners.add(listener);
    this.listening = this.#listeners.size;
    return {
      dispose: () => {
        this.#listeners.delete(listener);
        this.listening = this.#listeners.size;
      },
    };
  };

  press(): void {
    this.isCancellationRequested = true;
    for (const listener of this.#listeners) listener();
  }
}

function turn(
  orchestrator: Orchestrator,
  token = new Token(),
): { readonly run: RunTurn; readonly shown: string[]; readonly token: Token; readonly clock: ManualClock } {
  const shown: string[] = [];
  const clock = new ManualClock();
  const run: RunTurn = {
    orchestrator,
    clock,
    cancellation: token,
    answer: (id) => ({
      write: (ops) =>
        shown.push(...ops.map((op) => ('text' in op ? op.text : op.kind === 'answer' ? `answer of ${id}` : op.kind))),
      drained: () => Promise.resolve(),
    }),
    presenter: { isFile: () => false, isOnlyEmbedded: false, isHere: () => true },
    notes: [],
  };
  return { run, shown, token, clock };
}

const direct = (text: string): string => JSON.stringify({ decision: 'answer', answer: text, tasks: [] });

describe('a run in a chat turn', () => {
  it('shows its whole course, also what came before the start returned, and nothing of other runs', async () => {
    const { engine, start } = engineFixture({
      backends: [new ScriptedBackend({ id: 'one' }, () => ({ text: direct('Hello there.') }))],
    });
    const { run, shown, token } = turn(engine);
    const end = await followRun(async () => {
      const handle = await start({ text: 'first' });
      const other = await start({ text: 'other' });
      await Promise.all([handle.finished, other.finished]);
      return ok(handle);
    }, run);
    assert.deepEqual(end, { run: 'run-1', error: undefined });
    assert.equal(shown.filter((text) => text.startsWith('Asking')).length, 1);
    assert.match(shown.join('|'), /^Asking one\|answer of run-1\|Hello .*there\.\|+\n\n---\n\nSpent \\\$0 · 1 call · /);
    assert.equal(token.listening, 0);
  });

  it('is cancelled by Stop at once, with all calls closed', async () => {
    const held = new ScriptedBackend({ id: 'held' });
    const { engine } = engineFixture({ backends: [held] });
    const { run, token } = turn(engine);
    const following = followRun(() => engine.start(request), run);
    while (held.openCalls === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    token.press();
    assert.deepEqual(await following, { run: 'run-1', error: undefined });
    assert.deepEqual([held.openCalls, engine.state('run-1')?.outcome, token.listening], [0, 'cancelled', 0]);
  });

  it('is cancelled too when Stop was pressed while it was being started', async () => {
    const held = new ScriptedBackend({ id: 'held' });
    const { engine } = engineFixture({ backends: [held] });
    const { run, token } = turn(engine);
    token.press();
    await followRun(() => engine.start(request), run);
    assert.deepEqual([held.openCalls, engine.state('run-1')?.outcome], [0, 'cancelled']);
  });

  it('ends soon after Stop although the end of the run does not come', async () => {
    const { engine } = engineFixture({ backends: [] });
    const { run, token, clock } = turn(engine);
    let cancelled = 0;
    const handle: RunHandle = { run: 'r', finished: new Promise(() => {}), cancel: () => (cancelled += 1) };
    const following = followRun(() => Promise.resolve(ok(handle)), run);
    await clock.flush();
    token.press();
    await clock.advance(800);
    assert.deepEqual([await following, cancelled, clock.pending], [{ run: 'r', error: undefined }, 1, 0]);
  });

  it('says what went wrong as text, whether it could not start or failed', async () => {
    const { engine } = engineFixture({ backends: [] });
    const refused = failure('journal', 'The disk [is](command:x) full.', { whatToDo: 'Free some space.' });
    assert.deepEqual(await followRun(() => Promise.resolve(err(refused)), turn(engine).run), {
      run: undefined,
      error: 'The disk \\[is\\](command:x) full. Free some space.',
    });
    const end = await followRun(() => engine.start(request), turn(engine).run);
    assert.equal(end.run, 'run-1');
    assert.match(end.error ?? '', /roster has no backend|No backend/);
  });
});
