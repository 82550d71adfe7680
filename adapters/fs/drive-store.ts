import { Buffer } from 'node:buffer';
import { readdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Drive } from '../../machines/facts.ts';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { DriveRules, DriveStore, IncomingFile, ReadBack } from '../../services/ports.ts';
import { type DriveRoot, openDriveRoot } from './drive-root.ts';
import { type DriveShare, shareOf } from './drive-share.ts';
import { foldersUpTo, forEachOf, syncPath } from './durable.ts';
import { isMissing } from './errno.ts';
import { readRoom, readRules } from './file-system-kind.ts';
import { type SyncOptions, syncFileSystem } from './file-system-sync.ts';
import { INCOMING_FOLDER } from './identity.ts';
import { createIncomingFile } from './incoming-file.ts';
import { appendLines, assertOwn, readTextFile, replaceFile, statPlain } from './own-files.ts';
import { leadsStraight } from './raw-path.ts';
import { readBackFile } from './read-back.ts';
import { walkTree } from './tree.ts';

/** As many as libuv has threads; a journalling file system makes one commit of several. */
const SYNCS_AT_ONCE = 4;
/** Folders known to be durable up to the root; forgotten when full, then synced once more. */
const MAX_ROOTED = 10_000;

export interface DriveStoreOptions {
  readonly sync?: SyncOptions;
  /** Where sysfs lies. Default `/sys`. */
  readonly sysFolder?: string;
}

/** Opens an adopted drive that is attached. Throws `DriveError` `drive-lost` when it is not the one at `drive.path`. */
export async function openDriveStore(drive: Drive, options: DriveStoreOptions = {}): Promise<DriveStore> {
  const root = await openDriveRoot(drive, options.sysFolder);
  const rules = await root.run(root.path, () => readRules(root.path));
  return new FolderDriveStore(drive, rules, root, options.sync ?? {});
}

/** A drive through the file system: a mounted volume, or a folder that its owner adopted. */
class FolderDriveStore implements DriveStore {
  readonly drive: Drive;
  readonly rules: DriveRules;
  readonly #root: DriveRoot;
  readonly #sync: SyncOptions;
  readonly #share: DriveShare;
  readonly #rooted = new Set<string>();

  constructor(drive: Drive, rules: DriveRules, root: DriveRoot, sync: SyncOptions) {
    this.drive = drive;
    this.rules = rules;
    this.#root = root;
    this.#sync = sync;
    this.#share = shareOf(drive.id);
  }

