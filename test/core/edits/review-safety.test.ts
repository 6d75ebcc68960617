import assert from 'node:assert/strict';
import { ok } from '../../../src/base/result.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import type { ScriptedEdit } from './edit-runs.ts';
import { TEXT, EDITS, files, fixture, bytesIn, left } from './review-cases.ts';
import { fixtureOver, MemoryTarget, reviewFixture, RUN, SIGNAL } from './review-fixture.ts';

describe('Applying and taking back', () => {
  it('takes unsaved text that is not what the edit stands on for a change', async () => {
    const { target, files: shown } = await fixture(files(), [{ id: 't', edits: EDITS.slice(0, 1) }]);
    target.unsaved.set('a.txt', 'typed\n');
    assert.deepEqual(await shown(), [
      'a.txt open: a.txt has changes in an editor that are not saved. Save or undo them, or merge it again.',
    ]);
    target.unsaved.set('a.txt', TEXT);
    assert.deepEqual(await shown(), ['a.txt open']);
  });

  it('applies an edit that stands on unsaved text while that is there or saved, and going back gives that text', async () => {
    for (const isSaved of [false, true]) {
      const target = files();
      target.unsaved.set('a.txt', 'typed\ntext\n');
      const { review, files: shown } = await fixture(target, [
        { id: 't', edits: [['write', 'a.txt', 'typed\nTEXT\n']] },
      ]);
      target.unsaved.set('a.txt', 'typed more\n');
      assert.match((await shown())[0] ?? '', /^a.txt open: a.txt was changed since the edit was proposed/);
      target.unsaved.set('a.txt', 'typed\ntext\n');
      if (isSaved) {
        target.unsaved.delete('a.txt');
        target.put('a.txt', 'typed\ntext\n');
      }
      assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: ['a.txt'], left: [] }));
      assert.equal(target.text('a.txt'), 'typed\nTEXT\n');
      assert.deepEqual(await review.revert(RUN, SIGNAL), ok({ done: ['a.txt'], left: [] }));
      assert.equal(target.text('a.txt'), 'typed\ntext\n');
    }
  });

  it('leaves a file and what another task put below it, and applies the rest', async () => {
    const { target, review } = await fixture(files(), [
      {
        id: 's',
        edits: [
          ['write', 'lib', 'file\n'],
          ['write', 'other.txt', 'other\n'],
        ],
      },
      { id: 't', edits: [['write', 'lib/deep/x.txt', 'x\n']] },
    ]);
    const applied = await review.apply(RUN, {}, SIGNAL);
    assert.ok(applied.ok);
    assert.deepEqual(applied.value.done, ['other.txt']);
    assert.deepEqual(applied.value.left.map(({ path, why }) => `${path}: ${why.replace(/:.*/, '')}`).sort(), [
      'lib/deep/x.txt: lib/deep/x.txt and lib cannot both be there',
      'lib: lib and lib/deep/x.txt cannot both be there',
    ]);
    assert.deepEqual(await review.apply(RUN, { paths: ['lib'] }, SIGNAL), ok({ done: ['lib'], left: [] }));
    assert.equal(target.text('lib'), 'file\n');
  });

  it('finds out what a process that was killed while it applied has written', async () => {
    for (const writes of [0, 1, 2, 3, 4, 5]) {
      const { target, review, journal } = await fixture();
      const before = bytesIn(target);
      target.dieAfter = writes;
      await assert.rejects(review.apply(RUN, {}, SIGNAL), /killed/);
      target.dieAfter = undefined;
      const other = fixtureOver(target, journal);
      const shown = await other.files();
      // The rename is two writes; after the first of them the old name is gone and the new one is not there.
      assert.deepEqual(
        shown.map((line) => line.replace(/:.*/, ':')),
        [
          writes >= 1 ? 'a.txt applied' : 'a.txt open',
          writes >= 2 ? 'gone.txt applied' : 'gone.txt open',
          writes >= 4 ? 'moved.txt applied' : writes === 3 ? 'moved.txt applying' : 'moved.txt open',
          writes >= 5 ? 'new.txt applied' : 'new.txt open',
        ],
        `${writes} files were written`,
      );
      if (writes === 3) {
        const discarded = await other.review.discard(RUN, undefined);
        assert.match(discarded.ok ? '' : discarded.error.message, /moved\.txt was interrupted half way/);
      }
      await other.review.apply(RUN, {}, SIGNAL);
      const all = ['a.txt', 'gone.txt', 'moved.txt', 'new.txt'];
      assert.deepEqual(
        await other.files(),
        all.map((path) => `${path} applied`),
      );
      await other.review.revert(RUN, SIGNAL);
      assert.deepEqual(bytesIn(target), before);
    }
  });

  it('takes back half of a rename, and takes nothing else for one', async () => {
    const { target, review, files: shown } = await fixture(files(), [{ id: 't', edits: EDITS.slice(3) }]);
    const before = bytesIn(target);
    target.dieAfter = 1;
    await assert.rejects(review.apply(RUN, {}, SIGNAL), /killed/);
    target.dieAfter = undefined;
    target.put('moved.txt', 'mine\n');
    assert.match((await shown()).join(), /^moved\.txt applying: Applying moved\.txt was interrupted/);
    target.files.delete('moved.txt');
    assert.deepEqual(await review.revert(RUN, SIGNAL), ok({ done: ['moved.txt'], left: [] }));
    assert.deepEqual(bytesIn(target), before);
  });

  it('takes the proposed text in another encoding for no file that was written', async () => {
    const { target, review, files: shown } = await fixture(files(), [{ id: 't', edits: EDITS.slice(0, 1) }]);
    target.dieAfter = 1;
    await assert.rejects(review.apply(RUN, {}, SIGNAL), /killed/);
    target.dieAfter = undefined;
    target.put('a.txt', `\uFEFF${TEXT.replace('two', 'TWO')}`);
    assert.match((await shown()).join(), /^a\.txt applying: /);
  });

  it('leaves alone what was interrupted and is neither one thing nor the other', async () => {
    const { target, review, files: shown, decisions } = await fixture(files(), [{ id: 't', edits: EDITS.slice(0, 1) }]);
    target.dieAfter = 0;
    await assert.rejects(review.apply(RUN, {}, SIGNAL));
    target.dieAfter = undefined;
    target.put('a.txt', `${TEXT}six\n`);
    const why =
      'Applying a.txt was interrupted, and what is there now is neither the file before nor the proposed one. Revert the edits of this run, merge it again, or discard its edit.';
    assert.deepEqual(await shown(), [`a.txt applying: ${why}`]);
    assert.deepEqual(await left(review.apply(RUN, {}, SIGNAL)), [`a.txt: ${why}`]);
    assert.equal((await review.mergeAgain(RUN, 'a.txt', SIGNAL)).ok, true);
    assert.deepEqual(await shown(), ['a.txt open']);
    assert.deepEqual(await decisions(), ['applying a.txt', 'not-applied a.txt', 'updated a.txt']);
  });

  it('does one decision about a run after the other', async () => {
    const { review, target, decisions } = await fixture();
    const write = target.write.bind(target);
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    target.write = async (changes) => {
      begun.resolve();
      await held.promise;
      return write(changes);
    };
    const applying = review.apply(RUN, { paths: ['a.txt'] }, SIGNAL);
    await begun.promise;
    const stop = new AbortController();
    const stopped = review.open(RUN, stop.signal);
    const discarding = review.discard(RUN, undefined);
    stop.abort();
    const cancelled = await stopped;
    assert.equal(cancelled.ok ? '' : cancelled.error.reason, 'cancelled', 'who waits can leave');
    held.resolve();
    assert.equal((await applying).ok, true);
    assert.deepEqual(await discarding, ok(['gone.txt', 'moved.txt', 'new.txt']));
    assert.deepEqual(await decisions(), ['applying a.txt', 'applied a.txt', 'discarded gone.txt moved.txt new.txt']);
  });

  it('gives back every byte of any files in any formats', async () => {
    const text = fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'é', '😀', ''), fc.constantFrom('\n', '\r\n', '')), { maxLength: 6 })
      .map((parts) => parts.map((part) => part.join('')).join(''));
    const bytes = fc.tuple(fc.constantFrom('utf8', 'bom', 'utf16le', 'latin1'), text).map(([encoding, content]) => {
      if (encoding === 'latin1') return new Uint8Array(Buffer.from(`${content.replaceAll('😀', 'ü')}ÿ`, 'latin1'));
      if (encoding === 'utf16le') return new Uint8Array(Buffer.from(`\uFEFF${content}`, 'utf16le'));
      return new Uint8Array(Buffer.from(`${encoding === 'bom' ? '\uFEFF' : ''}${content}`));
    });
    const step = fc.tuple(fc.constantFrom('write', 'delete', 'rename', 'keep'), text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(bytes, step), { minLength: 1, maxLength: 6 }), async (drawn) => {
        const target = new MemoryTarget(Object.fromEntries(drawn.map(([content], index) => [`f${index}`, content])));
        const before = bytesIn(target);
        const edits = drawn.flatMap(([, [kind, content]], index): readonly ScriptedEdit[] => {
          if (kind === 'write')
            return [
              ['write', `f${index}`, content.replaceAll(/[^\u0000-\u00ff]/gu, '?')],
              ['write', `n${index}`, content],
            ];
          if (kind === 'rename') return [['rename', `f${index}`, `m${index}`]];
          return kind === 'delete' ? [['delete', `f${index}`]] : [];
        });
        const { review } = await reviewFixture(target, [{ id: 't', edits }]);
        const applied = await review.apply(RUN, {}, SIGNAL);
        if (!applied.ok) return assert.equal(applied.error.message, 'Run r proposes no edits.');
        assert.deepEqual(applied.value.left, []);
        for (const [index, [, [kind, content]]] of drawn.entries()) {
          const old = before.get(`f${index}`);
          const now = bytesIn(target);
          if (kind === 'keep') assert.equal(now.get(`f${index}`), old);
          if (kind === 'delete') assert.equal(now.get(`f${index}`), undefined);
          if (kind === 'rename') assert.deepEqual([now.get(`f${index}`), now.get(`m${index}`)], [undefined, old]);
          if (kind === 'write') assert.equal(target.text(`n${index}`), content);
        }
        const reverted = await review.revert(RUN, SIGNAL);
        assert.deepEqual(reverted.ok && reverted.value.left, []);
        assert.deepEqual(bytesIn(target), before);
      }),
      propertyOptions('apply and revert'),
    );
  });
});
