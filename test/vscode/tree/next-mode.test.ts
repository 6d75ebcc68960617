import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MODES } from '../../../src/core/plan/plan.ts';
import { Clicks, nextMode } from '../../../src/vscode/tree/next-mode.ts';
import { commandTarget } from '../../../src/vscode/tree/task-target.ts';
import { TreeNodes } from '../../../src/vscode/tree/tree-nodes.ts';

describe('the next mode', () => {
  it('goes through all of them and around', () => {
    assert.deepEqual(MODES.map(nextMode), ['interactive', 'hybrid', 'autonomous']);
  });
});

describe('a double click', () => {
  const clicked = (...clicks: readonly (readonly [string, number])[]): string => {
    const seen = new Clicks();
    return clicks.map(([row, atMs]) => (seen.isDouble(row, atMs) ? 'double' : 'single')).join(' ');
  };

  it('is two clicks on the same row, at once or soon after', () => {
    assert.equal(clicked(['a', 0], ['a', 0]), 'single double');
    assert.equal(clicked(['a', 0], ['a', 400]), 'single double');
    assert.equal(clicked(['a', 0], ['a', 401]), 'single single');
  });

  it('is none on two rows, and a third click begins anew', () => {
    assert.equal(clicked(['a', 0], ['b', 10], ['a', 20]), 'single single single');
    assert.equal(clicked(['a', 0], ['a', 10], ['a', 20], ['a', 30]), 'single double single double');
  });

  it('is told from a row that a key selects, until the command of that key has come', () => {
    const seen = new Clicks();
    const row = { run: 'r', task: 'a' };
    assert.equal(seen.isOfKey(row, 0), false);
    seen.selectingByKey(1_000, []);
    assert.equal(seen.isOfKey(row, 11_000), true);
    assert.deepEqual(seen.takeRowsOfKey(), ['r', 'a']);
    assert.equal(seen.isOfKey(row, 11_000), false);
    assert.deepEqual(seen.takeRowsOfKey(), []);
  });

  it('is one again when the command of a key has not come for long', () => {
    const seen = new Clicks();
    seen.selectingByKey(0, []);
    assert.equal(seen.isOfKey({ run: 'r' }, 10_001), false);
    assert.deepEqual(seen.takeRowsOfKey(), []);
  });
});

describe('a key', () => {
  const nodes = new TreeNodes();
  const [a, b] = [nodes.task('r', 'a'), nodes.task('r', 'b')];

  it('is about all rows that were selected before it when its row is one of them', () => {
    const seen = new Clicks();
    seen.selectingByKey(0, [b, a]);
    seen.isOfKey({ run: 'r', task: 'a' }, 1);
    assert.deepEqual(commandTarget(seen.takeRowsOfKey(), []), { run: 'r', tasks: ['a', 'b'], value: undefined });
    seen.selectingByKey(2, [b, nodes.run('r')]);
    seen.isOfKey({ run: 'r', task: 'a' }, 3);
    assert.deepEqual(commandTarget(seen.takeRowsOfKey(), []), { run: 'r', tasks: ['a'], value: undefined });
  });

  it('is about nothing on a row that is neither run nor task', () => {
    const seen = new Clicks();
    seen.selectingByKey(0, [a]);
    assert.equal(seen.isOfKey(undefined, 1), true);
    assert.deepEqual(seen.takeRowsOfKey(), []);
  });
});
