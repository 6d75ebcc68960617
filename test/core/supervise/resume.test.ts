import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../../src/base/result.ts';
import type { Journal } from '../../../src/core/ports.ts';
import { payloadText } from '../../../src/core/run-event.ts';
import { delegateResult } from '../../../src/core/supervise/delegate.ts';
import { journalFailure } from '../../../src/journal/journal-failure.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { MemoryWorkspace, type EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  delegates,
  hands,
  superviseFixture,
  supervisorOf,
  uses,
} from './supervise-rig.ts';
import type { ScriptedBackend } from '../../support/scripted-backend.ts';

/** A process that dies before it writes event number `last` of its run. */
function killedAfter(journal: Journal, last: number): Journal {
  let written = 0;
  return watchAppends(journal, (bodies, write) => {
    written += bodies.length;
    return written > last ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
  });
}

function backends(): readonly ScriptedBackend[] {
  return [
    boss({
      supervisor: [
        uses(
          call('spawn', brief('file', { edits: true, maxTokens: 30_000 }), '1'),
          call('spawn', brief('ask', { mayAsk: true, maxTokens: 20_000 }), '2'),
        ),
        uses(call('wait', { tasks: ['w2'] }, '3'), call('answer', { task: 'w2', message: 'Blue.' }, '4')),
        uses(call('wait', { all: true }, '5')),
        uses(call('submit_result', { output: 'Nothing yet.' }, '6')),
        uses(call('spawn', brief('again', { dependsOn: ['w1'], edits: true }), '7')),
        uses(call('wait', { all: true }, '8')),
        uses(call('submit_result', { output: 'Both.' }, '9')),
      ],
    }),
    hands(({ key }) => {
      if (key.task === 'w2') return { text: key.turn === 0 ? 'ASK THE USER: Which?' : 'Blue it is.' };
      const path = key.task === 'w1' ? 'a.txt' : 'b.txt';
      return key.turn === 0 ? uses(call('write_file', { path, text: `by ${key.task}\n` })) : { text: `Wrote ${path}.` };
    }),
  ];
}

const DELIVERABLE = {
  kind: 'all-of',
  checks: [
    { kind: 'file-exists', path: 'a.txt' },
    { kind: 'file-contains', path: 'b.txt', text: 'w3' },
  ],
} as const;

/** What a resumed run has to come to, however often it was killed. */
function summary(fixture: EngineFixture): string {
  const state = fixture.engine.state('run-1');
  if (state === undefined) return 'none';
  const result = delegateResult(state);
  return [
    result.kind === 'winner' ? result.output : `${result.reason} ${result.failure.message}`,
    ...[...state.tasks.values()].map(({ id, status, spec }) => `${id} ${status} ${spec?.parent}`),
    ...[...(state.proposal?.files.keys() ?? [])],
    ...supervisorOf(fixture).judged.map(({ verdict }) => verdict.kind),
    ...supervisorOf(fixture).tools.map(({ turn, call: id, name, isOk }) => `${turn} ${id} ${name} ${isOk}`),
    ...[...state.tasks.values()].flatMap(({ talk }) =>
      talk.map(({ by, text, from }) => `${by} ${from ?? ''} ${payloadText(text)}`),
    ),
  ].join('\n');
}

describe('a resumed supervisor', () => {
  it('comes to the same end wherever it was killed, spawns nothing twice and makes no finished call again @scale', async () => {
    const workspace = new MemoryWorkspace({});
    const options = { limits: { maxTokens: 200_000, maxIterations: 60 } };
    const whole = superviseFixture({ backends: backends(), workspace });
    await delegateAll(whole, { deliverable: DELIVERABLE }, options);
    const expected = summary(whole);
    assert.match(expected, /^Both\.\n/, expected);
    assert.match(expected, /\na\.txt\nb\.txt\nfailed\npassed\n/);
    assert.ok(whole.events.length > 60);
    for (let last = 2; last < whole.events.length; last += 1) {
      const clock = new ManualClock();
      const journal = createMemoryJournal({ clock });
      const first = backends();
      const killed = superviseFixture({ backends: first, workspace, clock, journal: killedAfter(journal, last) });
      await (
        await delegates(killed, { deliverable: DELIVERABLE }, options)
      ).finished;
      const second = backends();
      const resumed = superviseFixture({ backends: second, workspace, clock, journal });
      const handle = await resumed.engine.resume('run-1');
      if (!handle.ok) assert.fail(`${last}: ${handle.error.message}`);
      await handle.value.finished;
      assert.deepEqual(resumed.errors, []);
      assert.equal(summary(resumed), expected, `killed after ${last} events`);
      const state = resumed.engine.state('run-1');
      const keys = [...(state?.tasks.values() ?? [])]
        .flatMap(({ calls }) => calls.map(({ key, finish }) => (finish === null ? '' : `${key.task}#${key.turn}`)))
        .filter((key) => key !== '');
      assert.equal(new Set(keys).size, keys.length, `killed after ${last} events: no turn was finished twice`);
    }
  }).timeout(60_000);

  it('is done anew when its run is run again, with the results of workers where nothing changed', async () => {
    const fixture = superviseFixture({ backends: backends(), workspace: new MemoryWorkspace({}) });
    const first = await delegateAll(fixture, { deliverable: DELIVERABLE });
    assert.equal(first.kind, 'winner');
    const again = await fixture.engine.again('run-1', {});
    assert.ok(again.ok);
    const finished = await again.value.finished;
    assert.deepEqual(fixture.errors, []);
    const tasks = [...(fixture.engine.state(again.value.run)?.tasks.values() ?? [])];
    assert.ok(
      tasks.some(({ id, reusedFrom }) => id === 'w1' && reusedFrom === 'run-1'),
      JSON.stringify(tasks.map(({ id, status, reusedFrom }) => [id, status, reusedFrom])),
    );
    assert.equal(tasks.find(({ id }) => id === 'supervisor')?.reusedFrom, null);
    assert.ok(finished.tasks.every(({ status }) => status !== 'pending' && status !== 'active'));
  });
});
