import assert from 'node:assert/strict';
import type { Diagnostics } from '../../src/core/deliverable/check-ports.ts';
import {
  createParseChecker,
  createParseDiagnostics,
  joinCheckers,
  joinDiagnostics,
} from '../../src/tools/parse-check.ts';

const checker = createParseChecker();
const check = (path: string, text: string, before: string | null = null): Promise<readonly string[]> =>
  checker.check([{ path, text, before }], new AbortController().signal);

describe('the parsers that look at proposed texts', () => {
  it('name file, line and fault of broken JSON', async () => {
    assert.deepEqual(await check('a/b.json', '{\n  "x": 1,\n  "y" 2\n}'), [
      'a/b.json:3: not valid JSON (ColonExpected)',
    ]);
  });

  it('allow comments and trailing commas where the readers of a file do, and nowhere else', async () => {
    const text = '{\n  // why\n  "x": 1,\n}';
    for (const path of [
      'tsconfig.json',
      'pkg/tsconfig.build.json',
      'x.jsonc',
      '.vscode/tasks.json',
      'a.code-workspace',
    ])
      assert.deepEqual(await check(path, text), [], path);
    assert.ok((await check('package.json', text)).length >= 2);
  });

  it('leave alone what was broken before in the same way, and what they do not know', async () => {
    assert.deepEqual(await check('a.json', '{"x": }', '{"y": }'), []);
    assert.deepEqual(await check('a.ts', '{"x": }'), []);
  });

  it('are all asked, and a problem that two of them found is told once', async () => {
    const twice = joinCheckers([checker, checker]);
    const found = await twice.check([{ path: 'a.json', text: '[1', before: null }], new AbortController().signal);
    assert.deepEqual(found, ['a.json:1: not valid JSON (CloseBracketExpected)']);
  });

  it('say of each text whether they looked at it at all, for a diagnosis', async () => {
    const texts = [
      { path: 'a.json', text: '{"x": 1}' },
      { path: 'b.py', text: 'x' },
      { path: 'c.json', text: '{\n"x" 1}' },
      { path: 'd.json', text: '['.repeat(1_000) },
      { path: 'e.md', text: 'x' },
    ];
    const python: Diagnostics = {
      diagnose: (asked) =>
        Promise.resolve(
          asked.map(({ path }) =>
            path.endsWith('.py')
              ? { kind: 'read', problems: [], isSyntaxOnly: false }
              : { kind: 'unknown', why: 'no snake' },
          ),
        ),
    };
    const options = { severity: 'error', signal: new AbortController().signal } as const;
    const told = async (diagnostics: Diagnostics): Promise<readonly string[]> =>
      (await diagnostics.diagnose(texts, options)).map((one) =>
        one.kind === 'read'
          ? `${one.isSyntaxOnly ? 'form' : 'whole'} ${one.problems.map(({ line, message }) => `${line} ${message}`).join()}`
          : one.why,
      );
    assert.deepEqual(await told(joinDiagnostics([createParseDiagnostics(), python])), [
      'form ',
      'whole ',
      'form 2 not valid JSON (ColonExpected)',
      'no snake',
      'no snake',
    ]);
    assert.match((await told(createParseDiagnostics()))[3] ?? '', /nested deeper/);
    assert.match((await told(joinDiagnostics([])))[0] ?? '', /^nothing here reads files of this kind/);
  });

  it('stop at deep nesting without breaking', async () => {
    assert.deepEqual(await check('deep.json', '['.repeat(200_000)), [
      'deep.json:1: not checked: it is nested deeper than 500 levels',
    ]);
  });
});
