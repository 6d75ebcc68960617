import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../../src/base/result.ts';
import type { RunHandle } from '../../../src/core/orchestrator.ts';
import type { Journal } from '../../../src/core/ports.ts';
import { payloadText, type RunEvent } from '../../../src/core/run-event.ts';
import { journalFailure } from '../../../src/journal/journal-failure.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { engineFixture, type EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import { questionsOf, resultOf, task, taskIn } from './talk-rig.ts';

/** A process that dies before it writes event number `last` of its run. */
function killedAfter(journal: Journal, last: number): Journal {
  let written = 0;
  return watchAppends(journal, (bodies, write) => {
    written += bodies.length;
    return written > last ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
  });
}

const WORDS = ['Begin.', 'Blue.', 'Steer.'];

/** Says the first word, answers what is asked, and steers once when the task is at work after its question. */
async function person(fixture: EngineFixture, handle: RunHandle): Promise<void> {
  let isOver = false;
  void handle.finished.then(() => (isOver = true));
  while (!isOver) {
    const now = fixture.engine.state(handle.run)?.tasks.get('a');
    const said = now?.talk.filter(({ by }) => by === 'user').length ?? 0;
    const isAtWork = now?.calls.some(({ key, endedAtMs }) => key.turn === 1 && endedAtMs === null) === true;
    const text = now?.status === 'waiting' || (isAtWork && said === 2) ? WORDS[said] : undefined;
    if (text !== undefined) await fixture.engine.act(handle.run, { kind: 'say', task: 'a', text });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Asks in its first turn; later ones reply once the test has had time to speak. */
function worker(): ScriptedBackend {
  return new ScriptedBackend({ id: 'one' }, async ({ key }) => {
    for (let turns = 0; turns < 6; turns++) await new Promise((resolve) => setImmediate(resolve));
    return { text: key.turn === 0 ? 'ASK THE USER: Which?' : `reply ${key.turn}` };
  });
}

const FINISHED = (event: RunEvent): readonly string[] =>
  event.type === 'call.finished' ? [`${event.key.turn}.${event.key.attempt}`] : [];

describe('a resumed conversation', () => {
  it('hears every word once, wherever it was killed, and makes no finished call again', async () => {
    const tasks = [task('a', { mode: 'interactive' })];
    const request = { text: 'go', plan: { request: 'go', tasks } };
    let total = 1;
    let cut = 0;
    for (let last = 1; last <= total; last++) {
      const clock = new ManualClock();
      const journal = createMemoryJournal({ clock });
      const first = engineFixture({ backends: [worker()], journal: killedAfter(journal, last), clock });
      const handle = await first.start(request, { synthesis: false }).catch(() => undefined);
      if (handle === undefined) continue;
      await person(first, handle);
      if (last === total) total += first.events.length > last ? 0 : 1;
      const before = first.events.flatMap(FINISHED);
      const again = engineFixture({ backends: [worker()], journal, clock, ids: 'second' });
      const resumed = await again.engine.resume(handle.run);
      if (!resumed.ok) break; // it was killed after its end
      cut += 1;
      total = Math.max(total, last + 1);
      await person(again, resumed.value);
      const now = taskIn(again, handle.run, 'a');
      const where = `killed after event ${last}`;
      assert.match(resultOf(now), /^completed: reply [12]$/, where);
      assert.deepEqual(
        questionsOf(now).map((entry) => entry.replace(/#\d+/, '')),
        ['task: ', 'user: Begin.', 'task: Which?', 'user: Blue.', 'user: Steer.'],
        where,
      );
      const finished = now.calls.filter(({ finish }) => finish !== null);
      assert.equal(finished.at(-1)?.said, 3, where);
      for (const call of now.calls)
        assert.equal(payloadText(call.prompt).split('The user says:').length - 1, call.said, where);
      assert.ok(
        again.events.flatMap(FINISHED).every((key) => !before.includes(key)),
        where,
      );
      assert.equal(new Set(finished.map(({ key }) => key.turn)).size, finished.length, where);
    }
    assert.ok(cut > 12, `${cut} kills`);
  });
});
