import type { Fact } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';

/**
 * Drives that could not be used when they were attached last, folded from the journal: failing, damaged, locked, one of
 * two with one id. While one of them is away nobody knows what is left on it; once it is attached and may be used again,
 * its files are looked at themselves.
 */
export class FailingDrives {
  readonly #failing = new Set<DriveId>();

  /** Every fact but these two is passed over. A drive that was merely pulled has what was verified before. */
  apply(fact: Fact): void {
    if (fact.type === 'DriveFailed' && fact.reason !== 'drive-lost') this.#failing.add(fact.driveId);
    if (fact.type === 'DriveAttached') this.#failing.delete(fact.drive.id);
  }

  has(id: DriveId): boolean {
    return this.#failing.has(id);
  }
}
