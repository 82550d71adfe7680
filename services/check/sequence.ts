import { LAST_NUMBER, MINUTE_MS } from '../library/camera-file.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;
/** FAT rounds times to 2 s, and the numbers of one minute have one time here. */
const SAME_MOMENT_MS = 2 * MINUTE_MS;
/** Longer is a counter that was set back, or another camera; a card that was forgotten holds some hundred photos. */
const MAX_GAP = 999;

/** The numbers of one folder; of one prefix where the folder is no camera's. */
export interface NumberedFolder {
  readonly folder: string;
  /** Folder above: the counter goes on from one of its folders to the next; null where it is no camera's. */
  readonly series: string | null;
  /** 100 of `100CANON`; 0 where it is no camera's. */
  readonly order: number;
  readonly prefixes: string[];
  /** By number: minutes since 1970, 0 where there is no file. */
  readonly minutes: Uint32Array;
  /** By number: which of the prefixes. */
  readonly prefixOf: Uint8Array;
}

/** A number that the counter went over, and when that was. */
export interface Missing {
  readonly folder: NumberedFolder;
  readonly prefix: number;
  readonly number: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A place in the counting. */
interface Shot {
  readonly folder: NumberedFolder;
  readonly number: number;
}

/** Numbers of a folder between which the counter made no jump. */
interface Stretch {
  readonly first: Shot;
  readonly last: Shot;
}

/** First and last of each run of missing numbers that are not known, in order of folder and time. */
export function* missingOf(
  folders: readonly NumberedFolder[],
  isKnown: (missing: Missing) => boolean,
): Generator<readonly [Missing, Missing]> {
  let open: [Missing, Missing] | null = null;
  for (const missing of candidates(folders, isKnown)) {
    if (isKnown(missing)) continue;
    if (open !== null && follows(open[1], missing)) {
      open[1] = missing;
      continue;
    }
    if (open !== null) yield open;
    open = [missing, missing];
  }
  if (open !== null) yield open;
}

const follows = (before: Missing, after: Missing): boolean =>
  before.folder === after.folder && before.prefix === after.prefix && after.number === before.number + 1;

function* candidates(
  folders: readonly NumberedFolder[],
  isKnown: (missing: Missing) => boolean,
): Generator<Missing> {
  const ends = new Map<string, Shot>();
  const inOrder = [...folders].sort((a, b) => a.order - b.order || (a.folder < b.folder ? -1 : 1));
  for (const stretch of inOrder.flatMap(stretchesOf)) {
    const before = ends.get(counterOf(stretch.first));
    if (before === undefined) yield* behind(stretch.first, isKnown);
    else yield* between(before, stretch.first);
    yield* within(stretch);
    ends.set(counterOf(stretch.last), stretch.last);
  }
}

/** What counts on from one stretch to the next. */
function counterOf({ folder, number }: Shot): string {
  const prefix = folder.prefixes[folder.prefixOf[number] ?? 0] ?? '';
  return `${folder.series ?? folder.folder}/${prefix}`;
}

/** In the order in which they were taken: after 9999 comes 1. */
function stretchesOf(folder: NumberedFolder): Stretch[] {
  const stretches: Stretch[] = [];
  let first: Shot | null = null;
  let last: Shot | null = null;
  for (let number = 0; number <= LAST_NUMBER; number += 1) {
    if (folder.minutes[number] === 0) continue;
    if (first !== null && last !== null && number - last.number - 1 > MAX_GAP) {
      stretches.push({ first, last });
      first = null;
    }
    last = { folder, number };
    first ??= last;
  }
  if (first !== null && last !== null) stretches.push({ first, last });
  return stretches.sort((a, b) => minuteTaken(a.first) - minuteTaken(b.first));
}

function* within({ first, last }: Stretch): Generator<Missing> {
  let before = first;
  for (let number = first.number + 1; number <= last.number; number += 1) {
    const { folder } = first;
    if (folder.minutes[number] === 0) continue;
    yield* between(before, { folder, number });
    before = { folder, number };
  }
}

/** What the counter went over from one shot to a later one; nothing where it jumped. */
function* between(before: Shot, after: Shot): Generator<Missing> {
  const moments = [minuteTaken(before) * MINUTE_MS, minuteTaken(after) * MINUTE_MS];
  const when = { fromMs: Math.min(...moments) - DAY_MS, toMs: Math.max(...moments) + DAY_MS };
  if (after.number > before.number) {
    if (after.number - before.number - 1 <= MAX_GAP)
      yield* count(before, before.number + 1, after.number, when);
    return;
  }
  const length = LAST_NUMBER - before.number + after.number - 1;
  if (length > MAX_GAP) return;
  yield* count(before, before.number + 1, LAST_NUMBER + 1, when);
  yield* count(after, 1, after.number, when);
}

/**
 * Back to the last shot that an earlier card of that day ended with, this one before it was formatted for example. When
 * there is none, the card is the first one known.
 */
function* behind(first: Shot, isKnown: (missing: Missing) => boolean): Generator<Missing> {
  const atMs = minuteTaken(first) * MINUTE_MS;
  for (let number = first.number - 1; number >= Math.max(1, first.number - MAX_GAP - 1); number -= 1) {
    const [earlier] = count(first, number, number + 1, {
      fromMs: atMs - DAY_MS,
      toMs: atMs + SAME_MOMENT_MS,
    });
    if (earlier === undefined || !isKnown(earlier)) continue;
    yield* count(first, number + 1, first.number, { fromMs: atMs - DAY_MS, toMs: atMs + DAY_MS });
    return;
  }
}

/** Numbers from one up to another, named like a shot. */
function* count(
  { folder, number }: Shot,
  from: number,
  to: number,
  when: Pick<Missing, 'fromMs' | 'toMs'>,
): Generator<Missing> {
  const prefix = folder.prefixOf[number] ?? 0;
  for (let missing = from; missing < to; missing += 1) yield { folder, prefix, number: missing, ...when };
}

const minuteTaken = ({ folder, number }: Shot): number => folder.minutes[number] ?? 0;
