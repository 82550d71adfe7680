import type { Row } from './database.ts';

/** Rows of one question about many, each with those of its own. */
export function byNumber(rows: readonly Row[], column: string): ReadonlyMap<number, readonly Row[]> {
  const found = new Map<number, Row[]>();
  for (const row of rows) {
    const number = Number(row[column]);
    const together = found.get(number);
    if (together === undefined) found.set(number, [row]);
    else together.push(row);
  }
  return found;
}
