import { Buffer } from 'node:buffer';
import { xxh64 } from '@node-rs/xxhash';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { kindOfGroup, type ShotGroup } from './groups.ts';
import type { Shelving } from './layout.ts';
import {
  clashKey,
  driveNames,
  folderName,
  plainName,
  plainSegments,
  splitName,
  withoutDots,
} from './names.ts';
import { type Shot, shotFields, shotOf } from './shot.ts';
import { asksOfShot, foldersOf, isNumbered, keepsNames, stemOf, type Template } from './template.ts';

/** Leaves 2 KiB of Linux' `PATH_MAX` (4,096) to the mount point, the file's name and what a user may put above. */
const MAX_FOLDER_BYTES = 2048;

/** The template that names a group's files; null where they keep the card's paths. */
const templateFor = (group: ShotGroup, { template }: Shelving): Template | null =>
  template !== null && kindOfGroup(group) !== null ? template : null;

/** Whether folder or name depend on when or by what the shot was taken. */
export function needsShot(group: ShotGroup, shelving: Shelving): boolean {
  const template = templateFor(group, shelving);
  return template !== null && asksOfShot(template);
}

/** False where a template gives the files names of their own. */
export function keepsCardNames(group: ShotGroup, shelving: Shelving): boolean {
  const template = templateFor(group, shelving);
  return template === null || keepsNames(template);
}

/** Folder of the drive for a group; `shot` matters only where `needsShot`. */
export function folderOf(group: ShotGroup, shelving: Shelving, shot: Shot | null): RelativePath {
  const { restricted, photos, other } = shelving;
  const template = templateFor(group, shelving);
  const [leading] = group.members;
  if (template !== null && leading !== undefined) {
    const { stem } = splitName(plainName(leading));
    const folders = foldersOf(template, fieldsOf(shelving, shot), stem).map(withoutDots);
    return boundedFolder(['Photos', ...folders.map((name) => folderName(name, restricted))], folders);
  }
  const folders = leading === undefined ? [] : plainSegments(leading).slice(0, -1);
  const root = shelving.template === null ? photos : other;
  return boundedFolder([root, ...folders.map((name) => folderName(name, restricted))], folders);
}

/** What names the files of one group on one drive. */
export interface Naming {
  readonly folder: RelativePath;
  /** Names have the counter in them: `names` takes it. Else it takes 1, then 2 and up for `_2`. */
  readonly isNumbered: boolean;
  /** In the order of the members. */
  names(number: number): readonly string[];
}

/** Where a group goes, and under which names; `shot` matters only where `needsShot`. */
export function namingOf(group: ShotGroup, shelving: Shelving, shot: Shot | null): Naming {
  const template = templateFor(group, shelving);
  const folder = folderOf(group, shelving, shot);
  const split = group.members.map((file) => splitName(plainName(file)));
  const { restricted } = shelving;
  if (template === null) {
    return { folder, isNumbered: false, names: (number) => driveNames(split, number, restricted) };
  }
  const fields = fieldsOf(shelving, shot);
  const numbered = isNumbered(template);
  const cased = (text: string): string => (template.lowerCase ? text.toLowerCase() : text);
  const leader = clashKey(split[0]?.stem ?? '');
  // Of files with several stems (`IMG_0001.HEIC`, `IMG_E0001.HEIC`) that of the leader alone may go.
  const mark = (stem: string): string =>
    keepsNames(template) || clashKey(stem) === leader ? '' : cased(`-${stem}`);
  const names = (number: number): readonly string[] => {
    const named = split.map(({ stem, tail }) => ({
      stem: `${stemOf(template, fields, stem, number)}${mark(stem)}`,
      tail: cased(tail),
    }));
    return driveNames(named, numbered ? 1 : number, restricted);
  };
  return { folder, isNumbered: numbered, names };
}

const UNKNOWN_SHOT = shotOf(null, Number.NaN);

const fieldsOf = ({ dayStarts, card }: Shelving, shot: Shot | null) =>
  shotFields(shot ?? UNKNOWN_SHOT, dayStarts, card);

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
