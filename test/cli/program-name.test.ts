import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { programName, shellWord } from '../../src/cli/program-name.ts';

describe('the name by which the command line is started', () => {
  it('is its own when a program of that name started it', () => {
    for (const script of [
      '/usr/local/bin/orchestrator',
      '/a/node_modules/.bin/orchestrator',
      '/b/orchestrator.js',
      undefined,
    ])
      assert.equal(programName({ script, cwd: '/project' }), 'orchestrator');
  });

  it('is the script under node otherwise, from the current folder where it is below it', () => {
    const named = (script: string, cwd: string): string => programName({ script, cwd });
    assert.equal(named('/project/dist/cli.js', '/project'), 'node dist/cli.js');
    assert.equal(named('/project/dist/cli.js', '/project/src'), 'node /project/dist/cli.js');
    assert.equal(named('/my work/dist/cli.js', '/'), "node 'my work/dist/cli.js'");
    assert.equal(named('/orchestrator/dist/cli.js', '/elsewhere'), 'node /orchestrator/dist/cli.js');
  });

  it('has its words in quotes only where a shell would not take them as one', () => {
    assert.deepEqual(['src/a-b.ts', '@workspace', 'größe.ts', 'a b', "it's", '$HOME', '*', ''].map(shellWord), [
      'src/a-b.ts',
      '@workspace',
      'größe.ts',
      "'a b'",
      String.raw`'it'\''s'`,
      "'$HOME'",
      "'*'",
      "''",
    ]);
  });
});
