import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import { fileNow, followFile } from '../../src/cli/follow-file.ts';
import { createGate } from '../servers/gate.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';

describe('following a file', () => {
  let tree: TempTree;
  let file = '';
  beforeEach(() => {
    tree = tempTree({ 'roster.json': '[]' });
    file = path.join(tree.path, 'roster.json');
  });
  afterEach(() => tree.remove());

  /** Its looks are told one by one, each with what lets the next one come. */
  function held(): { readonly clock: Clock; readonly looked: () => Promise<() => void> } {
    let tell: (again: () => void) => void = () => undefined;
    let look = new Promise<() => void>((resolve) => (tell = resolve));
    const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', () => resolve());
        const told = tell;
        look = new Promise((next) => (tell = next));
        told(resolve);
      });
    return { clock: { ...systemClock, sleep }, looked: () => look };
  }

  it('tells of an edit made before it began, of each later one, and of no look at the same file', async () => {
    const { clock, looked } = held();
    const seen = fileNow(file);
    appendFileSync(file, ' ');
    let edits = 0;
    let look = looked();
    const end = followFile(seen, { clock, onEdit: async () => void (edits += 1) });
    const after = async (): Promise<number> => {
      const again = await look;
      look = looked();
      const now = edits;
      again();
      return now;
    };
    assert.equal(await after(), 1);
    await look;
    assert.equal(edits, 1);
    writeFileSync(file, '[{}]');
    await after();
    assert.equal(await after(), 2);
    await end();
  });

  it('tells of one edit at a time, and its end waits for the one that is under way', async () => {
    const gate = createGate();
    const seen = fileNow(file);
    appendFileSync(file, ' ');
    const steps: string[] = [];
    const end = followFile(seen, {
      clock: held().clock,
      onEdit: async () => {
        steps.push('begins');
        await gate.pass(new AbortController().signal);
        steps.push('is taken');
      },
    });
    await gate.arrived();
    appendFileSync(file, ' ');
    const ended = end().then(() => steps.push('has ended'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(steps, ['begins']);
    gate.open();
    await ended;
    assert.deepEqual(steps, ['begins', 'is taken', 'has ended']);
  });
});
