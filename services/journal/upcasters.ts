/** Version of the facts that this program writes. */
export const FACT_VERSION = 4;

/** The body of a stored record before it is known to be a fact of the present version. */
export interface StoredFact {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Makes a fact of version n into one of version n + 1; pure. Old records are never rewritten. */
export type Upcaster = (fact: StoredFact) => StoredFact;

/** Version 2 knows where a volume is plugged in, and says in words why a device or drive was refused. */
const addHardware: Upcaster = ({ type, data }) => {
  const { card, drive } = data;
  if (isObject(card)) return { type, data: { ...data, card: { ...card, hardware: null } } };
  if (isObject(drive)) return { type, data: { ...data, drive: { ...drive, hardware: null } } };
  const isRefusal = type === 'CardRefused' || type === 'DriveFailed';
  return isRefusal ? { type, data: { ...data, detail: '' } } : { type, data };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * Version 3 has facts of indexed folders and of inboxes, version 4 of devices that may come in: an older program must not
 * take them for damage.
 */
const addTypes: Upcaster = (fact) => fact;

/** Keyed by the version that is read: `2` makes a fact of version 3. Version 1 is the first. */
export const UPCASTERS: ReadonlyMap<number, Upcaster> = new Map([
  [1, addHardware],
  [2, addTypes],
  [3, addTypes],
]);

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
