import type { RelativePath } from '../../machines/ids.ts';
import type { Capture, FileOnDrive, IndexedFile } from '../../machines/media.ts';
import { isDay, timeOfMtime } from '../library/days.ts';
import { mediaKind } from '../library/media.ts';
import { clashKey, fileName } from '../library/names.ts';

/**
 * How much is known of a content, each more than the one before: only a manifest tells of it; a file that is no photo;
 * a photo that says nothing of itself; one that says when it was taken. Later facts replace those of a lower rank only.
 */
export const RANKS = { claimed: 0, other: 1, file: 2, capture: 3 } as const;
export type Rank = (typeof RANKS)[keyof typeof RANKS];

/** What one fact tells of a content beside where its copy lies. */
export interface PhotoWords {
  readonly rank: Rank;
  readonly name: string;
  /** Where it lay on card and drive. */
  readonly places: readonly PlaceKey[];
  /** Order of the shelf: ms since 1970 of the camera's own time as if that were UTC; 0 below `RANKS.file`. */
  readonly atMs: number;
  /** `YYYY-MM-DD`, that of its shot; the day before that of `atMs` for a photo of the night (`day_starts`). */
  readonly day: string;
  /** Make and model; empty where nothing is known. */
  readonly camera: string;
  readonly zone: string | null;
}

const CLAIMED = { atMs: 0, day: '', camera: '', zone: null } as const;

/** Of a file that a manifest lists. */
export function claimedWords(to: RelativePath): PhotoWords {
  const name = fileName(to);
  return { ...CLAIMED, rank: RANKS.claimed, name, places: [placeKey(to)] };
}

/** Of a file that lay on the drive before. */
export const indexedWords = ({ toMtimeMs: mtimeMs, ...file }: IndexedFile): PhotoWords =>
  settledWords({ ...file, path: file.to, mtimeMs });

type ReadFile = Pick<FileOnDrive, 'path' | 'to' | 'sizeBytes' | 'mtimeMs' | 'capture' | 'day'>;

/** Of a file that was read from a card. */
export function settledWords(file: ReadFile): PhotoWords {
  const { path, to, sizeBytes, capture } = file;
  const name = fileName(path);
  const places = [placeKey(path), placeKey(to)];
  const kind = mediaKind(name);
  if (kind === null || kind === 'sidecar' || sizeBytes === 0) {
    return { ...CLAIMED, rank: RANKS.other, name, places };
  }
  const filedDay = filedAs(file);
  const taken = capture?.at === undefined ? null : captureTime(capture.at);
  return {
    rank: taken === null ? RANKS.file : RANKS.capture,
    name,
    places,
    ...(taken ?? fileTime(file)),
    ...(filedDay === null ? {} : { day: filedDay }),
    camera: cameraOf(capture),
    zone: taken === null ? null : (capture?.zone ?? null),
  };
}

type Time = Pick<PhotoWords, 'atMs' | 'day'>;

const LAYOUT_DAY = /^Photos\/(\d{4})\/(\1-\d{2}-\d{2})\//;
const CAPTURED = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3})\d*)?)?$/;
const DAY_MS = 86_400_000;

/** Photos come by the day: the calendar is asked once for many. Null for what is no day that a camera can mean. */
const midnightOf = lately((day: string) => (isDay(day) ? Date.parse(`${day}T00:00:00Z`) : null));

/** The day under which the backup filed it, where that is not its own. */
const filedAs = ({ day }: ReadFile): string | null => (day !== undefined && isDay(day) ? day : null);

/** Of a path below `Photos/` as the layout `dated` has it; null for any other. */
export function layoutDay(to: RelativePath): string | null {
  const day = LAYOUT_DAY.exec(to)?.[2] ?? '';
  return isDay(day) ? day : null;
}

