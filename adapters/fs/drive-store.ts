import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type {
  AfterBlock,
  DriveRules,
  DriveStore,
  IncomingFile,
  ReadBack,
  ScannedEntry,
} from '../../services/media-ports.ts';
import { type DriveRoot, openDriveRoot } from './drive-root.ts';
import { scanDrive } from './drive-scan.ts';
import { type DriveShare, fenceOf, shareOf } from './drive-share.ts';
import { isMissing } from './errno.ts';
import { readRoom, recipeOf, rulesOf } from './file-system-kind.ts';
import type { SyncOptions } from './file-system-sync.ts';
import { createIncomingFile, type IncomingContext, placeParts, readBackInTurns } from './incoming-file.ts';
import { flushParts, ownPart, readBackParts, writeParts } from './incoming-files.ts';
import { INLINE_IO, type Io } from './io/lanes.ts';
import { INCOMING_FOLDER } from './names.ts';
import { appendLines, assertOwn, readTextFile, replaceFile } from './own-files.ts';
import { leadsStraight } from './raw-path.ts';
import { walkTree } from './tree.ts';

/** So few files cost less one by one than the file system as a whole, which may hold what others wrote. */
const MAX_SYNCED_EACH = 2;
/** Folders known to be durable up to the root; forgotten when full, then synced once more. */
const MAX_ROOTED = 10_000;

export interface DriveStoreOptions {
  readonly sync?: SyncOptions;
  /** Where sysfs lies. Default `/sys`. */
  readonly sysFolder?: string;
  /** Default: everything in the calling thread. */
  readonly io?: Io;
  /** False once the drive was taken out, also where its folder is still there. Default: always true. */
  readonly isAttached?: () => boolean;
}

/** Opens an adopted drive that is attached. Throws `DriveError` `drive-lost` when it is not the one at `drive.path`. */
export async function openDriveStore(drive: Drive, options: DriveStoreOptions = {}): Promise<DriveStore> {
  const io = options.io ?? INLINE_IO;
  const lane = io.lane(`drive ${drive.id}`);
  const lanes = { lane, reading: io.lane(`drive ${drive.id}, reading`) };
  const root = await openDriveRoot(drive, lanes, options);
  const type = await root.ask(() => lane.call('kindOf', root.path));
  const attachment = await root.ask(() => lane.call('attachmentOf', root.path, options.sysFolder));
  // A volume may be mounted elsewhere meanwhile; a folder elsewhere is another one.
  const key = drive.kind === 'folder' ? `${attachment} ${root.path}` : attachment;
  return new FolderDriveStore(drive, type, root, key, options.sync ?? {});
}

/** A drive through the file system: a mounted volume, or a folder that its owner adopted. */
class FolderDriveStore implements DriveStore {
  readonly drive: Drive;
  readonly rules: DriveRules;
  readonly #root: DriveRoot;
  readonly #sync: SyncOptions;
  readonly #share: DriveShare;
  readonly #incoming: IncomingContext;
  /** Folders below the root that are durable with all above them. */
  readonly #rooted = new Set<string>();

