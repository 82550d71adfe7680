import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { errnoOf } from '../errno.ts';
import { closeQuietly, openFile, syncFile, systemError, whereAllowed } from './calls.ts';

/** Folders held open at once in one call; the one opened first is closed for another. */
const MAX_OPEN = 64;
const SLASH = 0x2f;
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface OpenFolder {
  readonly fd: number;
  /** `/proc/self/fd/N/`: a name after it is looked for in this very folder, as by `openat`. */
  readonly prefix: Buffer;
}

/**
 * The folders of one batch below a root, each opened and proved free of links once, then held open: whatever takes
 * its place meanwhile, names are looked for in the folder that was proved. Close it when the batch is done.
 */
export class Folders {
  readonly #rootPath: Buffer;
  readonly #root: OpenFolder;
  readonly #open = new Map<string, OpenFolder>();

  /** `root` is a real path. Throws the system's error. */
  constructor(root: string) {
    this.#root = held(openFile(root, FLAGS));
    this.#rootPath = Buffer.from(root === '/' ? '' : root);
  }

  /** `st_dev` of the root. */
  get dev(): number {
    return fs.fstatSync(this.#root.fd).dev;
  }

  /** A path for a call that does not follow its last part. Throws the system's error, ELOOP for a link on the way. */
  at(path: Buffer): Buffer {
    const cut = path.lastIndexOf(SLASH);
    const { prefix } = this.#folder(path.subarray(0, Math.max(0, cut)));
    return Buffer.concat([prefix, path.subarray(cut + 1)]);
  }

  /** Syncs a folder itself; the empty path is the root. */
  sync(path: string): void {
    syncFile(this.#folder(Buffer.from(path)).fd);
  }

  /** Makes a folder and what is missing above it, 0755; true when it made any. A link or a file in the way is an error. */
  make(path: string): boolean {
    try {
      this.#folder(Buffer.from(path));
      return false;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    const cut = path.lastIndexOf('/');
    if (cut > 0) this.make(path.slice(0, cut));
    try {
      fs.mkdirSync(this.at(Buffer.from(path)));
    } catch (error) {
      // What is there need not be a folder: opening it tells.
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const { fd } = this.#folder(Buffer.from(path));
    whereAllowed(() => fs.fchmodSync(fd, 0o755));
    return true;
  }

  close(): void {
    for (const { fd } of [...this.#open.values(), this.#root]) closeQuietly(fd);
    this.#open.clear();
  }

  #folder(path: Buffer): OpenFolder {
    if (path.length === 0) return this.#root;
    const key = path.toString('latin1');
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const fd = openFile(Buffer.concat([this.#root.prefix, path]), FLAGS);
    try {
      // The kernel's own word for where it ended up: O_NOFOLLOW looks at the last part only.
      const real = fs.readlinkSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' });
      if (!real.equals(Buffer.concat([this.#rootPath, Buffer.from('/'), path]))) {
        throw systemError('ELOOP', `${path}: leads through a symbolic link`);
      }
    } catch (error) {
      closeQuietly(fd);
      throw error;
    }
    this.#makeRoom();
    const folder = held(fd);
    this.#open.set(key, folder);
    return folder;
  }

  #makeRoom(): void {
    const [first] = this.#open;
    if (first === undefined || this.#open.size < MAX_OPEN) return;
    closeQuietly(first[1].fd);
    this.#open.delete(first[0]);
  }
}

const held = (fd: number): OpenFolder => ({ fd, prefix: Buffer.from(`/proc/self/fd/${fd}/`) });

export function withFolders<T>(root: string, use: (folders: Folders) => T): T {
  const folders = new Folders(root);
  try {
    return use(folders);
  } finally {
    folders.close();
  }
}
