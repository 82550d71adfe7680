interface Piece {
  readonly after?: string | null;
  readonly limit: number;
  readonly look: number;
}

/** Those that are hit among the next ones, and the one behind which the next piece begins; null at the end. */
export function pieceOf<One>(
  all: readonly One[],
  placeOf: (one: One) => string,
  isHit: (one: One) => boolean,
  { after = null, limit, look }: Piece,
): { readonly found: readonly One[]; readonly last: One | null } {
  const from = all.findIndex((one) => placeOf(one) === after) + 1;
  const looked = all.slice(from, from + look);
  const found = looked.filter(isHit).slice(0, limit);
  const last = (found.length === limit ? found : looked).at(-1);
  return { found, last: last === undefined || last === all.at(-1) ? null : last };
}
