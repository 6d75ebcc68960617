/** `apply` over a review that the test scripts: what is asked, decided, printed, and the exit code. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../src/base/result.ts';
import { failure } from '../../src/core/failure.ts';
import { SAMPLE_PROPOSAL } from '../support/sample-proposal.ts';
import { applied, CHOOSE, FILES } from './scripted-apply.ts';

const SOME = ok({
  done: ['src/parser.ts', 'src/old.ts'],
  left: [{ path: 'src/shared.ts', why: 'Two tasks clash in it. Resolve it first.' }],
});

describe('apply', () => {
  it('prints each file that was applied, and each that was left with the reason', async () => {
    assert.equal(
      await applied({ report: SOME }),
      [
        '> open "run-1"',
        '> apply "run-1" {}',
        'out applied src/parser.ts',
        'out applied src/old.ts',
        `err left src/shared.ts: ${CHOOSE}`,
        'err 2 files applied, 1 left as it is. Take back: orchestrator apply run-1 --revert',
        'exit 4',
      ].join('\n'),
    );
    assert.equal(
      await applied({ report: ok({ done: ['src/parser.ts'], left: [] }) }),
      [
        '> open "run-1"',
        '> apply "run-1" {}',
        'out applied src/parser.ts',
        'err 1 file applied. Take back: orchestrator apply run-1 --revert',
        'exit 0',
      ].join('\n'),
    );
  });

  it('fails when nothing could be applied, and says so', async () => {
    assert.equal(
      await applied({ report: ok({ done: [], left: [{ path: 'a', why: 'It changed.' }] }) }),
      ['> open "run-1"', '> apply "run-1" {}', 'err left a: It changed.', 'err Nothing was applied.', 'exit 1'].join(
        '\n',
      ),
    );
    assert.equal(
      await applied({}),
      [
        '> open "run-1"',
        '> apply "run-1" {}',
        'err No edit of run run-1 is open: what it proposed was applied, taken back or discarded. "orchestrator show run-1" tells; a file that was taken back or discarded is applied with --file.',
        'exit 1',
      ].join('\n'),
    );
    const broken = failure('journal', 'The record is full.', { whatToDo: 'Make room.' });
    assert.equal(
      await applied({ report: err(broken) }),
      ['> open "run-1"', '> apply "run-1" {}', 'refused The record is full. Make room.', 'exit 1'].join('\n'),
    );
    const cancelled = failure('cancelled', 'You stopped it.', { whatToDo: 'Apply again.' });
    assert.match(await applied({ report: err(cancelled) }), /exit 130$/);
  });

  it('prints one JSON object with --json, and nothing else', async () => {
    assert.equal(
      await applied({ report: SOME, command: { json: true } }),
      [
        '> open "run-1"',
        '> apply "run-1" {}',
        `out {"run":"run-1","done":["src/parser.ts","src/old.ts"],"left":[{"path":"src/shared.ts","why":"${CHOOSE}"}]}`,
        'exit 4',
      ].join('\n'),
    );
  });

  it('takes files as they are named in the current folder, in the workspace, and by their old name', async () => {
    const files = ['parser.ts', 'src/old.ts', 'old-name.ts', '/project/src/parser.ts'];
    assert.match(
      await applied({ report: SOME, command: { files } }),
      /^> open "run-1"\n> apply "run-1" \{"paths":\["src\/parser.ts","src\/old.ts","src\/new-name.ts"\]\}\n/,
    );
  });

  it('refuses names that are none of the proposal, and applies nothing', async () => {
    assert.equal(
      await applied({ command: { files: ['parser.ts', 'nope.ts', '../../etc/passwd'] } }),
      [
        '> open "run-1"',
        'refused --file nope.ts is none of the files that run run-1 proposes to change.',
        'refused --file ../../etc/passwd is none of the files that run run-1 proposes to change.',
        'refused "orchestrator show run-1" lists them.',
        'exit 2',
      ].join('\n'),
    );
  });

  describe('of a protected file', () => {
    const alone = { files: ['../package.json'] };
    const warning = 'package.json is protected: its scripts are run by tools.';
    const question = `? ${warning} Look at it with "orchestrator show run-1 --format diff". Apply this edit? [y/N] `;
    const report = ok({ done: ['package.json'], left: [] });

    it('warns and asks at a terminal, and applies it after a yes', async () => {
      const told = await applied({ report, command: alone, io: { ask: () => Promise.resolve('y') } });
      assert.equal(
        told,
        [
          '> open "run-1"',
          '> apply "run-1" {"paths":["package.json"],"warned":true}',
          question,
          'out applied package.json',
          'err 1 file applied. Take back: orchestrator apply run-1 --revert',
          'exit 0',
        ].join('\n'),
      );
    });

    it('leaves it after anything else', async () => {
      for (const answer of ['n', '', 'yess', undefined]) {
        const told = await applied({ report, command: alone, io: { ask: () => Promise.resolve(answer) } });
        assert.equal(
          told,
          [
            '> open "run-1"',
            question,
            'err left package.json: You did not confirm it. Run the command again and answer y to apply it.',
            'err Nothing was applied.',
            'exit 1',
          ].join('\n'),
        );
      }
    });

    it('needs --yes where there is no terminal, and then still warns', async () => {
      const why =
        'It is protected: its scripts are run by tools. Look at it with "orchestrator show run-1 --format diff". Then use --yes, or answer at a terminal.';
      assert.equal(
        await applied({ report, command: alone }),
        ['> open "run-1"', `err left package.json: ${why}`, 'err Nothing was applied.', 'exit 1'].join('\n'),
      );
      assert.equal(
        await applied({ report, command: { ...alone, json: true } }),
        [
          '> open "run-1"',
          `out ${JSON.stringify({ run: 'run-1', done: [], left: [{ path: 'package.json', why }] })}`,
          'exit 1',
        ].join('\n'),
      );
      assert.equal(
        await applied({ report, command: { ...alone, yes: true }, io: { ask: () => assert.fail('asked') } }),
        [
          '> open "run-1"',
          '> apply "run-1" {"paths":["package.json"],"warned":true}',
          'out applied package.json',
          `err warning: ${warning}`,
          'err 1 file applied. Take back: orchestrator apply run-1 --revert',
          'exit 0',
        ].join('\n'),
      );
    });

    it('does not count as warned when it is named with others, or when all are applied, also with --yes', async () => {
      const two = await applied({ report: SOME, command: { files: ['../package.json', 'parser.ts'], yes: true } });
      assert.match(two, /> apply "run-1" \{"paths":\["package.json","src\/parser.ts"\]\}\n/);
      assert.match(await applied({ report: SOME, command: { yes: true } }), /^> open "run-1"\n> apply "run-1" \{\}\n/);
    });
  });

  it('says of a protected file among others how it is applied', async () => {
    const left = [{ path: 'package.json', why: 'It is protected: its scripts are run by tools. Apply it by itself.' }];
    const because = 'err left package.json: It is protected: its scripts are run by tools.';
    const all = await applied({ report: ok({ done: ['src/old.ts'], left }) });
    assert.ok(all.includes(`${because} Apply it by itself: orchestrator apply run-1 --file package.json\n`), all);
    const two = await applied({ report: ok({ done: [], left }), command: { files: ['../package.json', 'old.ts'] } });
    const how = `${because} Name one protected file at a time: orchestrator apply run-1 --file package.json\n`;
    assert.ok(two.includes(how), two);
  });

  it('has no double period after a reason that ends with one', async () => {
    const files = FILES.map((one) =>
      one.file.path === 'package.json' ? { ...one, file: { ...one.file, protectedBecause: 'It runs scripts.' } } : one,
    );
    assert.match(
      await applied({ files, command: { files: ['../package.json'] } }),
      /: It is protected: It runs scripts\. Look at it/,
    );
  });

  it('warns of what the checks found in a file before it says that it was applied', async () => {
    assert.equal(
      await applied({ report: ok({ done: ['src/parser.ts', 'src/parser.test.ts'], left: [] }) }),
      [
        '> open "run-1"',
        '> apply "run-1" {}',
        'out applied src/parser.ts',
        'out applied src/parser.test.ts',
        'err warning: src/parser.test.ts:2: the result is not looked at',
        'err 2 files applied. Take back: orchestrator apply run-1 --revert',
        'exit 0',
      ].join('\n'),
    );
  });

  it('says why a run without open files applies nothing, and how each file is applied again', async () => {
    const statuses = ['reverted', 'discarded', 'applied'] as const;
    const files = ['src/alpha.ts', "it's odd.ts", 'src/done.ts'].map((path, index) => ({
      ...(FILES[0] ?? assert.fail()),
      file: { ...(SAMPLE_PROPOSAL[0] ?? assert.fail()), path },
      status: statuses[index] ?? assert.fail(),
    }));
    assert.equal(
      await applied({ files }),
      [
        '> open "run-1"',
        '> apply "run-1" {}',
        'err left src/alpha.ts: It was taken back. Apply it with: orchestrator apply run-1 --file src/alpha.ts',
        String.raw`err left it's odd.ts: It was discarded. Apply it with: orchestrator apply run-1 --file 'it'\''s odd.ts'`,
        'err Nothing was applied.',
        'exit 1',
      ].join('\n'),
    );
  });

  it('names commands as they are typed', async () => {
    const typed = { program: 'node dist/cli.js' };
    assert.match(
      await applied({ report: SOME, io: typed }),
      /: node dist\/cli\.js apply run-1 --file src\/shared\.ts --take fix\n.* Take back: node dist\/cli\.js apply run-1 --revert\n/,
    );
    const left = [{ path: 'a', why: 'It changed; "orchestrator show run-1" has it.' }];
    assert.match(
      await applied({ report: ok({ done: [], left }), command: { revert: true }, io: typed }),
      /err left a: It changed; "node dist\/cli\.js show run-1" has it\.\n/,
    );
  });

  it('takes back what was applied with --revert, and tells what was left', async () => {
    assert.equal(
      await applied({ report: SOME, command: { revert: true } }),
      [
        '> revert "run-1"',
        'out taken back src/parser.ts',
        'out taken back src/old.ts',
        'err left src/shared.ts: Two tasks clash in it. Resolve it first.',
        'err 2 files taken back, 1 left as it is.',
        'exit 4',
      ].join('\n'),
    );
    assert.equal(
      await applied({ command: { revert: true } }),
      ['> revert "run-1"', 'err Nothing of run run-1 is applied now, so there is nothing to take back.', 'exit 1'].join(
        '\n',
      ),
    );
  });

  it('lets no control character of a path or a reason through to the terminal', async () => {
    const report = ok({ done: ['a\u001b[2Jb'], left: [{ path: 'c\u202ed', why: 'e\u0007f' }] });
    const told = await applied({ report });
    assert.match(told, /out applied a\[2Jb\nerr left cd: ef\n/);
  });
});
