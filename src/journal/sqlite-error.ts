import type { Failure } from '../core/failure.ts';
import { journalFailure } from './journal-failure.ts';

/** What an error of SQLite or of the file system means for us. */
export type Trouble =
  | 'busy' // another process holds the lock: try again
  | 'full' // no space; SQLite has rolled back by itself
  | 'io' // a read, write or fsync failed
  | 'corrupt' // the content is no database of ours any more
  | 'unwritable' // read-only or not to be opened
  | 'other'; // a bug, or a constraint

/** SQLITE_IOERR_SHMSIZE: there is no room for the index of the log, which is made when the file is opened. */
const NO_ROOM_FOR_INDEX = 4874;

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const BY_CODE: ReadonlyMap<number, Trouble> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [8, 'unwritable'],
  [10, 'io'],
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'unwritable'],
  [26, 'corrupt'],
]);

export function troubleOf(error: unknown): Trouble {
  if (typeof error !== 'object' || error === null || !('errcode' in error) || typeof error.errcode !== 'number')
    return 'other';
  if (error.errcode === NO_ROOM_FOR_INDEX) return 'full';
  return BY_CODE.get(error.errcode & 0xff) ?? 'other';
}

/** "disk I/O error (778)": SQLite's words with the extended code, or the error's own. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errcode' in error && typeof error.errcode === 'number'
    ? `${error.message} (${error.errcode})`
    : error.message;
}

export function troubleFailure(error: unknown, file: string): Failure {
  switch (troubleOf(error)) {
    case 'busy':
      return journalFailure(
        `Another process keeps the journal ${file} locked.`,
        'Close other programs that have this file open, then try again.',
      );
    case 'full':
      return journalFailure(
        `There is no space left for the journal ${file}.`,
        'Free some disk space, then resume the run.',
      );
    case 'io':
      return journalFailure(
        `The journal ${file} could not be read or written: ${describeError(error)}.`,
        'Check the disk, then resume the run.',
      );
    case 'corrupt':
      return journalFailure(
        `The journal ${file} is damaged: ${describeError(error)}.`,
        'Start the request again; a damaged file is set aside and a new one is begun.',
      );
    case 'unwritable':
      return journalFailure(
        `The journal ${file} cannot be written: ${describeError(error)}.`,
        'Make the file and its folder writable, then try again.',
      );
    case 'other':
      return journalFailure(
        `The journal ${file} refused a record: ${describeError(error)}.`,
        'Report this as a bug, with the message.',
      );
  }
}
