import { unwatchFile, watchFile, type StatsListener } from 'node:fs';
import type { Subscription } from '../base/emitter.ts';

const LOOK_EVERY_MS = 1_000;

/** Tells of edits of a file, also when an editor puts another one in its place. It looks at it, because that works on every disk. */
export function followFile(file: string | undefined, onEdit: () => void): Subscription {
  if (file === undefined) return { dispose: () => undefined };
  const onStat: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) onEdit();
  };
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, onStat);
  return { dispose: () => unwatchFile(file, onStat) };
}
