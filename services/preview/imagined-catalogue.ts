import { backupId, type DriveId, type RelativePath } from '../../machines/ids.ts';
import type { LostCopies } from '../backup/trust.ts';
import type { Catalogue, Copy } from '../ports.ts';
import type { ImaginedDrive } from './imagined-drive.ts';

/**
 * What the catalogue would know by now, had the preview been a backup: without the copies that were found lost, and
 * with what was placed on the imagined drives. Memory: about 100 bytes a lost copy.
 */
export class ImaginedCatalogue implements Catalogue {
  readonly #real: Catalogue;
  readonly #drives: ReadonlyMap<DriveId, ImaginedDrive>;
  readonly #lost = new Set<string>();

  constructor(real: Catalogue, drives: readonly ImaginedDrive[]) {
    this.#real = real;
    this.#drives = new Map(drives.map((store) => [store.drive.id, store]));
  }

  lose(driveId: DriveId, files: LostCopies): void {
    for (const { to } of files) this.#lost.add(`${driveId} ${to}`);
  }

  findContent(driveId: DriveId, sizeBytes: number, xxh64: string): readonly Copy[] {
    const known = this.#real.findContent(driveId, sizeBytes, xxh64);
    return [...known.filter(this.#isThere), ...this.#placed(driveId, sizeBytes, xxh64)];
  }

  findEverywhere(sizeBytes: number, xxh64: string): readonly Copy[] {
    const known = this.#real.findEverywhere(sizeBytes, xxh64);
    const placed = [...this.#drives.keys()].flatMap((id) => this.#placed(id, sizeBytes, xxh64));
    return [...known.filter(this.#isThere), ...placed];
  }

  findSeen(...asked: Parameters<Catalogue['findSeen']>): ReturnType<Catalogue['findSeen']> {
    const seen = this.#real.findSeen(...asked);
    return seen !== null && this.#isThere(seen.copy) ? seen : null;
  }

  /** Not what was placed: a backup asks before it records, and of one content it records first (`takeDuplicate`). */
  copyAt(driveId: DriveId, to: RelativePath): Copy | null {
    const copy = this.#real.copyAt(driveId, to);
    return copy !== null && this.#isThere(copy) ? copy : null;
  }

  // Asked before anything is placed, or of what no preview changes.
  readonly hasSize: Catalogue['hasSize'] = (...asked) => this.#real.hasSize(...asked);
  readonly copiesOf: Catalogue['copiesOf'] = (...asked) => this.#real.copiesOf(...asked);
  readonly unsealed: Catalogue['unsealed'] = (...asked) => this.#real.unsealed(...asked);
  readonly sealedGenerations: Catalogue['sealedGenerations'] = (...asked) =>
    this.#real.sealedGenerations(...asked);
  readonly wasShotSeen: Catalogue['wasShotSeen'] = (...asked) => this.#real.wasShotSeen(...asked);
  readonly highestNumber = () => this.#real.highestNumber();
  readonly cardsBelow: Catalogue['cardsBelow'] = (...asked) => this.#real.cardsBelow(...asked);

  /** What was placed under its name is recorded instead. */
  readonly #isThere = ({ driveId, to }: Copy): boolean =>
    !this.#lost.has(`${driveId} ${to}`) && this.#placedAt(driveId, to) === null;

  #placed(driveId: DriveId, sizeBytes: number, xxh64: string): readonly Copy[] {
    const paths = this.#drives.get(driveId)?.holding(sizeBytes, xxh64) ?? [];
    return paths.flatMap((to) => this.#placedAt(driveId, to) ?? []);
  }

  #placedAt(driveId: DriveId, to: RelativePath): Copy | null {
    const content = this.#drives.get(driveId)?.placedAt(to) ?? null;
    if (content === null) return null;
    const { sizeBytes, xxh64, mtimeMs } = content;
    return {
      ...{ driveId, to, sizeBytes, xxh64, toMtimeMs: mtimeMs },
      ...{ state: 'verified', verifiedFrom: 'medium', backupId: backupId('') },
    };
  }
}
