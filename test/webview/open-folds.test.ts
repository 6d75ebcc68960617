import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { OpenFolds } from '../../src/webview/conversation/open-folds.ts';

describe('what a person unfolded', () => {
  it('is told when it changes, and only then, as all that is open', () => {
    const told: (readonly string[])[] = [];
    const folds: OpenFolds = new OpenFolds(['0.route'], () => told.push(folds.keys));
    folds.set('0.route', true);
    folds.set('0.tool.1', true);
    folds.set('0.route', false);
    folds.set('0.route', false);
    assert.deepEqual(told, [['0.route', '0.tool.1'], ['0.tool.1']]);
  });

  it('is open again in a page that begins with it', () => {
    const folds = new OpenFolds(['0.tool.1'], () => assert.fail('nothing has changed'));
    assert.deepEqual([folds.isOpen('0.tool.1'), folds.isOpen('0.route')], [true, false]);
  });
});
