import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sameControl } from '../../src/webview/conversation/same-control.ts';

const NAMES = ['What was sent', 'a.ts:3', 'a.ts:3', 'Show less'];

describe('the control that had the focus in a piece that is drawn anew', () => {
  it('is the one with the same words, wherever it is now, and of several the same one', () => {
    const now = ['Reply', 'a.ts:3', 'b.ts:1', 'a.ts:3', 'Show less'];
    assert.deepEqual(
      NAMES.map((_, at) => sameControl({ names: NAMES, at }, now)),
      [undefined, 1, 3, 4],
    );
  });

  it('is no other one where it is gone', () => {
    assert.equal(sameControl({ names: NAMES, at: 2 }, ['a.ts:3', 'Show less']), undefined);
    assert.equal(sameControl({ names: ['Review'], at: 0 }, ['What was sent']), undefined);
  });
});
