import assert from 'node:assert/strict';
import type { Journal, RunPage, RunWriter } from '../../src/core/ports.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Workbench, completed, finished, planned, record, spec, spend, started, value } from './fixture.ts';

const FAILURE = { reason: 'timeout', message: 'm', whatToDo: 'w', retryable: true } as const;

/** Both journals promise this. */
for (const kind of ['SQLite', 'memory'] as const) {
  describe(`the line of a run in ${kind}`, () => {
    let bench: Workbench;
    let clock: ManualClock;
    let journal: Journal;
    let writer: RunWriter;

    beforeEach(async () => {
      bench = new Workbench();
      clock = new ManualClock(1_000);
      journal = kind === 'SQLite' ? await bench.open({ clock }) : createMemoryJournal({ clock });
      writer = value(await journal.createRun('r'));
      value(await writer.append([started('Do it')]));
    });
    afterEach(() => bench.dispose());

    /** Appends one by one: tasks that completed of all, and whether the user is waited for, after each. */
    async function told(...bodies: readonly RunEventBody[]): Promise<string> {
      const lines: string[] = [];
      for (const body of bodies) {
        value(await writer.append([body]));
        lines.push(`${body.type}: ${await line()}`);
      }
      return lines.join('\n');
    }

    async function line(): Promise<string> {
      const summary = value(await journal.summary('r'));
      return `${summary?.completed}/${summary?.tasks}${summary?.waitsForUser === true ? ' waits' : ''}`;
    }

    it('counts tasks that completed, each once, as long as they are done', async () => {
      assert.equal(
        await told(
          completed('a', 'before there is a plan'),
          planned(['a', 'A'], ['b', 'B'], ['c', 'C']),
          { type: 'task.started', task: 'a', attempt: 1, backend: 'b' },
          completed('a', '1'),
          completed('a', '2'),
          { type: 'task.failed', task: 'a', failure: FAILURE, partial: '' },
          completed('@answer', 'x'),
          { type: 'task.marked', task: 'b', result: 'mine' },
          { type: 'task.cancelled', task: 'c', partial: '' },
          completed('c', 'too late'),
          { type: 'task.retried', task: 'c', because: null },
          { type: 'task.retried', task: 'a', because: 'c' },
          completed('c', 'again'),
        ),
        `task.completed: 0/0
plan.accepted: 0/3
task.started: 0/3
task.completed: 1/3
task.completed: 1/3
task.failed: 1/3
task.completed: 1/3
task.marked: 2/3
task.cancelled: 2/3
task.completed: 2/3
task.retried: 2/3
task.retried: 1/3
task.completed: 2/3`,
      );
    });

    it('counts the tasks of the plan as the user has changed it', async () => {
      const edited = (put: readonly string[], removed: readonly string[]): RunEventBody => ({
        type: 'plan.edited',
        change: { what: 'x', put: put.map((id) => spec(id, id)), removed, order: null },
        undoes: false,
      });
      assert.equal(
        await told(
          planned(['a', 'A'], ['b', 'B']),
          completed('a', '1'),
          edited(['c', 'a'], []),
          edited([], ['b']),
          edited(['b'], ['a', 'nobody']),
          planned(['z', 'only the first plan counts']),
        ),
        `plan.accepted: 0/2
task.completed: 1/2
plan.edited: 1/3
plan.edited: 1/2
plan.edited: 0/2
plan.accepted: 0/2`,
      );
    });

    it('tells that the plan waits for the user, until it is approved', async () => {
      assert.equal(
        await told(
          planned(['a', 'A']),
          { type: 'plan.waiting', why: 'always', estimate: null },
          { type: 'run.resumed', inDoubt: [] },
          { type: 'plan.approved' },
        ),
        'plan.accepted: 0/1\nplan.waiting: 0/1 waits\nrun.resumed: 0/1 waits\nplan.approved: 0/1',
      );
    });

    it('tells that a task waits for the user, until it was answered, ended or began anew', async () => {
      const waiting = (task: string): RunEventBody => ({ type: 'task.waiting', task, turn: 0, question: '' });
      const ends: readonly RunEventBody[] = [
        { type: 'message.said', task: 'a', text: 'go' },
        { type: 'task.started', task: 'a', attempt: 2, backend: 'b' },
        { type: 'task.retried', task: 'a', because: null },
        { type: 'run.resumed', inDoubt: [] },
        { type: 'task.failed', task: 'a', failure: FAILURE, partial: '' },
      ];
      value(await writer.append([planned(['a', 'A'], ['b', 'B'], ['c', 'C'], ['d', 'D'], ['e', 'E'])]));
      for (const end of ends) assert.equal(await told(waiting('a'), end), `task.waiting: 0/5 waits\n${end.type}: 0/5`);
      assert.equal(await told(waiting('a')), 'task.waiting: 0/5', 'it has failed');
      assert.equal(
        await told(
          waiting('b'),
          waiting('c'),
          waiting('d'),
          waiting('e'),
          waiting('nobody'),
          completed('b', ''),
          { type: 'task.cancelled', task: 'c', partial: '' },
          { type: 'task.skipped', task: 'd', because: 'a', failure: FAILURE },
          { type: 'task.marked', task: 'e', result: '' },
        ).then((lines) => lines.replaceAll(/^.*: /gm, '')),
        ['0/5', '0/5', '0/5', '0/5', '0/5', '1/5', '1/5', '1/5']
          .map((figures) => `${figures} waits`)
          .concat('2/5')
          .join('\n'),
      );
    });

    it('keeps the figures of the end, waits for nobody then, and still waits when it was interrupted', async () => {
      const at = { backend: 'b', startedAtMs: 1, endedAtMs: 2, spent: spend(0.1) };
      const tasks = (['completed', 'failed', 'completed'] as const).map((status, index) => ({
        id: `t${index}`,
        title: '',
        status,
        ...at,
      }));
      await told(planned(['t0', 'T']), { type: 'task.waiting', task: 't0', turn: 1, question: 'which?' });
      await writer.release();
      assert.equal(await line(), '0/1 waits');
      writer = value(await journal.adoptRun('r'));
      assert.equal(await told({ ...finished('done'), tasks } as RunEventBody), 'run.finished: 2/3');
    });

    it('names the run that it goes on from', async () => {
      await record(journal, 'again', [{ ...started('Do it'), from: 'r' }]);
      assert.deepEqual(
        value(await journal.listRuns({ limit: 9 })).map(({ run, from }) => [run, from]),
        [
          ['again', 'r'],
          ['r', null],
        ],
      );
    });

    it('comes in pages, newest first, also when runs began in one moment, one has gone, or new ones came', async () => {
      const runs = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const [index, run] of runs.entries()) {
        clock.setWall(2_000 + Math.floor(index / 3));
        await record(journal, run, [started(index % 2 === 0 ? 'even' : 'odd')]);
      }
      const page = async (options: RunPage): Promise<readonly { run: string; startedAtMs: number }[]> =>
        value(await journal.listRuns(options));
      const names = async (options: RunPage): Promise<string> => (await page(options)).map(({ run }) => run).join(' ');
      assert.equal(await names({ limit: 99 }), 'f e d c b a r');
      const before = (await page({ limit: 2 })).at(-1);
      assert.ok(before !== undefined);
      clock.setWall(9_000);
      await record(journal, 'new', [started('even')]);
      assert.equal(await names({ limit: 3, before }), 'd c b');
      assert.equal(await names({ limit: 9, before, search: 'EVE' }), 'c a');
      assert.equal(await names({ limit: 2, search: 'even' }), 'new e');
      assert.equal(await names({ limit: 9, isUnfinished: true, before }), 'd c b a r');
      await record(journal, 'over', [{ ...started('even'), workspace: '/other' }, finished('b')]);
      assert.equal(await names({ limit: 3, isUnfinished: true, search: 'even' }), 'new e c');
      assert.deepEqual(
        value(await journal.listRuns({ limit: 2 })).map(({ workspace }) => workspace),
        ['/other', '/w'],
      );
      value(await journal.deleteRun('e'));
      assert.equal(await names({ limit: 9, before: { run: 'e', startedAtMs: 2_001 } }), 'c b a r');
      assert.equal(await names({ limit: 9, before: { run: 'r', startedAtMs: 1_000 } }), '');
      assert.equal(await names({ limit: 0 }), '');
    });
  });
}
