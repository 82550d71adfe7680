import { Buffer } from 'node:buffer';
import { lstat, readdir } from 'node:fs/promises';
import { backupId, relativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { INBOX_FOLDER } from '../../services/drive-folders.ts';
import type {
  InboxFile,
  InboxListing,
  InboxStore,
  TakeEnd,
  TakenFile,
  TakenListing,
} from '../../services/inbox/ports.ts';
import type { CardPath } from '../../services/media-ports.ts';
import { openDriveRoot } from './drive-root.ts';
import { isMissing } from './errno.ts';
import type { RawFile, RawListing } from './io/inbox.ts';
import { INLINE_IO, type Io } from './io/lanes.ts';
import { TAKEN_FOLDER } from './names.ts';
import { fromCardPath, toCardPath } from './raw-path.ts';

export interface InboxStoreOptions {
  /** Where sysfs lies. Default `/sys`. */
  readonly sysFolder?: string;
  /** Default: everything in the calling thread. */
  readonly io?: Io;
  /** False once the drive was taken out, also where its folder is still there. Default: always true. */
  readonly isAttached?: () => boolean;
}

const EMPTY: InboxListing = { files: [], unreadable: 0, more: false };
const NOTHING: TakenListing = { files: [], unreadable: 0, more: false };

/** The inbox of an adopted drive that is attached. Throws `DriveError` `drive-lost` when it is not the one at `drive.path`. */
export async function openInboxStore(drive: Drive, options: InboxStoreOptions = {}): Promise<InboxStore> {
  const io = options.io ?? INLINE_IO;
  // In the lane of the drive: where there are no hard links, two lanes could rename over each other's files.
  const lane = io.lane(`drive ${drive.id}`);
  const root = await openDriveRoot(drive, { lane, reading: lane }, options);
  return {
    drive,
    async look(maxFiles) {
      // Most inboxes are empty most of the time: that needs no thread.
      const lies = await root.run(INBOX_FOLDER, () => whatLiesAt(root.absolute(INBOX_FOLDER)));
      if (lies === null) return null;
      if (lies === 'link' || lies === 'other') return { ...EMPTY, instead: lies };
      if (lies === 'empty') return EMPTY;
      const found = await root.ask(() => lane.call('inboxFiles', root.spec, maxFiles));
      return found === null ? null : toListing(found);
    },
    async take(files, into): Promise<readonly TakeEnd[]> {
      return root.ask(() => lane.call('takeFromInbox', root.spec, files.map(toRaw), into));
    },
    async taken(maxFiles) {
      const lies = await root.run(TAKEN_FOLDER, () => whatLiesAt(root.absolute(TAKEN_FOLDER)));
      if (lies !== 'files') return NOTHING;
      const found = await root.ask(() => lane.call('takenFiles', root.spec, maxFiles));
      if (found === null) return NOTHING;
      const { unreadable, firstUnreadable, more } = toListing({ ...found, files: [] });
      return {
        files: found.files.flatMap(toTaken),
        unreadable,
        more,
        ...(firstUnreadable === undefined ? {} : { firstUnreadable }),
      };
    },
    async remove(files) {
      const raws = files.map((file) => ({ ...toRaw(file), into: file.backupId }));
      return root.ask(() => lane.call('removeTaken', root.spec, raws));
    },
    async putBack(file): Promise<CardPath | null> {
      const as = await root.ask(() => lane.call('putBackTaken', root.spec, toRaw(file).path, file.backupId));
      return as === null ? null : cardPathOf(as);
    },
    identify: (paths) => root.ask(() => lane.call('identify', root.spec, paths.map(relativePath))),
  };
}

/** Null when there is nothing. What becomes a link in between is looked at in the lane, which does not follow it. */
async function whatLiesAt(path: string): Promise<'empty' | 'files' | 'link' | 'other' | null> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return 'link';
    if (!found.isDirectory()) return 'other';
    return (await readdir(path)).length === 0 ? 'empty' : 'files';
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const cardPathOf = (path: string): CardPath => toCardPath(Buffer.from(path, 'latin1'));
const toFile = ({ path, ...file }: RawFile): InboxFile => ({ ...cardPathOf(path), ...file });

const toListing = ({ files, unreadable, firstUnreadable, more, hidden }: RawListing): InboxListing => ({
  files: files.map(toFile),
  unreadable,
  ...(firstUnreadable === null ? {} : { firstUnreadable: cardPathOf(firstUnreadable).path }),
  more,
  ...(hidden === null ? {} : { hidden: { files: hidden.files, first: cardPathOf(hidden.first).path } }),
});

const toRaw = ({ mark, ...file }: CardPath & { readonly mark: string }) => ({
  path: fromCardPath(file).toString('latin1'),
  mark,
});

/** A file that lies in `taken` itself is nothing of ours. */
function toTaken(file: RawFile): TakenFile[] {
  const cut = file.path.indexOf('/');
  if (cut < 0) return [];
  const [id, path] = [file.path.slice(0, cut), file.path.slice(cut + 1)];
  return [{ ...toFile({ ...file, path }), backupId: backupId(Buffer.from(id, 'latin1').toString('utf8')) }];
}
