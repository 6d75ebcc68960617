/**
 * Follows the edits of a file, also when an editor puts another one in its place. It looks at the file, because that works on every disk.
 *
 * Owns: when it is looked, and what was seen. Does not own: reading the file (`onEdit`).
 *
 * 1. An edit after `fileNow` is told of, however late the following begins.
 * 2. Edits are told of one at a time; those made meanwhile are one more. One that is under way when it ends is waited for.
 */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';

const LOOK_EVERY_MS = 1_000;

export interface SeenFile {
  readonly file: string;
  /** Differs after an edit. */
  readonly stamp: string;
}

/** To be taken before the file is read. */
export function fileNow(file: string): SeenFile {
  try {
    return { file, stamp: stampOf(statSync(file)) };
  } catch {
    return { file, stamp: stampOf(undefined) };
  }
}

export interface FollowOptions {
  readonly clock: Clock;
  /** Never rejects. */
  readonly onEdit: () => Promise<void>;
}

/** Returns what ends it. */
export function followFile({ file, stamp }: SeenFile, { clock, onEdit }: FollowOptions): () => Promise<void> {
  const end = new AbortController();
  const follow = async (): Promise<void> => {
    let seen = stamp;
    while (!end.signal.aborted) {
      const now = stampOf(await stat(file).catch(() => undefined));
      if (end.signal.aborted) return;
      if (now !== seen) await onEdit();
      seen = now;
      await clock.sleep(LOOK_EVERY_MS, end.signal);
    }
  };
  const followed = follow();
  return () => {
    end.abort();
    return followed;
  };
}

function stampOf(stats: { readonly mtimeMs: number; readonly size: number; readonly ino: number } | undefined): string {
  return stats === undefined ? 'not there' : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
}
