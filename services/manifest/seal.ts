import { Buffer } from 'node:buffer';
import type { FactOf } from '../../machines/facts.ts';
import { type BackupId, type RelativePath, relativePath } from '../../machines/ids.ts';
import type { CardPath, DriveStore } from '../media-ports.ts';
import type { Copy } from '../ports.ts';
import { type MhlHistory, openHistory } from './history.ts';
import { HistoryWriter, MAX_ITEMS_A_GENERATION } from './history-writer.ts';
import type { HashFormat } from './mhl-reader.ts';
import type { GenerationFile, GenerationHeader } from './mhl-writer.ts';
import { DRIVE_JOURNAL, DRIVE_ROOTS } from './names.ts';
import { newestFiles } from './newest.ts';
import { PathSet } from './path-set.ts';
import { carries } from './xml-writer.ts';

/** Characters a write: a line has 30,000 where it is about 128 files. */
const JOURNAL_CHARS_AT_ONCE = 1024 * 1024;
const XXH64: ReadonlySet<HashFormat> = new Set<HashFormat>(['xxh64']);

export interface SealMemory {
  /** `catalogue.sealedGenerations`. */
  readonly generations: ReadonlySet<RelativePath>;
  /** `catalogue.unsealed`, in order of path. Called once a root. */
  readonly unsealed: () => Iterable<Copy>;
}

export interface SealOrder {
  readonly store: DriveStore;
  /**
   * All copies on this drive in order of path (`catalogue.copiesOf({driveId})`), not only those of this backup: what an
   * interrupted backup placed and never sealed gets into this generation too. Called once a root.
   */
  readonly copies: () => Iterable<Copy>;
  /** What earlier seals settled, so that this one need not read the history of the whole drive; without, it does. */
  readonly memory?: SealMemory;
  /** The card's own name of a copy where the drive's had to differ (not UTF-8, controls); null where it did not. */
  readonly original: (to: RelativePath) => CardPath | null;
  /** Whether the files that a backup copied were read twice from the card's medium (`verify = "source-twice"`); default: none. */
  readonly isReadTwice?: (backupId: BackupId) => boolean;
  /** Stored journal lines of this backup, byte for byte. */
  readonly journalLines: Iterable<string>;
  /** End of the journal after the last of those lines was appended. */
  readonly head: { readonly seq: number; readonly hash: string };
  readonly backupId: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly hostname: string;
  /** Of imagetank. */
  readonly version: string;
}

export interface Seal {
  /** New generations, in the order in which they were written; empty when everything was listed already. */
  readonly generations: readonly RelativePath[];
  /** Files that they list. */
  readonly files: number;
  /** What the next seal may take for settled: the rest of a `DriveSealed`. */
  readonly settled: Pick<FactOf<'DriveSealed'>, 'generations' | 'extent'>;
}

/**
 * Writes what this backup added into the drive's manifests, then the facts of the backup into its journal. Each root:
 * the generation, then the chain that names it, both read back from the medium. Killed anywhere and run again it goes
 * on: a generation without a chain entry is taken into the chain, a file that is listed is not listed again.
 * A generation that the memory knows is not opened: one that was altered since is for `verify` to find. When one that
 * it knows is gone, or the chain cannot be read, every generation is read and what no one lists any more is listed again.
 * Throws `DriveError`, and `DriveError` `drive-failing` when a manifest reads back differently. Two seals of one drive
 * at the same time would lose an entry of the chain: `oneAtATime` keeps them apart.
 */
export async function sealBackup(order: SealOrder): Promise<Seal> {
  const histories = await Promise.all(DRIVE_ROOTS.map((root) => openHistory(order.store, root)));
  const memory = order.memory !== undefined && stands(order.memory, histories) ? order.memory : null;
  const written: RelativePath[] = [];
  const settled: RelativePath[] = [];
  let files = 0;
  for (const [index, root] of DRIVE_ROOTS.entries()) {
    const history = histories[index];
    if (history === undefined) continue;
    const sealed = await sealRoot(order, root, history, memory);
    written.push(...sealed.written);
    settled.push(...sealed.settled);
    files += sealed.files;
  }
  await appendJournal(order, written);
  const extent = memory === null ? 'all' : 'added';
  return { generations: written, files, settled: { generations: settled, extent } };
}

/** What is new in the manifest of one folder: `sealFolder`. */
export interface FolderOrder extends Pick<GenerationHeader, 'at' | 'hostname' | 'version'> {
  readonly store: DriveStore;
  /** Of the history: `Photos`, `Other`, or a folder that was there before imagetank. */
  readonly root: RelativePath;
  /** All copies below the root, in order of path. */
  readonly copies: () => Iterable<Copy>;
}

export interface FolderSeal {
  /** New generations, in the order in which they were written. */
  readonly written: readonly RelativePath[];
  /** Every generation of that history, ours and those of other tools. */
  readonly settled: readonly RelativePath[];
}

/**
 * Lists the verified copies of no backup below a folder that its history does not list yet, as what lies there was read
 * (process `in-place`). Those of a backup are left to its own seal, which knows the card's names and how often it was read.
 * Throws `DriveError`. Never beside another seal of the same drive.
 */
export async function sealFolder(order: FolderOrder): Promise<FolderSeal> {
  const { root, copies, ...header } = order;
  const history = await openHistory(header.store, root);
  const inPlace = { ...header, process: 'in-place', comment: INDEX_COMMENT, original: () => null } as const;
  return sealRoot({ ...inPlace, copies: () => ofNoBackup(copies()) }, root, history);
}

