import { Buffer } from 'node:buffer';
import fs, { type BigIntStats } from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { isHiddenFolder, isLitterFolder } from '../../../services/inbox/names.ts';
import { errnoOf, isMachineFault, isMissing } from '../errno.ts';
import { TAKEN_FOLDER } from '../names.ts';
import type { Folders } from './folders.ts';
import { type DriveSpec, ensureSame, onDrive } from './on-drive.ts';

/** Cameras nest three deep; nobody's folders are deeper, and a loop of bind mounts is. */
const MAX_DEPTH = 32;

/** Of somebody else, or a path that is longer than the 4,096 bytes of Linux: clients see folders from where they are. */
const UNSEEN = ['EACCES', 'ENAMETOOLONG'];

/** A dying disk takes half a minute for each, and other calls of the drive wait meanwhile. */
const MAX_FAILURES = 8;

/** Paths are raw bytes as latin1, as in `listing.ts`. */
export interface RawFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly mark: string;
}

export interface RawListing {
  readonly files: readonly RawFile[];
  readonly unreadable: number;
  readonly firstUnreadable: string | null;
  readonly more: boolean;
  readonly hidden: { readonly files: number; readonly first: string } | null;
}

export const raw = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Without links on the way; the folder itself for `''`. Throws the system's error. */
export const inFolder = (folders: Folders, folder: string): Buffer =>
  folders.at(raw(folder === '' ? '.' : `${folder}/.`));

const stableOf = (found: BigIntStats): string => `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
export const markOf = (found: BigIntStats): string => `${stableOf(found)}:${found.ctimeNs}`;
/** What a rename leaves as it was: all but the time of the last change of the inode. */
export const stableMark = (mark: string): string => mark.slice(0, mark.lastIndexOf(':'));

/** Null where there is nothing, or a link on the way to it. */
export function lookAt(folders: Folders, path: string): BigIntStats | null {
  try {
    return fs.lstatSync(folders.at(raw(path)), { bigint: true });
  } catch (error) {
    if (isMissing(error) || errnoOf(error) === 'ELOOP') return null;
    throw error;
  }
}

export function fileAt(path: string, found: BigIntStats): RawFile {
  // As `Stats.mtimeMs` has it, which is what the journal knows.
  const mtimeMs = Number(found.mtimeNs / 1_000_000n) + Number(found.mtimeNs % 1_000_000n) / 1e6;
  return { path, sizeBytes: Number(found.size), mtimeMs, mark: markOf(found) };
}

/**
 * Regular files below the inbox; null when there is none. One bad folder hides no file of the others: a green light must
 * not stand over these.
 */
export function inboxFiles(drive: DriveSpec, max: number): RawListing | null {
  return filesBelow(drive, INBOX_FOLDER, max);
}

/** Regular files below `taken`, each path with the backup's id before it; null when there is none. */
export function takenFiles(drive: DriveSpec, max: number): RawListing | null {
  return filesBelow(drive, TAKEN_FOLDER, max);
}

function filesBelow(drive: DriveSpec, top: string, max: number): RawListing | null {
  return onDrive(drive, top, (folders) => {
    if (lookAt(folders, top)?.isDirectory() !== true) return null;
    const walk = new Walk(folders, top, max);
    walk.read('', { depth: 0, isHidden: false });
    const { files, unreadable, firstUnreadable, more, hidden, failures } = walk;
    const ofDrive = failures.find((failure) => !isMachineFault(failure));
    // A pulled drive fails like a bad one.
    if (ofDrive !== undefined) ensureSame(drive, ofDrive);
    return { files, unreadable, firstUnreadable, more, hidden };
  });
}

interface Where {
  readonly depth: number;
  readonly isHidden: boolean;
}

class Walk {
  readonly files: RawFile[] = [];
  unreadable = 0;
  firstUnreadable: string | null = null;
  more = false;
  hidden: RawListing['hidden'] = null;
  /** Of the drive or of the machine. */
  readonly failures: unknown[] = [];
  readonly #folders: Folders;
  readonly #top: string;
  readonly #max: number;

  constructor(folders: Folders, top: string, max: number) {
    this.#folders = folders;
    this.#top = top;
    this.#max = max;
  }

  read(folder: string, where: Where): void {
    for (const name of this.#names(folder)) {
      if (this.more || (where.isHidden && this.#isHiddenFull)) return;
      const path = folder === '' ? name : `${folder}/${name}`;
      const found = this.#look(path);
      if (found === null) continue;
      if (found.isDirectory()) this.#enter(path, name, where);
      else if (found.isFile() && where.isHidden) this.#hide(path);
      else if (found.isFile()) this.#add(fileAt(path, found));
    }
  }

  #enter(path: string, name: string, { depth, isHidden }: Where): void {
    // What was taken lay in no such folder, whatever its name looks like.
    const isInbox = this.#top === INBOX_FOLDER;
    if (isInbox && isLitterFolder(name)) return;
    const within = isHidden || (isInbox && isHiddenFolder(name));
    if (within && this.#isHiddenFull) return;
    if (depth >= MAX_DEPTH) this.#miss(path);
    else this.read(path, { depth: depth + 1, isHidden: within });
  }

  #add(file: RawFile): void {
    if (this.files.length >= this.#max) this.more = true;
    else this.files.push(file);
  }

  #hide(path: string): void {
    const { files, first } = this.hidden ?? { files: 0, first: path };
    this.hidden = { files: files + 1, first };
  }

  get #isHiddenFull(): boolean {
    return (this.hidden?.files ?? 0) >= this.#max;
  }

  #miss(path: string): void {
    this.unreadable += 1;
    this.firstUnreadable ??= path;
  }

  #names(folder: string): readonly string[] {
    const at = folder === '' ? this.#top : `${this.#top}/${folder}`;
    try {
      return fs.readdirSync(inFolder(this.#folders, at), { encoding: 'latin1' }).sort();
    } catch (error) {
      return this.#failed(error, folder, []);
    }
  }

  #look(path: string): BigIntStats | null {
    try {
      return lookAt(this.#folders, `${this.#top}/${path}`);
    } catch (error) {
      return this.#failed(error, path, null);
    }
  }

  /** What went meanwhile is missed by nobody; whatever else cannot be seen counts. */
  #failed<T>(error: unknown, path: string, instead: T): T {
    if (isMissing(error) || errnoOf(error) === 'ELOOP') return instead;
    this.#miss(path);
    if (UNSEEN.includes(errnoOf(error) ?? '')) return instead;
    this.failures.push(error);
    if (this.failures.length > MAX_FAILURES) throw error;
    return instead;
  }
}

/** Of regular files; null for anything else. Paths are UTF-8, below the drive. */
export function identify(
  drive: DriveSpec,
  paths: readonly string[],
): ({ readonly sizeBytes: number; readonly mtimeMs: number; readonly inode: string } | null)[] {
  return onDrive(drive, 'looking', (folders) =>
    paths.map((path) => {
      const found = lookAt(folders, Buffer.from(path).toString('latin1'));
      if (found?.isFile() !== true) return null;
      const { sizeBytes, mtimeMs } = fileAt(path, found);
      return { sizeBytes, mtimeMs, inode: `${found.dev}:${found.ino}` };
    }),
  );
}
