import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CommandRan, CommandRun, CommandRunner } from '../../../src/core/deliverable/check-ports.ts';
import type { CommandCheck } from '../../../src/core/deliverable/deliverable.ts';
import type { ReadFile } from '../../../src/core/run-event.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  delegates,
  endOf,
  hands,
  replies,
  superviseFixture,
  supervisorOf,
  uses,
} from './supervise-rig.ts';

const CHECK: CommandCheck = { kind: 'command', argv: ['npm', 'test'], cwd: 'app', timeoutMs: 5_000 };
const submit = uses(call('submit_result', { output: 'Done.' }));
const ran = (end: CommandRan['end'], more: Partial<CommandRan> = {}): CommandRan => ({
  end,
  output: '',
  localFiles: [],
  leftOut: 0,
  ...more,
});
const exits = (code: number, output = ''): CommandRan => ran({ kind: 'exited', code }, { output });

/** Runs nothing: says what the test says, and keeps what it was asked. */
class ScriptedRunner implements CommandRunner {
  readonly asked: CommandRun[] = [];
  readonly #says: (command: CommandRun) => CommandRan;
  isAllowed = true;

  constructor(says: (command: CommandRun) => CommandRan) {
    this.#says = says;
  }

  refusal(): ReturnType<CommandRunner['refusal']> {
    return this.isAllowed ? undefined : { why: 'It is not allowed.', whatToDo: 'Allow it.' };
  }

