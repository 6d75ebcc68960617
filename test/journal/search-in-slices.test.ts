import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'mocha';
import { err } from '../../src/base/result.ts';
import { failure } from '../../src/core/failure.ts';
import type { FoundText } from '../../src/core/ports.ts';
import type { Job } from '../../src/journal/job-queue.ts';
import { migrate } from '../../src/journal/migrations.ts';
import type { RankedRun } from '../../src/journal/run-list.ts';
import { RunSearch } from '../../src/journal/run-search.ts';
import { searchInSlices } from '../../src/journal/search-in-slices.ts';
import { searchWords } from '../../src/journal/search-words.ts';
import type { Store } from '../../src/journal/store.ts';
import { summaryOf } from '../support/tree-rig.ts';

const TEXT: FoundText = { kind: 'answer', task: null, title: null, snippet: 's' };

/** Does one job at a time, when it is told to. */
class Steps {
  readonly jobs: (() => void)[] = [];
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  push = <T>(job: Job<T>): void => {
    this.jobs.push(() => job.settle(job.run(this.#store)));
  };
}

/** A record with two runs; each job shows at most two texts. */
function storeOf(shown: (id: number) => FoundText | undefined): Store {
  const ranked: readonly RankedRun[] = [
    { run: summaryOf('a'), texts: [1, 2, 3] },
    { run: summaryOf('b'), texts: [4] },
  ];
  const runs = { search: () => ranked, showTexts: (ids: readonly number[]) => ids.slice(0, 2).map(shown) };
  return { runs } as unknown as Store;
}

describe('a search in slices', () => {
  it('lets other jobs in between, and leaves out texts that are gone by then', () => {
    const steps = new Steps(storeOf((id) => (id === 3 ? undefined : { ...TEXT, snippet: `${id}` })));
    const told: string[] = [];
    searchInSlices(steps, { text: 'x', limit: 9 }, (found) =>
      told.push(
        found.ok
          ? found.value
              .map(({ run, found: texts }) => `${run.run}: ${texts.map(({ snippet }) => snippet).join(',')}`)
              .join(' ')
          : found.error.message,
      ),
    );
    for (let step = 0; step < 3; step += 1) {
      assert.equal(steps.jobs.length, 1, 'the next job is behind all that came meanwhile');
      assert.deepEqual(told, []);
      steps.jobs.shift()?.();
    }
    assert.deepEqual([told, steps.jobs.length], [['a: 1,2 b: 4'], 0]);
  });

  it('fails once when a part of it fails', () => {
    const told: string[] = [];
    const failing = {
      push: <T>(job: Job<T>): void => job.settle(err(failure('journal', 'Broken.', { whatToDo: '' }))),
    };
    searchInSlices(failing, { text: 'x', limit: 9 }, (found) => told.push(found.ok ? 'found' : found.error.message));
    assert.deepEqual(told, ['Broken.']);
    const half = new Steps(storeOf(() => TEXT));
    searchInSlices(half, { text: 'x', limit: 9 }, (found) => told.push(found.ok ? 'found' : found.error.message));
    half.jobs.shift()?.();
    half.push = failing.push;
    half.jobs.shift()?.();
    assert.deepEqual(told, ['Broken.', 'Broken.']);
  });

  it('shows texts of about 250,000 characters at once, and at least one', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    const add = db.prepare("INSERT INTO run_texts VALUES (?, 1, 'result', ?, NULL, ?, '')");
    const lengths = [100_000, 100_000, 100_000, 100_000, 900_000, 10];
    for (const [index, length] of lengths.entries()) add.run(index, `t${index}`, 'needle '.padEnd(length, 'x'));
    const search = new RunSearch(db);
    const shown = (...ids: readonly number[]): number => search.show(ids, searchWords('needle')).length;
    assert.deepEqual(
      [shown(0, 1, 2, 3, 4, 5), shown(3, 4, 5), shown(4, 5), shown(5, 6, 0), shown(99)],
      [3, 2, 1, 3, 1],
    );
    assert.deepEqual(search.show([99, 5], searchWords('needle')), [
      undefined,
      { kind: 'result', task: 't5', title: null, snippet: '\u0002needle\u0003 xxx' },
    ]);
    db.close();
  });
});
