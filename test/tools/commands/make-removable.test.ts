import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { makeRemovable } from '../../../src/tools/commands/make-removable.ts';
import { tempTree } from '../temp-tree.ts';

describe('a folder that nothing can be taken out of', () => {
  it('is opened with all folders in it, and nothing behind a link', async () => {
    const [tree, other] = [tempTree({ 'a/b/c.txt': '' }), tempTree()];
    const at = (name: string): string => path.join(tree.path, name);
    mkdirSync(path.join(other.path, 'closed'));
    symlinkSync(other.path, at('a/b/link'));
    for (const folder of [at('a/b'), at('a'), path.join(other.path, 'closed')]) chmodSync(folder, 0o500);
    await makeRemovable(tree.path);
    const modes = [at('a'), at('a/b'), path.join(other.path, 'closed')].map((one) => statSync(one).mode & 0o777);
    assert.deepEqual(modes, [0o700, 0o700, 0o500]);
    for (const one of [tree, other]) one.remove();
  });
});
