import { stripVTControlCharacters } from 'node:util';

/** Columns padded to their widest cell; colours take no room. The last column is not padded: no trailing blanks. */
export function alignRows(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)));
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

/** Code points, not bytes: wide East Asian characters are counted as one and may shift a column. */
const widthOf = (cell: string): number => [...stripVTControlCharacters(cell)].length;
