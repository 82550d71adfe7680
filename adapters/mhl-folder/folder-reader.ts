import { constants } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RelativePath } from '../../machines/ids.ts';
import { DriveError, messageOf } from '../../services/errors.ts';
import { createManifestHash, type RunningHash } from '../../services/manifest/hashers.ts';
import { HASH_FORMATS, type HashFormat } from '../../services/manifest/mhl-reader.ts';
import type { AfterBlock } from '../../services/media-ports.ts';
import type { FolderReader, FoundFile } from '../../services/verify/ports.ts';
import { readPastCache } from './direct-read.ts';

const MISSING = new Set<unknown>(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && MISSING.has(error.code);

/** Any folder, absolute, as something to verify. Throws the system's error when it is no folder. */
export async function openFolderReader(folder: string): Promise<FolderReader> {
  const { dev, ino } = await stat(folder);
  await readdir(folder);
  return new PlainFolderReader(folder, { dev, ino });
}

/** One reading in one format or two. */
class Hashes {
  readonly #one: RunningHash;
  readonly #other: RunningHash | null;

  constructor(format: HashFormat, also: HashFormat | null) {
    this.#one = createManifestHash(format);
    this.#other = also === null ? null : createManifestHash(also);
  }

  update(bytes: Uint8Array): void {
    this.#one.update(bytes);
    this.#other?.update(bytes);
  }

  digests(): { readonly value: string; readonly also?: string } {
    const value = this.#one.digest();
    return this.#other === null ? { value } : { value, also: this.#other.digest() };
  }
}

/** Keeps apart what stops a reading from what the disk says. */
class Pause {
  readonly #afterBlock: AfterBlock;
  ended: { readonly reason: unknown } | undefined;

  constructor(afterBlock: AfterBlock) {
    this.#afterBlock = afterBlock;
  }

  readonly after: AfterBlock = async (sizeBytes) => {
    try {
      await this.#afterBlock(sizeBytes);
    } catch (reason) {
      this.ended = { reason };
      throw reason;
    }
  };
}

/** Reads only, follows no links: a manifest from a foreign disk must not lead out of its folder. */
class PlainFolderReader implements FolderReader {
  readonly formats: ReadonlySet<HashFormat> = new Set(HASH_FORMATS);
  readonly #folder: string;
  readonly #identity: { readonly dev: number; readonly ino: number };

  constructor(folder: string, identity: { readonly dev: number; readonly ino: number }) {
    this.#folder = folder;
    this.#identity = identity;
  }

  /** Where the disk was unmounted there is another folder, or none. */
  async isPresent(): Promise<boolean> {
    try {
      const { dev, ino } = await stat(this.#folder);
      await readdir(this.#folder);
      return dev === this.#identity.dev && ino === this.#identity.ino;
    } catch {
      return false;
    }
  }

  async list(folder: RelativePath): Promise<readonly string[]> {
    const names = await this.#unlessMissing(folder, async () => {
      await this.#assertStraight(folder);
      return readdir(join(this.#folder, folder));
    });
    return names ?? [];
  }

  async stat(path: RelativePath): Promise<{ sizeBytes: number } | null> {
    return this.#unlessMissing(path, async () => {
      await this.#assertStraight(dirname(path));
      const stats = await lstat(join(this.#folder, path));
      return stats.isFile() ? { sizeBytes: stats.size } : null;
    });
  }

  async readText(path: RelativePath): Promise<string | null> {
    if ((await this.stat(path)) === null) return null;
    return this.#unlessMissing(path, async () => {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(join(this.#folder, path), flags);
      try {
        return await handle.readFile('utf8');
      } finally {
        await handle.close();
      }
    });
  }

  async hash(
    path: RelativePath,
    format: HashFormat,
    afterBlock?: AfterBlock,
    also: HashFormat | null = null,
  ): Promise<{ value: string; sizeBytes: number; also?: string }> {
    const pause = afterBlock === undefined ? null : new Pause(afterBlock);
    try {
      await this.#assertStraight(dirname(path));
      const { sink, sizeBytes } = await readPastCache(
        join(this.#folder, path),
        () => new Hashes(format, also),
        pause?.after,
      );
      return { ...sink.digests(), sizeBytes };
    } catch (error) {
      if (pause?.ended !== undefined) throw pause.ended.reason;
      throw await this.#asDriveError(path, error);
    }
  }

  walk(): AsyncIterable<FoundFile> {
    return this.#walk('');
  }

  async *#walk(folder: string): AsyncGenerator<FoundFile> {
    const at = join(this.#folder, folder);
    const entries = await readdir(at, { withFileTypes: true }).catch(async (error: unknown) => {
      // A folder whose name is not UTF-8 cannot be opened by a string; no manifest can name what is in it.
      if (folder !== '' && isMissing(error)) return [];
      throw await this.#asDriveError(folder, error);
    });
    entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* this.#walk(path);
      else if (entry.isFile()) yield { path: path as RelativePath, sizeBytes: await this.#sizeOf(path) };
    }
  }

  /** 0 for a name that is not UTF-8, which no string can open: it is listed all the same. */
  async #sizeOf(path: string): Promise<number> {
    return (await this.#unlessMissing(path, async () => (await lstat(join(this.#folder, path))).size)) ?? 0;
  }

  /** Every folder up to this one is a folder, not a link to one. */
  async #assertStraight(folder: string): Promise<void> {
    let at = this.#folder;
    for (const part of folder === '.' ? [] : folder.split('/')) {
      at = join(at, part);
      if ((await lstat(at)).isDirectory()) continue;
      throw Object.assign(new Error(`${at} is no folder`), { code: 'ENOTDIR' });
    }
  }

  async #unlessMissing<Result>(path: string, run: () => Promise<Result>): Promise<Result | null> {
    try {
      return await run();
    } catch (error) {
      if (isMissing(error)) return null;
      throw await this.#asDriveError(path, error);
    }
  }

  async #asDriveError(path: string, error: unknown): Promise<DriveError> {
    const reason = (await this.isPresent()) ? 'drive-failing' : 'drive-lost';
    return new DriveError(reason, `${join(this.#folder, path)}: ${messageOf(error)}`, error);
  }
}
