import assert from 'node:assert/strict';
import { ok } from '../../../src/base/result.ts';
import type { ScriptedEdit, ScriptedTask } from './edit-runs.ts';
import { TEXT, EDITS, files, fixture, bytesIn, textsIn, left } from './review-cases.ts';
import { decode, MemoryTarget, RUN, SIGNAL } from './review-fixture.ts';

describe('Conflicts and stale files in a review', () => {
  it('applies a conflict only after a side was chosen', async () => {
    const tasks = ['t', 'u'].map((id): ScriptedTask => ({ id, edits: [['write', 'a.txt', TEXT.replace('two', id)]] }));
    for (const [take, text] of [
      ['t', TEXT.replace('two', 't')],
      ['u', TEXT.replace('two', 'u')],
      ['both', TEXT.replace('two', '<<<<<<< Task t (t)\nt\n=======\nu\n>>>>>>> Task u (u)')],
    ] as const) {
      const { target, review, files: shown, decisions } = await fixture(files(), tasks);
      const why = 'It is in conflict between t and u: choose a side, or keep both and mend it.';
      assert.deepEqual(await shown(), [`a.txt open: ${why}`]);
      assert.deepEqual(await left(review.apply(RUN, { paths: ['a.txt'] }, SIGNAL)), [`a.txt: ${why}`]);
      const wrong = await review.resolve(RUN, 'a.txt', 'x');
      assert.equal(wrong.ok ? '' : wrong.error.message, 'x is no side of the conflict in a.txt: t, u, both.');
      const resolved = await review.resolve(RUN, 'a.txt', take);
      assert.ok(resolved.ok);
      assert.deepEqual([resolved.value.file.text, resolved.value.blocked], [text, undefined]);
      assert.deepEqual(await decisions(), ['updated a.txt']);
      assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: ['a.txt'], left: [] }));
      assert.equal(target.text('a.txt'), text);
      await review.revert(RUN, SIGNAL);
      assert.equal(target.text('a.txt'), TEXT);
    }
  });

  it('lets a side be chosen that deletes the file, or that leaves it as it is', async () => {
    const clash: readonly ScriptedTask[] = [
      { id: 't', edits: [['write', 'gone.txt', 'edited\n']] },
      { id: 'u', edits: [['delete', 'gone.txt']] },
    ];
    const first = await fixture(files(), clash);
    await first.review.resolve(RUN, 'gone.txt', 'u');
    assert.deepEqual(await first.review.apply(RUN, {}, SIGNAL), ok({ done: ['gone.txt'], left: [] }));
    assert.equal(first.target.text('gone.txt'), undefined);
    const second = await fixture(files(), [
      { id: 't', edits: [['rename', 'old.txt', 'n.txt']] },
      { id: 'u', edits: [['write', 'n.txt', 'u\n']] },
    ]);
    await second.review.resolve(RUN, 'n.txt', 'u');
    await second.review.resolve(RUN, 'old.txt', 'u');
    assert.deepEqual((await second.files())[0], 'n.txt open');
    assert.match((await second.files())[1] ?? '', /^old.txt discarded/);
    await second.review.apply(RUN, {}, SIGNAL);
    assert.deepEqual(textsIn(second.target), {
      'a.txt': TEXT,
      'gone.txt': 'gone\n',
      'n.txt': 'u\n',
      'old.txt': 'old\n',
    });
  });

  it('merges a stale file with what is there now, and keeps its line ends and encoding', async () => {
    const target = new MemoryTarget({ 'a.txt': TEXT });
    const { review, decisions } = await fixture(target, [{ id: 't', edits: EDITS.slice(0, 1) }]);
    target.put('a.txt', Buffer.from(`\uFEFF${TEXT.replace('five', 'FIVE')}`.replaceAll('\n', '\r\n'), 'utf16le'));
    const merged = await review.mergeAgain(RUN, 'a.txt', SIGNAL);
    assert.ok(merged.ok);
    assert.deepEqual([merged.value.stale, merged.value.blocked], [undefined, undefined]);
    await review.apply(RUN, {}, SIGNAL);
    const written = decode(target.files.get('a.txt') ?? new Uint8Array());
    assert.equal(written?.format.encoding, 'utf16le');
    assert.equal(written?.text, TEXT.replace('five', 'FIVE').replace('two', 'TWO').replaceAll('\n', '\r\n'));
    assert.deepEqual(await decisions(), ['updated a.txt', 'applying a.txt', 'applied a.txt']);
  });

  it('merges with unsaved text, and applies over it', async () => {
    const { target, review } = await fixture(files(), [{ id: 't', edits: EDITS.slice(0, 1) }]);
    target.unsaved.set('a.txt', TEXT.replace('five', 'typed'));
    const merged = await review.mergeAgain(RUN, 'a.txt', SIGNAL);
    assert.equal(merged.ok && merged.value.file.base?.unsaved, true);
    assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: ['a.txt'], left: [] }));
    assert.equal(target.text('a.txt'), TEXT.replace('two', 'TWO').replace('five', 'typed'));
  });

  const MERGES: readonly (readonly [
    string,
    ScriptedEdit,
    (target: MemoryTarget) => void,
    string,
    string | undefined,
  ])[] = [
    [
      'a line that both changed',
      ['write', 'a.txt', 'mine\n'],
      (target) => target.put('a.txt', 'theirs\n'),
      't',
      'mine\n',
    ],
    [
      'a line that both changed',
      ['write', 'a.txt', 'mine\n'],
      (target) => target.put('a.txt', 'theirs\n'),
      '@workspace',
      'theirs\n',
    ],
    [
      'an edit of a file that was deleted',
      ['write', 'a.txt', 'mine\n'],
      (target) => target.files.delete('a.txt'),
      't',
      'mine\n',
    ],
    [
      'an edit of a file that was deleted',
      ['write', 'a.txt', 'mine\n'],
      (target) => target.files.delete('a.txt'),
      '@workspace',
      undefined,
    ],
    [
      'a deletion of a file that was edited',
      ['delete', 'a.txt'],
      (target) => target.put('a.txt', 'theirs\n'),
      't',
      undefined,
    ],
    [
      'a deletion of a file that was edited',
      ['delete', 'a.txt'],
      (target) => target.put('a.txt', 'theirs\n'),
      '@workspace',
      'theirs\n',
    ],
    [
      'a creation of a file that is there',
      ['write', 'n.txt', 'mine\n'],
      (target) => target.put('n.txt', 'theirs\n'),
      't',
      'mine\n',
    ],
  ];
  for (const [name, edit, change, take, text] of MERGES)
    it(`makes ${name} a conflict with the workspace, and takes ${take}`, async () => {
      const { target, review, files: shown } = await fixture(files(), [{ id: 't', edits: [edit] }]);
      const path = edit[1];
      change(target);
      const now = bytesIn(target);
      const merged = await review.mergeAgain(RUN, path, SIGNAL);
      assert.deepEqual(merged.ok && merged.value.file.conflict?.sides.map(({ task }) => task), ['t', '@workspace']);
      assert.deepEqual(await shown(), [
        `${path} open: It is in conflict between t and what is there now: choose a side, or keep both and mend it.`,
      ]);
      assert.equal((await review.mergeAgain(RUN, path, SIGNAL)).ok, false, 'not before it is decided');
      assert.equal((await review.resolve(RUN, path, take)).ok, true);
      await review.apply(RUN, {}, SIGNAL);
      assert.equal(target.text(path), text);
      await review.revert(RUN, SIGNAL);
      assert.deepEqual(bytesIn(target), now);
    });

  it('makes a rename of a file that is gone a conflict with the workspace', async () => {
    const { target, review } = await fixture(files(), [{ id: 't', edits: [['rename', 'old.txt', 'moved.txt']] }]);
    target.files.delete('old.txt');
    const merged = await review.mergeAgain(RUN, 'moved.txt', SIGNAL);
    assert.ok(merged.ok);
    assert.deepEqual(
      merged.value.file.conflict?.sides.map(({ text }) => text),
      ['old\n', null],
    );
    await review.resolve(RUN, 'moved.txt', 't');
    assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: ['moved.txt'], left: [] }));
    assert.equal(target.text('moved.txt'), 'old\n');
  });

  it('still renames a file whose new text the workspace has by itself, or is chosen to keep', async () => {
    const edits = [
      ['rename', 'old.txt', 'moved.txt'],
      ['write', 'moved.txt', 'edited\n'],
    ] as const;
    for (const now of ['edited\n', 'otherwise\n']) {
      const { target, review } = await fixture(files(), [{ id: 't', edits }]);
      target.put('old.txt', now);
      const merged = await review.mergeAgain(RUN, 'moved.txt', SIGNAL);
      assert.ok(merged.ok);
      if (merged.value.file.conflict !== undefined) await review.resolve(RUN, 'moved.txt', '@workspace');
      assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: ['moved.txt'], left: [] }));
      assert.deepEqual([target.text('old.txt'), target.text('moved.txt')], [undefined, now]);
    }
  });

  it('leaves an edit as it is that stands on what is there', async () => {
    const { review, decisions } = await fixture();
    assert.equal((await review.mergeAgain(RUN, 'a.txt', SIGNAL)).ok, true);
    assert.deepEqual(await decisions(), []);
  });

  it('puts an edit aside that the workspace has by itself meanwhile', async () => {
    const { target, review, decisions } = await fixture(files(), [{ id: 't', edits: EDITS.slice(0, 1) }]);
    target.put('a.txt', `${TEXT.replace('two', 'TWO')}six\n`);
    const merged = await review.mergeAgain(RUN, 'a.txt', SIGNAL);
    assert.equal(merged.ok && merged.value.status, 'discarded');
    assert.deepEqual(await decisions(), ['discarded a.txt']);
  });
});
