import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { splitLineRange } from '../../src/core/line-range.ts';
import { engineFixture, MemoryWorkspace } from '../support/engine-fixture.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { planReply } from '../support/scripted-replies.ts';

describe('lines that a path names', () => {
  it('are one line or several, and no lines where none are named', () => {
    const named = ['a.ts#L3', 'src/a b.ts#L3-L9', 'a.ts#L3-9', 'a#b.md#L1', 'a.ts', 'a.ts#L', '#L3', 'a.ts#L3-L'];
    assert.deepEqual(
      named.map((path) => {
        const found = splitLineRange(path);
        return found === undefined ? 'none' : `${found.path} ${found.range.startLine}-${found.range.endLine}`;
      }),
      ['a.ts 3-3', 'src/a b.ts 3-9', 'a.ts 3-9', 'a#b.md 1-1', 'none', 'none', 'none', 'none'],
    );
  });

  it('are all that a task reads of the file, under their own numbers, and a file of that very name goes before', async () => {
    const reader = new ScriptedBackend({ id: 'reader' }, ({ key }) =>
      key.task === '@plan'
        ? planReply({ id: 'a', inputs: ['a.ts#L2-L3', 'odd#L1', 'gone.ts#L1'] })
        : {
            text: JSON.stringify({
              claims: [{ text: 'Two.', quotes: [{ path: 'a.ts', line: 2, text: 'two' }] }],
              missing: '',
            }),
          },
    );
    const workspace = new MemoryWorkspace({ 'a.ts': 'one\ntwo\nthree\nfour\n', 'odd#L1': 'odd\n' });
    const fixture = engineFixture({ backends: [reader], workspace });
    await fixture.ask('go', { synthesis: false });
    const prompt = reader.calls[1]?.prompt ?? '';
    assert.match(prompt, /file a\.ts>>\n2\| two\n3\| three\n<</);
    assert.match(prompt, /file odd#L1>>\n1\| odd\n<</);
    const result = fixture.engine.state('run-1')?.answer ?? '';
    assert.match(result, /Two\. \[a\.ts:2\]\(a\.ts#L2\)/);
    assert.match(result, /gone\.ts/);
  });
});
