import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LiveTree } from '../../src/cli/live-tree.ts';
import type { TextSink } from '../../src/cli/io.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { screenAfter } from './screen.ts';

interface Fixture {
  readonly clock: ManualClock;
  readonly tree: LiveTree;
  readonly show: (...lines: readonly string[]) => void;
  readonly writes: string[];
  readonly screen: () => string;
}

function fixture(rows = 40): Fixture {
  const clock = new ManualClock();
  const writes: string[] = [];
  const sink: TextSink = { isTty: true, columns: 80, rows, write: (text) => void writes.push(text) };
  let shown: readonly string[] = [];
  const tree = new LiveTree({ sink, clock, lines: (room) => shown.slice(0, room) });
  const show = (...lines: readonly string[]): void => {
    shown = lines;
    tree.changed();
  };
  return { clock, tree, show, writes, screen: () => screenAfter(writes.join('')) };
}

describe('a tree that is drawn over again', () => {
  it('is drawn at most every 100 ms, however often it changes, and shows the latest', async () => {
    const { clock, show, writes, screen } = fixture();
    show('first');
    await clock.advance(0);
    for (let change = 1; change <= 99; change++) {
      show(`change ${change}`, 'second line');
      await clock.advance(10);
    }
    assert.equal(writes.length, 10);
    await clock.advance(100);
    assert.equal(screen(), 'change 99\nsecond line\n');
  });

  it('is drawn once a second while nothing changes, so that times go on', async () => {
    const { clock, show, writes } = fixture();
    show('waiting');
    await clock.advance(5_500);
    assert.equal(writes.length, 6);
  });

  it('leaves nothing behind when it shrinks, and stands still after its end', async () => {
    const { clock, tree, show, writes, screen } = fixture();
    show('a', 'b', 'c');
    await clock.advance(0);
    show('d');
    await clock.advance(100);
    assert.equal(screen(), 'd\n');
    tree.end(['the', 'end']);
    const before = writes.length;
    show('late');
    tree.end(['again']);
    await clock.advance(10_000);
    assert.deepEqual([screen(), writes.length, clock.pending], ['the\nend\n', before, 0]);
  });

  it('makes way for a question and comes back below it', async () => {
    const { clock, tree, show, writes, screen } = fixture();
    show('at work');
    await clock.advance(0);
    tree.hide();
    writes.push('Really? yes\n');
    show('still at work');
    await clock.advance(3_000);
    assert.equal(screen(), 'Really? yes\n');
    tree.show();
    await clock.advance(100);
    assert.equal(screen(), 'Really? yes\nstill at work\n');
  });

  it('never takes more lines than the terminal has', async () => {
    const { clock, show, screen } = fixture(10);
    show(...Array.from({ length: 50 }, (_, index) => `line ${index}`));
    await clock.advance(0);
    assert.equal(screen().split('\n').length, 9);
  });
});
