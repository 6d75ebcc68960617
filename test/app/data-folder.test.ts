import assert from 'node:assert/strict';
import { journalFile } from '../../src/app/data-folder.ts';

describe('the journal file', () => {
  const linux = { platform: 'linux', homeDir: '/home/ann', env: {} } as const;

  it('is in the data folder that each system has for it', () => {
    assert.equal(journalFile(linux), '/home/ann/.local/share/orchestrator/journal.db');
    assert.equal(journalFile({ ...linux, env: { XDG_DATA_HOME: '/data/ann' } }), '/data/ann/orchestrator/journal.db');
    assert.equal(
      journalFile({ platform: 'darwin', homeDir: '/Users/ann', env: {} }),
      '/Users/ann/Library/Application Support/orchestrator/journal.db',
    );
    const windows = { platform: 'win32', homeDir: 'C:\\Users\\ann', env: {} } as const;
    assert.equal(journalFile(windows), 'C:\\Users\\ann\\AppData\\Local\\orchestrator\\journal.db');
    assert.equal(
      journalFile({ ...windows, env: { LOCALAPPDATA: 'D:\\Local' } }),
      'D:\\Local\\orchestrator\\journal.db',
    );
  });

  it('is where ORCHESTRATOR_DB says, and a relative XDG_DATA_HOME is ignored', () => {
    assert.equal(journalFile({ ...linux, env: { ORCHESTRATOR_DB: '/tmp/x.db', XDG_DATA_HOME: '/data' } }), '/tmp/x.db');
    assert.equal(
      journalFile({ ...linux, env: { ORCHESTRATOR_DB: '', XDG_DATA_HOME: 'data' } }),
      '/home/ann/.local/share/orchestrator/journal.db',
    );
  });
});
