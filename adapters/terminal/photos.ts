import type { GroupLine, PhotoLine } from '../../services/library/shapes.ts';
import { colours } from './colours.ts';
import { escapeText as safe } from './escape.ts';
import { formatBytes } from './units.ts';

const KEY_CELLS = { day: 10, camera: 28, card: 20, backup: 16 } as const satisfies Record<
  GroupLine['by'],
  number
>;

/** Fixed widths: pages come one after the other, and nobody waits for the longest name of all. */
const cells = (by: GroupLine['by'], [key, photos, bytes, copies, rest]: readonly string[]): string =>
  [key?.padEnd(KEY_CELLS[by]), photos?.padStart(8), bytes?.padStart(9), copies?.padStart(6), rest]
    .join('  ')
    .trimEnd();

export const groupHeads = (by: GroupLine['by']): string => cells(by, [by, 'photos', 'size', 'copies', '']);

/** `2026-11-21  214  5.1 GB  1  12 photos have no second copy`. */
export function renderGroup({
  by,
  key,
  label,
  photos,
  bytes,
  fewestCopies,
  photosWithFewest,
}: GroupLine): string {
  const name = by === 'backup' ? key : label;
  const beside = by === 'card' ? key : by === 'backup' ? label : '';
  const few = fewestCopies < 2 && photosWithFewest < photos ? `${photosWithFewest} of them so few` : '';
  const rest = [few, beside]
    .filter((part) => part !== '')
    .map(safe)
    .join('  ');
  return cells(by, [safe(name), String(photos), formatBytes(bytes), copiesOf(fewestCopies), rest]);
}

/** Padded before it is coloured: the escapes take no room. */
function copiesOf(count: number): string {
  const text = String(count).padStart(6);
  return count === 0 ? colours.red(text) : count === 1 ? colours.yellow(text) : text;
}

/** `2026-11-21 14:03:59  IMG_0001.JPG  4.9 MB  2 copies  Canon EOS R5  PDRIVE128GB:Photos/…`. */
export function renderPhoto(photo: PhotoLine): string[] {
  const { name, sizeBytes, camera, copies, verifiedCopies } = photo;
  const head = [
    timeOf(photo),
    safe(name).padEnd(16),
    formatBytes(sizeBytes).padStart(9),
    copiesText(verifiedCopies),
    safe(camera ?? ''),
  ];
  return [head.join('  ').trimEnd(), ...copies.map((copy) => `  ${copyText(copy)}`)];
}

export function copyText({
  drive,
  path,
  verified,
  state,
  verifiedFrom,
}: PhotoLine['copies'][number]): string {
  const claim = 'listed in a manifest, not read again yet';
  const how = state === 'claimed' ? claim : verified ? 'verified' : `verified from the ${verifiedFrom} only`;
  return `${safe(drive.label)}: ${safe(path)}  ${verified ? colours.green(how) : colours.yellow(how)}`;
}

/** Camera time as it was written; of a file only the day, for its time may be that of any clock. */
export function timeOf({ takenAt, day }: Pick<PhotoLine, 'takenAt' | 'day'>): string {
  return (takenAt?.replace('T', ' ').slice(0, 19) ?? day ?? '–').padEnd(19);
}

export function copiesText(count: number): string {
  const text = count === 1 ? '1 copy  ' : `${count} copies`;
  return count === 0 ? colours.red(text) : count === 1 ? colours.yellow(text) : colours.green(text);
}