  async freeBytes(): Promise<number> {
    return (await this.#room()).freeBytes;
  }

  async sizeBytes(): Promise<number> {
    return (await this.#room()).sizeBytes;
  }

  async #room(): ReturnType<typeof readRoom> {
    return this.#root.run(this.#root.path, () => readRoom(this.#root.path));
  }

  createIncoming(): Promise<IncomingFile> {
    return createIncomingFile({
      root: this.#root,
      share: this.#share,
      kind: this.rules.verifiedFrom,
      // A folder that was removed and made again is durable no longer.
      onNewFolder: () => this.#rooted.clear(),
    });
  }

  async writeAll(files: Parameters<DriveStore['writeAll']>[0]): Promise<readonly IncomingFile[]> {
    const done: IncomingFile[] = [];
    try {
      for (const { bytes, mtimeMs } of files) {
        const part = await this.createIncoming();
        done.push(part);
        await part.write(bytes);
        await part.flush(mtimeMs);
      }
      return done;
    } catch (error) {
      for (const part of done) await part.discard();
      throw error;
    }
  }

  async flushAll(): Promise<void> {
    // `writeAll` flushed each of them.
  }

  async readBackAll(files: readonly IncomingFile[]): Promise<readonly ReadBack[]> {
    const results: ReadBack[] = [];
    for (const file of files) results.push(await file.readBack());
    return results;
  }

  async placeAll(moves: Parameters<DriveStore['placeAll']>[0]): ReturnType<DriveStore['placeAll']> {
    const ends: ('placed' | 'taken')[] = [];
    for (const { file, to } of moves) ends.push(await file.place(to));
    return ends;
  }

  async statAll(paths: readonly RelativePath[]): ReturnType<DriveStore['statAll']> {
    return Promise.all(paths.map((path) => this.stat(path)));
  }

  async clearIncoming(): Promise<number> {
    return this.#root.write(INCOMING_FOLDER, async () => {
      const names = await this.#names(INCOMING_FOLDER);
      const left = names
        .filter((name) => name.endsWith('.part'))
        .map((name) => this.#root.absolute(`${INCOMING_FOLDER}/${name}`))
        // Another backup is still writing these.
        .filter((path) => !this.#share.live.has(path));
      for (const path of left) await unlink(path);
      return left.length;
    });
  }

  async list(folder: RelativePath): Promise<readonly string[]> {
    return this.#root.run(folder, () => this.#names(relativePath(folder)));
  }

  async #names(folder: string): Promise<string[]> {
    if ((await leadsStraight(this.#root.path, Buffer.from(folder))) !== true) return [];
    return readdir(this.#root.absolute(folder)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  }

  async stat(path: RelativePath): ReturnType<DriveStore['stat']> {
    return this.#root.run(path, () => statPlain(this.#root, path));
  }

  async readBack(path: RelativePath): Promise<ReadBack> {
    return this.#root.run(path, async () => {
      await this.#assertStraight(path);
      return readBackFile(this.#root.absolute(path), this.rules.verifiedFrom);
    });
  }

  async settle(placed: readonly RelativePath[]): Promise<void> {
    await this.#root.write('settle', async () => {
      for (const path of placed) await this.#assertStraight(path);
      const files = placed.map((path) => this.#root.absolute(path));
      await forEachOf(files, SYNCS_AT_ONCE, syncPath);
      await forEachOf(this.#foldersToSync(files), 1, syncPath);
      this.#remember(files);
    });
  }

  /**
   * The folders of the files, then what is above them. Every ancestor once, not only those just made: an earlier run
   * may have made one and died before it was durable.
   */
  #foldersToSync(files: readonly string[]): string[] {
    const folders = [...new Set(files.map((file) => dirname(file)))];
    const above = folders
      .filter((folder) => !this.#rooted.has(folder))
      .flatMap((folder) => foldersUpTo(this.#root.path, folder).slice(1));
    // Longest first: a folder is durable before the one that names it.
    const rest = [...new Set(above)].filter((folder) => !folders.includes(folder));
    return [...folders, ...rest].sort((a, b) => b.length - a.length);
  }

  #remember(files: readonly string[]): void {
    if (this.#rooted.size > MAX_ROOTED) this.#rooted.clear();
    for (const file of files) this.#rooted.add(dirname(file));
  }

  async #assertStraight(path: RelativePath): Promise<void> {
    const straight = await leadsStraight(this.#root.path, Buffer.from(relativePath(path)));
    // Named like an error of the system, so that it becomes the same `DriveError`.
    if (straight !== true) {
      throw Object.assign(
        new Error(`${path}: ${straight === null ? 'is missing' : 'leads through a link'}`),
        {
          code: straight === null ? 'ENOENT' : 'ELOOP',
        },
      );
    }
  }

  async writeNew(path: RelativePath, text: string): Promise<'placed' | 'taken'> {
    const part = await this.createIncoming();
    try {
      await part.write(Buffer.from(text));
      await part.flush(Date.now());
      const end = await part.place(path);
      if (end === 'placed') await this.settle([path]);
      return end;
    } finally {
      await part.discard();
    }
  }

  async replaceOwn(path: RelativePath, text: string): Promise<void> {
    assertOwn(path);
    await replaceFile(this.#root, path, text, await this.createIncoming());
    await this.settle([path]);
  }

  async appendOwn(path: RelativePath, lines: readonly string[]): Promise<void> {
    assertOwn(path);
    await appendLines(this.#root, this.#share.lock, path, lines);
    await this.settle([path]);
  }

  async readText(path: RelativePath): Promise<string | null> {
    return this.#root.run(path, () => readTextFile(this.#root, path));
  }

  async *walk(folder: RelativePath): ReturnType<DriveStore['walk']> {
    const straight = await this.#root.run(folder, () =>
      leadsStraight(this.#root.path, Buffer.from(relativePath(folder))),
    );
    if (straight !== true) return;
    for await (const entry of walkTree(this.#root.absolute(folder))) {
      // A gap would pass for files that are missing, or hide altered ones.
      if (entry.kind === 'failed') await this.#root.run(folder, () => Promise.reject(entry.error));
      if (entry.kind !== 'file') continue;
      const path = `${folder}/${entry.rel.toString('utf8')}` as RelativePath;
      yield { path, sizeBytes: entry.sizeBytes, mtimeMs: entry.mtimeMs };
    }
  }

  async sync(): Promise<void> {
    await this.#root.write(this.#root.path, async () => {
      await syncPath(this.#root.path);
      await syncFileSystem(this.#root.path, this.#sync);
    });
  }
}
