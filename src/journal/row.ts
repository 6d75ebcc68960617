/** Checked reading of database rows: a column of another type than the schema says is a damaged or foreign database. */
export type Row = Readonly<Record<string, unknown>>;

export function textIn(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== 'string')
    throw new TypeError(`Column ${column} of the journal holds ${typeof value}, not a text.`);
  return value;
}

export function textOrNullIn(row: Row | undefined, column: string): string | null {
  return row?.[column] === null ? null : textIn(row, column);
}

export function numberIn(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number')
    throw new TypeError(`Column ${column} of the journal holds ${typeof value}, not a number.`);
  return value;
}

export function numberOrNullIn(row: Row | undefined, column: string): number | null {
  return row?.[column] === null ? null : numberIn(row, column);
}
