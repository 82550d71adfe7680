/**
 * What the inside needs of cards and drives: read the one, write and read back the other, and ask their photos when they
 * were taken. Implemented in adapters/fs, adapters/exif and adapters/exiftool.
 */

import type { RelativePath } from '../machines/ids.ts';
import type { Capture, Drive, VerifiedFrom } from '../machines/media.ts';
import type { CardError } from './errors.ts';

/** A path on a card: `pathBase64` where the bytes are not UTF-8. */
export interface CardPath {
  readonly path: RelativePath;
  readonly pathBase64?: string;
}

export interface ScannedFile extends CardPath {
  readonly kind: 'file';
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** Listed, not followed, not copied: symbolic links, devices, sockets, and the system folders of contract.md section 4. */
export interface ScannedOther extends CardPath {
  readonly kind: 'ignored';
  /** Absent for a folder of a system, which nobody misses. */
  readonly special?: SpecialKind;
}

/** What is neither a regular file nor a folder: symbolic link, named pipe, socket, block or character device. */
export type SpecialKind = 'link' | 'fifo' | 'socket' | 'device';

/** A folder or file that could not be listed. */
export interface ScannedFailure extends CardPath {
  readonly kind: 'unreadable';
  readonly detail: string;
}

export type ScannedEntry = ScannedFile | ScannedOther | ScannedFailure;

export interface CardFile {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** As of `FoundFile`: what lies on a drive under the same is this very file, and no copy of it. */
  readonly file: string;
  /** Fills the buffer from `position`; returns the bytes read, 0 at the end. Throws `CardError`. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** True when size or modification time differ from those at opening. */
  changed(): Promise<boolean>;
  close(): Promise<void>;
}

/** The beginning of a file, all of it where it is small. */
export interface FileStart extends Pick<CardFile, 'sizeBytes' | 'mtimeMs' | 'file'> {
  /** Shared memory: `FileStarts.release` takes it back. */
  readonly bytes: Uint8Array;
  /** False when its size or time changed meanwhile, or when fewer bytes came than its size promises: read it alone. */
  readonly steady: boolean;
}

export interface FileStarts {
  /** In the order of the question; `CardError` where a file could not be opened or read. */
  readonly files: readonly (FileStart | CardError)[];
  /** Call once, when no `bytes` are looked at any more. */
  release(): void;
}

/** Reads cards and never writes them. */
export interface CardReader {
  /** Depth first, names in byte order; memory does not grow with the number of files. */
  scan(root: string): AsyncIterable<ScannedEntry>;
  /** Opens a regular file without following links (`O_NOFOLLOW`, `O_NOATIME` where allowed). Throws `CardError`. */
  open(root: string, file: CardPath): Promise<CardFile>;
  /**
   * The first `maxBytes` of many files in one call, opened as `open` does: a call of its own costs more than a small
   * file. At most 4 MiB (`maxBytes` × files) are held. Rejects only for what is no fault of a file.
   */
  readStarts(root: string, files: readonly CardPath[], maxBytes: number): Promise<FileStarts>;
  /**
   * Reads a whole file a second time, past the page cache where its file system allows. Throws `CardError`. `afterBlock`
   * as for `DriveStore.readBack`.
   */
  readBack(root: string, file: CardPath, afterBlock?: AfterBlock): Promise<ReadBack>;
  /** False when the card was pulled: a pulled card lists as empty without an error, so the root itself is asked. */
  isPresent(root: string): Promise<boolean>;
}

export interface ReadBack {
  readonly xxh64: string;
  readonly sizeBytes: number;
  readonly verifiedFrom: VerifiedFrom;
}

/** Called with the bytes of each block of a paced read, before the next one; may wait, and stops it by what it throws. */
export type AfterBlock = (sizeBytes: number) => Promise<void>;

/** A file being written in `.imagetank/incoming/`. */
export interface IncomingFile {
  /**
   * Takes over all bytes for the end of the file, while those of the call before may still be on their way: an error
   * shows at the next write or at the flush. Throws `DriveError`.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Sets mode 0644 and the modification time, fsyncs, closes. A failed fsync is never retried: `DriveError`. */
  flush(mtimeMs: number): Promise<void>;
  /** Hashes what the medium holds now, past the page cache where the file system allows. `afterBlock` as for `DriveStore.readBack`. */
  readBack(afterBlock?: AfterBlock): Promise<ReadBack>;
  /** Absolute path, for the metadata reader. */
  readonly path: string;
  /**
   * Moves it under its final name, never replacing: `taken` when something is there already. Not durable before
   * `settle`; until then it may be moved on to another name, and whoever does that reads it back there.
   */
  place(to: RelativePath): Promise<'placed' | 'taken'>;
  discard(): Promise<void>;
}

/** What a drive's file system can hold. */
export interface DriveRules {
  /** 4 GiB - 1 on FAT; null when there is no limit worth asking. */
  readonly maxFileBytes: number | null;
  /** True on vfat, exfat, ntfs: `\ : * ? " < > |` and trailing dots and blanks are escaped. */
  readonly restrictedNames: boolean;
  /** Decided by the kind of file system: what a read-back of it may claim. */
  readonly verifiedFrom: VerifiedFrom;
}

export interface Found {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

export interface FoundFile extends Found {
  /** The same for every name that leads to this file: hard links, bind mounts. Means nothing after a restart. */
  readonly file: string;
}

/** A file as it is at one moment. */
export interface Sighting extends FoundFile {
  /** Another one after anything of the file changed: which file it is, its size, its times to the nanosecond. */
  readonly version: string;
}

/** One adopted, attached drive. Every call that writes first makes sure that this is still that drive, else `DriveError` `drive-lost`. */
export interface DriveStore {
  readonly drive: Drive;
  readonly rules: DriveRules;
  freeBytes(): Promise<number>;
  sizeBytes(): Promise<number>;
  createIncoming(): Promise<IncomingFile>;
  /** Whole small files into `incoming/`, in their order, with mode and time. Not durable before `flushAll`. Leaves none of them when it throws. */
  writeAll(
    files: readonly { readonly bytes: Uint8Array; readonly mtimeMs: number }[],
  ): Promise<readonly IncomingFile[]>;
  /** Makes the content of `writeAll` durable: one syncfs where that is enough, else one fsync a file. */
  flushAll(files: readonly IncomingFile[]): Promise<void>;
  /** `readBack` of each, in their order. */
  readBackAll(files: readonly IncomingFile[], afterBlock?: AfterBlock): Promise<readonly ReadBack[]>;
  /** `place` of each, in their order; stops at the first error. */
  placeAll(
    moves: readonly { readonly file: IncomingFile; readonly to: RelativePath }[],
  ): Promise<readonly ('placed' | 'taken')[]>;
  /** Removes what an interrupted backup left in `.imagetank/incoming/`; returns how many files. */
  clearIncoming(): Promise<number>;
  /** Names in a folder; empty when it does not exist. */
  list(folder: RelativePath): Promise<readonly string[]>;
  /** Null when there is no regular file. */
  stat(path: RelativePath): Promise<FoundFile | null>;
  /** `stat` of each, in their order. */
  statAll(paths: readonly RelativePath[]): Promise<readonly (FoundFile | null)[]>;
  /** With `afterBlock` in blocks of 4 MiB at most. What that throws is thrown on. */
  readBack(path: RelativePath, afterBlock?: AfterBlock): Promise<ReadBack>;
  /** `readBack` of the first `maxBytes` only, all of a smaller file. */
  readHead(path: RelativePath, maxBytes: number): Promise<ReadBack>;
  /** Makes placed files durable: fsync under the final name, their folders, every new ancestor (threats.md, "The recipe"). */
  settle(placed: readonly RelativePath[]): Promise<void>;
  /**
   * Writes a new file durably by way of `incoming`, piece by piece, under the first of the paths that is free. Returns
   * that path, null when all are taken.
   */
  writeNew(paths: readonly RelativePath[], text: Iterable<string>): Promise<RelativePath | null>;
  /** Replaces one of imagetank's own files below `ascmhl/` or `.imagetank/` atomically and durably. */
  replaceOwn(path: RelativePath, text: string): Promise<void>;
  /** Appends lines to one of imagetank's own files, synced; drops a torn last line first. */
  appendOwn(path: RelativePath, lines: readonly string[]): Promise<void>;
  readText(path: RelativePath): Promise<string | null>;
  /** Regular files below a folder, depth first in byte order. */
  walk(folder: RelativePath): AsyncIterable<Found & { readonly path: RelativePath }>;
  /**
   * Everything below a folder, as `CardReader.scan` tells of a card: also links, names that are not UTF-8 and what cannot be
   * listed. Paths are those on the drive. Throws `DriveError` when the folder itself cannot be listed.
   */
  scan(folder: RelativePath): AsyncIterable<ScannedEntry>;
  /** Of each, in their order; null when there is no regular file. */
  sightAll(paths: readonly RelativePath[]): Promise<readonly (Sighting | null)[]>;
  /** Syncs the whole file system (`syncfs`) before it is let go. */
  sync(): Promise<void>;
}

/** A photo or video whose metadata is wanted. */
export interface MediaFile {
  /** Absolute; the name there means nothing. */
  readonly path: string;
  /** As the camera named it: its extension says who can read it. */
  readonly name: string;
}

/** Reads metadata in child processes that are killed after 5 s over one file. Never throws. */
export interface MetadataReader {
  /**
   * Of each, in their order, in one question; a file that costs a child its life costs no other its answer. Null where
   * nothing could be read: a damaged file, one that nobody here reads, one that holds no metadata. `{}` where it could
   * and says nothing of use, as a video does that knows its time in UTC only.
   */
  captures(files: readonly MediaFile[]): Promise<readonly (Capture | null)[]>;
  stop(): Promise<void>;
}
