/** Proposed texts before the editor's own language support. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EditDiagnostics } from '../../src/vscode/edits/edit-diagnostics.ts';
import { bundledTypeScript, createScriptSyntax } from '../../src/vscode/edits/script-syntax.ts';
import { CHECK_SCHEME } from '../../src/vscode/ids.ts';

describe('language support that looks at proposed texts', () => {
  const checker = new EditDiagnostics(2_000);
  const check = (path: string, text: string, before: string | null = null): Promise<readonly string[]> =>
    checker.check([{ path, text, before }], new AbortController().signal);

  /** As a linter of another extension does it: it looks at what is opened and tells what it finds. */
  const linted = vscode.languages.createDiagnosticCollection('linter');
  const lint = (document: vscode.TextDocument): void => {
    const lines = document.getText().split('\n');
    const faults = lines.flatMap((line, index) => (line.includes('def (') ? [index] : []));
    linted.set(document.uri, [
      ...faults.map(
        (line) => new vscode.Diagnostic(new vscode.Range(line, 0, line, 3), `No name in line "${lines[line]}"`),
      ),
      new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), 'Could be shorter', vscode.DiagnosticSeverity.Warning),
    ]);
  };
  const listener = vscode.workspace.onDidOpenTextDocument((document) => {
    if (document.uri.path.endsWith('.py')) lint(document);
  });
  after(() => {
    listener.dispose();
    linted.dispose();
    checker.dispose();
  });

  it('names file, line and error, and no warning', async () => {
    assert.deepEqual(await check('src/a.py', 'x = 1\ndef (:\n'), ['src/a.py:2: No name in line "def (:"']);
  });

  it('tells nothing of a sound text, nor of what was wrong before', async () => {
    assert.deepEqual(await check('src/b.py', 'b = 1\n'), []);
    assert.deepEqual(await check('src/c.py', 'def (:\n# new\n', 'def (:\n'), []);
  });

  it('tells who looked from who did not, with warnings where they count', async () => {
    const { signal } = new AbortController();
    const texts = [
      { path: 'src/d.py', text: 'd = 1\n' },
      { path: 'src/d.go', text: 'package d\n' },
      { path: 'src/d.md', text: '# d\n' },
    ];
    const told = async (severity: 'error' | 'warning'): Promise<readonly string[]> =>
      (await checker.diagnose(texts, { severity, signal })).map((one) =>
        one.kind === 'read' ? one.problems.map(({ line, message }) => `${line} ${message}`).join() : one.why,
      );
    assert.deepEqual(await told('error'), [
      '',
      'no language support said anything of it within 2 s',
      'language support is not asked about files of this kind or size',
    ]);
    assert.equal((await told('warning'))[0], '1 Could be shorter');
  });

  it('reads scripts with the TypeScript that VS Code brings', async () => {
    const syntax = createScriptSyntax(bundledTypeScript(vscode.env.appRoot));
    const found = await syntax.check(
      [{ path: 'a.ts', text: 'const = 1;\n', before: null }],
      new AbortController().signal,
    );
    assert.match(found.join('\n'), /^a\.ts:1: /);
  });

  it('opens nothing whose readers fetch addresses', async () => {
    await check('data.json', '{"$schema": "http://127.0.0.1:9/schema", "x": }');
    const opened = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === CHECK_SCHEME);
    assert.deepEqual(
      opened.filter(({ uri }) => uri.path.endsWith('.json')).map(({ uri }) => uri.path),
      [],
    );
  });

  it('ends at once when it is stopped', async () => {
    const stop = new AbortController();
    const checking = checker.check([{ path: 'd.py', text: 'def (:\n', before: null }], stop.signal);
    stop.abort();
    assert.deepEqual(await checking, []);
  });
});