const INDEX_COMMENT =
  'These files were here before imagetank. Each was read from its medium, past the page cache; where the metadata of a file says verifiedFrom cache, from the page cache only.';

function* ofNoBackup(copies: Iterable<Copy>): Generator<Copy> {
  for (const copy of copies) if (copy.backupId === null) yield copy;
}

/** Every generation that earlier seals settled lies where it did and the chain names it. */
function stands(memory: SealMemory, histories: readonly MhlHistory[]): boolean {
  const there = new Set<RelativePath>();
  for (const { generations, problems } of histories) {
    if (problems.length > 0) return false;
    for (const { path, c4, isThere } of generations) if (c4 !== null && isThere) there.add(path);
  }
  return [...memory.generations].every((path) => there.has(path));
}

interface SealedRoot extends FolderSeal {
  readonly files: number;
}

type RootOrder = GenerationHeader & Pick<SealOrder, 'store' | 'copies' | 'original' | 'isReadTwice'>;

async function sealRoot(
  order: RootOrder,
  root: RelativePath,
  history: MhlHistory,
  memory: SealMemory | null = null,
): Promise<SealedRoot> {
  const { store } = order;
  const known = memory?.generations ?? new Set<RelativePath>();
  const listed = await sealedCopies(history.without(known));
  const unsealed = unsealedFiles(order, root, memory?.unsealed() ?? order.copies(), listed);
  const writer = await HistoryWriter.open(store, root, history);
  const waiting = new Waiting(unsealed);
  try {
    while (!waiting.isOver) await writer.add(order, waiting.take(MAX_ITEMS_A_GENERATION));
  } finally {
    // Lets go of the catalogue's rows when a write failed.
    unsealed.return(undefined);
  }
  await writer.finish();
  const settled = writer.settled.filter((path) => !known.has(path));
  return { written: writer.written, settled, files: waiting.taken };
}

/** What the newest generations list: path and content. */
async function sealedCopies(history: MhlHistory): Promise<PathSet> {
  const sealed = new PathSet();
  for await (const { path, hash, generation } of newestFiles(history, XXH64, new PathSet())) {
    if (hash !== null && !history.isLeftOut(generation)) sealed.add(keyOf(path, hash.value));
  }
  return sealed;
}

const keyOf = (path: string, xxh64: string): string => `${xxh64}/${path}`;

function* unsealedFiles(
  order: RootOrder,
  root: RelativePath,
  copies: Iterable<Copy>,
  sealed: PathSet,
): Generator<GenerationFile> {
  for (const { to, state, sizeBytes, toMtimeMs, xxh64, hash, verifiedFrom, backupId } of copies) {
    if (state !== 'verified' || !to.startsWith(`${root}/`) || sealed.has(keyOf(to, xxh64))) continue;
    // Nobody records such a name. If one is there all the same, the others must be listed, and the journal vouches for it.
    if (!carries(to)) continue;
    const card = order.original(to);
    const path = relativePath(to.slice(root.length + 1));
    const cardPathBase64 =
      card === null ? undefined : (card.pathBase64 ?? Buffer.from(card.path).toString('base64'));
    yield {
      path,
      sizeBytes,
      mtimeMs: toMtimeMs,
      xxh64,
      action: 'original',
      ...(hash === undefined ? {} : { hash }),
      ...(verifiedFrom === 'cache' ? { isFromCache: true } : {}),
      ...(backupId !== null && order.isReadTwice?.(backupId) === true ? { isReadTwice: true } : {}),
      ...(cardPathBase64 === undefined ? {} : { cardPathBase64 }),
    };
  }
}

/** Files that are listed as they come, so many a generation: it is known beforehand whether there is another. */
class Waiting {
  readonly #files: Iterator<GenerationFile>;
  #next: IteratorResult<GenerationFile>;
  taken = 0;

  constructor(files: Iterable<GenerationFile>) {
    this.#files = files[Symbol.iterator]();
    this.#next = this.#files.next();
  }

  get isOver(): boolean {
    return this.#next.done === true;
  }

  *take(most: number): Generator<GenerationFile> {
    for (let left = most; left > 0 && this.#next.done !== true; left -= 1) {
      yield this.#next.value;
      this.taken += 1;
      this.#next = this.#files.next();
    }
  }
}

/**
 * The facts of the backup, then one line of its own: `{"seal": {"v": 1, "backupId", "at", "seq", "hash", "generations"}}`,
 * where `seq` and `hash` are the end of the box's journal: a journal that later ends before it was cut. A seal that
 * was killed here and done again leaves lines twice; their `seq` and `prev` make that plain, a reader keeps one.
 */
async function appendJournal(order: SealOrder, generations: readonly RelativePath[]): Promise<void> {
  const { store, backupId, at, head } = order;
  let lines: string[] = [];
  let chars = 0;
  for (const line of order.journalLines) {
    lines.push(line);
    chars += line.length;
    if (chars < JOURNAL_CHARS_AT_ONCE) continue;
    await store.appendOwn(DRIVE_JOURNAL, lines);
    lines = [];
    chars = 0;
  }
  const seal = { v: 1, backupId, at, seq: head.seq, hash: head.hash, generations };
  await store.appendOwn(DRIVE_JOURNAL, [...lines, JSON.stringify({ seal })]);
}
