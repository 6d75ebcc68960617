import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileChange } from '../../src/core/ports.ts';
import type { TextFormat } from '../../src/core/text-format.ts';
import {
  createDiskEditTarget,
  type DiskEditTarget,
  type DiskEditTargetOptions,
} from '../../src/tools/disk-edit-target.ts';
import { signal } from './open-workspace.ts';
import type { TempTree } from './temp-tree.ts';

export const LF: TextFormat = { encoding: 'utf8', eol: 'lf' };
export const options = { label: 'Edits of a run', signal };
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** A change of a text from what is expected to what it becomes; null: no file. */
export function edit(
  path: string,
  [before, after]: readonly [string | null, string | null],
  more: Partial<FileChange> = {},
): FileChange {
  return {
    path,
    expect: before === null ? null : sha256(before),
    content: after === null ? null : { kind: 'text', text: after, format: LF },
    ...more,
  };
}

/** For the folder `ws` of a tree. */
export function targetOf(tree: TempTree, more: Partial<DiskEditTargetOptions> = {}): DiskEditTarget {
  return createDiskEditTarget({ folders: [{ name: 'ws', path: join(tree.path, 'ws') }], ...more });
}

/** Every file and link below a folder, with its text. */
export function contents(folder: string, at = ''): readonly string[] {
  return readdirSync(join(folder, at), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isSymbolicLink()) return [`${path} -> link`];
      if (entry.isDirectory()) return [`${path}/`, ...contents(folder, path)];
      return [`${path}: ${readFileSync(join(folder, path), 'utf8')}`];
    });
}

/** What `write` says: the hashes by path, or the message. */
export async function written(
  target: DiskEditTarget,
  changes: readonly FileChange[],
): Promise<readonly string[] | string> {
  const result = await target.write(changes, options);
  if (!result.ok) return result.error.message;
  assert.equal(result.value.size, changes.length);
  return [...result.value].map(([path, hash]) => `${path} ${hash ?? 'gone'}`);
}
