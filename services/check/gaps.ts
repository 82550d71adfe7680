import { type RelativePath, relativePath } from '../../machines/ids.ts';

/** A camera's own file: four characters, a number of four digits (DCF 2.0, section 3.2.2; Sony's DSC01234 fits too). */
const CAMERA_FILE = /^(?:(.*)\/)?([A-Za-z0-9_]{4})(\d{4})(\.[A-Za-z0-9]{1,4})$/s;
const LAST_NUMBER = 9999;
/** Shorter is a gap even on a card that holds both ends of the counter. */
const MIN_ROLLOVER = 1000;
/** Folders and prefixes that are followed, 10 KB each; a card has a few. */
const MAX_GROUPS = 1000;
const MAX_EXTENSIONS = 8;
/** Runs that are named. */
export const MAX_GAPS = 200;
/** Questions to the catalogue in all: about a second. */
const MAX_QUESTIONS = 100_000;

interface Group {
  readonly folder: string;
  readonly prefix: string;
  readonly extensions: Set<string>;
  /** One byte a number. */
  readonly there: Uint8Array;
}

/** Collects the file numbers of a card and names the runs that are missing between them. Memory and output are bounded. */
export class FileNumbers {
  readonly #groups = new Map<string, Group>();

  add(path: RelativePath): void {
    const [, folder = '', prefix = '', digits = '', extension = ''] = CAMERA_FILE.exec(path) ?? [];
    if (prefix === '') return;
    const key = `${folder}/${prefix}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MAX_GROUPS) return;
      group = { folder, prefix, extensions: new Set(), there: new Uint8Array(LAST_NUMBER + 1) };
      this.#groups.set(key, group);
    }
    group.there[Number(digits)] = 1;
    if (group.extensions.size < MAX_EXTENSIONS) group.extensions.add(extension);
  }

  /**
   * `DCIM/100CANON/IMG_0231–0240`, in order of folder, for numbers between the lowest and the highest of a folder and
   * prefix that are not on the card. `wasSeen` says whether a path was ever read from this card: what was backed up
   * and deleted since is no gap. A counter that went over 9999 leaves one long run that is none either.
   */
  gaps(wasSeen: (path: RelativePath) => boolean): string[] {
    const names: string[] = [];
    let questions = 0;
    const known = (group: Group, number: number): boolean => {
      for (const extension of group.extensions) {
        questions += 1;
        if (questions > MAX_QUESTIONS) return false;
        if (wasSeen(relativePath(`${stem(group)}${digitsOf(number)}${extension}`))) return true;
      }
      return false;
    };
    for (const key of [...this.#groups.keys()].sort()) {
      const group = this.#groups.get(key);
      if (group === undefined) continue;
      for (const [first, last] of missingRuns(group, (number) => known(group, number))) {
        if (names.length === MAX_GAPS) return [...names, '… and more'];
        names.push(nameOf(group, first, last));
      }
    }
    return names;
  }
}

type Run = readonly [first: number, last: number];

const digitsOf = (number: number): string => String(number).padStart(4, '0');
const stem = ({ folder, prefix }: Group): string => `${folder === '' ? '' : `${folder}/`}${prefix}`;

function nameOf(group: Group, first: number, last: number): string {
  const name = `${stem(group)}${digitsOf(first)}`;
  return first === last ? name : `${name}–${digitsOf(last)}`;
}

function missingRuns(group: Group, known: (number: number) => boolean): Run[] {
  const lowest = group.there.indexOf(1);
  const highest = group.there.lastIndexOf(1);
  const absent = runs(lowest, highest, (number) => group.there[number] === 0);
  // Both ends of the counter on one card: it rolled over, and the longest run lies between newest and oldest.
  const longest = Math.max(0, ...absent.map(lengthOf));
  const rolledOver = lowest <= 1 && highest === LAST_NUMBER && longest >= MIN_ROLLOVER;
  return absent
    .filter((run) => !(rolledOver && lengthOf(run) === longest))
    .flatMap(([first, last]) => runs(first, last, (number) => !known(number)));
}

const lengthOf = ([first, last]: Run): number => last - first + 1;

function runs(lowest: number, highest: number, holds: (number: number) => boolean): Run[] {
  const found: Run[] = [];
  let first: number | null = null;
  for (let number = lowest; number <= highest; number += 1) {
    const missing = holds(number);
    if (missing) first ??= number;
    if (first !== null && (!missing || number === highest)) {
      found.push([first, missing ? number : number - 1]);
      first = null;
    }
  }
  return found;
}
