import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { parseArguments, workbenchQuery } from './arguments.mjs';
import { restoreCheck } from './enforce-proposals.mjs';

describe('the stand-in for VS Code', () => {
  it('understands the arguments of runTests, several extensions among them', () => {
    const asked = parseArguments([
      '/ws',
      '--no-sandbox',
      '--extensionTestsPath=/suite.cjs',
      '--extensionDevelopmentPath=/ours',
      '--extensionDevelopmentPath=/theirs',
      '--user-data-dir=/user',
      '--extensions-dir=/extensions',
      '--remote-debugging-port=9222',
    ]);
    assert.deepEqual(asked, {
      folder: '/ws',
      developmentPaths: ['/ours', '/theirs'],
      testsPath: '/suite.cjs',
      userData: '/user',
      extensions: '/extensions',
      debuggingPort: 9222,
    });
    assert.equal(
      decodeURIComponent(workbenchQuery(asked, 'host:1')),
      'folder=/ws&payload=[["extensionDevelopmentPath","vscode-remote://host:1/ours"],' +
        '["extensionDevelopmentPath","vscode-remote://host:1/theirs"],["extensionTestsPath","vscode-remote://host:1/suite.cjs"]]',
    );
  });

  it('opens a .code-workspace file as one, and an empty window without a folder', () => {
    const open = (folder) => workbenchQuery({ folder, developmentPaths: [] }, 'h').split('&')[0];
    assert.deepEqual([open('/a/b.code-workspace'), open(undefined)], ['workspace=%2Fa%2Fb.code-workspace', 'ew=true']);
  });

  it('puts the check of proposed API back where it was taken out', () => {
    const refusal = "if(!q$(e,t))throw new Error(`Extension '${e.identifier.value}' CANNOT use API proposal: ${t}.`)";
    const restored = restoreCheck(`function q$(e,t){return!0}function use(e,t){${refusal}}`);
    const use = runInNewContext(`${restored};use`);
    const extension = { identifier: { value: 'a.b' }, enabledApiProposals: ['given'] };
    assert.doesNotThrow(() => use(extension, 'given'));
    assert.throws(() => use(extension, 'other'), /'a.b' CANNOT use API proposal: other/);
  });

  it('does not take an unknown build for a checked one', () => {
    assert.equal(restoreCheck('function q(e,t){return!0}'), undefined);
  });
});
