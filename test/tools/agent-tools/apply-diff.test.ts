import assert from 'node:assert/strict';
import { createTwoFilesPatch } from 'diff';
import { describe, it } from 'mocha';
import { assertGrowsWithSize } from '../../support/growth.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { MapFiles } from './map-files.ts';
import { runTool } from './run-tool.ts';

const HEAD = '--- a/a.ts\n+++ b/a.ts\n';
const TEXT = Array.from({ length: 20 }, (_, n) => `line ${n + 1}\n`).join('');

describe('Diffs', () => {
  it('change, create, delete and rename several files at once', async () => {
    const files = new MapFiles({ 'a.ts': 'one\r\ntwo\r\n', 'old.ts': 'gone\n', 'b.ts': 'b\n', 'e.ts': '' });
    const diff = `${HEAD}@@ -1,2 +1,2 @@
 one
-two
+2
--- a/old.ts
+++ /dev/null
@@ -1,1 +0,0 @@
-gone
--- /dev/null
+++ b/dir/new.ts
@@ -0,0 +1,2 @@
+x
+y
diff --git a/b.ts b/c.ts
rename from b.ts
rename to c.ts
--- a/b.ts
+++ b/c.ts
@@ -1,1 +1,1 @@
-b
+c
diff --git a/empty.ts b/empty.ts
new file mode 100644
index 0000000..e69de29
diff --git a/e.ts b/e.ts
--- a/e.ts
+++ b/e.ts
@@ -0,0 +1 @@
+filled
`;
    assert.equal(
      await runTool(files, 'apply_diff', { diff }),
      `Changed a.ts: 1 line added, 1 line removed.
Deleted old.ts: 0 lines added, 1 line removed.
Created dir/new.ts: 2 lines added, 0 lines removed.
Renamed b.ts to c.ts.
Changed c.ts: 1 line added, 1 line removed.
Created empty.ts.
Changed e.ts: 1 line added, 0 lines removed.`,
    );
    assert.deepEqual(Object.fromEntries(files.texts), {
      'a.ts': 'one\r\n2\r\n',
      'dir/new.ts': 'x\ny\n',
      'c.ts': 'c\n',
      'empty.ts': '',
      'e.ts': 'filled\n',
    });
  });

  it('change nothing at all when one hunk fails, and name it', async () => {
    const files = new MapFiles({ 'a.ts': TEXT, 'b.ts': 'b\n' });
    const diff = `--- a/b.ts\n+++ b/b.ts\n@@ -1,1 +1,1 @@\n-b\n+c\n${HEAD}@@ -1,1 +1,1 @@\n-line 1\n+x\n@@ -9,1 +9,1 @@\n-line nine\n+9\n`;
    assert.equal(
      await runTool(files, 'apply_diff', { diff }),
      'refused: Nothing was changed.\na.ts: Hunk 3 (line 9): its lines are not in the file; "line nine" is not there. Similar lines:\n2| line 2\n3| line 3\n4| line 4',
    );
    assert.deepEqual(files.edits, []);
  });

  it('are taken in a code block, with wrong counts, without numbers, and without the space of empty lines', async () => {
    for (const body of [
      `@@ -5,3 +5,3 @@\n line 5\n-line 6\n+six\n line 7\n`,
      `@@ -5,9 +5,1 @@ function x()\n line 5\n-line 6\n+six\n line 7\n`,
      `@@\n line 5\n-line 6\n+six\n line 7\n\n\n`,
      `@@ ... @@\n line 5\n-line 6\n+six\n`,
      `@@ -1,1 +1,1 @@\n-line 6\n+six\n`,
    ])
      for (const diff of [HEAD + body, `\`\`\`diff\n${HEAD}${body}\`\`\`\n`, (HEAD + body).replaceAll('\n', '\r\n')]) {
        const files = new MapFiles({ 'a.ts': TEXT });
        const told = await runTool(files, 'apply_diff', { diff });
        assert.equal(files.texts.get('a.ts'), TEXT.replace('line 6', 'six'), `${diff}\n${told}`);
      }
    const files = new MapFiles({ 'a.ts': 'x\n\ny\n' });
    await runTool(files, 'apply_diff', { diff: `${HEAD}@@ -1,3 +1,3 @@\n x\n\n-y\n+z\n` });
    assert.equal(files.texts.get('a.ts'), 'x\n\nz\n');
  });

  it('need no names when the path is given', async () => {
    const files = new MapFiles({ 'a.ts': TEXT });
    await runTool(files, 'apply_diff', { path: 'a.ts', diff: '@@ -6,1 +6,1 @@\n-line 6\n+six\n' });
    assert.equal(files.texts.get('a.ts'), TEXT.replace('line 6', 'six'));
  });

  it('take the line that a hunk names where its lines are there several times', async () => {
    const files = new MapFiles({ 'a.ts': 'x\nsame\ny\nsame\nz\n' });
    await runTool(files, 'apply_diff', { diff: `${HEAD}@@ -4,1 +4,1 @@\n-same\n+other\n` });
    assert.equal(files.texts.get('a.ts'), 'x\nsame\ny\nother\nz\n');
  });

  it('count the lines that hunks before moved', async () => {
    const files = new MapFiles({ 'a.ts': 'first\nsame\nx\nsame\n' });
    const diff = `${HEAD}@@ -1,1 +1,3 @@\n first\n+a\n+b\n@@ -4,1 +6,1 @@\n-same\n+other\n`;
    await runTool(files, 'apply_diff', { diff });
    assert.equal(files.texts.get('a.ts'), 'first\na\nb\nsame\nx\nother\n');
  });

  it('say where they were not taken by the letter', async () => {
    const moved = new MapFiles({ 'a.ts': `new\nnew\n${TEXT}` });
    const hunk = '@@ -5,3 +5,3 @@\n line 5\n-line 6\n+six\n line 7\n';
    assert.match(
      await runTool(moved, 'apply_diff', { diff: HEAD + hunk }),
      /\na\.ts: Hunk 1 was found at line 7 instead of 5\.$/,
    );
    const spaced = new MapFiles({ 'a.ts': TEXT.replace('line 7', 'line 7  ') });
    assert.match(
      await runTool(spaced, 'apply_diff', { diff: HEAD + hunk }),
      /Hunk 1 was taken at line 6, although white space at the ends of lines differed\.$/,
    );
    assert.equal(spaced.texts.get('a.ts'), TEXT.replace('line 6', 'six').replace('line 7', 'line 7  '));
    const other = new MapFiles({ 'a.ts': TEXT.replace('line 4', 'line four') });
    const wide = '@@ -4,4 +4,4 @@\n line 4\n line 5\n-line 6\n+six\n line 7\n';
    assert.match(await runTool(other, 'apply_diff', { diff: HEAD + wide }), /although one line of context differed\.$/);
    assert.equal(other.texts.get('a.ts'), TEXT.replace('line 4', 'line four').replace('line 6', 'six'));
  });

  it('are refused where a looser reading fits in two places', async () => {
    const block = 'a\nb\nc\nd\ne\n';
    const files = new MapFiles({ 'a.ts': `${block}---\n${block}` });
    const diff = `${HEAD}@@ -3,5 +3,5 @@\n A\n b\n-c\n+x\n d\n e\n`;
    assert.match(await runTool(files, 'apply_diff', { diff }), /^refused: .*several places are nearly alike/s);
  });

  it('end soon when texts are made of equal lines @scale', async () => {
    await assertGrowsWithSize(16_000, async (size) => {
      const counts = `-1,${size + 1} +1,${size + 1}`;
      const hunk = (line: string): string => `${HEAD}@@ ${counts} @@\n${` ${line}\n`.repeat(size)}-x\n+y\n`;
      for (const diff of [hunk('a'), hunk('a ')]) {
        const files = new MapFiles({ 'a.ts': 'a\n'.repeat(8 * size) });
        assert.match(await runTool(files, 'apply_diff', { diff }), /^refused: Nothing was changed\.\na\.ts: Hunk 1/);
      }
    });
  });

  it('give the text that they were made of, also when the file has more lines now or the counts are wrong', async () => {
    const lines = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.array(fc.tuple(fc.nat(30), fc.constantFrom('delete', 'insert', 'change')), { minLength: 1, maxLength: 5 }),
        fc.record({ more: fc.nat(5), spoil: fc.boolean(), lastEnd: fc.boolean(), crlf: fc.boolean() }),
        async (numbers, changes, { more, spoil, lastEnd, crlf }) => {
          const before = numbers.map((n) => `line ${n}`);
          const after = [...before];
          for (const [at, kind] of changes) {
            const index = at % (after.length + 1);
            after.splice(index, kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [`new ${at} ${after.length}`]));
          }
          const end = lastEnd ? '\n' : '';
          const [old, wanted] = [before.join('\n') + end, after.join('\n') + end];
          if (old === wanted || after.length === 0) return;
          const diff = createTwoFilesPatch('a/a.ts', 'b/a.ts', old, wanted);
          const head = 'head\n'.repeat(more);
          const files = new MapFiles({ 'a.ts': crlf ? (head + old).replaceAll('\n', '\r\n') : head + old });
          const given = spoil ? diff.replaceAll(/^@@ -(\d+),\d+ \+(\d+),\d+ @@/gm, '@@ -$1,7 +$2,99 @@') : diff;
          const told = await runTool(files, 'apply_diff', { diff: given });
          assert.equal(files.texts.get('a.ts')?.replaceAll('\r\n', '\n'), head + wanted, `${given}\n${told}`);
        },
      ),
      propertyOptions('diffs'),
    );
  });
});
