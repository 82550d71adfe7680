import { backupId, type RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type {
  InboxFile,
  InboxListing,
  InboxStore,
  TakeEnd,
  TakenFile,
  TakenListing,
} from '../../services/inbox/ports.ts';
import type { CardPath, Found } from '../../services/media-ports.ts';

interface Inode {
  readonly number: number;
  content: string;
  mtimeMs: number;
  ctime: number;
}

/** The inbox of a drive in memory: names of inodes, so that an open file stays open wherever its name goes. */
export class MemoryInbox implements InboxStore {
  readonly drive: Drive;
  /** Absolute below the drive: `inbox/IMG_1.JPG`, `.imagetank/taken/…`, `Photos/…`. */
  readonly #names = new Map<string, Inode>();
  hasInbox = true;
  /** Files of a folder that belongs to somebody else. */
  readonly locked = new Set<string>();
  /** What is odd about the inbox, or about what was taken, beside its files. */
  odd: Partial<InboxListing> = {};
  badTaken: Pick<TakenListing, 'unreadable' | 'firstUnreadable'> = { unreadable: 0 };
  #time = 0;

  constructor(drive: Drive) {
    this.drive = drive;
  }

  /** Creates or goes on writing, as a client does; returns a writer that keeps the file open. */
  write(path: string, content: string, mtimeMs = this.#next()): (more: string) => void {
    const inode = this.#names.get(path) ?? { number: this.#next(), content: '', mtimeMs, ctime: 0 };
    this.#names.set(path, inode);
    const add = (more: string, at: number) => {
      inode.content += more;
      inode.mtimeMs = at;
      inode.ctime = this.#next();
    };
    add(content, mtimeMs);
    return (more) => add(more, this.#next());
  }

  link(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (inode !== undefined) this.#names.set(to, inode);
  }

  delete(path: string): void {
    this.#names.delete(path);
  }

  found(path: string): Found | null {
    const inode = this.#names.get(path);
    return inode === undefined ? null : { sizeBytes: inode.content.length, mtimeMs: inode.mtimeMs };
  }

  /** Names and contents. */
  get files(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#names].sort().map(([path, { content }]) => [path, content]));
  }

  async look(maxFiles: number): ReturnType<InboxStore['look']> {
    if (!this.hasInbox) return null;
    const files = this.#below('inbox/');
    return { files: files.slice(0, maxFiles), unreadable: 0, more: files.length > maxFiles, ...this.odd };
  }

  async take(files: readonly InboxFile[], into: string): Promise<readonly TakeEnd[]> {
    return files.map((file): TakeEnd => {
      const [from, to] = [`inbox/${file.path}`, `.imagetank/taken/${into}/${file.path}`];
      const inode = this.#names.get(from);
      if (inode === undefined || this.#markOf(inode) !== file.mark) return { end: 'changed' };
      if (this.locked.has(file.path)) return { end: 'refused', detail: 'it may not be moved' };
      if (this.#names.has(to)) return { end: 'refused', detail: `${to} lies there already` };
      this.#move(from, to, inode);
      return { end: 'taken', mark: this.#markOf(inode) };
    });
  }

  async taken(maxFiles: number): Promise<TakenListing> {
    const found = this.#below('.imagetank/taken/');
    const files = found.slice(0, maxFiles).flatMap((file) => {
      const [id = '', ...rest] = file.path.split('/');
      return rest.length === 0
        ? []
        : [{ ...file, backupId: backupId(id), path: rest.join('/') as RelativePath }];
    });
    const more = found.length > maxFiles;
    const { unreadable, firstUnreadable } = this.badTaken;
    return { files, unreadable, more, ...(firstUnreadable === undefined ? {} : { firstUnreadable }) };
  }

  async remove(files: readonly TakenFile[]): Promise<readonly boolean[]> {
    return files.map(({ backupId: id, path, mark }) => {
      const at = `.imagetank/taken/${id}/${path}`;
      const inode = this.#names.get(at);
      return inode !== undefined && this.#markOf(inode) === mark && this.#names.delete(at);
    });
  }

  async putBack({ backupId: id, path }: TakenFile): Promise<CardPath | null> {
    const from = `.imagetank/taken/${id}/${path}`;
    const inode = this.#names.get(from);
    if (inode === undefined || this.odd.instead !== undefined) return null;
    this.hasInbox = true;
    let as = path;
    for (let nth = 1; this.#names.has(`inbox/${as}`); nth += 1)
      as = path.replace(/(?=\.[^./]*$|$)/, ` (${id}${nth === 1 ? '' : `-${nth}`})`) as RelativePath;
    this.#move(from, `inbox/${as}`, inode);
    return { path: as };
  }

  async identify(paths: readonly RelativePath[]): ReturnType<InboxStore['identify']> {
    return paths.map((path) => {
      const inode = this.#names.get(path);
      if (inode === undefined) return null;
      const { content, mtimeMs, number } = inode;
      return { sizeBytes: content.length, mtimeMs, inode: `1:${number}` };
    });
  }

  #below(top: string): InboxFile[] {
    return [...this.#names]
      .filter(([path]) => path.startsWith(top))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, inode]) => ({
        path: path.slice(top.length) as RelativePath,
        sizeBytes: inode.content.length,
        mtimeMs: inode.mtimeMs,
        mark: this.#markOf(inode),
      }));
  }

  #move(from: string, to: string, inode: Inode): void {
    this.#names.delete(from);
    this.#names.set(to, inode);
    inode.ctime = this.#next();
  }

  #markOf({ number, content, mtimeMs, ctime }: Inode): string {
    return `1:${number}:${content.length}:${mtimeMs}:${ctime}`;
  }

  #next(): number {
    this.#time += 1;
    return this.#time;
  }
}
