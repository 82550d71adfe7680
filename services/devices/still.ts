import type { VolumePlace } from './place.ts';
import type { Seen } from './seen.ts';

/** The volume of a place is still there as the same insertion, mounted by whoever mounted it. */
export function isStill(place: VolumePlace, { block, mount }: Seen): boolean {
  if (place.word === 'released') {
    // The listing may be older than the ejection.
    const isOld = place.holder === 'us' && mount?.path === place.path;
    return mount === null || isOld || mount.mountId === place.listed?.mountId;
  }
  // Another file system was made on it.
  if (block !== null && place.holder !== 'listed' && block.uuid !== place.volume.uuid) return false;
  // Mounted where it is none of our business as well: nobody knows what is written there.
  if (block?.inUse === true && place.holder === 'us') return false;
  if (place.holder === 'listed') return mount !== null && mount.mountId === place.listed?.mountId;
  // Somebody else mounted it writable as well: what was read before counts no more.
  const isForeign = mount !== null && mount.path !== place.path && !mount.readOnly;
  return !(place.holder === 'us' && isForeign);
}

/** Somebody else's mount of it is another one than was listed. */
export const hasChanged = (place: VolumePlace, { mount }: Seen): boolean =>
  place.holder === 'listed' && place.word !== 'released' && !isSame(place.listed, mount);

/** Listings are built in one place, with their keys in one order. */
export const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
