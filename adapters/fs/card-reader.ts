import { Buffer } from 'node:buffer';
import { realpath } from 'node:fs/promises';
import { CardError, isCardError, messageOf } from '../../services/errors.ts';
import type {
  CardFile,
  CardPath,
  CardReader,
  FileStart,
  FileStarts,
  ReadBack,
  ScannedEntry,
} from '../../services/ports.ts';
import { openCardFile } from './card-file.ts';
import { cardCodeOf, errnoOf } from './errno.ts';
import { readRules } from './file-system-kind.ts';
import { isStillThere, lookAt, type Sight } from './presence.ts';
import { fromCardPath, joinBytes, toCardPath } from './raw-path.ts';
import { readBackFile } from './read-back.ts';
import { type TreeEntry, walkTree } from './tree.ts';

/** Of systems, at the root of a volume only: a folder of that name anywhere else is the owner's. */
const SYSTEM_FOLDER = /^(System Volume Information|\.Trash.*|\.Spotlight-V100|\.fseventsd)$/s;
/**
 * Where e2fsck puts what it finds, at the root of each ext4 volume: mke2fs makes it, and only root may look into it. A
 * daemon that is not root would fail every such card for it.
 */
export function isLostAndFound({ rel, error }: { readonly rel: Buffer; readonly error: unknown }): boolean {
  return rel.toString('latin1') === 'lost+found' && errnoOf(error) === 'EACCES';
}

/** Roots remembered: mount points of one machine. The one seen longest ago is forgotten. */
const MAX_ROOTS = 256;

export interface CardReaderOptions {
  /** Where sysfs lies. Default `/sys`. */
  readonly sysFolder?: string;
}

/** Cards through the file system, as they are mounted. */
export function createCardReader(options: CardReaderOptions = {}): CardReader {
  const sights = new Map<string, Sight>();

  const see = async (root: string): Promise<Sight> => {
    const sight = await lookAt(root, options.sysFolder);
    sights.delete(root);
    sights.set(root, sight);
    const [oldest] = sights.keys();
    if (sights.size > MAX_ROOTS && oldest !== undefined) sights.delete(oldest);
    return sight;
  };

  const isPresent = async (root: string): Promise<boolean> => {
    const sight = sights.get(root);
    if (sight !== undefined) return isStillThere(root, sight);
    return see(root).then(
      (first) => isStillThere(root, first),
      () => false,
    );
  };

  const cardError = async (error: unknown, root: string, what: string): Promise<CardError> =>
    new CardError(cardCodeOf(error, await isPresent(root)), `${what}: ${messageOf(error)}`, error);

  async function* scan(root: string): AsyncGenerator<ScannedEntry> {
    // A new scan is a new card at this mount point: an earlier one may have had another device.
    await see(root).catch((error: unknown) => {
      throw new CardError('gone', `${root}: ${messageOf(error)}`, error);
    });
    for await (const entry of walkTree(await realpath(root), (rel) =>
      SYSTEM_FOLDER.test(rel.toString('latin1')),
    )) {
      if (entry.kind !== 'failed') yield toScanned(entry);
      else if (isLostAndFound(entry)) yield { kind: 'ignored', ...toCardPath(entry.rel) };
      else {
        const failure = await cardError(entry.error, root, entry.rel.toString('utf8') || root);
        if (failure.code === 'gone' || entry.rel.length === 0) throw failure;
        yield { kind: 'unreadable', ...toCardPath(entry.rel), detail: failure.message };
      }
    }
    // A pulled card lists as empty without an error: a listing counts only while the card is there.
    if (!(await isPresent(root))) throw new CardError('gone', `${root} went away while it was listed`);
  }

  async function open(root: string, file: CardPath): Promise<CardFile> {
    return openCardFile(root, file, (error) => cardError(error, root, file.path));
  }

  async function readStarts(root: string, files: readonly CardPath[], maxBytes: number): Promise<FileStarts> {
    const starts = files.map(async (file): Promise<FileStart | CardError> => {
      try {
        const handle = await open(root, file);
        try {
          const buffer = Buffer.allocUnsafeSlow(maxBytes);
          const bytes = buffer.subarray(0, await handle.read(buffer, 0));
          const steady = !(await handle.changed()) && bytes.length === Math.min(maxBytes, handle.sizeBytes);
          return { sizeBytes: handle.sizeBytes, mtimeMs: handle.mtimeMs, bytes, steady };
        } finally {
          await handle.close().catch(() => undefined);
        }
      } catch (error) {
        if (isCardError(error)) return error;
        throw error;
      }
    });
    return { files: await Promise.all(starts), release: () => undefined };
  }

  async function readBack(root: string, file: CardPath): Promise<ReadBack> {
    const realRoot = await realpath(root);
    const { verifiedFrom } = await readRules(realRoot);
    // Opened as a card's file first, so that no link is followed.
    await (await open(root, file)).close();
    try {
      return await readBackFile(joinBytes(Buffer.from(realRoot), fromCardPath(file)), verifiedFrom);
    } catch (error) {
      throw await cardError(error, root, file.path);
    }
  }

  return { scan, open, readStarts, readBack, isPresent };
}

function toScanned(entry: Exclude<TreeEntry, { kind: 'failed' }>): ScannedEntry {
  const path = toCardPath(entry.rel);
  if (entry.kind === 'other') return { kind: 'ignored', ...path };
  return { kind: 'file', ...path, sizeBytes: entry.sizeBytes, mtimeMs: entry.mtimeMs };
}
