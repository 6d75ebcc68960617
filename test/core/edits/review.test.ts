import assert from 'node:assert/strict';
import { err, ok } from '../../../src/base/result.ts';
import { createEditReview } from '../../../src/core/edits/review.ts';
import { failure } from '../../../src/core/failure.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { hashOf } from './edit-runs.ts';
import { TEXT, files, fixture, bytesIn, textsIn, left } from './review-cases.ts';
import { ANY_FOLDER, eventsIn, fixtureOver, MemoryTarget, RUN, SIGNAL } from './review-fixture.ts';

describe('Reviewing the edits of a run', () => {
  it('applies all that can be as one edit, and takes it back byte for byte', async () => {
    const { target, review, decisions, files: shown } = await fixture();
    const before = bytesIn(target);
    const all = ['a.txt', 'gone.txt', 'moved.txt', 'new.txt'];
    assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: all, left: [] }));
    assert.deepEqual(textsIn(target), {
      'a.txt': TEXT.replace('two', 'TWO'),
      'moved.txt': 'old\n',
      'new.txt': 'new\n',
    });
    assert.deepEqual(
      await shown(),
      all.map((path) => `${path} applied`),
    );
    assert.deepEqual(await review.revert(RUN, SIGNAL), ok({ done: all, left: [] }));
    assert.deepEqual(bytesIn(target), before);
    assert.deepEqual(
      await shown(),
      all.map((path) => `${path} reverted`),
    );
    assert.deepEqual(
      await decisions(),
      ['applying', 'applied', 'reverted'].map((word) => `${word} ${all.join(' ')}`),
    );
    assert.equal(target.writes.length, 2);
    assert.deepEqual(
      target.writes[0]?.map(({ path, renamedFrom }) => [path, renamedFrom]),
      [
        ['a.txt', undefined],
        ['gone.txt', undefined],
        ['old.txt', undefined],
        ['moved.txt', 'old.txt'],
        ['new.txt', undefined],
      ],
    );
  });

  it('records what it takes to go back before it writes', async () => {
    const { target, review, journal } = await fixture();
    let seen: readonly string[] = [];
    const write = target.write.bind(target);
    target.write = async (changes) => {
      seen = (await eventsIn(journal, Number.MAX_SAFE_INTEGER)).flatMap((event) =>
        event.type === 'proposal.applying' && typeof event.originals === 'string' ? [event.originals] : [],
      );
      return write(changes);
    };
    await review.apply(RUN, { paths: ['gone.txt'] }, SIGNAL);
    const originals: unknown = JSON.parse(seen[0] ?? '');
    const before = { base64: Buffer.from('gone\n').toString('base64'), hash: hashOf('gone\n') };
    assert.deepEqual(originals, [{ path: 'gone.txt', before, after: null }]);
  });

  it('writes nothing when it cannot be recorded', async () => {
    const { target, journal } = await fixture();
    const full = failure('journal', 'The disk is full.', { whatToDo: 'Make room.' });
    const review = createEditReview({
      journal,
      orchestrator: { amend: () => Promise.resolve(err(full)) },
      workspace: ANY_FOLDER,
      target,
      pause: () => Promise.resolve(),
    });
    assert.deepEqual(await review.apply(RUN, {}, SIGNAL), err(full));
    assert.equal(target.writes.length, 0);
  });

  it('shows all as blocked where another folder is open than the run worked on, and decides nothing there', async () => {
    const { target, journal, review } = await fixture();
    await review.apply(RUN, { paths: ['new.txt'] }, SIGNAL);
    const [before, events] = [bytesIn(target), (await eventsIn(journal, 0)).length];
    const elsewhere = { name: '/other', isNamed: (name: string) => Promise.resolve(name === '/other') };
    const other = fixtureOver(target, journal, elsewhere).review;
    const shown = await other.open(RUN, SIGNAL);
    assert.ok(shown.ok);
    assert.deepEqual(
      new Set(shown.value.files.map(({ stale, blocked }) => `${stale} ${blocked?.split(',')[1]}`)),
      new Set(['undefined  and this is /other. Do it in a window without a folder.']),
    );
    for (const decided of [
      await other.apply(RUN, {}, SIGNAL),
      await other.revert(RUN, SIGNAL),
      await other.discard(RUN, undefined),
      await other.mergeAgain(RUN, 'a.txt', SIGNAL),
    ])
      assert.match(decided.ok ? 'decided' : decided.error.message, /^Run \S+ worked .*, and this is \/other\.$/);
    assert.deepEqual(bytesIn(target), before);
    assert.equal((await eventsIn(journal, 0)).length, events);
  });

  it('leaves everything open when writing fails, and says so in the record', async () => {
    const { target, review, decisions, files: shown } = await fixture();
    const before = bytesIn(target);
    target.failure = failure('rejected', 'a.txt: no space.', { whatToDo: 'Make room.' });
    assert.deepEqual(await review.apply(RUN, {}, SIGNAL), err(target.failure));
    assert.deepEqual(bytesIn(target), before);
    assert.deepEqual(await shown(), ['a.txt open', 'gone.txt open', 'moved.txt open', 'new.txt open']);
    const all = 'a.txt gone.txt moved.txt new.txt';
    assert.deepEqual(await decisions(), [`applying ${all}`, `not-applied ${all}`]);
    target.failure = undefined;
    assert.equal((await review.apply(RUN, {}, SIGNAL)).ok, true);
  });

  it('applies named files, also one that was discarded, and no other', async () => {
    const { target, review, files: shown } = await fixture();
    assert.deepEqual(await review.discard(RUN, ['new.txt']), ok(['new.txt']));
    assert.deepEqual(
      await review.apply(RUN, { paths: ['new.txt', 'a.txt', 'a.txt'] }, SIGNAL),
      ok({ done: ['new.txt', 'a.txt'], left: [] }),
    );
    assert.deepEqual(await review.discard(RUN, undefined), ok(['gone.txt', 'moved.txt']));
    assert.deepEqual(await shown(), ['a.txt applied', 'gone.txt discarded', 'moved.txt discarded', 'new.txt applied']);
    assert.deepEqual(await left(review.apply(RUN, { paths: ['a.txt', 'x.txt'] }, SIGNAL)), [
      'a.txt: It is applied already.',
      'x.txt: The proposal of run r has no such file.',
    ]);
    const none = await review.discard(RUN, ['a.txt']);
    assert.equal(none.ok ? '' : none.error.message, 'a.txt is applied already.');
    assert.deepEqual(await review.apply(RUN, {}, SIGNAL), ok({ done: [], left: [] }), 'discarded files stay');
    assert.equal(target.text('gone.txt'), 'gone\n');
  });

  it('applies a protected file only by itself and after a warning', async () => {
    const target = new MemoryTarget({ 'a.txt': TEXT, 'p.json': '{}' });
    const workspace = target.workspace();
    target.workspace = () =>
      new Map(
        [...workspace].map(([path, file]) => [
          path,
          path === 'p.json' ? { ...file, protectedBecause: 'It runs.' } : file,
        ]),
      );
    const { review } = await fixture(target, [
      {
        id: 't',
        edits: [
          ['write', 'a.txt', 'x\n'],
          ['write', 'p.json', '[]'],
        ],
      },
    ]);
    const why = 'p.json: It is protected: It runs. Apply it by itself.';
    assert.deepEqual(await left(review.apply(RUN, { paths: ['p.json'] }, SIGNAL)), [why]);
    assert.deepEqual(await left(review.apply(RUN, { warned: true }, SIGNAL)), [why]);
    assert.deepEqual(await left(review.apply(RUN, { paths: ['p.json', 'a.txt'], warned: true }, SIGNAL)), [
      why,
      'a.txt: It is applied already.',
    ]);
    assert.deepEqual(
      await left(review.apply(RUN, { warned: true }, SIGNAL)),
      [why],
      'all that is open is not one by name',
    );
    assert.equal(target.text('p.json'), '{}');
    assert.deepEqual(
      await review.apply(RUN, { paths: ['p.json'], warned: true }, SIGNAL),
      ok({ done: ['p.json'], left: [] }),
    );
    assert.equal(target.writes.at(-1)?.[0]?.acceptedByItself, true);
    assert.equal((await review.revert(RUN, SIGNAL)).ok, true);
    assert.equal(target.text('p.json'), '{}');
  });

  it('sees what changed since, on disk and in editors, and leaves it', async () => {
    const { target, files: shown, review } = await fixture();
    target.put('a.txt', `${TEXT}six\n`);
    target.put('new.txt', 'there\n');
    target.put('moved.txt', 'in the way\n');
    target.files.delete('gone.txt');
    const reasons = [
      'a.txt open: a.txt was changed on disk since the edit was proposed. Merge it again, or discard its edit.',
      'gone.txt open: gone.txt is not there any more. Merge it again, or discard its edit.',
      'moved.txt open: old.txt cannot become moved.txt: a file of this name is there by now. Move it away, or discard this edit.',
      'new.txt open: A file new.txt is there by now. Merge it again, or discard its edit.',
    ];
    assert.deepEqual(await shown(), reasons);
    assert.deepEqual(
      await left(review.apply(RUN, {}, SIGNAL)),
      reasons.map((reason) => reason.replace(' open', '')),
    );
    assert.equal(target.writes.length, 0);
  });

  it('leaves a file whose path leads elsewhere by now, or whose encoding cannot hold the text', async () => {
    const target = new MemoryTarget({ 'a.txt': TEXT, 'l.txt': new Uint8Array([0xe9, 0x0a]) });
    const { files: shown } = await fixture(target, [
      {
        id: 't',
        edits: [
          ['write', 'a.txt', 'x\n'],
          ['write', 'l.txt', '€\n'],
        ],
      },
    ]);
    target.refused.set('a.txt', 'A link leads out of the workspace.');
    assert.deepEqual(await shown(), [
      'a.txt open: a.txt: A link leads out of the workspace.',
      'l.txt open: l.txt: The file is encoded as Latin-1, which has no "€" (line 1); save it as UTF-8 first.',
    ]);
  });

  it('takes back nothing that was changed since, and the rest', async () => {
    const { target, review, files: shown } = await fixture();
    await review.apply(RUN, {}, SIGNAL);
    target.put('a.txt', 'mine by now\n');
    target.put('old.txt', 'another\n');
    target.unsaved.set('new.txt', 'typing\n');
    const report = review.revert(RUN, SIGNAL);
    assert.deepEqual(await left(report), [
      'a.txt: a.txt was changed since it was applied. Undo the edit by hand; "orchestrator show r --format diff" has it.',
      'moved.txt: old.txt was changed since it was applied. Undo the edit by hand; "orchestrator show r --format diff" has it.',
      'new.txt: new.txt has changes in an editor that are not saved. Save or undo them first.',
    ]);
    assert.deepEqual(await shown(), ['a.txt applied', 'gone.txt reverted', 'moved.txt applied', 'new.txt applied']);
    assert.equal(target.text('gone.txt'), 'gone\n');
    target.unsaved.clear();
    target.files.delete('old.txt');
    assert.deepEqual((await review.revert(RUN, SIGNAL)).ok && (await shown()).slice(2), [
      'moved.txt reverted',
      'new.txt reverted',
    ]);
  });

  it('counts what is back already as taken back, and does not write it', async () => {
    const { target, review, files: shown } = await fixture();
    await review.apply(RUN, {}, SIGNAL);
    target.put('a.txt', TEXT);
    target.put('gone.txt', 'gone\n');
    target.files.delete('new.txt');
    assert.deepEqual(await left(review.revert(RUN, SIGNAL)), []);
    assert.deepEqual(
      target.writes.at(-1)?.map(({ path }) => path),
      ['moved.txt', 'old.txt'],
    );
    assert.deepEqual((await shown())[0], 'a.txt reverted');
  });

  it('applies again what was taken back', async () => {
    const { target, review } = await fixture();
    await review.apply(RUN, {}, SIGNAL);
    await review.revert(RUN, SIGNAL);
    const before = bytesIn(target);
    assert.deepEqual(
      await review.apply(RUN, { paths: ['moved.txt', 'a.txt'] }, SIGNAL),
      ok({ done: ['moved.txt', 'a.txt'], left: [] }),
    );
    assert.equal(target.text('moved.txt'), 'old\n');
    await review.revert(RUN, SIGNAL);
    assert.deepEqual(bytesIn(target), before);
  });

  it('says when a run has nothing to review', async () => {
    const { review } = await fixture(files(), [{ id: 't', edits: [] }]);
    const opened = await review.open(RUN, SIGNAL);
    assert.equal(opened.ok ? '' : opened.error.message, 'Run r proposes no edits.');
    const unknown = fixtureOver(files(), createMemoryJournal());
    assert.equal((await unknown.review.open(RUN, SIGNAL)).ok, false);
    const other = await (await fixture()).review.resolve(RUN, 'x.txt', 't');
    assert.equal(other.ok ? '' : other.error.message, 'The proposal of run r has no file x.txt.');
  });
});
