/** `apply` over a review that the test scripts: what is asked, decided, printed, and the exit code. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok, type Result } from '../../src/base/result.ts';
import { applyProposal } from '../../src/cli/apply-command.ts';
import type { ApplyCommand } from '../../src/cli/command.ts';
import type { ApplyReport, EditReview, ReviewedFile } from '../../src/core/edits/edit-review.ts';
import { failure, type Failure } from '../../src/core/failure.ts';
import { SAMPLE_PROPOSAL } from '../support/sample-proposal.ts';
import { fakeIo, type FakeIoOptions } from './fake-io.ts';

const RENAMED = {
  ...SAMPLE_PROPOSAL[0],
  path: 'src/new-name.ts',
  kind: 'renamed',
  from: 'src/old-name.ts',
} as ReviewedFile['file'];
const FILES: readonly ReviewedFile[] = [...SAMPLE_PROPOSAL, RENAMED].map((file) => ({
  file,
  status: 'open',
  stale: undefined,
  blocked: file.conflict === undefined ? undefined : 'It is in conflict.',
}));

interface Scripted {
  readonly report?: Result<ApplyReport, Failure>;
  readonly command?: Partial<ApplyCommand>;
  readonly io?: Partial<FakeIoOptions>;
}

/** Everything that came of one command, as text. */
async function applied({ report = ok({ done: [], left: [] }), command, io: options }: Scripted): Promise<string> {
  const calls: string[] = [];
  const record = (what: string, ...args: readonly unknown[]): void =>
    void calls.push([what, ...args.map((arg) => JSON.stringify(arg))].join(' '));
  const edits: EditReview = {
    open: (run) => {
      record('open', run);
      return Promise.resolve(ok({ run, files: FILES }));
    },
    apply: (run, choice) => {
      record('apply', run, choice);
      return Promise.resolve(report);
    },
    revert: (run) => {
      record('revert', run);
      return Promise.resolve(report);
    },
    discard: assert.fail,
    resolve: assert.fail,
    mergeAgain: assert.fail,
  };
  const { io, written } = fakeIo({ cwd: '/work/src', ...options });
  const all: ApplyCommand = {
    kind: 'apply',
    run: 'r',
    revert: false,
    files: [],
    workspace: undefined,
    db: undefined,
    yes: false,
    json: false,
    ...command,
  };
  const { signal } = new AbortController();
  const ended = await applyProposal(io, all, { run: 'run-1', folder: '/work', edits, signal });
  const { out, err, questions } = written();
  return [
    ...calls.map((call) => `> ${call}`),
    ...questions.map((question) => `? ${question}`),
    ...lines('out', out),
    ...lines('err', err),
    ...(ended.ok ? [] : ended.error.lines.map((line) => `refused ${line}`)),
    `exit ${ended.ok ? ended.value : ended.error.exitCode}`,
  ].join('\n');
}

function lines(to: string, text: string): readonly string[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => `${to} ${line}`);
}

const SOME = ok({
  done: ['src/parser.ts', 'src/old.ts'],
  left: [{ path: 'src/shared.ts', why: 'Two tasks clash in it. Resolve it first.' }],
});

describe('apply', () => {
  it('prints each file that was applied, and each that was left with the reason', async () => {
    assert.equal(
      await applied({ report: SOME }),
      [
        '> apply "run-1" {}',
        'out applied src/parser.ts',
        'out applied src/old.ts',
        'err left src/shared.ts: Two tasks clash in it. Resolve it first.',
        'err 2 files applied, 1 left as it is. Take back: orchestrator apply run-1 --revert',
        'exit 4',
      ].join('\n'),
    );
    assert.equal(
      await applied({ report: ok({ done: ['src/parser.ts'], left: [] }) }),
      [
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
      ['> apply "run-1" {}', 'err left a: It changed.', 'err Nothing was applied.', 'exit 1'].join('\n'),
    );
    assert.equal(
      await applied({}),
      [
        '> apply "run-1" {}',
        'err No edit of run run-1 is open: what it proposed was applied, taken back or discarded. "orchestrator show run-1" tells; a file that was discarded is applied with --file.',
        'exit 1',
      ].join('\n'),
    );
    const broken = failure('journal', 'The record is full.', { whatToDo: 'Make room.' });
    assert.equal(
      await applied({ report: err(broken) }),
      ['> apply "run-1" {}', 'refused The record is full. Make room.', 'exit 1'].join('\n'),
    );
    const cancelled = failure('cancelled', 'You stopped it.', { whatToDo: 'Apply again.' });
    assert.match(await applied({ report: err(cancelled) }), /exit 130$/);
  });

  it('prints one JSON object with --json, and nothing else', async () => {
    assert.equal(
      await applied({ report: SOME, command: { json: true } }),
      [
        '> apply "run-1" {}',
        'out {"run":"run-1","done":["src/parser.ts","src/old.ts"],"left":[{"path":"src/shared.ts","why":"Two tasks clash in it. Resolve it first."}]}',
        'exit 4',
      ].join('\n'),
    );
  });

  it('takes files as they are named in the current folder, in the workspace, and by their old name', async () => {
    const files = ['parser.ts', 'src/old.ts', 'old-name.ts', '/work/src/parser.ts'];
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
      assert.match(await applied({ report: SOME, command: { yes: true } }), /^> apply "run-1" \{\}\n/);
    });
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
