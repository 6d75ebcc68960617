import assert from 'node:assert/strict';
import { whyOwnSettings } from '../../src/tools/own-settings.ts';

const FILE = '.vscode/settings.json';
const ROSTER = '"orchestrator.roster": [{"id": "a"}]';

/** The setting that a change touches. */
function touched(before: string | null, after: string | null, path = FILE): string | undefined {
  return /^It changes the setting "([^"]*)"/.exec(whyOwnSettings(path, before, after) ?? '')?.[1];
}

describe('Our own settings', () => {
  it('are not changed by a proposal: not added, edited, moved, or removed, not with the file', () => {
    assert.deepEqual(
      [
        touched('{}', `{${ROSTER}}`),
        touched(null, `{${ROSTER}}`),
        touched(`{${ROSTER}}`, '{}'),
        touched(`{${ROSTER}}`, null),
        touched(`{${ROSTER}}`, '{"orchestrator.roster": [{"id": "b"}]}'),
        touched(`{${ROSTER}}`, `{"[markdown]": {${ROSTER}}}`),
        touched(`{${ROSTER}}`, `{${ROSTER}, "orchestrator.roster": []}`),
        touched('{}', '{"orchestrator": {"budget": {}}}'),
        touched('{"settings": {}}', '{"settings": {"orchestrator.allowApi": true}}', 'team.code-workspace'),
        touched(
          '{}',
          '{"customizations": {"vscode": {"settings": {"orchestrator.x": 1}}}}',
          '.devcontainer/devcontainer.json',
        ),
      ],
      [
        ...Array.from({ length: 7 }, () => 'orchestrator.roster'),
        'orchestrator',
        'orchestrator.allowApi',
        'orchestrator.x',
      ],
    );
  });

  it('are found as the editor finds them: escaped, between comments, in files that no parser takes', () => {
    const hidden = [
      '{"orchestrator\\u002eroster": []}',
      '{/* "x */ "orchestrator.roster" /* : */ : []}',
      '{"a": , "orchestrator.roster": [}',
      '{"a" "b": 1 "orchestrator.roster": []',
      '{} {"orchestrator.roster": []}',
      '\ufeff{"orchestrator.roster": []}',
      `${'{"a":['.repeat(30_000)}{"orchestrator.roster": []}`,
      '{"orchestrator.roster": \0 []}',
    ];
    assert.deepEqual(
      hidden.map((text) => touched('{}', text)),
      hidden.map(() => 'orchestrator.roster'),
    );
  });

  it('are found whatever the case of the path', () => {
    for (const path of ['.VSCode/Settings.JSON', 'pkg/.vscode/settings.json', 'A.CODE-WORKSPACE', '.devcontainer.json'])
      assert.equal(touched('{}', `{${ROSTER}}`, path), 'orchestrator.roster', path);
  });

  it('stay as they are while others change beside them', () => {
    const before = `{\n  // mine\n  ${ROSTER}, // yes\n  "editor.tabSize": 2\n}`;
    const after = '{"editor.tabSize": 4, "orchestrator.roster":[{ "id":"a" }],}';
    assert.equal(whyOwnSettings(FILE, before, after), undefined);
    assert.equal(
      touched('{"recommendations": []}', '{"recommendations": ["orchestrator.chat", "orchestrator"]}'),
      undefined,
    );
    assert.equal(
      touched('{}', '{"orchestrators.x": 1, "my.orchestrator.roster": 2, "// orchestrator.x": 3}'),
      undefined,
    );
  });

  it('are no matter of other files', () => {
    for (const path of ['src/settings.json', 'package.json', 'vscode/settings.json', 'settings.json/a.ts'])
      assert.equal(whyOwnSettings(path, '{}', `{${ROSTER}}`), undefined, path);
  });

  it('are looked for in bounded time, however they are nested', () => {
    const nested = '{"orchestrator.a":'.repeat(100_000);
    assert.equal(touched('{}', nested), 'orchestrator.a');
  });
});
