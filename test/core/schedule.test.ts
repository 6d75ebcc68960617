import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { TaskStatus } from '../../src/core/run-event.ts';
import { dependentsOf, remainingPaths, scheduleTasks, type ScheduledTask } from '../../src/core/schedule.ts';
import { fc, propertyOptions, seededRandom } from '../support/properties.ts';

/** A name may end in a status: `'a:completed': []`. */
function tasks(graph: Readonly<Record<string, readonly string[]>>): readonly ScheduledTask[] {
  return Object.entries(graph).map(([name, dependsOn]) => {
    const [id = '', status = 'pending'] = name.split(':');
    return { id, dependsOn, status: status as TaskStatus };
  });
}

function schedule(graph: readonly ScheduledTask[]) {
  return scheduleTasks(graph, remainingPaths(graph));
}

describe('schedule', () => {
  it('offers the longest remaining path first, then the order of the plan', () => {
    assert.deepEqual(schedule(tasks({ lone: [], a: [], b: ['a'], c: ['b'], x: [], y: ['x'] })).ready, [
      'a',
      'x',
      'lone',
    ]);
  });

  it('offers a task when its last dependency has completed, with no regard to the others', () => {
    assert.deepEqual(schedule(tasks({ 'slow:active': [], 'quick:active': [], next: ['quick'] })).ready, []);
    assert.deepEqual(schedule(tasks({ 'slow:active': [], 'quick:completed': [], next: ['quick'] })).ready, ['next']);
  });

  it('waits for a task that waits for the user', () => {
    assert.deepEqual(schedule(tasks({ 'a:waiting': [], b: ['a'] })), { ready: [], skips: [] });
  });

  it('skips only those that need a failed task, directly or through others', () => {
    const graph = tasks({ 'a:failed': [], b: ['a'], c: ['b'], other: [], d: ['other'] });
    assert.deepEqual(schedule(graph), {
      ready: ['other'],
      skips: [
        { task: 'b', because: 'a' },
        { task: 'c', because: 'a' },
      ],
    });
  });

  it('names the task that did not complete, not one that was skipped because of it', () => {
    assert.deepEqual(schedule(tasks({ 'b:skipped': ['a'], 'a:cancelled': [], c: ['b'] })).skips, [
      { task: 'c', because: 'a' },
    ]);
    assert.deepEqual(schedule(tasks({ 'b:skipped': [], c: ['b'] })).skips, [{ task: 'c', because: 'b' }]);
  });

  it('finds all that need a task, through others, in the order of the plan', () => {
    const graph = tasks({ z: ['b'], a: [], b: ['a'], c: [], d: ['c', 'b'] });
    assert.deepEqual(dependentsOf(graph, ['a']), ['z', 'b', 'd']);
    assert.deepEqual(dependentsOf(graph, ['b', 'a']), ['z', 'd']);
  });

  it('orders a chain of 20,000 tasks without recursion', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => ({
      id: `t${index}`,
      dependsOn: index === 0 ? [] : [`t${index - 1}`],
    }));
    assert.equal(remainingPaths(chain).get('t0'), 20_000);
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
          const status = new Map<string, TaskStatus>(graph.map(({ id }) => [id, 'pending']));
          const paths = remainingPaths(graph);
          for (let steps = 0; ; steps++) {
            assert.ok(steps <= 3 * count, 'it ends');
            const now = graph.map((task) => ({ ...task, status: status.get(task.id) ?? 'pending' }));
            const { ready, skips } = scheduleTasks(now, paths);
            for (const id of ready) status.set(id, 'active');
            for (const { task, because } of skips) {
              assert.ok(
                status.get(because) === 'failed',
                `${task} is skipped because of ${because}, which did not fail`,
              );
              status.set(task, 'skipped');
            }
            const active = [...status].filter(([, one]) => one === 'active').map(([id]) => id);
            const chosen = active[Math.floor(random() * active.length)];
            if (chosen === undefined) break;
            status.set(chosen, random() < failShare ? 'failed' : 'completed');
          }
          for (const { id, dependsOn } of graph) {
            const mayRun = dependsOn.every((need) => status.get(need) === 'completed');
            assert.equal(
              status.get(id) === 'skipped',
              !mayRun,
              `${id} is skipped exactly when something it needs did not complete`,
            );
            assert.notEqual(status.get(id), 'pending');
          }
        },
      ),
      propertyOptions('schedule order'),
    );
  });
});
