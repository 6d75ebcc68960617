import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../../src/base/result.ts';
import type { Journal } from '../../../src/core/ports.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { journalFailure } from '../../../src/journal/journal-failure.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { describeEvents, MemoryWorkspace, type FixtureOptions } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import { agentFixture, byTurn, call, coder, editsOf, plans, taskOf, uses, textOf } from './agent-rig.ts';

/** A process that dies before it writes event number `last` of its run. */
function killedAfter(journal: Journal, last: number): Journal {
  let written = 0;
  return watchAppends(journal, (bodies, write) => {
    written += bodies.length;
    return written > last ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
  });
}

const FILES = { 'a.json': '{}\n', 'b.ts': 'const b = 1;\n', 'secrets/key.ts': 'KEY\n' };

const SCRIPT = byTurn({
  a: [
    uses(
      call('read_file', { path: 'a.json' }),
      call('read_file', { path: 'b.ts' }),
      call('read_file', { path: 'b.ts' }, 'twice'),
    ),
    uses(
      call('edit_file', { path: 'b.ts', edits: [{ search: 'b = 1', replace: 'b = 2' }] }),
      call('write_file', { path: 'a.json', text: '{' }),
      call('rename_file', { path: 'b.ts', to: 'c.ts' }),
    ),
    { text: 'First report.' },
    uses(call('write_file', { path: 'a.json', text: '{"a": 1}\n' })),
    { text: 'Second report.' },
  ],
});

const checker: FixtureOptions['checker'] = {
  check: (files) =>
    Promise.resolve(
      files.flatMap(({ path, text }) => (path === 'a.json' && text === '{' ? [`${path}:1: not valid`] : [])),
    ),
};

/** What a resumed run has to come to, however often it was killed. */
function summary(fixture: ReturnType<typeof agentFixture>): string {
  const task = taskOf(fixture, 'a');
  return [
    task.status,
    task.partial,
    textOf(task.result),
    ...editsOf(task),
    ...task.based.map(({ path, exists, text }) => `based ${path} ${exists} ${JSON.stringify(text)}`),
    ...task.tools.map(({ turn, call: id, result }) => `${turn} ${id}: ${textOf(result)}`),
    ...task.files.map(({ path }) => `read ${path}`),
  ].join('\n');
}

describe('a resumed code task', () => {
  it('comes to the same end wherever it was killed, makes no finished call again and no edit twice @scale', async () => {
    const options = { workspace: new MemoryWorkspace(FILES), checker };
    const whole = agentFixture({ backends: [plans({ id: 'a' }), coder('dev', SCRIPT)], ...options });
    await whole.ask('go');
    const expected = summary(whole);
    assert.match(
      expected,
      /^completed\nfalse\nSecond report\.\n#1 write b\.ts: "const b = 2;\\n"\n#1 write a\.json: "\{"\n#1 rename b\.ts -> c\.ts/,
    );
    const total = whole.events.length;
    let cut = 0;
    for (let last = 1; last < total; last++) {
      const clock = new ManualClock();
      const journal = createMemoryJournal({ clock });
      const dev = coder('dev', SCRIPT);
      const backends = [plans({ id: 'a' }), dev];
      await agentFixture({ backends, journal: killedAfter(journal, last), clock, ...options }).ask('go');
      const before = dev.calls.length;
      const again = agentFixture({ backends, journal, clock, ids: 'second', ...options });
      const resumed = await again.engine.resume('run-1');
      if (!resumed.ok) continue; // it was killed before it was there, or after its end
      await resumed.value.finished;
      cut += 1;
      assert.equal(summary(again), expected, `killed after event ${last}`);
      assert.ok(dev.calls.length <= 6, `killed after event ${last}: ${before} + ${dev.calls.length - before} calls`);
      const keys = again.events
        .filter((event) => event.type === 'call.finished')
        .map((event) => describeEvents([event]));
      assert.equal(new Set(keys).size, keys.length);
    }
    assert.ok(cut > 20, `${cut} kills`);
  });

  it('stays on this machine when a tool had read what must stay here', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const script = byTurn({ a: [uses(call('read_file', { path: 'secrets/key.ts' })), { text: 'done' }] });
    const local = coder('local', script);
    const cloud = coder('cloud', script, { tier: 'subscription' });
    const workspace = new MemoryWorkspace(FILES, { local: ['secrets/key.ts'] });
    const dies = (body: RunEventBody): boolean => body.type === 'call.started' && body.key.turn === 1;
    let isDead = false;
    const killed = watchAppends(journal, (bodies, write) => {
      isDead ||= bodies.some(dies);
      return isDead ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
    });
    await agentFixture({ backends: [plans({ id: 'a' }), local, cloud], journal: killed, clock, workspace }).ask('go');
    const again = agentFixture({ backends: [plans({ id: 'a' }), cloud], journal, clock, workspace, ids: 'second' });
    const resumed = await again.engine.resume('run-1');
    assert.ok(resumed.ok);
    await resumed.value.finished;
    assert.equal(cloud.calls.length, 0);
    assert.equal(taskOf(again, 'a').backend, 'front', 'the orchestrator, which is local, takes what fits nowhere else');
  });
});
