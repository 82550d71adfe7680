/** Damerau-Levenshtein distance without repeated swaps; words here are short, so the full table is cheap. */
function distance(a: string, b: string): number {
  const rows: number[][] = [[...Array(b.length + 1).keys()]];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (di: number, dj: number) => (di === 0 ? row[j - dj] : rows[i - di]?.[j - dj]) ?? Infinity;
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(at(0, 1) + 1, at(1, 0) + 1, at(1, 1) + change, swapped ? at(2, 2) + 1 : Infinity));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}

/** The known word that was probably meant: at most a third of its letters differ (and never more than 3); else null. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, away: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, away }) => away <= Math.min(3, Math.max(1, Math.floor(name.length / 3))))
    .sort((a, b) => a.away - b.away);
  return ranked[0]?.name ?? null;
}
