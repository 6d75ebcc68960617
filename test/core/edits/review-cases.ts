/** Files and edits that tests of the review begin with. */
import assert from 'node:assert/strict';
import type { ScriptedEdit, ScriptedTask } from './edit-runs.ts';
import { MemoryTarget, reviewFixture, type ReviewFixture } from './review-fixture.ts';

export const TEXT = 'one\ntwo\nthree\nfour\nfive\n';

/** a.txt changed, gone.txt deleted, new.txt created, old.txt renamed to moved.txt. */
export const EDITS: readonly ScriptedEdit[] = [
  ['write', 'a.txt', TEXT.replace('two', 'TWO')],
  ['delete', 'gone.txt'],
  ['write', 'new.txt', 'new\n'],
  ['rename', 'old.txt', 'moved.txt'],
];

export function files(): MemoryTarget {
  return new MemoryTarget({ 'a.txt': TEXT, 'gone.txt': 'gone\n', 'old.txt': 'old\n' });
}

export function fixture(
  target = files(),
  tasks: readonly ScriptedTask[] = [{ id: 't', edits: EDITS }],
): Promise<ReviewFixture> {
  return reviewFixture(target, tasks);
}

export function bytesIn(target: MemoryTarget): ReadonlyMap<string, string> {
  return new Map(
    [...target.files]
      .map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export function textsIn(target: MemoryTarget): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries([...target.files.keys()].sort().map((path) => [path, target.text(path)]));
}

export async function left(report: ReturnType<ReviewFixture['review']['apply']>): Promise<readonly string[]> {
  const { ok: isOk, ...rest } = await report;
  assert.ok(isOk && 'value' in rest);
  return rest.value.left.map(({ path, why }) => `${path}: ${why}`);
}
