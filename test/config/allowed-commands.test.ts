import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import type { RawSettings } from '../../src/config/raw-settings.ts';

function load(raw: RawSettings): Config {
  return loadConfig(raw, { isTrusted: true, insideVsCode: true });
}

describe('orchestrator.allowedCommands', () => {
  it('takes the commands that may be run from the user alone', () => {
    const config = load({
      'orchestrator.allowedCommands': {
        user: [['npm', 'test'], '  cargo   check ', [], '', 7, ['node', '']],
        workspace: [['rm']],
      },
    });
    assert.deepEqual(config.allowedCommands, [
      ['npm', 'test'],
      ['cargo', 'check'],
    ]);
    assert.deepEqual(
      config.problems.map(({ where, got }) => `${where}: ${got}`),
      [
        'workspace allowedCommands: one, which is ignored',
        'allowedCommands[2]: a list of 0',
        'allowedCommands[3]: ""',
        'allowedCommands[4]: 7',
        'allowedCommands[5]: a list of 2',
      ],
    );
    assert.deepEqual(load({ 'orchestrator.allowedCommands': { user: 'npm test' } }).allowedCommands, []);
  });
});
