import { expect } from 'vitest';
import type { FactOf } from '../../machines/facts.ts';
import { cardId, type DriveId, driveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { type CheckOrder, checkCard } from '../../services/check/check.ts';
import type { Copy } from '../../services/ports.ts';
import { copyOf, DRIVE, hashOf, ListCatalogue, MemoryDrive, rel } from '../manifest/memory-drive.ts';
import { resultOf } from '../verify/work.ts';
import { MemoryCard } from './memory-card.ts';

export const CARD = cardId('3A4F-1B2C+31914983424');
export const SECOND = driveId('second');
export const A = 'DCIM/100CANON/IMG_0001.CR3';
export const B = 'DCIM/100CANON/IMG_0002.CR3';

/** A card whose files were all backed up to one attached drive. */
export class Scene {
  readonly card = new MemoryCard();
  readonly drive: MemoryDrive;
  readonly catalogue = new ListCatalogue();
  readonly stores = new Map<DriveId, MemoryDrive>();
  readonly unusable = new Set<DriveId>();
  drives: Drive[] = [];
  readonly clock = { nowMs: 0, monoMs: () => this.clock.nowMs };
  /** What the journal was told. */
  readonly lost: FactOf<'CopiesLost'>[] = [];

  constructor(drive: Partial<Drive> = {}) {
    this.drive = new MemoryDrive(drive);
    this.stores.set(DRIVE, this.drive);
    this.drives.push(this.drive.drive);
  }

  /** On the card, on the drive, in the catalogue. */
  backedUp(path: string, content = `content of ${path}`, to = `Photos/${path}`): this {
    this.card.put(path, content);
    this.drive.put(to, content);
    this.catalogue.rows.push(copyOf(this.drive, to));
    return this;
  }

  /** A second drive with the same copies. */
  withSecond(attached: boolean, label = 'BACKUP2'): MemoryDrive {
    const other = new MemoryDrive({ id: SECOND, label });
    for (const row of [...this.catalogue.rows]) {
      other.put(row.to, this.drive.text(row.to));
      this.catalogue.rows.push(copyOf(other, row.to));
    }
    this.drives.push(other.drive);
    if (attached) this.stores.set(SECOND, other);
    return other;
  }

  change(changes: Partial<Copy>, of: DriveId | null = null): this {
    this.catalogue.rows = this.catalogue.rows.map((row) =>
      of === null || row.driveId === of ? { ...row, ...changes } : row,
    );
    return this;
  }

  /** The second drive is known no longer. */
  forgotten(): void {
    this.drives = this.drives.filter(({ id }) => id !== SECOND);
  }

  /** A backup of this card's file found or made that copy. */
  saw(path: string, copy: Copy): this {
    this.catalogue.seen.push({
      cardId: CARD,
      path: rel(path),
      sizeBytes: copy.sizeBytes,
      mtimeMs: 0,
      headXxh64: hashOf(''),
      copy,
    });
    return this;
  }

  work(changes: Partial<CheckOrder> = {}) {
    const { card, catalogue, stores, drives, unusable } = this;
    return checkCard({
      reader: card,
      card: { id: CARD, root: '/card', kind: 'volume' },
      catalogue,
      stores,
      drives,
      unusable,
      alteredBefore: () => [],
      clock: this.clock,
      emit: (fact) => {
        this.lost.push(fact);
        // As the catalogue follows the journal.
        for (const { to } of fact.files) {
          this.catalogue.rows = this.catalogue.rows.filter(
            (row) => row.driveId !== fact.driveId || row.to !== to,
          );
        }
      },
      offsite: null,
      copies: 'all',
      ...changes,
    });
  }

  check(changes: Partial<CheckOrder> = {}) {
    return resultOf(this.work(changes));
  }

  /** Why the only file is not safe; null when it is. */
  async why(changes: Partial<CheckOrder> = {}): Promise<string | null> {
    const { safe, files, verified, missing } = await this.check(changes);
    expect({ safe, verified }).toEqual(
      missing.length === 0 ? { safe: true, verified: files } : { safe: false, verified: 0 },
    );
    return missing[0]?.why ?? null;
  }
}