  constructor(drive: Drive, type: number, root: DriveRoot, attachment: string, sync: SyncOptions) {
    this.drive = drive;
    this.rules = rulesOf(type);
    this.#root = root;
    this.#sync = sync;
    this.#share = shareOf(drive.id);
    this.#incoming = {
      root,
      share: this.#share,
      kind: this.rules.verifiedFrom,
      recipe: recipeOf(type),
      fence: fenceOf(this.#share, attachment, root.path),
      // A folder that was removed and made again is durable no longer.
      onNewFolder: () => this.#rooted.clear(),
    };
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
    return createIncomingFile(this.#incoming);
  }

  async writeAll(files: Parameters<DriveStore['writeAll']>[0]): Promise<readonly IncomingFile[]> {
    return writeParts(this.#incoming, files);
  }

  async flushAll(files: readonly IncomingFile[]): Promise<void> {
    const parts = files.map(ownPart);
    await flushParts(this.#incoming, parts, () => this.#syncTogether());
  }

  async readBackAll(files: readonly IncomingFile[], afterBlock?: AfterBlock): Promise<readonly ReadBack[]> {
    return readBackParts(this.#incoming, files.map(ownPart), afterBlock);
  }

  async placeAll(moves: Parameters<DriveStore['placeAll']>[0]): ReturnType<DriveStore['placeAll']> {
    return placeParts(
      this.#incoming,
      moves.map(({ file, to }) => ({ file: ownPart(file), to })),
    );
  }

  async statAll(paths: readonly RelativePath[]): ReturnType<DriveStore['statAll']> {
    const below = paths.map(relativePath);
    return this.#root.ask(() => this.#root.lane.call('statAll', this.#root.spec, below));
  }

  async clearIncoming(): Promise<number> {
    this.#incoming.fence.refuse();
    return this.#root.write(INCOMING_FOLDER, async () => {
      const names = await this.#names(INCOMING_FOLDER);
      const left = names
        .filter((name) => name.endsWith('.part'))
        .map((name) => this.#root.absolute(`${INCOMING_FOLDER}/${name}`))
        // Another backup is still writing these.
        .filter((path) => !this.#share.live.has(path));
      let removed = 0;
      // Two backups that begin together clear away the same files.
      for (const path of left) removed += Number(await isUnlinked(path));
      return removed;
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
    const [found = null] = await this.statAll([path]);
    return found;
  }

  async readBack(path: RelativePath, afterBlock?: AfterBlock): Promise<ReadBack> {
    const { verifiedFrom } = this.rules;
    const below = relativePath(path);
    return this.#incoming.fence.watch(() =>
      readBackInTurns(this.#root, randomUUID(), below, verifiedFrom, afterBlock),
    );
  }

  async readHead(path: RelativePath, maxBytes: number): Promise<ReadBack> {
    const { lane, spec } = this.#root;
    const { verifiedFrom } = this.rules;
    return this.#root.ask(() => lane.call('readHead', spec, relativePath(path), verifiedFrom, maxBytes));
  }

  async settle(placed: readonly RelativePath[]): Promise<void> {
    const files = placed.map(relativePath);
    await this.#incoming.fence.run(() => this.#settle(files));
    this.#remember(files);
  }

  async #settle(files: readonly RelativePath[]): Promise<void> {
    const together = this.#incoming.recipe === 'together' && files.length > MAX_SYNCED_EACH;
    if (together) await this.#syncTogether();
    // What the sync took along need not be synced again, except for what leads to it from the root.
    const folders = this.#foldersToSync(files, together);
    await this.#root.ask(() =>
      together
        ? this.#root.lane.call('settle', this.#root.spec, files, folders, 'together')
        : this.#root.lane.call('settle', this.#root.spec, files, folders, 'each', INCOMING_FOLDER),
    );
  }

  async #syncTogether(): Promise<void> {
    const { lane, spec } = this.#root;
    await this.#root.ask(() => lane.call('syncTogether', spec, this.#sync));
  }

  /**
   * The folders of the files, then what is above them. Every ancestor once, not only those just made: an earlier run
   * may have made one and died before it was durable. `newOnly`: none of those that are known to be durable.
   */
  #foldersToSync(files: readonly string[], newOnly: boolean): string[] {
    const all = [...new Set(files.map(folderOf))];
    const fresh = all.filter((folder) => !this.#rooted.has(folder));
    const folders = newOnly ? fresh : all;
    const above = fresh.flatMap((folder) => foldersUpTo(folder).slice(1));
    // Longest first: a folder is durable before the one that names it.
    return [...new Set([...folders, ...above])].sort((a, b) => b.length - a.length);
  }

  #remember(files: readonly string[]): void {
    if (this.#rooted.size > MAX_ROOTED) this.#rooted.clear();
    for (const file of files) this.#rooted.add(folderOf(file));
  }

  async writeNew(paths: readonly RelativePath[], text: Iterable<string>): Promise<RelativePath | null> {
    const part = await this.createIncoming();
    try {
      for (const piece of text) await part.write(Buffer.from(piece));
      await part.flush(Date.now());
      for (const path of paths) {
        if ((await part.place(path)) === 'taken') continue;
        await this.settle([path]);
        return path;
      }
      return null;
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
    await this.#incoming.fence.run(() => appendLines(this.#root, this.#share.lock, path, lines));
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
    for await (const entry of walkTree(this.#root.lane, this.#root.absolute(folder))) {
      // A gap would pass for files that are missing, or hide altered ones.
      if (entry.kind === 'failed') await this.#root.run(folder, () => Promise.reject(entry.error));
      if (entry.kind !== 'file') continue;
      const path = `${folder}/${entry.rel.toString('utf8')}` as RelativePath;
      yield { path, sizeBytes: entry.sizeBytes, mtimeMs: entry.mtimeMs };
    }
  }

  scan(folder: RelativePath): AsyncIterable<ScannedEntry> {
    return scanDrive(this.#root, relativePath(folder));
  }

  async sightAll(paths: readonly RelativePath[]): ReturnType<DriveStore['sightAll']> {
    const below = paths.map(relativePath);
    return this.#root.ask(() => this.#root.lane.call('sightAll', this.#root.spec, below));
  }

  async sync(): Promise<void> {
    await this.#incoming.fence.run(() => this.#syncTogether());
  }
}

/** Below the root, empty for the root itself. */
const folderOf = (path: string): string => (path.includes('/') ? dirname(path) : '');

/** A folder and every folder above it, up to and with the root, innermost first. */
export function foldersUpTo(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== ''; at = folderOf(at)) folders.push(folderOf(at));
  return folders;
}

/** False when somebody else was faster. */
const isUnlinked = (path: string): Promise<boolean> =>
  unlink(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
