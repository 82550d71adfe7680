import type { FactOf } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';

/** Contract section 4: low space is free < max(reserve, 5 %). */
export const LOW_SPACE_SHARE = 0.05;

/** True when less is left than the larger of the reserve and 5 % of the drive; all in bytes. */
export function isSpaceLow(freeBytes: number, sizeBytes: number, reserveBytes: number): boolean {
  return freeBytes < Math.max(reserveBytes, sizeBytes * LOW_SPACE_SHARE);
}

/** Turns samples of free space into facts: one when a drive becomes low, one when it has room again. */
export class SpaceLevels {
  readonly #reserveBytes: number;
  readonly #low: Set<DriveId>;

  /** `low`: the drives that the journal last called low, so that a restart does not repeat or miss a change. */
  constructor(reserveBytes: number, low: Iterable<DriveId> = []) {
    this.#reserveBytes = reserveBytes;
    this.#low = new Set(low);
  }

  /** Null while the level stays as it was; a drive never seen counts as having room. */
  sample(driveId: DriveId, freeBytes: number, sizeBytes: number): FactOf<'SpaceChanged'> | null {
    const low = isSpaceLow(freeBytes, sizeBytes, this.#reserveBytes);
    if (low === this.#low.has(driveId)) return null;
    if (low) this.#low.add(driveId);
    else this.#low.delete(driveId);
    return { type: 'SpaceChanged', driveId, freeBytes, low };
  }
}
