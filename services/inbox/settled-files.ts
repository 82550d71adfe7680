import type { FactOf } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { CardPath } from '../media-ports.ts';
import type { Catalogue, Copy } from '../ports.ts';
import { isSameTime } from './offered-cards.ts';
import { type InboxFile, pathKey } from './ports.ts';

interface Recorded {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly xxh64: string;
  readonly on: Map<DriveId, RelativePath>;
}

/** What the facts of one backup say of the files of its inbox. */
export class SettledFiles {
  readonly #files = new Map<string, Recorded>();

  add({ driveId, copied, duplicates }: FactOf<'FilesSettled'>): void {
    for (const file of [...copied, ...duplicates]) {
      const key = pathKey(file);
      const before = this.#files.get(key);
      const { sizeBytes, mtimeMs, xxh64, to } = file;
      // Two drives that read two contents under one name: neither is proof of the other.
      const on = before?.xxh64 === xxh64 ? before.on : new Map<DriveId, RelativePath>();
      this.#files.set(key, { sizeBytes, mtimeMs, xxh64, on: on.set(driveId, to) });
    }
  }

  /** True when the file that was read under this name had this size and time. `false` for a name that was not read. */
  isAsRead(file: InboxFile, isSame: (one: number, other: number) => boolean = isSameTime): boolean {
    const read = this.#files.get(pathKey(file));
    return read !== undefined && read.sizeBytes === file.sizeBytes && isSame(read.mtimeMs, file.mtimeMs);
  }

  /** The drives on which it was recorded; more than `copies` tells when one of them lost its copy again. */
  drives(file: CardPath): ReadonlySet<DriveId> {
    return new Set(this.#files.get(pathKey(file))?.on.keys());
  }

  /** Copies of this content that still count as verified, by drive. */
  copies(file: CardPath, catalogue: Pick<Catalogue, 'copyAt'>): readonly Copy[] {
    const read = this.#files.get(pathKey(file));
    if (read === undefined) return [];
    return [...read.on].flatMap(([driveId, to]) => {
      const copy = catalogue.copyAt(driveId, to);
      if (copy?.state !== 'verified' || copy.xxh64 !== read.xxh64 || copy.sizeBytes !== read.sizeBytes)
        return [];
      return [copy];
    });
  }
}

/** Read back from the medium; adopting a folder is its owner's word (`contract.md` section 4). */
export const countsAs = ({ kind }: Pick<Drive, 'kind'>, { verifiedFrom }: Copy): boolean =>
  kind === 'folder' || verifiedFrom === 'medium';
