import { Buffer } from 'node:buffer';
import { xxh64 } from '@node-rs/xxhash';
import type { Card } from '../../machines/facts.ts';
import { type DriveId, type RelativePath, relativePath } from '../../machines/ids.ts';
import type { Catalogue } from '../ports.ts';
import { kindOfGroup, type ShotGroup } from './groups.ts';
import { folderName, plainSegments } from './names.ts';

export type Layout = 'dated' | 'mirror';

/** Years that a camera can mean; EXIF and FAT clocks say 0000, 2107 or worse (`threats.md`, "EXIF as path"). */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

/** Leaves 2 KiB of Linux' `PATH_MAX` (4,096) to the mount point, the file's name and what a user may put above. */
const MAX_FOLDER_BYTES = 2048;

/** Where the files of one card go on one drive. */
export interface Shelving {
  readonly layout: Layout;
  readonly restricted: boolean;
  /** `Photos/<label>`, or `Photos/<label> (<UUID>)` when another card has the plain one. */
  readonly photos: RelativePath;
  /** The same below `Other/`. */
  readonly other: RelativePath;
}

export function shelvingOf(
  card: Card,
  layout: Layout,
  drive: { readonly driveId: DriveId; readonly restricted: boolean; readonly catalogue: Catalogue },
): Shelving {
  const folder = (root: string): RelativePath => {
    const plain = relativePath(`${root}/${labelFolder(card.label || card.id, drive.restricted)}`);
    const owners = drive.catalogue.cardsBelow(drive.driveId, plain);
    if (owners.length === 0 || owners.includes(card.id) || isNameless(card)) return plain;
    const own = `${card.label || card.id} (${card.uuid ?? shortId(card)})`;
    return relativePath(`${root}/${labelFolder(own, drive.restricted)}`);
  };
  return { layout, restricted: drive.restricted, photos: folder('Photos'), other: folder('Other') };
}

/** A volume without UUID is another card at each insertion: a folder for each would copy everything each time. */
const isNameless = (card: Card): boolean => card.kind === 'volume' && card.uuid === null;

const shortId = (card: Card): string => xxh64(card.id).toString(16).padStart(16, '0').slice(0, 8);

/** A label is one folder, whatever is in it. */
function labelFolder(label: string, restricted: boolean): string {
  const plain = plainSegments({ path: label.replaceAll('/', '%2F') as RelativePath }).join('');
  return folderName(/^\.+$/.test(plain) ? plain.replaceAll('.', '%2E') : plain, restricted);
}

/** Whether the folder depends on when the shot was taken. */
export function needsDay(group: ShotGroup, layout: Layout): boolean {
  return layout === 'dated' && kindOfGroup(group) !== null;
}

/** Folder of the drive for a group; `day` (`YYYY-MM-DD`) matters only where `needsDay`. */
export function folderOf(group: ShotGroup, shelving: Shelving, day: string): RelativePath {
  if (needsDay(group, shelving.layout)) return relativePath(`Photos/${day.slice(0, 4)}/${day}`);
  const [leading] = group.members;
  const folders = leading === undefined ? [] : plainSegments(leading).slice(0, -1);
  const root = shelving.layout === 'mirror' ? shelving.photos : shelving.other;
  return boundedFolder([root, ...folders.map((name) => folderName(name, shelving.restricted))], folders);
}

/**
 * Linux takes paths of 4,095 bytes; escapes may make three of each byte, and the drive is mounted somewhere. What is
 * deeper lies in one folder of the last level that fits, named by a hash of all of the card's folders.
 */
function boundedFolder(segments: readonly string[], folders: readonly string[]): RelativePath {
  const whole = segments.join('/');
  if (Buffer.byteLength(whole) <= MAX_FOLDER_BYTES) return relativePath(whole);
  const mark = `~${xxh64(folders.join('/')).toString(16).padStart(16, '0')}`;
  let path = segments[0] ?? '';
  for (const segment of segments.slice(1)) {
    if (Buffer.byteLength(`${path}/${segment}/${mark}`) > MAX_FOLDER_BYTES) break;
    path = `${path}/${segment}`;
  }
  return relativePath(`${path}/${mark}`);
}

/** UTC day of a modification time: cameras write local time to FAT, mounted `tz=UTC`; the box's own zone never counts. */
export function dayOfMtime(mtimeMs: number): string {
  const date = new Date(Number.isFinite(mtimeMs) ? mtimeMs : 0);
  const day = Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
  return isDay(day) ? day : '1970-01-01';
}

/** True for a day of the calendar that a camera can mean. What a parser of hostile files says is checked before it becomes a path. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const year = Number(text.slice(0, 4));
  const time = Date.parse(`${text}T00:00:00Z`);
  // `Date.parse` rolls 30 February over into March.
  const real = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
  return real && year >= FIRST_YEAR && year <= LAST_YEAR;
}