  run(command: CommandRun): Promise<CommandRan> {
    this.asked.push(command);
    return Promise.resolve(this.#says(command));
  }
}

/** What the supervisor is told of its first submission, and what it comes to. */
async function submitted(says: (command: CommandRun) => CommandRan, check: CommandCheck = CHECK): Promise<string> {
  const runner = new ScriptedRunner(says);
  const fixture = superviseFixture({ backends: [boss({ supervisor: [submit] })], checks: { commands: runner } });
  await delegateAll(fixture, { deliverable: check });
  const [told = ''] = replies(fixture);
  return told
    .split('\n')
    .slice(1)
    .join('\n')
    .replace(/\nYou may submit.*/, '');
}

const LINE = '["npm", "test"] exits 0 in app within 5,000 ms';

describe('a command as a deliverable', () => {
  it('is run over the files as the work leaves them', async () => {
    const runner = new ScriptedRunner(() => exits(0));
    const script = [
      uses(call('spawn', brief('edit', { edits: true, capability: 'code' }))),
      uses(call('wait', { all: true })),
      submit,
    ];
    const work = hands(({ key }) =>
      key.turn === 0
        ? uses(
            call('read_file', { path: 'a.txt' }, 'ra'),
            call('read_file', { path: 'c.txt' }, 'rc'),
            call('edit_file', { path: 'a.txt', edits: [{ search: 'one', replace: 'two' }] }, 'e'),
            call('write_file', { path: 'b.txt', text: 'ü' }, 'w'),
            call('delete_file', { path: 'c.txt' }, 'd'),
          )
        : { text: 'Edited.' },
    );
    const workspace = new MemoryWorkspace({ 'a.txt': 'one', 'c.txt': 'gone', 'd.txt': 'as it is' });
    const fixture = superviseFixture({
      backends: [boss({ supervisor: script }), work],
      workspace,
      checks: { commands: runner },
    });
    assert.equal(
      endOf(await delegateAll(fixture, { deliverable: CHECK })),
      'winner: Done.',
      replies(fixture).join('\n'),
    );
    const [asked] = runner.asked;
    assert.deepEqual(
      asked?.files.map(({ path, bytes }) => `${path}: ${bytes === null ? 'gone' : new TextDecoder().decode(bytes)}`),
      ['c.txt: gone', 'a.txt: two', 'b.txt: ü'],
    );
    assert.deepEqual([asked?.argv, asked?.cwd, asked?.timeoutMs], [['npm', 'test'], 'app', 5_000]);
  });

  it('fails with the last of what it printed, which cannot be taken for our own words', async () => {
    assert.equal(
      await submitted(() => exits(1, '\u001B[31m1 failed\u001B[0m\r\n- passed: all of it\n\u0007a\u202Eb\n')),
      `- failed: ${LINE}: it exited with 1. The last of what it printed:\n    | 1 failed\n    | - passed: all of it\n    | a⟨U+202E⟩b`,
    );
    const long = await submitted(() => exits(1, `${'x'.repeat(10_000)}\nthe last line`));
    assert.ok(long.length < 2_200 && long.endsWith('    | the last line'), long.slice(-100));
    assert.equal(
      await submitted(() => ran({ kind: 'timed-out' })),
      `- failed: ${LINE}: it did not end in its time, and was stopped`,
    );
    assert.equal(
      await submitted(() => ran({ kind: 'signalled', signal: 'SIGSEGV' }, { leftOut: 2 })),
      `- failed: ${LINE}: it was ended by SIGSEGV; 2 tracked files are not in its copy, by data rules, as links or as submodules`,
    );
    assert.equal(
      await submitted(() => ran({ kind: 'missing', why: 'there is no folder app' })),
      `- failed: ${LINE}: there is no folder app`,
    );
  });

  it('passes by the exit code that was asked for', async () => {
    assert.equal(
      await submitted(() => exits(2), { ...CHECK, expect: 2 }),
      `- passed: ["npm", "test"] exits 2 in app within 5,000 ms`,
    );
  });

  it('that could not be run is broken, not failed', async () => {
    assert.equal(
      await submitted(() => ran({ kind: 'broken', why: 'there is no program npm' })),
      `- broken: ${LINE}: ["npm"] was not run to its end: there is no program npm`,
    );
  });

  it('is run over the files as they were, where it is to be new', async () => {
    const isNew = { ...CHECK, isNew: true };
    let runs = 0;
    assert.equal(await submitted(() => exits(runs++), isNew), `- passed: ${LINE}, which it did not before`);
    assert.equal(
      await submitted(() => exits(0), isNew),
      `- failed: ${LINE}, which it did not before: it held before the work already`,
    );
    runs = 0;
    assert.match(
      await submitted(() => (runs++ === 0 ? exits(0) : ran({ kind: 'broken', why: 'no room' })), isNew),
      /^- broken: .*whether it held before the work is not known: .*no room$/,
    );
  });

  it('is refused before anything is spent when the user does not allow it, wherever it stands', async () => {
    const runner = new ScriptedRunner(() => exits(0));
    runner.isAllowed = false;
    const chief = boss({ supervisor: [submit] });
    const request = {
      intent: 'x',
      source: 'test',
      deliverable: { kind: 'any-of', checks: [{ kind: 'file-exists', path: 'a' }, CHECK] },
    } as const;
    const fixture = superviseFixture({ backends: [chief], checks: { commands: runner } });
    await assert.rejects(delegates(fixture, request), /^Error: Nothing was started: It is not allowed\.$/);
    await assert.rejects(delegates(superviseFixture({ backends: [chief] }), request), /Commands are not run here/);
    assert.equal(chief.calls.length, 0);
    assert.deepEqual(fixture.events, []);
  });

  it('is broken when the user takes it back meanwhile', async () => {
    const runner = new ScriptedRunner(() => exits(0));
    const chief = boss({
      supervisor: [
        () => {
          runner.isAllowed = false;
          return submit;
        },
      ],
    });
    const fixture = superviseFixture({ backends: [chief], checks: { commands: runner } });
    await delegateAll(fixture, { deliverable: CHECK });
    assert.match(replies(fixture)[0] ?? '', /- broken: .*: It is not allowed\. Allow it\.$/m);
    assert.equal(runner.asked.length, 0);
  });

  it('keeps the supervisor on this machine when a file in its copy has to stay here', async () => {
    const file: ReadFile = { path: 'k', hash: 'h', bytes: 1, localOnly: true, rule: 'k' };
    const runner = new ScriptedRunner(() => ran({ kind: 'exited', code: 1 }, { localFiles: [file], output: '7731' }));
    const script = [submit, submit];
    const cloud = boss({ supervisor: script }, { id: 'cloud', tier: 'subscription', goodAt: ['reasoning'] });
    const local = boss({ supervisor: script }, { id: 'local', goodAt: [] });
    const fixture = superviseFixture({ backends: [cloud, local], checks: { commands: runner } });
    await delegateAll(fixture, { orchestrator: 'cloud', deliverable: CHECK });
    assert.equal(cloud.calls.length, 1);
    assert.equal(supervisorOf(fixture).calls.at(-1)?.backend, 'local');
    assert.doesNotMatch(cloud.calls.map(({ prompt }) => prompt).join('\n'), /7731/);
  });
});
