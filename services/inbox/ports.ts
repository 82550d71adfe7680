/** What the inbox needs of the drive on which it lies. Implemented in adapters/fs. */
import type { NameBytes } from '../../machines/facts.ts';
import type { BackupId, RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { CardPath, Found } from '../media-ports.ts';

/** A regular file; its path is below the inbox. */
export interface InboxFile extends CardPath, Found {
  /** Another one after each change that the file system shows: device, inode, size, and times to the nanosecond. */
  readonly mark: string;
}

export interface InboxListing {
  /** Regular files of every name, in byte order of their folders; none from hidden folders. */
  readonly files: readonly InboxFile[];
  /** Folders and files that could not be listed, and folders that lie too deep. */
  readonly unreadable: number;
  /** The first of them. Absent when there is none. */
  readonly firstUnreadable?: RelativePath;
  /** There are more files than were asked for. */
  readonly more: boolean;
  /** Files in hidden folders, at most as many as were asked for, and the first of them. Absent when there is none. */
  readonly hidden?: { readonly files: number; readonly first: RelativePath };
  /** There is no folder, but something that is not followed or looked into. Absent when it is a folder. */
  readonly instead?: 'link' | 'other';
}

/** Of one look, of each kind; what is beyond comes when these are gone. */
export const MAX_LISTED = 10_000;

/** What lies in an inbox and is not told apart: nothing may be green over it. */
export const unseenIn = ({ unreadable, more, hidden, instead }: InboxListing): number =>
  unreadable + Number(more) + (hidden?.files ?? 0) + Number(instead === 'link');

export type TakeEnd =
  | { readonly end: 'taken'; readonly mark: string }
  /** It is not what the mark says; it lies in the inbox, or in `taken` when it changed in the very moment. */
  | { readonly end: 'changed' }
  /** It may not be moved: its folder belongs to somebody else, or is another file system. */
  | { readonly end: 'refused'; readonly detail: string };

/** A file in `.imagetank/taken/<backup id>/`; its path is the one that it had in the inbox. */
export interface TakenFile extends InboxFile {
  readonly backupId: BackupId;
}

export interface TakenListing extends Pick<InboxListing, 'unreadable' | 'firstUnreadable' | 'more'> {
  readonly files: readonly TakenFile[];
}

/** The inbox of one adopted, attached drive. Links are never followed. Every call throws `DriveError`. */
export interface InboxStore {
  readonly drive: Drive;
  /** Null when there is no inbox. At most `maxFiles` of its files. */
  look(maxFiles: number): Promise<InboxListing | null>;
  /**
   * Moves files, each only while it is what its mark says, to `.imagetank/taken/<backupId>/`, never replacing; an open
   * file stays open there. Durable when it resolves. Ends in the order of the files.
   */
  take(files: readonly InboxFile[], backupId: BackupId): Promise<readonly TakeEnd[]>;
  /** What was taken and is still there, at most `maxFiles`. */
  taken(maxFiles: number): Promise<TakenListing>;
  /**
   * Deletes taken files, each only while it is what its mark says, and the folders of the inbox and of `taken` that are
   * empty then. Durable when it resolves. True for each that was deleted.
   */
  remove(files: readonly TakenFile[]): Promise<readonly boolean[]>;
  /**
   * Moves a taken file back into the inbox, which is made again where it is gone, under the first free name, its own if
   * it can be. Returns that name; null when the file is gone or something else has the inbox's place. Durable when it
   * resolves.
   */
  putBack(file: TakenFile): Promise<CardPath | null>;
  /** What lies at paths below the drive's top, null where there is no regular file. `inode` tells one file from another. */
  identify(paths: readonly RelativePath[]): Promise<readonly ((Found & { readonly inode: string }) | null)[]>;
}

/** Throws `DriveError`. */
export type OpenInbox = (drive: Drive) => Promise<InboxStore>;

/** `dev:ino` of a mark: two names with one of these are one file. */
export const inodeOf = ({ mark }: Pick<InboxFile, 'mark'>): string => mark.split(':').slice(0, 2).join(':');

/** One of a kind for each path, whatever its bytes. */
export const pathKey = ({ path, pathBase64 = '' }: CardPath): string => `${pathBase64}\0${path}`;

/** For facts: the bytes of names that are not UTF-8, each once; nothing where all are. */
export function bytesOf(files: readonly CardPath[]): { readonly notUtf8?: readonly NameBytes[] } {
  const odd = new Map<string, NameBytes>();
  for (const { path, pathBase64 } of files)
    if (pathBase64 !== undefined) odd.set(pathBase64, { path, pathBase64 });
  return odd.size === 0 ? {} : { notUtf8: [...odd.values()] };
}
