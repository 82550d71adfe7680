import { Buffer } from 'node:buffer';
import { type DriveId, type RelativePath, relativePath } from '../../machines/ids.ts';
import type { CardPath, Copy, DriveStore } from '../ports.ts';
import { c4OnDrive, replaceChain, writeGeneration } from './generation-store.ts';
import { type Generation, type MhlHistory, openHistory } from './history.ts';
import type { HashFormat } from './mhl-reader.ts';
import type { ChainEntry, GenerationFile } from './mhl-writer.ts';
import { ascmhlOf, below, DRIVE_JOURNAL, DRIVE_ROOTS } from './names.ts';
import { newestFiles } from './newest.ts';
import { PathSet } from './path-set.ts';

/** About 35 MB of text at most for paths as cameras and people make them; more files get a further generation. */
export const MAX_FILES_A_GENERATION = 100_000;
const JOURNAL_LINES_AT_ONCE = 256;
const XXH64: ReadonlySet<HashFormat> = new Set<HashFormat>(['xxh64']);

export interface SealOrder {
  readonly store: DriveStore;
  /**
   * All copies on this drive in order of path (`catalogue.copiesOf({driveId})`), not only those of this backup: what an
   * interrupted backup placed and never sealed gets into this generation too. Called once a root.
   */
  readonly copies: () => Iterable<Copy>;
  /** The card's own name of a copy where the drive's had to differ (not UTF-8, controls); null where it did not. */
  readonly original: (to: RelativePath) => CardPath | null;
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
}

/**
 * Writes what this backup added into the drive's manifests, then the facts of the backup into its journal. Each root:
 * the generation, then the chain that names it, both read back from the medium. Killed anywhere and run again it goes
 * on: a generation without a chain entry is taken into the chain, a file that is listed is not listed again.
 * Throws `DriveError`, and `DriveError` `drive-failing` when a manifest reads back differently. Two seals of one drive
 * at the same time would lose an entry of the chain: `oneSealADrive` keeps them apart.
 */
export async function sealBackup(order: SealOrder): Promise<Seal> {
  const generations: RelativePath[] = [];
  let files = 0;
  for (const root of DRIVE_ROOTS) {
    const sealed = await sealRoot(order, root);
    generations.push(...sealed.generations);
    files += sealed.files;
  }
  await appendJournal(order, generations);
  return { generations, files };
}

async function sealRoot(order: SealOrder, root: RelativePath): Promise<Seal> {
  const { store } = order;
  const history = await openHistory(store, root);
  const unsealed = unsealedFiles(order, root, await sealedCopies(history));
  const chain = await wholeChain(store, history);
  const written: RelativePath[] = [];
  let files = 0;
  try {
    for (let batch = take(unsealed); batch.length > 0; batch = take(unsealed)) {
      const first = lastSequence(history, chain) + 1;
      const entry = await writeGeneration(store, root, first, order, batch);
      chain.push(entry);
      written.push(below(ascmhlOf(root), entry.name));
      files += batch.length;
    }
  } finally {
    // Lets go of the catalogue's rows when a write failed.
    unsealed.return(undefined);
  }
  // Nothing to say when the chain on the drive has the same entries already.
  if (chain.length > history.generations.filter((known) => known.c4 !== null).length) {
    await replaceChain(store, root, history, chain);
  }
  return { generations: written, files };
}

/** What the newest generations list: path and content. */
async function sealedCopies(history: MhlHistory): Promise<PathSet> {
  const sealed = new PathSet();
  for await (const { path, hash } of newestFiles(history, XXH64, new PathSet())) {
    if (hash !== null) sealed.add(keyOf(path, hash.value));
  }
  return sealed;
}

const keyOf = (path: string, xxh64: string): string => `${xxh64}/${path}`;

function* unsealedFiles(order: SealOrder, root: RelativePath, sealed: PathSet): Generator<GenerationFile> {
  for (const { to, state, sizeBytes, toMtimeMs, xxh64 } of order.copies()) {
    if (state !== 'verified' || !to.startsWith(`${root}/`) || sealed.has(keyOf(to, xxh64))) continue;
    const card = order.original(to);
    const path = relativePath(to.slice(root.length + 1));
    const cardPathBase64 =
      card === null ? undefined : (card.pathBase64 ?? Buffer.from(card.path).toString('base64'));
    const file: GenerationFile = { path, sizeBytes, mtimeMs: toMtimeMs, xxh64, action: 'original' };
    yield cardPathBase64 === undefined ? file : { ...file, cardPathBase64 };
  }
}

function take(files: Generator<GenerationFile>): GenerationFile[] {
  const batch: GenerationFile[] = [];
  while (batch.length < MAX_FILES_A_GENERATION) {
    const next = files.next();
    if (next.done === true) break;
    batch.push(next.value);
  }
  return batch;
}

/** The chain on the drive, and whole generations that a power cut kept out of it, in order. */
async function wholeChain(store: DriveStore, history: MhlHistory): Promise<ChainEntry[]> {
  const broken = new Set(
    history.problems.filter((problem) => problem.why === 'altered').map((problem) => problem.path),
  );
  const chain: ChainEntry[] = [];
  for (const { sequence, name, c4, path } of history.generations) {
    if (c4 !== null) chain.push({ sequence, name, c4 });
    else if (!broken.has(path)) chain.push({ sequence, name, c4: await c4OnDrive(store, path) });
  }
  return chain;
}

/** Of every generation on the drive, those included that vouch for nothing: a number is never used twice. */
function lastSequence(history: MhlHistory, chain: readonly ChainEntry[]): number {
  const all: readonly Pick<Generation, 'sequence'>[] = [...history.generations, ...chain];
  return all.reduce((last, { sequence }) => Math.max(last, sequence), 0);
}

/**
 * The facts of the backup, then one line of its own: `{"seal": {"v": 1, "backupId", "at", "seq", "hash", "generations"}}`,
 * where `seq` and `hash` are the end of the box's journal: a journal that later ends before it was cut. A seal that
 * was killed here and done again leaves lines twice; their `seq` and `prev` make that plain, a reader keeps one.
 */
async function appendJournal(order: SealOrder, generations: readonly RelativePath[]): Promise<void> {
  const { store, backupId, at, head } = order;
  let lines: string[] = [];
  for (const line of order.journalLines) {
    lines.push(line);
    if (lines.length < JOURNAL_LINES_AT_ONCE) continue;
    await store.appendOwn(DRIVE_JOURNAL, lines);
    lines = [];
  }
  const seal = { v: 1, backupId, at, seq: head.seq, hash: head.hash, generations };
  await store.appendOwn(DRIVE_JOURNAL, [...lines, JSON.stringify({ seal })]);
}

/** `sealBackup` for a box that may back up two cards at once: seals of one drive wait for each other. */
export function oneSealADrive(): (order: SealOrder) => Promise<Seal> {
  const last = new Map<DriveId, Promise<unknown>>();
  return (order) => {
    const { id } = order.store.drive;
    const before = last.get(id) ?? Promise.resolve();
    const seal = before.then(() => sealBackup(order));
    // One that failed has told its own caller; the next goes on.
    const settled = seal.catch(() => undefined);
    last.set(id, settled);
    return seal;
  };
}
