import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Scheduler } from '../../src/core/scheduler.ts';
import { fc, propertyOptions, seededRandom } from '../support/properties.ts';

function tasks(graph: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(graph).map(([id, dependsOn]) => ({ id, dependsOn }));
}

describe('scheduler', () => {
  it('offers the longest remaining path first, then the order of the plan', () => {
    const scheduler = new Scheduler(tasks({ lone: [], a: [], b: ['a'], c: ['b'], x: [], y: ['x'] }));
    assert.deepEqual(scheduler.ready(), ['a', 'x', 'lone']);
  });

  it('starts a task the moment its last dependency is done, with no regard to the others', () => {
    const scheduler = new Scheduler(tasks({ slow: [], quick: [], next: ['quick'] }));
    scheduler.start('slow');
    scheduler.start('quick');
    assert.deepEqual(scheduler.ready(), []);
    scheduler.complete('quick');
    assert.deepEqual(scheduler.ready(), ['next']);
  });

  it('skips only those that need a failed task, directly or through others', () => {
    const scheduler = new Scheduler(tasks({ a: [], b: ['a'], c: ['b'], other: [], d: ['other'] }));
    scheduler.start('a');
    assert.deepEqual(scheduler.fail('a'), [
      { task: 'b', because: 'a' },
      { task: 'c', because: 'a' },
    ]);
    assert.deepEqual(scheduler.ready(), ['other']);
    assert.equal(scheduler.isDone, false);
  });

  it('orders a chain of 20,000 tasks without recursion', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => ({
      id: `t${index}`,
      dependsOn: index === 0 ? [] : [`t${index - 1}`],
    }));
    const scheduler = new Scheduler(chain);
    assert.equal(scheduler.remainingPath('t0'), 20_000);
  });

  it('keeps order, loses nothing and always ends, for random graphs and random ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (count, seed, failShare) => {
          const random = seededRandom(seed);
          const graph = Array.from({ length: count }, (_, index) => ({
            id: `t${index}`,
            dependsOn: Array.from({ length: index }, (__, before) => `t${before}`).filter(() => random() < 0.15),
          }));
          const needs = new Map(graph.map((task) => [task.id, task.dependsOn]));
          const scheduler = new Scheduler(graph);
          const started: string[] = [];
          const ended = new Map<string, string>();
          while (!scheduler.isDone) {
            for (const id of scheduler.ready()) {
              for (const need of needs.get(id) ?? [])
                assert.equal(ended.get(need), 'completed', `${id} is ready before ${need} completed`);
              scheduler.start(id);
              started.push(id);
            }
            const [id] = started.splice(Math.floor(random() * started.length), 1);
            assert.ok(id !== undefined, 'something runs until all is done');
            if (random() < failShare) {
              ended.set(id, 'failed');
              for (const skip of scheduler.fail(id)) {
                assert.ok(
                  (needs.get(skip.task) ?? []).some(
                    (need) =>
                      ended.get(need) === 'failed' ||
                      ended.get(need) === 'skipped' ||
                      scheduler.status(need) === 'skipped',
                  ),
                );
                ended.set(skip.task, 'skipped');
              }
            } else {
              ended.set(id, 'completed');
              scheduler.complete(id);
            }
          }
          assert.equal(ended.size, count);
          for (const { id, dependsOn } of graph) {
            const mayRun = dependsOn.every((need) => ended.get(need) === 'completed');
            assert.equal(
              ended.get(id) === 'skipped',
              !mayRun,
              `${id} is skipped exactly when something it needs did not complete`,
            );
          }
        },
      ),
      propertyOptions('scheduler order'),
    );
  });
});
