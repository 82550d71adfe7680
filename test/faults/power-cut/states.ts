/** Which states a power cut can leave on a disk with a volatile cache. */
import type { Entry } from './write-log.ts';

/** What a drive writes at once or not at all. */
const SECTOR_BYTES = 512;
const TRIES_A_STATE = 30;
/** Of the unflushed writes, how many survive; one is drawn for each state. */
const SURVIVE = [0.1, 0.5, 0.9] as const;
/** That a write that survives does so in part. */
const TORN = 0.15;

/** Of an unflushed write, the sectors from one to another. */
export interface Kept {
  readonly entry: number;
  readonly fromSector: number;
  readonly toSector: number;
}

export interface State {
  readonly kind: 'prefix' | 'flushed' | 'subset';
  /** The cut came after that many entries of the disk, and before the next. */
  readonly cut: number;
  /** Of these the first so many had been flushed. */
  readonly durable: number;
  /** What else reached the medium, in order. */
  readonly kept: readonly Kept[];
}

/**
 * Up to `count` different states after the first `start` entries: each prefix, what was flushed alone, and random
 * subsets of what was not, some of their writes torn. In the order in which they can be played.
 */
export function statesOf(
  entries: readonly Entry[],
  start: number,
  count: number,
  next: () => number,
): State[] {
  const found = new Map<string, State>();
  // The same bytes at a later cut: more was acknowledged by then, so that one is the harder.
  const add = (state: State): void => {
    const key = keyOf(entries, state);
    const other = found.get(key);
    if (other === undefined || other.cut < state.cut) found.set(key, state);
  };
  const cuts = cutsOf(entries, start);
  for (const cut of sample(cuts, Math.ceil(count / 3), next)) add(prefix(entries, cut));
  for (const cut of sample(cuts, Math.ceil(count / 6), next)) add(flushed(entries, cut));
  const windows = cuts.filter((cut) => cut - durableAt(entries, cut) > 1);
  for (let tries = count * TRIES_A_STATE; found.size < count && tries > 0 && windows.length > 0; tries -= 1) {
    add(subset(entries, windows[Math.floor(next() * windows.length)] ?? 0, next));
  }
  // What could not be made up by subsets is made up by prefixes.
  for (const cut of cuts) if (found.size < count) add(prefix(entries, cut));
  return [...found.values()].sort((a, b) => a.durable - b.durable || a.cut - b.cut);
}

/** Of the bytes: what was flushed, and writes that follow it without a gap, are one run of entries. */
function keyOf(entries: readonly Entry[], { durable, kept }: State): string {
  let run = durable;
  const rest = kept.filter(({ entry, fromSector, toSector }) => {
    const next = unflushed(entries, run, entry + 1)[0];
    const goesOn = entry === next && fromSector === 0 && toSector === sectorsOf(entries, entry);
    if (goesOn) run = entry + 1;
    return !goesOn;
  });
  while (run > 0 && entries[run - 1]?.kind === 'flush') run -= 1;
  return [run, ...rest.map(({ entry, fromSector, toSector }) => `${entry}:${fromSector}-${toSector}`)].join();
}

/** A cut at one moment, with a random subset of what was not flushed by then. */
export function stateAt(entries: readonly Entry[], cut: number, next: () => number): State {
  return cut - durableAt(entries, cut) > 0 ? subset(entries, cut, next) : prefix(entries, cut);
}

/** How many entries stand before a place in the common order. */
export function entriesBefore(entries: readonly Entry[], at: number): number {
  const index = entries.findIndex((entry) => entry.at >= at);
  return index < 0 ? entries.length : index;
}

/** Where the cut lies in the common order: right before the disk's next entry. */
export function atOf(entries: readonly Entry[], { cut }: State): number {
  return entries[cut]?.at ?? Number.POSITIVE_INFINITY;
}

/** The bytes that a state adds to what is durable. */
export function piecesOf(entries: readonly Entry[], { kept }: State): { offset: number; bytes: Buffer }[] {
  return kept.flatMap(({ entry: index, fromSector, toSector }) => {
    const entry = entries[index];
    if (entry?.kind !== 'write') return [];
    const from = fromSector * SECTOR_BYTES;
    return [{ offset: entry.offset + from, bytes: entry.bytes.subarray(from, toSector * SECTOR_BYTES) }];
  });
}

/** After each write; a flush changes nothing by itself. */
function cutsOf(entries: readonly Entry[], start: number): number[] {
  const cuts = entries.flatMap((entry, index) => (entry.kind === 'write' ? [index + 1] : []));
  return cuts.filter((cut) => cut > start);
}

function durableAt(entries: readonly Entry[], cut: number): number {
  for (let index = cut - 1; index >= 0; index -= 1) if (entries[index]?.kind === 'flush') return index + 1;
  return 0;
}

/** As late as the bytes stay the same: up to the next write. */
function prefix(entries: readonly Entry[], cut: number): State {
  const durable = durableAt(entries, cut);
  const kept = unflushed(entries, durable, cut).map((entry) => whole(entries, entry));
  return { kind: 'prefix', cut, durable, kept };
}

function flushed(entries: readonly Entry[], cut: number): State {
  return { kind: 'flushed', cut, durable: durableAt(entries, cut), kept: [] };
}

function subset(entries: readonly Entry[], cut: number, next: () => number): State {
  const durable = durableAt(entries, cut);
  const survive = SURVIVE[Math.floor(next() * SURVIVE.length)] ?? 0.5;
  const kept = unflushed(entries, durable, cut)
    .filter(() => next() < survive)
    .map((entry) => (next() < TORN ? torn(entries, entry, next) : whole(entries, entry)))
    .filter(({ fromSector, toSector }) => toSector > fromSector);
  return { kind: 'subset', cut, durable, kept };
}

function unflushed(entries: readonly Entry[], durable: number, cut: number): number[] {
  const indexes: number[] = [];
  for (let index = durable; index < cut; index += 1) {
    if (entries[index]?.kind === 'write') indexes.push(index);
  }
  return indexes;
}

const sectorsOf = (entries: readonly Entry[], index: number): number => {
  const entry = entries[index];
  return entry?.kind === 'write' ? Math.ceil(entry.bytes.length / SECTOR_BYTES) : 0;
};

const whole = (entries: readonly Entry[], entry: number): Kept => ({
  entry,
  fromSector: 0,
  toSector: sectorsOf(entries, entry),
});

/** Its beginning or its end. */
function torn(entries: readonly Entry[], entry: number, next: () => number): Kept {
  const sectors = sectorsOf(entries, entry);
  const border = Math.floor(next() * (sectors + 1));
  return next() < 0.5
    ? { entry, fromSector: 0, toSector: border }
    : { entry, fromSector: border, toSector: sectors };
}

function sample<T>(items: readonly T[], count: number, next: () => number): T[] {
  if (items.length <= count) return [...items];
  return [...items]
    .map((item) => ({ item, order: next() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, count)
    .map(({ item }) => item);
}