/** The day is that of the folder, which the layout took from the photo itself; the time of day orders, and is told to nobody. */
function fileTime(file: ReadFile): Time {
  const { to, mtimeMs } = file;
  // What was filed under another day than its own keeps its own time.
  const folderDay = filedAs(file) === null ? (LAYOUT_DAY.exec(to)?.[2] ?? '') : '';
  const midnight = midnightOf(folderDay);
  const day = midnight === null ? timeOfMtime(mtimeMs).slice(0, 10) : folderDay;
  const ofDay = Number.isFinite(mtimeMs) ? Math.floor(mtimeMs) % DAY_MS : 0;
  return { day, atMs: (midnight ?? Date.parse(`${day}T00:00:00Z`)) + (ofDay < 0 ? ofDay + DAY_MS : ofDay) };
}

/** Noon where the camera wrote the day alone. Null for what is no time of a day that a camera can mean. */
function captureTime(at: string): Time | null {
  const [, day = '', hours = '12', minutes = '00', seconds = '00', fraction = ''] = CAPTURED.exec(at) ?? [];
  const midnight = midnightOf(day);
  if (midnight === null || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const wholeMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return { day, atMs: midnight + wholeMs + Number(fraction.padEnd(3, '0')) };
}

/** Remembers its last answer. */
function lately<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  let last: { readonly text: string; readonly answer: Answer } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, answer: ask(text) };
    return last.answer;
  };
}

/** `2026-11-21T14:03:59.120`, without a zone. */
export const takenAt = (atMs: number): string => new Date(atMs).toISOString().slice(0, -1);

/** Make and model as people say it: `Canon EOS R5`, not `Canon Canon EOS R5`; `NIKON D750`, not `NIKON CORPORATION NIKON D750`. */
function cameraOf(capture: Capture | undefined): string {
  const make = capture?.make?.trim() ?? '';
  const model = capture?.model?.trim() ?? '';
  const [brand = ''] = make.split(' ');
  if (brand !== '' && clashKey(model).startsWith(clashKey(brand))) return model;
  return `${make} ${model}`.trim();
}

/** A camera's names are plain ASCII: what costs most of the fold is left out for them. */
const PLAIN = /^[\x20-\x7e]*$/;
export const nameKey = (name: string): string => (PLAIN.test(name) ? name.toLowerCase() : clashKey(name));
export const isPlain = (text: string): boolean => PLAIN.test(text);

/** Whether a name has this part: letters of ASCII in any case; a part with others as `clashKey` has both. */
export function hasPart(name: string, part: string): boolean {
  if (isPlain(part)) return lowerAscii(name).includes(part.toLowerCase());
  return !isPlain(name) && clashKey(name).includes(clashKey(part));
}

/** As SQLite's `lower`. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** A path as it is looked for: any end of it finds it. */
export interface PlaceKey {
  /** `nameKey` of the file's name. */
  readonly name: string;
  /** Its folders from the last one up, each with a slash behind it: `100canon/dcim/`; empty for none. */
  readonly folders: string;
}

/** Paths begin at the top of their card or drive; what a person gives may begin anywhere, also at the mount point. */
export function placeKey(path: string): PlaceKey {
  const name = fileName(path);
  return { name: nameKey(name), folders: foldersKey(path.slice(0, path.length - name.length)) };
}

const MAX_TURNED = 64;
const turned = new Map<string, string>();

/** Files of one folder come together: it is turned around once. */
function foldersKey(folder: string): string {
  const known = turned.get(folder);
  if (known !== undefined) return known;
  const segments = nameKey(folder)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
  const key = segments
    .reverse()
    .map((segment) => `${segment}/`)
    .join('');
  if (turned.size >= MAX_TURNED) turned.clear();
  turned.set(folder, key);
  return key;
}

/** Whether one is the end of the other. */
export const isSameEnd = (one: PlaceKey, other: PlaceKey): boolean =>
  one.name === other.name && (one.folders.startsWith(other.folders) || other.folders.startsWith(one.folders));

export function parsePhotoId(id: string): { readonly xxh64: string; readonly sizeBytes: number } | null {
  const [, xxh64, size] = /^([0-9a-f]{16})-(\d{1,15})$/.exec(id) ?? [];
  return xxh64 === undefined ? null : { xxh64, sizeBytes: Number(size) };
}
