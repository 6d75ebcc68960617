import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commandTarget, noTarget } from '../../../src/vscode/tree/task-target.ts';
import { TreeNodes } from '../../../src/vscode/tree/tree-nodes.ts';

const nodes = new TreeNodes();
const [a, b] = [nodes.task('r', 'a'), nodes.task('r', 'b')];
const other = nodes.task('s', 'c');
const run = nodes.run('r');

describe('what a command of the tree is about', () => {
  it('is what it was called with by other code', () => {
    assert.deepEqual(commandTarget(['r', 'a', 'x'], [b]), { run: 'r', tasks: ['a'], value: 'x' });
    assert.deepEqual(commandTarget(['r'], [b]), { run: 'r', tasks: [], value: undefined });
  });

  it('is the row that was clicked, with the selection when it belongs to it', () => {
    assert.deepEqual(commandTarget([a], []), { run: 'r', tasks: ['a'], value: undefined });
    assert.deepEqual(commandTarget([a, [b, a]], []), { run: 'r', tasks: ['a', 'b'], value: undefined });
    assert.deepEqual(commandTarget([a, [b, other]], []), { run: 'r', tasks: ['a'], value: undefined });
    assert.deepEqual(commandTarget([run, [run, a]], []), { run: 'r', tasks: [], value: undefined });
  });

  it('is of one run only', () => {
    assert.deepEqual(commandTarget([a, [other, a, run]], []), { run: 'r', tasks: ['a'], value: undefined });
  });

  it('is the selection when a key was pressed, and nothing when nothing is selected', () => {
    assert.deepEqual(commandTarget([], [b, a]), { run: 'r', tasks: ['b', 'a'], value: undefined });
    assert.equal(commandTarget([], []), undefined);
    assert.equal(commandTarget([{ kind: 'more' }], [a]), undefined);
    assert.equal(commandTarget([42], []), undefined);
  });

  it('is told apart when a row was lost, and when none was named', () => {
    assert.match(noTarget([undefined, undefined]).message, /drawn anew/);
    assert.match(noTarget([]).message, /No run was named/);
    assert.match(noTarget([42]).message, /No run was named/);
  });
});
