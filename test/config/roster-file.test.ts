import assert from 'node:assert/strict';
import { parseRosterFile } from '../../src/config/roster-file.ts';

const GOOD = { id: 'a', provider: 'embedded' };

describe('A --roster file', () => {
  it('is an array of backends, with comments and trailing commas', () => {
    const text = '\ufeff// mine\n[\n  { "id": "a", "provider": "embedded", }, /* last */\n]\n';
    assert.deepEqual(parseRosterFile(text, 'r.json'), { ok: true, value: { 'orchestrator.roster': { user: [GOOD] } } });
  });

  it('is a settings.json, of which all our settings count at user level', () => {
    const text =
      '{ "editor.fontSize": 12, "orchestrator.roster": [{"id": "a", "provider": "embedded"}], "orchestrator.allowApi": true, // yes\n }';
    assert.deepEqual(parseRosterFile(text, 'settings.json'), {
      ok: true,
      value: { 'orchestrator.roster': { user: [GOOD] }, 'orchestrator.allowApi': { user: true } },
    });
  });
});
