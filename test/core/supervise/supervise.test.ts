import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import { addSpend, NO_SPEND } from '../../../src/core/spend.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  endOf,
  hands,
  replies,
  superviseFixture,
  tree,
  uses,
} from './supervise-rig.ts';

const submit = (output: string): ReturnType<typeof uses> => uses(call('submit_result', { output }));
const wait = uses(call('wait', { all: true }));

describe('what is delegated', () => {
  it('is won by a result that passes, made by workers of the same run', async () => {
    const coder = hands(({ key }) =>
      key.turn === 0 ? uses(call('write_file', { path: 'out.txt', text: 'two\n' })) : { text: 'It is there.' },
    );
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('the file', { capability: 'code', edits: true }))),
            wait,
            submit('Done: out.txt'),
          ],
        }),
        coder,
      ],
      workspace: new MemoryWorkspace({}),
    });
    const result = await delegateAll(fixture, {
      deliverable: { kind: 'file-contains', path: 'out.txt', text: 'two', isNew: true },
    });
    assert.equal(endOf(result), 'winner: Done: out.txt', fixture.errors.join('\n') + replies(fixture).join('\n'));
    assert.equal(tree(fixture), 'supervisor completed\nw1 < supervisor completed');
    const state = fixture.engine.state('run-1');
    assert.equal(state?.outcome, 'answered');
    assert.deepEqual([...(state?.proposal?.files.keys() ?? [])], ['out.txt']);
    const spent = fixture.events.flatMap((event) => (event.type === 'call.finished' ? [event.spent] : []));
    assert.deepEqual({ ...result.spentTotal, ms: 0 }, { ...spent.reduce(addSpend, NO_SPEND), ms: 0 });
    assert.equal(result.spentTotal.iterations, 5);
  });

  it('is not won by a worker that lies', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('the file'))),
            wait,
            submit('It is there.'),
            submit('Really.'),
            submit('Believe me.'),
            submit('Again.'),
          ],
        }),
        hands(() => ({ text: 'I made out.txt.' })),
      ],
    });
    const result = await delegateAll(fixture, { deliverable: { kind: 'file-exists', path: 'out.txt' } });
    assert.equal(
      endOf(result),
      'no-winner, not-delivered: What was submitted last did not pass: out.txt exists: there is no such file. | Believe me.',
    );
    assert.equal(result.spentTotal.iterations, 6);
    assert.deepEqual(replies(fixture).slice(2), [
      'submit_result refused: The deliverable is not there.\n- failed: out.txt exists: there is no such file\nYou may submit 2 times more: mend what is named, by workers, then submit again.',
      'submit_result refused: The deliverable is not there.\n- failed: out.txt exists: there is no such file\nYou may submit once more: mend what is named, by workers, then submit again.',
      'submit_result refused: The deliverable is not there.\n- failed: out.txt exists: there is no such file\nYou have submitted as often as you may.',
    ]);
    assert.equal(fixture.engine.state('run-1')?.outcome, 'partial');
  });

  it('is lost when all workers failed, and tells the supervisor why in full', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('it', { target: 'hands' }))),
            wait,
            uses(call('stop', { why: 'nobody can' })),
          ],
        }),
        hands(() => failsWith('rejected')),
      ],
    });
    const result = await delegateAll(fixture);
    assert.equal(endOf(result), 'no-winner, all-failed: The supervisor gave up: nobody can | ');
    assert.match(
      replies(fixture)[1] ?? '',
      /## w1 "it": failed \(rejected\)[\s\S]*Why: It failed \(rejected\)\. Mend it\./,
    );
  });
});
