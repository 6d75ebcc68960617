/** Hints name the command as it was started: by the script under node, or by a program of its own name. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';
import { buildOnce, CLI, cliProcess } from '../built.ts';

/** Makes a Node say that it is an older one, so that the command line starts itself again under another. */
const OLDER = {
  NODE_OPTIONS:
    "--import \"data:text/javascript,if(!process.env.ORCHESTRATOR_STARTED_BY_OLDER_NODE)Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.0'}})\"",
};

describe('the command as hints name it', () => {
  let tree: TempTree;
  before(function () {
    this.timeout(60_000);
    buildOnce();
    tree = tempTree();
    symlinkSync(CLI, path.join(tree.path, 'orchestrator'));
  });
  after(() => tree.remove());

  async function hint(options: { readonly script?: string; readonly cwd: string }, env = {}): Promise<string> {
    const { exitCode, err } = await cliProcess(['ask'], { ...options, env });
    assert.equal(exitCode, 2);
    return err.split('\n')[1] ?? '';
  }

  it('is orchestrator when a program of this name was started, also by an older Node', async () => {
    const script = path.join(tree.path, 'orchestrator');
    for (const env of [{}, OLDER])
      assert.equal(await hint({ script, cwd: tree.path }, env), '"orchestrator ask --help" tells what there is.');
  }).timeout(20_000);

  it('is the script otherwise, as short as the current folder allows', async () => {
    const root = path.dirname(path.dirname(CLI));
    for (const env of [{}, OLDER])
      assert.equal(await hint({ cwd: root }, env), '"node dist/cli.js ask --help" tells what there is.');
    assert.equal(await hint({ cwd: tree.path }), `"node ${CLI} ask --help" tells what there is.`);
  }).timeout(20_000);
});
