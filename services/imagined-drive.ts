import type { RelativePath } from '../machines/ids.ts';
import type { Drive } from '../machines/media.ts';
import type { Content } from './backup/content.ts';
import type { PlannedFile } from './backup/ports.ts';
import type { Written } from './backup/written.ts';
import { fileName } from './library/names.ts';
import type { DriveStore, IncomingFile, ReadBack } from './media-ports.ts';

/** What placing asks of a drive. */
type Placing = Pick<DriveStore, 'drive' | 'list' | 'stat' | 'statAll' | 'readBack' | 'placeAll'>;

/**
 * A drive in memory that takes every name and keeps no content, for a preview: what is placed on it has the names that
 * a backup to an empty drive would give. Each file counts as a content of its own, but for empty ones. Memory: about
 * 200 bytes a file.
 */
export class ImaginedDrive implements Placing {
  readonly drive: Drive;
  readonly #folders = new Map<string, Map<string, Content>>();

  constructor(drive: Drive) {
    this.drive = drive;
  }

  /** A file of the card as if it lay in `incoming/`. */
  incoming(file: PlannedFile, leaderMtimeMs: number): Written {
    const { sizeBytes, mtimeMs, index } = file;
    const xxh64 = sizeBytes === 0 ? 'empty' : `file ${index}`;
    const content = { sizeBytes, mtimeMs, file: '', xxh64, headXxh64: '', beginsBlank: false };
    const incoming: IncomingFile = {
      path: '',
      write: async () => undefined,
      flush: async () => undefined,
      readBack: async () => readBackOf(content),
      place: async (to) => this.#place(content, to),
      discard: async () => undefined,
    };
    return { file, content, incoming, isFlushed: true, leaderMtimeMs };
  }

  async list(folder: RelativePath) {
    return [...(this.#folders.get(folder)?.keys() ?? [])];
  }

  async stat(path: RelativePath) {
    return this.#at(path);
  }

  async statAll(paths: readonly RelativePath[]) {
    return paths.map((path) => this.#at(path));
  }

  async readBack(path: RelativePath) {
    const content = this.#at(path);
    if (content === null) throw new RangeError(`${path} was not placed`);
    return readBackOf(content);
  }

  async placeAll(moves: Parameters<Placing['placeAll']>[0]) {
    const ends: ('placed' | 'taken')[] = [];
    for (const { file, to } of moves) ends.push(await file.place(to));
    return ends;
  }

  #at(path: RelativePath): Content | null {
    return this.#folders.get(folderOf(path))?.get(fileName(path)) ?? null;
  }

  #place(content: Content, to: RelativePath): 'placed' | 'taken' {
    const folder = this.#folders.get(folderOf(to)) ?? new Map<string, Content>();
    this.#folders.set(folderOf(to), folder);
    if (folder.has(fileName(to))) return 'taken';
    folder.set(fileName(to), content);
    return 'placed';
  }
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const readBackOf = ({ xxh64, sizeBytes }: Content): ReadBack => ({ xxh64, sizeBytes, verifiedFrom: 'cache' });
