export type JournalMode = 'WAL' | 'DELETE';

/** Before this version two connections, one checkpointing and one writing, could corrupt a WAL database ("WAL-reset bug"). */
const FIRST_SAFE_WAL = [3, 51, 3] as const;

/** Which journal mode a SQLite of this version may be trusted with; an unreadable version gets the careful one. */
export function journalModeFor(sqliteVersion: string): JournalMode {
  const parts = sqliteVersion.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, wanted] of FIRST_SAFE_WAL.entries()) {
    const part = parts[index] ?? 0;
    if (Number.isNaN(part) || part < wanted) return 'DELETE';
    if (part > wanted) return 'WAL';
  }
  return 'WAL';
}
