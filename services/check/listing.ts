import { Xxh64 } from '@node-rs/xxhash';
import type { RelativePath } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import { isManifest } from '../manifest/card-history.ts';
import type { ScannedEntry } from '../media-ports.ts';

const MAX_MANIFESTS = 1000;
const IDENTITY = /(?:^|\/)\.imagetank\/drive\.json$/s;

/** Everything that counts of one pass over a card: two passes with one digest saw the same files. */
export class Listing {
  readonly #hash = new Xxh64();
  readonly #manifests: RelativePath[] = [];
  #files = 0;
  #bytes = 0;

  /** Throws `UserError` 64 for a drive of an imagetank: it would be held against itself. */
  add(entry: ScannedEntry): void {
    if (entry.kind === 'ignored') return;
    const { path, pathBase64 = '' } = entry;
    if (IDENTITY.test(path)) throw holdsADrive(path);
    this.#files += 1;
    if (isManifest(path) && this.#manifests.length < MAX_MANIFESTS) this.#manifests.push(path);
    const [sizeBytes, mtimeMs] = entry.kind === 'file' ? [entry.sizeBytes, entry.mtimeMs] : [-1, -1];
    this.#bytes += Math.max(0, sizeBytes);
    this.#hash.update(`${path}\0${pathBase64}\0${sizeBytes}\0${mtimeMs}\n`);
  }

  get files(): number {
    return this.#files;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get manifests(): readonly RelativePath[] {
    return this.#manifests;
  }

  get digest(): bigint {
    return this.#hash.digest();
  }
}

const holdsADrive = (path: string): UserError =>
  new UserError(
    'is-a-drive',
    64,
    `${path} says that this is a drive of imagetank, or holds one`,
    'a drive would be held against itself: imagetank verify reads a drive',
  );
