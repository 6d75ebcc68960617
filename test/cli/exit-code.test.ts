import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { exitCodeOf } from '../../src/cli/exit-code.ts';

describe('the exit code of a run', () => {
  it('says how it ended', () => {
    const codes = [
      exitCodeOf({ outcome: 'answered', stoppedBy: null }),
      exitCodeOf({ outcome: 'failed', stoppedBy: 'failures' }),
      exitCodeOf({ outcome: 'failed', stoppedBy: 'budget' }),
      exitCodeOf({ outcome: 'partial', stoppedBy: 'budget' }),
      exitCodeOf({ outcome: 'partial', stoppedBy: 'failures' }),
      exitCodeOf({ outcome: 'partial', stoppedBy: null }),
      exitCodeOf({ outcome: 'cancelled', stoppedBy: 'cancel' }),
    ];
    assert.deepEqual(codes, [0, 1, 3, 3, 4, 4, 130]);
  });
});
