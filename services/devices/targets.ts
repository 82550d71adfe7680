import { isAbsolute } from 'node:path';
import type { Drive } from '../../machines/media.ts';
import { UserError } from '../errors.ts';
import { identityOf, overlap, type Place } from './place.ts';
import type { Places } from './ports.ts';

/**
 * The attached place that a person means by a label, a UUID, a drive's id or an absolute path. An id or UUID wins
 * over labels. Null when none fits; throws 65 when several do.
 */
export function findPlace(places: readonly Place[], target: string): Place | null {
  if (isAbsolute(target)) return places.find((place) => place.path === target) ?? null;
  const wanted = target.toLowerCase();
  const isExact = (place: Place) =>
    place.cardId === target ||
    identityOf(place)?.id === target ||
    (place.kind === 'volume' && place.volume.uuid?.toLowerCase() === wanted);
  const exact = places.filter(isExact);
  const found = exact.length > 0 ? exact : places.filter((place) => place.label === target);
  if (found.length > 1) throw ambiguous(target, found);
  return found[0] ?? null;
}

/** A drive of the journal that need not be attached, by id, label or path. Null when none fits; throws 65. */
export function findDrive(drives: readonly Drive[], target: string): Drive | null {
  const isExact = (drive: Drive) =>
    drive.id === target || drive.path === target || (drive.kind === 'volume' && drive.uuid === target);
  const exact = drives.find(isExact);
  if (exact !== undefined) return exact;
  const found = drives.filter((drive) => drive.label === target);
  if (found.length > 1) throw ambiguous(target, found);
  return found[0] ?? null;
}

/** Throws 64 when a folder and one of the others are the same, or one lies inside the other, by whatever path. */
export async function refuseOverlap(
  path: string,
  others: readonly Place[],
  what: 'card' | 'drive',
  places: Pick<Places, 'aliases'>,
): Promise<void> {
  const own = await places.aliases(path);
  for (const other of others) {
    const theirs = await places.aliases(other.path);
    if (!own.some((one) => theirs.some((two) => overlap(one, two)))) continue;
    throw new UserError(
      'overlap',
      64,
      `${path} and the ${what} ${other.path} lie inside each other`,
      'a card and a drive must be separate folders, or a backup would copy itself',
    );
  }
}

export const noSuch = (what: 'card' | 'drive', target: string): UserError =>
  new UserError(
    `no-such-${what}`,
    66,
    `no ${what} ${target}`,
    what === 'drive'
      ? 'imagetank drive list shows what is attached'
      : 'imagetank status shows what is attached',
  );

export const noFolder = (dir: string, cause?: unknown): UserError =>
  new UserError('no-such-folder', 66, `${dir} is no folder`, 'give the path of an existing folder', cause);

export const unreadable = (path: string): UserError =>
  new UserError('unreadable', 77, `${path} cannot be read`, 'check its permissions and its cable');

export const isADrive = (path: string): UserError =>
  new UserError(
    'is-a-drive',
    64,
    `${path} is a drive of imagetank, not a card`,
    'imagetank verify reads a drive',
  );

function ambiguous(target: string, found: readonly { readonly path: string }[]): UserError {
  const paths = found.map((place) => place.path).join(', ');
  const hint = 'name it by its UUID or by its path';
  return new UserError('ambiguous', 65, `${target} is the name of ${found.length} places: ${paths}`, hint);
}

/** A folder without its symbolic links. Throws 66. */
export async function realFolder(places: Places, dir: string): Promise<string> {
  const path = await places.realPath(dir).catch((error: unknown) => {
    throw noFolder(dir, error);
  });
  if (!(await places.isFolder(path))) throw noFolder(dir);
  return path;
}

/** A path without its symbolic links; as it is when it is no path, or no longer there. */
export async function realTarget(places: Places, target: string): Promise<string> {
  return isAbsolute(target) ? places.realPath(target).catch(() => target) : target;
}
