import type { RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { type Content, keyOf } from '../backup/content.ts';
import type { PlaceContext } from '../backup/placement.ts';
import type { PlannedFile } from '../backup/ports.ts';
import type { Written } from '../backup/written.ts';
import { fileName } from '../library/names.ts';
import type { AfterBlock, DriveRules, DriveStore, IncomingFile, ReadBack } from '../media-ports.ts';

/** What lies there has the size of a file that nobody has read: whether it is the same, its content says. */
export class ContentWanted extends Error {}

/** Of one content: more are not looked at (`duplicates.ts`, `tries.ts`). */
const MAX_PLACES = 64;

/** `Content.file` of what was not read. */
const UNREAD = '';

const TAKES_ALL: DriveRules = { maxFileBytes: null, restrictedNames: false, verifiedFrom: 'cache' };

/**
 * A drive that is written in memory only, for a preview: a real one with what lies there, or an empty one that takes
 * every name. What is placed on it has the names that a backup would give. A file that was not read counts as a content
 * of its own, but for empty ones. Memory: about 200 bytes a file, 300 of one that was read.
 */
export class ImaginedDrive implements DriveStore {
  readonly drive: Drive;
  readonly rules: DriveRules;
  readonly #real: DriveStore | null;
  readonly #folders = new Map<string, Map<string, Content>>();
  /** Of what was read. */
  readonly #byContent = new Map<string, RelativePath[]>();

  constructor(drive: Drive, real: DriveStore | null) {
    this.drive = drive;
    this.rules = real?.rules ?? TAKES_ALL;
    this.#real = real;
  }

  /** A file of the card as if it lay in `incoming/`. `content` is null where it was not read. */
  incoming(file: PlannedFile, read: Content | null, leaderMtimeMs: number): Written {
    const content = read ?? unreadContent(file);
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

  /** The same for files that were not read: throws `ContentWanted` where it matters what is in them. */
  get forUnread(): PlaceContext['store'] {
    return {
      drive: this.drive,
      list: (folder) => this.list(folder),
      stat: (path) => this.stat(path),
      statAll: (paths) => this.statAll(paths),
      placeAll: (moves) => this.placeAll(moves),
      readBack: async (path) => {
        const placed = this.placedAt(path);
        if (placed === null) throw new ContentWanted(path);
        return readBackOf(placed);
      },
    };
  }

  freeBytes = async () => this.#real?.freeBytes() ?? Number.POSITIVE_INFINITY;
  sizeBytes = async () => this.#real?.sizeBytes() ?? Number.POSITIVE_INFINITY;

  async list(folder: RelativePath): Promise<readonly string[]> {
    const lying = (await this.#real?.list(folder)) ?? [];
    return [...new Set([...lying, ...(this.#folders.get(folder)?.keys() ?? [])])];
  }

  async stat(path: RelativePath) {
    return this.placedAt(path) ?? (await this.#real?.stat(path)) ?? null;
  }

  async statAll(paths: readonly RelativePath[]) {
    const lying = (await this.#real?.statAll(paths)) ?? [];
    return paths.map((path, at) => this.placedAt(path) ?? lying[at] ?? null);
  }

  async readBack(path: RelativePath, afterBlock?: AfterBlock): Promise<ReadBack> {
    const placed = this.placedAt(path);
    if (placed !== null) return readBackOf(placed);
    if (this.#real === null) throw new RangeError(`${path} was not placed`);
    return this.#real.readBack(path, afterBlock);
  }

  async placeAll(moves: Parameters<DriveStore['placeAll']>[0]) {
    const ends: ('placed' | 'taken')[] = [];
    for (const { file, to } of moves) ends.push(await file.place(to));
    return ends;
  }

  /** Nothing is written: there is nothing to make durable. */
  settle = async (): Promise<void> => undefined;

  readonly createIncoming = refuse;
  readonly writeAll = refuse;
  readonly flushAll = refuse;
  readonly readBackAll = refuse;
  readonly clearIncoming = refuse;
  readonly readHead = refuse;
  readonly writeNew = refuse;
  readonly replaceOwn = refuse;
  readonly appendOwn = refuse;
  readonly readText = refuse;
  readonly sightAll = refuse;
  readonly sync = refuse;
  readonly walk = refuseNow;
  readonly scan = refuseNow;

  /** It was placed here, and lies nowhere. */
  isImagined(path: RelativePath): boolean {
    return this.placedAt(path) !== null;
  }

  /** Where a content was placed that was read before. */
  holding(sizeBytes: number, xxh64: string): readonly RelativePath[] {
    return this.#byContent.get(keyOf({ sizeBytes, xxh64 })) ?? [];
  }

  /** What was placed under this path. */
  placedAt(path: RelativePath): Content | null {
    return this.#folders.get(folderOf(path))?.get(fileName(path)) ?? null;
  }

  async #place(content: Content, to: RelativePath): Promise<'placed' | 'taken'> {
    if ((await this.stat(to)) !== null) return 'taken';
    const folder = this.#folders.get(folderOf(to)) ?? new Map<string, Content>();
    this.#folders.set(folderOf(to), folder);
    // A copy is another file than the card's.
    folder.set(fileName(to), { ...content, file: `imagined ${to}` });
    if (content.file === UNREAD) return 'placed';
    const places = this.#byContent.get(keyOf(content)) ?? [];
    this.#byContent.set(keyOf(content), places);
    if (places.length < MAX_PLACES) places.push(to);
    return 'placed';
  }
}

function refuseNow(): never {
  throw new RangeError('a preview does nothing of the kind');
}

async function refuse(): Promise<never> {
  return refuseNow();
}

function unreadContent({ sizeBytes, mtimeMs, index }: PlannedFile): Content {
  const xxh64 = sizeBytes === 0 ? 'empty' : `file ${index}`;
  return { sizeBytes, mtimeMs, file: UNREAD, xxh64, headXxh64: '', beginsBlank: false };
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const readBackOf = ({ xxh64, sizeBytes }: Content): ReadBack => ({ xxh64, sizeBytes, verifiedFrom: 'cache' });
