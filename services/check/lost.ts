import type { FactOf } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';
import type { Catalogue, Clock, Copy } from '../ports.ts';

/** One journal commit each: at once for the first, and then so many, or so often. */
const LOST_A_FACT = 256;
const LOST_EVERY_MS = 1000;

type Lost = FactOf<'CopiesLost'>;

export interface LostParts {
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly emit: (fact: Lost) => void;
}

/** Takes the verified mark from copies that a check measured, as `verify` does: within a second, and in batches. */
export class LostCopies {
  readonly #parts: LostParts;
  #waiting: { readonly copy: Copy; readonly why: Lost['files'][number]['why'] }[] = [];
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(parts: LostParts) {
    this.#parts = parts;
  }

  add(copy: Copy, why: Lost['files'][number]['why']): void {
    this.#waiting.push({ copy, why });
  }

  flushDue(): void {
    const { clock } = this.#parts;
    const isDue = this.#waiting.length >= LOST_A_FACT || clock.monoMs() - this.#toldMs >= LOST_EVERY_MS;
    if (isDue) this.flush();
  }

  /** Also of a check that was interrupted: what was measured is recorded, and nothing else. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const drives = new Map<DriveId, Map<string, Lost['files'][number]>>();
    for (const { copy, why } of this.#waiting.splice(0)) {
      if (!this.#isStillRecorded(copy)) continue;
      const files = drives.get(copy.driveId) ?? new Map();
      // Several files of a card may have one copy.
      drives.set(copy.driveId, files.set(copy.to, { to: copy.to, why }));
    }
    this.#toldMs = this.#parts.clock.monoMs();
    for (const [driveId, files] of drives) {
      this.#parts.emit({
        type: 'CopiesLost',
        backupId: null,
        by: 'check',
        driveId,
        files: [...files.values()],
      });
    }
  }

  /** What a backup put in its place meanwhile is another copy, and a good one. */
  #isStillRecorded({ driveId, to, xxh64, sizeBytes, toMtimeMs }: Copy): boolean {
    const now = this.#parts.catalogue.copyAt(driveId, to);
    return now?.xxh64 === xxh64 && now.sizeBytes === sizeBytes && now.toMtimeMs === toMtimeMs;
  }
}
