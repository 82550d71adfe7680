import type { FactOf } from '../../machines/facts.ts';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { ManifestHash } from '../../machines/media.ts';
import type { DriveStore, Found } from '../media-ports.ts';
import { ignoreRule } from '../verify/ignore.ts';
import { FolderHashes } from './folder-hashes.ts';
import { type MhlHistory, openHistory } from './history.ts';
import { HistoryWriter, MAX_ITEMS_A_GENERATION } from './history-writer.ts';
import type { GenerationHeader, GenerationItem } from './mhl-writer.ts';
import { ASCMHL_FOLDER, DRIVE_ROOTS } from './names.ts';
import type { Reread, RereadLog } from './reread-log.ts';
import { SYSTEM_PATTERNS } from './system-files.ts';

export interface FullOrder extends Pick<GenerationHeader, 'at' | 'hostname' | 'version'> {
  readonly store: DriveStore;
  /** Of a verification of all of this drive that came to its end. */
  readonly log: RereadLog;
  /** What the journal has beside XXH64 for this content at this path, where it was read and is the same. */
  readonly hashOf?: (path: RelativePath, xxh64: string) => ManifestHash | null;
  /** Of that verification. */
  readonly stop: AbortSignal;
}

export interface FullSeal {
  /** New generations, in the order in which they were written. */
  readonly generations: readonly RelativePath[];
  readonly files: number;
  /** With directory hashes, the roots not counted. */
  readonly folders: number;
  readonly settled: Pick<FactOf<'DriveSealed'>, 'generations' | 'extent'>;
}

/**
 * Writes what a verification found as new generations of the drive's histories (process `in-place`): each file that is
 * there as `verified`, `failed` (with the hash that it has now) or, when no manifest knew it, `original`, and the
 * directory hashes (XXH64) of every folder in which everything could be read; files also in the format of `log`. What
 * is missing is not listed: the older generation goes on asking for it, but for what was renamed, which has its new name
 * from then on (`previousPath`). With more than 100,000 items the last generation has the root's hash.
 * Nothing is read here but names: what came after the verification is left to the next seal, and no folder above it gets
 * a hash. Throws `DriveError`, and the reason of `stop` as long as nothing of a root is written.
 */
export async function sealReread(order: FullOrder): Promise<FullSeal> {
  const generations: RelativePath[] = [];
  const settled: RelativePath[] = [];
  let files = 0;
  let folders = 0;
  for (const root of DRIVE_ROOTS) {
    const sealed = await new RootSeal(order, root).run();
    generations.push(...sealed.writer.written);
    settled.push(...sealed.writer.settled);
    files += sealed.files;
    folders += sealed.folders;
  }
  return { generations, files, folders, settled: { generations: settled, extent: 'all' } };
}

class RootSeal {
  readonly #order: FullOrder;
  readonly #root: RelativePath;
  readonly #hashes = new FolderHashes();
  #items: GenerationItem[] = [];
  files = 0;
  folders = 0;

  constructor(order: FullOrder, root: RelativePath) {
    this.#order = order;
    this.#root = root;
  }

  async run(): Promise<{ writer: HistoryWriter; files: number; folders: number }> {
    const { store, stop } = this.#order;
    stop.throwIfAborted();
    const history = await openHistory(store, this.#root);
    const ignored = [...(await patternsOf(history)), ...SYSTEM_PATTERNS];
    const header = { ...this.#order, process: 'in-place', ignored } as const;
    const isIgnored = ignoreRule([...ignored, ASCMHL_FOLDER]);
    const writer = await HistoryWriter.open(store, this.#root, history);
    for await (const found of store.walk(this.#root)) {
      // A generation that was begun gets its chain: what is half would have to be mended by the next one.
      if (writer.written.length === 0) stop.throwIfAborted();
      await this.#add(found, isIgnored);
      await this.#write(writer, header);
    }
    const { folders, root } = this.#hashes.end();
    this.#enter(folders);
    await this.#write(writer, header);
    if (writer.written.length === 0) stop.throwIfAborted();
    if (this.#items.length > 0) await writer.add(root === null ? header : { ...header, root }, this.#items);
    await writer.finish();
    return { writer, files: this.files, folders: this.folders };
  }

  /** All but the last generation: that one gets the root's hash. */
  async #write(writer: HistoryWriter, header: GenerationHeader): Promise<void> {
    while (this.#items.length > MAX_ITEMS_A_GENERATION) {
      await writer.add(header, this.#items.splice(0, MAX_ITEMS_A_GENERATION));
    }
  }

  async #add(found: Found & { readonly path: RelativePath }, isIgnored: (path: RelativePath) => boolean) {
    const path = relativePath(found.path.slice(this.#root.length + 1));
    const ignored = isIgnored(path);
    const read = this.#order.log.resultOf(found.path);
    if (read === null && ignored) return;
    const { xxh64, action } = read ?? UNREAD;
    // What the patterns cover is no part of the folder for the tool that reads them.
    if (!ignored) this.#enter(this.#hashes.add(path, xxh64));
    if (xxh64 === null) return;
    const hash = read?.hash ?? this.#hashInJournal(found.path, xxh64, action);
    const previousPath = read?.from === undefined ? null : await this.#previousPath(read.from);
    const { sizeBytes, mtimeMs } = found;
    this.#items.push({
      ...{ path, sizeBytes, mtimeMs, xxh64, action },
      ...(hash === null ? {} : { hash }),
      ...(previousPath === null ? {} : { previousPath }),
    });
    this.files += 1;
  }

  /** Of what was found as recorded only: the journal's hash is not of what lies there now. */
  #hashInJournal(path: RelativePath, xxh64: string, action: Reread['action']): ManifestHash | null {
    const { hashOf, log } = this.#order;
    if (hashOf === undefined || log.format === null || action !== 'verified') return null;
    const hash = hashOf(path, xxh64);
    return hash?.format === log.format ? hash : null;
  }

  /**
   * Null where the old name belongs to another history, and where something lies there again: it may be listed already,
   * and a newer generation that calls its name an old one would hide it from every later verification.
   */
  async #previousPath(from: RelativePath): Promise<RelativePath | null> {
    if (!from.startsWith(`${this.#root}/`) || (await this.#order.store.stat(from)) !== null) return null;
    return relativePath(from.slice(this.#root.length + 1));
  }

  #enter(folders: ReturnType<FolderHashes['add']>): void {
    this.#items.push(...folders);
    this.folders += folders.length;
  }
}

/** It came after the verification. */
const UNREAD = { xxh64: null, action: 'original' } as const;

/** Of every generation; reading them also finds those that the chain must not take in. */
async function patternsOf(history: MhlHistory): Promise<ReadonlySet<string>> {
  for await (const _ of history.files());
  return history.ignored;
}
