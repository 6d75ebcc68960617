import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CheckedText, EditChecker } from '../../../src/core/ports.ts';
import { createParseChecker } from '../../../src/tools/parse-check.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { agentFixture, byTurn, call, coder, plans, taskOf, uses } from './agent-rig.ts';

const FILES = { 'a.json': '{"a": 1}\n', 'old.json': '{\n' };
const breaks = uses(call('write_file', { path: 'a.json', text: '{"a": }\n' }));

function run(script: Parameters<typeof byTurn>[0], checker: EditChecker = createParseChecker()) {
  const dev = coder('dev', byTurn(script));
  const fixture = agentFixture({
    backends: [plans({ id: 'a', inputs: ['a.json'] }), dev],
    workspace: new MemoryWorkspace(FILES),
    checker,
  });
  return { dev, fixture, finished: fixture.ask('go', { synthesis: false }) };
}

describe('the check of a task’s edits', () => {
  it('goes back to the model once, and when it mends them nothing is left to tell', async () => {
    const { dev, fixture, finished } = run({
      a: [
        breaks,
        { text: 'Done.' },
        uses(call('write_file', { path: 'a.json', text: '{"a": 2}\n' })),
        { text: 'Mended.' },
      ],
    });
    assert.match((await finished).answer, /Mended\.$/);
    const [asked] = dev.calls[2]?.request.messages.slice(-1) ?? [];
    assert.match(
      `${asked?.role}: ${asked?.content}`,
      /^user: These problems are in your edits:\n- a\.json:1: not valid JSON[^\n]*\n\nMend them, or say/,
    );
    assert.deepEqual(
      fixture.events.flatMap((event) =>
        event.type === 'edits.checked' ? [`${event.problems.length} ${event.again}`] : [],
      ),
      ['1 true', '0 false'],
    );
    assert.equal(taskOf(fixture, 'a').partial, false);
  });

  it('does not go back a second time; the result tells what is left', async () => {
    const { dev, fixture, finished } = run({ a: [breaks, { text: 'Done.' }, { text: 'It is right so.' }] });
    assert.match(
      (await finished).answer,
      /It is right so\.\n\nProblems left in the edits:\n- a\.json:1: not valid JSON/,
    );
    assert.equal(dev.calls.length, 3);
    assert.deepEqual(
      fixture.events.flatMap((event) =>
        event.type === 'edits.checked' ? [`${event.problems.length} ${event.again}`] : [],
      ),
      ['1 true', '1 false'],
    );
    assert.equal(taskOf(fixture, 'a').problems.length, 1);
  });

  it('looks at each changed text beside what it stood on, also of created and renamed files, not at deleted ones', async () => {
    const seen: (CheckedText & { readonly before: string | null })[] = [];
    const checker: EditChecker = { check: (files) => Promise.resolve((seen.push(...files), [])) };
    await run(
      {
        a: [
          uses(
            call('write_file', { path: 'a.json', text: '[]\n' }),
            call('write_file', { path: 'new.json', text: '1\n' }),
            call('rename_file', { path: 'old.json', to: 'moved.json' }),
            call('write_file', { path: 'gone.json', text: '2\n' }),
            call('delete_file', { path: 'gone.json' }),
          ),
          { text: 'Done.' },
        ],
      },
      checker,
    ).finished;
    assert.deepEqual(seen, [
      { path: 'a.json', text: '[]\n', before: '{"a": 1}\n' },
      { path: 'new.json', text: '1\n', before: null },
      { path: 'moved.json', text: '{\n', before: '{\n' },
    ]);
  });

  it('is left out where nothing was edited, and a checker that breaks does not break the task', async () => {
    const checker: EditChecker = { check: () => Promise.reject(new Error('no parser')) };
    const none = run({ a: [{ text: 'Nothing to do.' }] }, checker);
    assert.equal((await none.finished).outcome, 'answered');
    assert.ok(none.fixture.events.every((event) => event.type !== 'edits.checked'));
    const broken = run({ a: [breaks, { text: 'Done.' }] }, checker);
    assert.equal((await broken.finished).outcome, 'answered');
    assert.match(broken.fixture.errors.join(), /no parser/);
  });
});
