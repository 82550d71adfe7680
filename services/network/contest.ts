import { compareData, type Message, type Resource, sameName, sameResource } from './dns.ts';

/** Fifteen quarrels within ten seconds: then one attempt every five (RFC 6762, section 8.1). */
const QUARRELS = 15;
const WITHIN_MS = 10_000;
const PAUSE_MS = 5000;
/** After so long without one it is over. */
const CALM_MS = 60_000;
/** A network with more boxes than this has other sorrows. */
const MAX_NUMBER = 99;

/** Other types of our names are nobody's business: some hosts tell their processor (HINFO). */
const CLAIMS = new Set(['A', 'AAAA', 'SRV', 'TXT']);

/** True when somebody else has one of these names: it says of it what is not true of this machine. */
export function isTaken(
  { answers, additionals }: Message,
  names: readonly string[],
  own: readonly Resource[],
): boolean {
  return [...answers, ...additionals].some(
    (record) =>
      record.ttlSeconds > 0 &&
      CLAIMS.has(record.data.type) &&
      names.some((name) => sameName(name, record.name)) &&
      !own.some((one) => sameResource(one, record)),
  );
}

/**
 * Two who probe for a name at one time: true when the other one's claim to any of the names is the later in order, and
 * ours has to wait (RFC 6762, section 8.2). Equal claims are our own words that come back.
 */
export function yieldsTo(
  { authorities }: Message,
  names: readonly string[],
  ours: readonly Resource[],
  /** On other links, too: words come back there. */
  own: readonly Resource[],
): boolean {
  return names.some((name) => {
    const isOurs = (record: Resource) => own.some((one) => sameResource(one, record));
    if (authorities.every((record) => !sameName(record.name, name) || isOurs(record))) return false;
    const claim = (records: readonly Resource[]) =>
      records
        .filter((record) => sameName(record.name, name))
        .map(({ data }) => data)
        .toSorted(compareData);
    const [mine, theirs] = [claim(ours), claim(authorities)];
    const at = theirs.findIndex((data, index) => {
      const other = mine[index];
      return other === undefined || compareData(data, other) !== 0;
    });
    const [one, other] = [theirs[at], mine[at]];
    return one !== undefined && (other === undefined || compareData(one, other) > 0);
  });
}

/** `imagetank`, `imagetank-2`, … and from the beginning again. */
export function nextLabel(first: string, label: string): string {
  const number = label === first ? 1 : Number(label.slice(first.length + 1));
  return number >= MAX_NUMBER ? first : `${first}-${number + 1}`;
}

/** Slows down where a name is fought over, for as long as it is. */
export class Quarrels {
  #atMs: readonly number[] = [];
  #isSlow = false;

  had(nowMs: number): void {
    const last = this.#atMs.at(-1) ?? nowMs;
    this.#atMs = [...this.#atMs, nowMs].slice(-QUARRELS);
    const [first = nowMs] = this.#atMs;
    const isMany = this.#atMs.length === QUARRELS && nowMs - first < WITHIN_MS;
    this.#isSlow = isMany || (this.#isSlow && nowMs - last < CALM_MS);
  }

  /** Before the next attempt. */
  get pauseMs(): number {
    return this.#isSlow ? PAUSE_MS : 0;
  }
}
