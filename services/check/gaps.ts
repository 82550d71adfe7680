import type { RelativePath } from '../../machines/ids.ts';
import { cameraFile, LAST_NUMBER, minuteOf, shotName } from '../library/camera-file.ts';
import { relativeRank } from '../library/relatives.ts';
import { type Missing, missingOf, type NumberedFolder } from './sequence.ts';

/** 100CANON: numbers are unique below it, whatever their prefixes (DCF 2.0, section 3.2.1 and 3.2.2). */
const CAMERA_FOLDER = /^(?:(.*)\/)?(\d{3})[A-Za-z0-9_]{5}$/s;
/** Folders that are followed, 50 KB each; a card has a few. */
const MAX_FOLDERS = 200;
const MAX_PREFIXES = 16;
/** Runs that are named. */
export const MAX_GAPS = 200;
/** Questions to the catalogue in all: about a second. */
const MAX_QUESTIONS = 100_000;

/** Whether any card that was ever backed up had this shot (`IMG_0231`), taken between these moments. */
export type WasSeen = (shot: string, fromMs: number, toMs: number) => boolean;

/** Collects the file numbers of a card and names the runs that are missing between them. Memory and output are bounded. */
export class FileNumbers {
  readonly #folders = new Map<string, NumberedFolder>();

  add(path: RelativePath, mtimeMs: number): void {
    const file = cameraFile(path);
    if (file === null) return;
    const found = this.#folder(file.folder, file.prefix);
    if (found === null) return;
    let prefix = found.prefixes.indexOf(file.prefix);
    if (prefix === -1) {
      if (found.prefixes.length >= MAX_PREFIXES) return;
      prefix = found.prefixes.push(file.prefix) - 1;
    }
    const minute = Math.max(1, minuteOf(mtimeMs));
    const before = found.minutes[file.number] ?? 0;
    if (before === 0 || isRelative(found, file.number)) found.prefixOf[file.number] = prefix;
    found.minutes[file.number] = before === 0 ? minute : Math.min(before, minute);
  }

  /**
   * `DCIM/100CANON/IMG_0231–0240`, in order of folder: numbers that the counter of a camera went over, and that were on
   * no card seen. Also those between the lowest number and what an earlier card of that day ended with. A jump of 1,000 or
   * more is no gap: it is a counter that was set back, or another camera.
   */
  gaps(wasSeen: WasSeen): string[] {
    let questions = 0;
    const isKnown = ({ folder, number, fromMs, toMs }: Missing): boolean =>
      folder.prefixes.some((prefix) => {
        questions += 1;
        // Nothing is called missing that nobody asked for.
        return questions > MAX_QUESTIONS || wasSeen(shotName(prefix, number), fromMs, toMs);
      });
    const names: string[] = [];
    for (const run of missingOf([...this.#folders.values()], isKnown)) {
      if (names.length === MAX_GAPS) return [...names, '… and more'];
      names.push(nameOf(run));
    }
    return questions > MAX_QUESTIONS ? [...names, '… and more'] : names;
  }

  #folder(folder: string, prefix: string): NumberedFolder | null {
    const [, above = '', digits] = CAMERA_FOLDER.exec(folder) ?? [];
    const key = digits === undefined ? `${folder}/${prefix}` : folder;
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    if (this.#folders.size >= MAX_FOLDERS) return null;
    const made: NumberedFolder = {
      folder,
      series: digits === undefined ? null : above,
      order: Number(digits ?? 0),
      prefixes: [],
      minutes: new Uint32Array(LAST_NUMBER + 1),
      prefixOf: new Uint8Array(LAST_NUMBER + 1),
    };
    this.#folders.set(key, made);
    return made;
  }
}

/** Only what a camera writes beside this one was met so far: `GL010043.LRV`, the small copy of `GX010043.MP4`. */
function isRelative({ prefixes, prefixOf }: NumberedFolder, number: number): boolean {
  const prefix = prefixes[prefixOf[number] ?? 0] ?? '';
  return relativeRank(shotName(prefix, number)) > 0;
}

function nameOf([first, last]: readonly [Missing, Missing]): string {
  const { folder, prefixes } = first.folder;
  const name = shotName(prefixes[first.prefix] ?? '', first.number);
  const path = folder === '' ? name : `${folder}/${name}`;
  return first.number === last.number ? path : `${path}–${shotName('', last.number)}`;
}
