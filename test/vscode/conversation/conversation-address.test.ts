/** What a page keeps is what its panel is brought back by after a reload of the window. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { addressOf, keyOf } from '../../../src/vscode/conversation/conversation-address.ts';
import { readKeptPage, type KeptPage } from '../../../src/webview/conversation/conversation-messages.ts';

const KEPT: KeptPage = {
  run: 'run-1',
  task: 'fix',
  draft: 'Half a\nthought',
  meaning: '["say"]',
  open: ['0.route', '0.tool.1'],
};

describe('a panel that VS Code brings back', () => {
  it('shows the same task, with what stood in the box and what was unfolded', () => {
    const state: unknown = JSON.parse(JSON.stringify(KEPT));
    assert.deepEqual(addressOf(state), { run: 'run-1', task: 'fix' });
    assert.equal(keyOf({ run: 'run-1', task: 'fix' }), 'run-1/fix');
    assert.deepEqual(readKeptPage(state), KEPT);
  });

  it('is closed where its page had not shown a task, or kept something else', () => {
    for (const state of [undefined, null, 'x', [], {}, { ...KEPT, task: '' }, { ...KEPT, run: 7 }, { draft: 'x' }])
      assert.equal(addressOf(state), undefined, JSON.stringify(state));
    assert.deepEqual(readKeptPage({ run: {}, open: ['a', 7], draft: null }), {
      run: '',
      task: '',
      draft: '',
      meaning: '',
      open: ['a'],
    });
  });
});
