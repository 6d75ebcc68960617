import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createScriptDiagnostics, createScriptSyntax } from '../../../src/vscode/edits/script-syntax.ts';

const library = createRequire(import.meta.url).resolve('typescript/lib/typescript.js');
const checker = createScriptSyntax(library);

const IMPORTS = "import { b } from '../nowhere.ts';\nexport const a: string = b + 1;\n";

describe('syntax of proposed scripts', () => {
  let found: readonly string[] = [];
  const of = (path: string): readonly string[] => found.filter((problem) => problem.startsWith(`${path}:`));

  /** Each reading takes a thread, and the whole library in it. */
  before(async () => {
    const files = [
      { path: 'src/a.ts', text: `${IMPORTS}function {\n`, before: null },
      { path: 'src/b.ts', text: IMPORTS, before: null },
      { path: 'a.tsx', text: 'export const a = <b>c</b>;\n', before: null },
      { path: 'a.mjs', text: 'export const a = await b;\n', before: null },
      { path: 'a.js', text: 'const = 1;\n', before: null },
      { path: 'old.ts', text: 'let x = ;\n// new\n', before: 'let x = ;\n' },
      { path: 'a.py', text: 'def (:\n', before: null },
    ];
    found = await checker.check(files, new AbortController().signal);
  });

  it('names file, line and fault, and says nothing of imports and types', () => {
    assert.match(of('src/a.ts')[0] ?? '', /^src\/a\.ts:3: Identifier expected/);
    assert.deepEqual(of('src/b.ts'), []);
  });

  it('knows JSX, modules and plain JavaScript by the name of the file', () => {
    assert.deepEqual([of('a.tsx'), of('a.mjs'), of('a.js').length > 0], [[], [], true]);
  });

  it('leaves alone what was broken before in the same way, and other languages', () => {
    assert.deepEqual([of('old.ts'), of('a.py')], [[], []]);
  });

  it('are told apart from texts that nobody read, for a diagnosis', async () => {
    const texts = [
      { path: 'a.ts', text: 'export const a = 1;\n' },
      { path: 'a.py', text: 'def (:\n' },
      { path: 'b.ts', text: 'let x = 1;\nconst = 1;\n' },
    ];
    const options = { severity: 'error', signal: new AbortController().signal } as const;
    const told = async (from: string | undefined): Promise<readonly string[]> =>
      (await createScriptDiagnostics(from).diagnose(texts, options)).map((one) =>
        one.kind === 'read' ? `read: ${one.problems.map(({ line }) => line).join()}` : one.why,
      );
    const unread = 'the TypeScript that VS Code brings could not read it';
    assert.deepEqual(await told(library), ['read: ', unread, 'read: 2,2']);
    assert.deepEqual(await told(undefined), [unread, unread, unread]);
    assert.deepEqual(await told('/nowhere/typescript.js'), [unread, unread, unread]);
  });

  it('finds nothing without a library, with one that breaks, and when it is stopped', async () => {
    const file = { path: 'a.ts', text: 'const = 1;', before: null };
    const { signal } = new AbortController();
    assert.deepEqual(await createScriptSyntax(undefined).check([file], signal), []);
    assert.deepEqual(await createScriptSyntax('/nowhere/typescript.js').check([file], signal), []);
    const stop = new AbortController();
    const checking = checker.check([file], stop.signal);
    stop.abort();
    assert.deepEqual(await checking, []);
  });
});
