import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ok, type Result } from '../../../src/base/result.ts';
import type { Failure } from '../../../src/core/failure.ts';
import type { FoundRun, RunPage, RunSummary } from '../../../src/core/ports.ts';
import { HistoryModel, idOfHistoryNode, type HistoryNode } from '../../../src/vscode/history/history-model.ts';
import { spend } from '../../support/sample-run.ts';

const NOON = new Date(2030, 2, 1, 12).getTime();
const HOUR_MS = 3_600_000;

function summary(number: number): RunSummary {
  return {
    run: `run-${number}`,
    request: `Request ${number}`,
    startedAtMs: NOON - number * HOUR_MS,
    liveness: 'finished',
    outcome: 'answered',
    spent: spend(1, 1),
    tasks: 1,
    completed: 1,
    from: null,
    workspace: '/w',
    waitsForUser: false,
  };
}

/** Newest first; pages as the journal gives them. */
class Record {
  runs: readonly RunSummary[];
  readonly searches: { readonly text: string; readonly answer: (found: readonly FoundRun[]) => void }[] = [];
  lists = 0;

  constructor(runs: readonly RunSummary[]) {
    this.runs = runs;
  }

  listRuns({ limit, before }: RunPage): Promise<Result<readonly RunSummary[], Failure>> {
    this.lists += 1;
    const from = before === undefined ? 0 : this.runs.findIndex(({ run }) => run === before.run) + 1;
    return Promise.resolve(ok(this.runs.slice(from, from + limit)));
  }

  summary(run: string): Promise<Result<RunSummary | undefined, Failure>> {
    return Promise.resolve(ok(this.runs.find((one) => one.run === run)));
  }

  searchRuns({ text }: { readonly text: string }): Promise<Result<readonly FoundRun[], Failure>> {
    return new Promise((resolve) => {
      this.searches.push({ text, answer: (found) => resolve(ok(found)) });
    });
  }
}

function many(count: number): readonly RunSummary[] {
  return Array.from({ length: count }, (_, index) => summary(index));
}

function outline(model: HistoryModel): readonly string[] {
  const line = (node: HistoryNode): string => {
    const children = model.children(node);
    return `${idOfHistoryNode(node)}${children.length === 0 ? '' : ` (${children.length})`}`;
  };
  return model.children().map(line);
}

function shownRuns(model: HistoryModel): readonly string[] {
  return model
    .children()
    .filter(({ kind }) => kind === 'day')
    .flatMap((day) => model.children(day))
    .map((node) => idOfHistoryNode(node));
}

function hit(run: RunSummary, ...words: readonly string[]): FoundRun {
  return { run, found: words.map((snippet) => ({ kind: 'answer', task: null, title: null, snippet })) };
}

