import type { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { CardError, isCardError, messageOf } from '../../services/errors.ts';
import type {
  AfterBlock,
  CardFile,
  CardPath,
  CardReader,
  FileStart,
  FileStarts,
  ReadBack,
  ScannedEntry,
} from '../../services/media-ports.ts';
import { startsMemory } from './blocks.ts';
import { openCardFile } from './card-file.ts';
import { cardCodeOf, errnoOf, isMachineFault } from './errno.ts';
import { readRules } from './file-system-kind.ts';
import { INLINE_IO, type Io, type Lane } from './io/lanes.ts';
import { type ErrorMessage, toError, toMessage } from './io/messages.ts';
import type { Sight } from './presence.ts';
import { toCardPath } from './raw-path.ts';
import { toScanned } from './scanned.ts';
import { walkTree } from './tree.ts';
import { inTurns } from './turns.ts';

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
  /** Default: everything in the calling thread. */
  readonly io?: Io;
}

/** Cards through the file system, as they are mounted. */
export function createCardReader(options: CardReaderOptions = {}): CardReader {
  const sights = new Map<string, Sight>();
  const { io = INLINE_IO } = options;
  const laneOf = (root: string): Lane => io.lane(`card ${root}`);

  const see = async (root: string): Promise<Sight> => {
    const sight = await laneOf(root).call('lookAt', root, options.sysFolder);
    sights.delete(root);
    sights.set(root, sight);
    const [oldest] = sights.keys();
    if (sights.size > MAX_ROOTS && oldest !== undefined) sights.delete(oldest);
    return sight;
  };

  const isPresent = async (root: string): Promise<boolean> => {
    const sight = sights.get(root);
    if (sight !== undefined) return laneOf(root).call('isStillThere', root, sight);
    return see(root).then(
      (first) => laneOf(root).call('isStillThere', root, first),
      (error: unknown) => {
        if (isMachineFault(error)) throw error;
        return false;
      },
    );
  };

  /** What to throw: a fault of the machine as it is, else the `CardError` that it is. */
  const cardError = async (error: unknown, root: string, what: string): Promise<unknown> =>
    isMachineFault(error)
      ? error
      : new CardError(cardCodeOf(error, await isPresent(root)), `${what}: ${messageOf(error)}`, error);

  async function* scan(root: string): AsyncGenerator<ScannedEntry> {
    // A new scan is a new card at this mount point: an earlier one may have had another device.
    await see(root).catch((error: unknown) => {
      if (isMachineFault(error)) throw error;
      throw new CardError('gone', `${root}: ${messageOf(error)}`, error);
    });
    for await (const entry of walkTree(laneOf(root), await realpath(root), (rel) =>
      SYSTEM_FOLDER.test(rel.toString('latin1')),
    )) {
      if (entry.kind !== 'failed') yield toScanned(entry);
      else if (isLostAndFound(entry)) yield { kind: 'ignored', ...toCardPath(entry.rel) };
      else {
        const failure = await cardError(entry.error, root, entry.rel.toString('utf8') || root);
        if (!isCardError(failure) || failure.code === 'gone' || entry.rel.length === 0) throw failure;
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
    const memory = startsMemory.take();
    const found = await laneOf(root)
      .call('readStarts', root, files, maxBytes, memory)
      .catch((error: unknown) => files.map(() => toMessage(error)));
    let held = true;
    const release = (): void => {
      if (held) startsMemory.giveBack(memory);
      held = false;
    };
    // A card that went away fails every file: it is asked once for all of them.
    const present = found.some((each) => 'error' in each) ? await isPresent(root) : true;
    const starts = found.map((each, at): FileStart | CardError => {
      if ('error' in each) return errorOfStart(each, files[at]?.path ?? '', present);
      const { offset, length, ...start } = each;
      return { ...start, bytes: new Uint8Array(memory, offset, length) };
    });
    const fault = found.find((each) => 'error' in each && isMachineFault(toError(each)));
    if (fault === undefined || !('error' in fault)) return { files: starts, release };
    release();
    throw toError(fault);
  }

  async function readBack(root: string, file: CardPath, afterBlock?: AfterBlock): Promise<ReadBack> {
    let stopped = false;
    const tell: AfterBlock = async (sizeBytes) => {
      stopped = true;
      await afterBlock?.(sizeBytes);
      stopped = false;
    };
    try {
      const realRoot = await realpath(root);
      const { verifiedFrom } = await readRules(realRoot);
      const key = randomUUID();
      const turn = () => laneOf(root).call('readBackCard', key, realRoot, file, verifiedFrom);
      return await inTurns(laneOf(root), key, turn, tell);
    } catch (error) {
      // What stops it says nothing about the card.
      if (stopped) throw error;
      throw await cardError(error, root, file.path);
    }
  }

  return { scan, open, readStarts, readBack, isPresent };
}

function errorOfStart(message: ErrorMessage, path: string, present: boolean): CardError {
  const error = toError(message);
  return new CardError(cardCodeOf(error, present), `${path}: ${message.error}`, error);
}
