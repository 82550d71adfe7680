/** Version of the facts that this program writes. */
export const FACT_VERSION = 1;

/** The body of a stored record before it is known to be a fact of the present version. */
export interface StoredFact {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Makes a fact of version n into one of version n + 1; pure. Old records are never rewritten. */
export type Upcaster = (fact: StoredFact) => StoredFact;

/** Keyed by the version that is read: `2` makes a fact of version 3. Version 1 is the first. */
export const UPCASTERS: ReadonlyMap<number, Upcaster> = new Map();

/** Applies the chain from `version` to `present`. Throws a `RangeError` when a link is missing. */
export function upcast(
  fact: StoredFact,
  version: number,
  present = FACT_VERSION,
  upcasters = UPCASTERS,
): StoredFact {
  let current = fact;
  for (let from = version; from < present; from += 1) {
    const step = upcasters.get(from);
    if (step === undefined) throw new RangeError(`no upcaster from version ${from}`);
    current = step(current);
  }
  return current;
}
