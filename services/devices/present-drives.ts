import { type DriveId, driveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Refusal } from './arrival.ts';
import { identityOf, type Place, uuidOf } from './place.ts';

/**
 * Adopted drives that are attached as far as anything tells, usable or not: by the id in their drive.json, by the UUID
 * of their volume, or the path of their folder, where that file is damaged, or because they were refused. One that was ejected is away.
 */
export function presentDrives(
  places: readonly Place[],
  refusals: Iterable<Refusal>,
  adopted: readonly Drive[],
): ReadonlySet<DriveId> {
  const present = new Set<DriveId>();
  for (const place of places) {
    if (place.word === 'released') continue;
    const identity = identityOf(place);
    if (identity !== null) present.add(driveId(identity.id));
    const uuid = uuidOf(place);
    for (const { id, kind, uuid: own, path } of adopted) {
      const isThere = kind === 'folder' ? path === place.path : uuid !== null && own === uuid;
      if (isThere) present.add(id);
    }
  }
  for (const { driveId: id } of refusals) if (id !== null) present.add(id);
  return present;
}