describe('the model of the history', () => {
  it('groups runs by day and reads a page more when it is asked to', async () => {
    const record = new Record(many(230));
    const model = new HistoryModel(record);
    assert.deepEqual(outline(model), []);
    await model.refresh();
    assert.deepEqual(outline(model), [
      'day:2030-03-01 (13)',
      'day:2030-02-28 (24)',
      'day:2030-02-27 (24)',
      'day:2030-02-26 (24)',
      'day:2030-02-25 (15)',
      'more',
    ]);
    await model.more();
    await model.more();
    assert.equal(model.children().flatMap((day) => model.children(day)).length, 230);
    assert.ok(!outline(model).includes('more'));
    assert.equal(record.lists, 3);
  });

  it('keeps the objects of its rows, takes up new runs on top, and forgets deleted ones', async () => {
    const record = new Record(many(3));
    const model = new HistoryModel(record);
    await model.refresh();
    const before = model.children();
    const runs = model.children(before[0]);
    record.runs = [summary(-1), ...record.runs];
    const change = await model.refresh();
    assert.ok(change.ok && change.value.others.length > 0);
    assert.equal(model.children()[0], before[0]);
    assert.deepEqual(model.children(before[0]).slice(1), runs);
    assert.equal(model.children(before[0])[1], runs[0]);
    model.drop('run-1');
    assert.deepEqual(
      model.children(before[0]).map((node) => idOfHistoryNode(node)),
      ['run:run--1', 'run:run-0', 'run:run-2'],
    );
    assert.equal(model.parent(model.run('run-0')), before[0]);
  });

  it('drops on reload what other processes deleted, also on older pages', async () => {
    const record = new Record(many(230));
    const model = new HistoryModel(record);
    await model.refresh();
    await model.more();
    record.runs = record.runs.filter(({ run }) => run !== 'run-150');
    await model.refresh();
    assert.ok(model.summary('run-150') !== undefined, 'the newest page alone was read');
    await model.reload();
    assert.equal(model.summary('run-150'), undefined);
    assert.equal(model.children().flatMap((node) => model.children(node)).length, 200);
  });

  it('leaves no hole when more than a page of runs came from elsewhere', async () => {
    const record = new Record(many(600).slice(250));
    const model = new HistoryModel(record);
    await model.refresh();
    await model.more();
    record.runs = many(600);
    await model.refresh();
    assert.equal(shownRuns(model).length, 100, 'what was read before does not meet it');
    for (let page = 0; page < 5; page += 1) await model.more();
    assert.deepEqual(
      shownRuns(model),
      record.runs.map(({ run }) => `run:${run}`),
    );
    assert.ok(!outline(model).includes('more'));
  });

  it('keeps older pages that the newest one just meets, and reads one page at a time', async () => {
    const record = new Record(many(400).slice(100));
    const model = new HistoryModel(record);
    await model.refresh();
    await model.more();
    record.runs = many(400);
    await Promise.all([model.refresh(), model.more(), model.refresh()]);
    assert.deepEqual(
      shownRuns(model),
      record.runs.map(({ run }) => `run:${run}`),
    );
  });

  it('notices that runs were removed for their age, whoever did it', async () => {
    const record = new Record(many(230));
    const model = new HistoryModel(record);
    await model.refresh();
    await model.more();
    const look = async (): Promise<unknown> => {
      const looked = await model.followRemoval();
      return looked.ok ? looked.value : looked;
    };
    assert.equal(await look(), false);
    record.runs = record.runs.slice(0, 199);
    assert.equal(await look(), true);
    assert.equal(shownRuns(model).length, 199);
    assert.ok(!outline(model).includes('more'));
    assert.equal(await look(), false);
  });

  it('groups the runs once for all rows, not once for each day', async () => {
    let looked = 0;
    const counted = many(1_000).map((one, index) => ({
      ...one,
      get startedAtMs(): number {
        looked += 1;
        return NOON - index * 24 * HOUR_MS;
      },
    }));
    const model = new HistoryModel(new Record(counted));
    await model.refresh();
    while (model.children().some(({ kind }) => kind === 'more')) await model.more();
    looked = 0;
    assert.equal(outline(model).length, 1_000);
    for (const day of model.children()) if (day.kind === 'day') assert.equal(model.countOf(day.day), 1);
    assert.ok(looked <= 1_000, `${looked} looks`);
  });

  it('keeps a search that began while it was read anew, and what was deleted meanwhile away', async () => {
    const record = new Record(many(3));
    const model = new HistoryModel(record);
    await model.refresh();
    const first = model.find('alpha');
    record.searches[0]?.answer([hit(summary(0))]);
    await first;
    const reloading = model.reload();
    const second = model.find('beta');
    model.drop('run-1');
    await reloading;
    record.searches[1]?.answer([hit(summary(2))]);
    await second;
    assert.equal(record.searches.length, 2);
    assert.equal(model.search?.text, 'beta');
    assert.deepEqual(outline(model), ['run:run-2']);
    assert.equal(model.summary('run-1'), undefined);
  });

  it('shows what a search found, the best first, and the days again when it is cleared', async () => {
    const record = new Record(many(3));
    const model = new HistoryModel(record);
    await model.refresh();
    const searching = model.find('amber');
    record.searches[0]?.answer([hit(summary(2), 'one', 'two'), hit(summary(0))]);
    await searching;
    assert.deepEqual(outline(model), ['run:run-2 (2)', 'run:run-0']);
    const [first] = model.children(model.run('run-2'));
    assert.equal(first?.kind === 'found' ? model.found(first)?.snippet : '', 'one');
    assert.equal(model.search?.isCut, false);
    assert.equal(model.parent(model.run('run-2')), undefined, 'no day stands above it');
    model.drop('run-2');
    assert.deepEqual(outline(model), ['run:run-0']);
    model.clearSearch();
    assert.deepEqual(outline(model), ['day:2030-03-01 (2)']);
  });

  it('shows the later one of two searches, whichever ends first, and none that was cleared meanwhile', async () => {
    const record = new Record(many(3));
    const model = new HistoryModel(record);
    const [first, second] = [model.find('one'), model.find('two')];
    record.searches[1]?.answer([hit(summary(1))]);
    await second;
    record.searches[0]?.answer([hit(summary(0))]);
    await first;
    assert.deepEqual([model.search?.text, outline(model)], ['two', ['run:run-1']]);
    const third = model.find('three');
    model.clearSearch();
    record.searches[2]?.answer([hit(summary(0))]);
    await third;
    assert.equal(model.search, undefined);
  });
});
