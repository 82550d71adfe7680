import { mkdir, readdir, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoId } from '../../services/library/ports.ts';
import type { PictureCache, PictureSize } from '../../services/pictures/ports.ts';

/** Of pictures, 20 KB and 300 KB each: those of some 10,000 photos in a gallery and the last 1,000 that were looked at. */
const MAX_BYTES = 512 << 20;
/** What the journal needs is not for pictures. */
const MIN_FREE_BYTES = 256 << 20;
/** Below the bound, so that not every picture has to make room. */
const KEPT = 0.9;
const DAY_MS = 86_400_000;

export interface PictureCacheOptions {
  /** Made when it is missing. Absolute. */
  readonly folder: string;
  readonly maxBytes?: number;
  readonly minFreeBytes?: number;
  /** Milliseconds since 1970, of the clock that sets the times of files. */
  readonly now?: () => number;
}

/** Files in 256 folders; an empty one says that there is no picture. The one looked at longest ago goes first, by the day. */
export class FsPictureCache implements PictureCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #minFreeBytes: number;
  readonly #now: () => number;
  /** Null until something is kept for the first time. */
  #bytes: number | null = null;

  constructor({
    folder,
    maxBytes = MAX_BYTES,
    minFreeBytes = MIN_FREE_BYTES,
    now = Date.now,
  }: PictureCacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#minFreeBytes = minFreeBytes;
    this.#now = now;
  }

  async find(id: PhotoId, size: PictureSize): Promise<string | 'none' | null> {
    const path = this.#pathOf(id, size);
    const found = await stat(path).catch(() => null);
    if (found === null) return null;
    const isOld = Math.abs(this.#now() - found.mtimeMs) > DAY_MS;
    // A tool may have been installed, or a drive repaired, since.
    if (found.size === 0) return isOld ? null : 'none';
    if (isOld) await utimes(path, this.#now() / 1000, this.#now() / 1000).catch(() => undefined);
    return path;
  }

  async place(): Promise<string | null> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < this.#minFreeBytes) return null;
    await rm(this.#made, { force: true });
    return this.#made;
  }

  async keep(id: PhotoId, size: PictureSize, made: boolean): Promise<string | 'none' | null> {
    const path = this.#pathOf(id, size);
    const before = await stat(path).catch(() => null);
    this.#bytes ??= (await this.#files()).reduce((sum, file) => sum + file.sizeBytes, 0);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o750 });
    if (made) await rename(this.#made, path);
    else await writeFile(path, '');
    const { size: sizeBytes } = await stat(path);
    this.#bytes += sizeBytes - (before?.size ?? 0);
    if (this.#bytes > this.#maxBytes) await this.#makeRoom();
    return this.find(id, size);
  }

  get #made(): string {
    return join(this.#folder, 'making.jpg');
  }

  #pathOf(id: PhotoId, size: PictureSize): string {
    return join(this.#folder, id.slice(0, 2), `${id}-${size}.jpg`);
  }

  async #makeRoom(): Promise<void> {
    const files = (await this.#files()).sort((one, other) => one.mtimeMs - other.mtimeMs);
    let bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    for (const { path, sizeBytes } of files) {
      if (bytes <= this.#maxBytes * KEPT) break;
      await rm(path, { force: true });
      bytes -= sizeBytes;
    }
    this.#bytes = bytes;
  }

  async #files() {
    const files: { readonly path: string; readonly sizeBytes: number; readonly mtimeMs: number }[] = [];
    for (const entry of await readdir(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await stat(path).catch(() => null);
      if (found !== null) files.push({ path, sizeBytes: found.size, mtimeMs: found.mtimeMs });
    }
    return files;
  }
}
