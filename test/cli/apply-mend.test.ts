/** `apply --take` and `apply --merge` over a review that the test scripts. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../src/base/result.ts';
import type { ReviewedFile } from '../../src/core/edits/edit-review.ts';
import { failure } from '../../src/core/failure.ts';
import { SAMPLE_PROPOSAL } from '../support/sample-proposal.ts';
import { applied, CHOOSE, FILES } from './scripted-apply.ts';

describe('apply', () => {
  describe('of a file in conflict', () => {
    const files = ['shared.ts'];
    const { conflict: _, ...resolved } = SAMPLE_PROPOSAL[2] ?? assert.fail();
    const changed = ok({ file: resolved, status: 'open', stale: undefined, blocked: undefined } as const);
    const report = ok({ done: ['src/shared.ts'], left: [] });

    it('takes the side that is named, and applies it', async () => {
      for (const take of ['tests', 'both'])
        assert.equal(
          await applied({ report, changed, command: { files, take } }),
          [
            '> open "run-1"',
            `> resolve "run-1" "src/shared.ts" "${take}"`,
            '> apply "run-1" {"paths":["src/shared.ts"]}',
            'out applied src/shared.ts',
            'err 1 file applied. Take back: orchestrator apply run-1 --revert',
            'exit 0',
          ].join('\n'),
        );
    });

    it('refuses what is no side of it, and a side of a file without a conflict', async () => {
      const choose = CHOOSE.slice(CHOOSE.indexOf('Take'));
      assert.equal(
        await applied({ command: { files, take: 'teh' } }),
        [
          '> open "run-1"',
          'refused teh is no side of the conflict in src/shared.ts.',
          `refused ${choose}`,
          'exit 2',
        ].join('\n'),
      );
      assert.equal(
        await applied({ command: { files: ['parser.ts'], take: 'fix' } }),
        ['> open "run-1"', 'refused src/parser.ts is not in conflict.', 'refused Leave out --take.', 'exit 2'].join(
          '\n',
        ),
      );
    });

    it('applies nothing when the side is what stands there', async () => {
      const put = ok({ ...changed.value, status: 'discarded' as const });
      const told = [
        '> open "run-1"',
        '> resolve "run-1" "src/shared.ts" "fix"',
        'err Nothing of the edit of src/shared.ts is left to do: the file stays as it is there now.',
        'exit 0',
      ];
      assert.equal(await applied({ changed: put, command: { files, take: 'fix' } }), told.join('\n'));
      const json = await applied({ changed: put, command: { files, take: 'fix', json: true } });
      assert.match(json, /\nout \{"run":"run-1","done":\[\],"left":\[\]\}\nexit 0$/);
    });

    it('still warns of a protected one', async () => {
      const file = { ...resolved, protectedBecause: 'tools run it' };
      const guarded = ok({ ...changed.value, file });
      const told = await applied({ report, changed: guarded, command: { files, take: 'fix' } });
      assert.match(told, /\nerr left src\/shared\.ts: It is protected: tools run it\. /);
      assert.doesNotMatch(told, /> apply/);
    });

    it('is not merged before it is decided', async () => {
      assert.equal(
        await applied({ command: { files, merge: true } }),
        ['> open "run-1"', `err left src/shared.ts: ${CHOOSE}`, 'err Nothing was applied.', 'exit 1'].join('\n'),
      );
    });
  });

  describe('of a stale file', () => {
    const stale = 'src/parser.ts was changed on disk since the edit was proposed. Merge it again, or discard its edit.';
    const stalled = FILES.map((one) => (one.file.path === 'src/parser.ts' ? { ...one, stale, blocked: stale } : one));
    const command = { files: ['parser.ts'], merge: true };

    it('says how to merge it', async () => {
      const report = ok({ done: [], left: [{ path: 'src/parser.ts', why: stale }] });
      assert.equal(
        await applied({ files: stalled, report }),
        [
          '> open "run-1"',
          '> apply "run-1" {}',
          `err left src/parser.ts: ${stale} To merge it: orchestrator apply run-1 --file src/parser.ts --merge`,
          'err Nothing was applied.',
          'exit 1',
        ].join('\n'),
      );
    });

    it('merges and applies it', async () => {
      assert.equal(
        await applied({
          files: stalled,
          changed: ok(FILES[0] ?? assert.fail()),
          report: ok({ done: ['src/parser.ts'], left: [] }),
          command,
        }),
        [
          '> open "run-1"',
          '> merge "run-1" "src/parser.ts"',
          '> apply "run-1" {"paths":["src/parser.ts"]}',
          'out applied src/parser.ts',
          'err 1 file applied. Take back: orchestrator apply run-1 --revert',
          'exit 0',
        ].join('\n'),
      );
    });

    it('leaves it when it clashes, and says how to choose', async () => {
      const file: ReviewedFile['file'] = {
        ...(SAMPLE_PROPOSAL[0] ?? assert.fail()),
        conflict: {
          sides: [
            { task: 'fix', title: 'Fix the bug', text: 'a' },
            { task: '@workspace', title: 'What is there now', text: 'b' },
          ],
        },
      };
      const changed = ok({ file, status: 'open', stale: undefined, blocked: 'It is in conflict.' } as const);
      assert.equal(
        await applied({ files: stalled, changed, command }),
        [
          '> open "run-1"',
          '> merge "run-1" "src/parser.ts"',
          'err left src/parser.ts: It was merged and is in conflict now between fix and what is there now (@workspace). Take a side with --take fix, --take @workspace or --take both (then mend what stands between the markers): orchestrator apply run-1 --file src/parser.ts --take fix',
          'err Nothing was applied.',
          'exit 1',
        ].join('\n'),
      );
    });

    it('passes on why it cannot be merged', async () => {
      const changed = err(failure('rejected', 'It is a binary file by now.', { whatToDo: 'Discard its edit.' }));
      assert.equal(
        await applied({ files: stalled, changed, command }),
        [
          '> open "run-1"',
          '> merge "run-1" "src/parser.ts"',
          'refused It is a binary file by now. Discard its edit.',
          'exit 1',
        ].join('\n'),
      );
    });
  });
});
