/** Tells a user's file from a journal by its first bytes, before anything touches it. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';

/** How every SQLite database begins: https://www.sqlite.org/fileformat.html#the_database_header */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** The name that no user chose: what is damaged there was a journal. */
const DEFAULT_NAME = 'journal.db';

/**
 * Why `file` cannot have been a journal, and what to do; undefined when it can: it is empty, missing, begins as a database
 * does, or bears the default name. Only reads. Throws what the file system throws.
 */
export function whyNoDatabase(file: string): string | undefined {
  if (basename(file) === DEFAULT_NAME) return undefined;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size === 0 || beginsAsDatabase(file)) return undefined;
  return `${file} is not a database; it was left as it is. Name another file with --db (or move it away).`;
}

function beginsAsDatabase(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(MAGIC.length);
    return readSync(descriptor, start, 0, start.length, 0) === MAGIC.length && start.equals(MAGIC);
  } finally {
    closeSync(descriptor);
  }
}
