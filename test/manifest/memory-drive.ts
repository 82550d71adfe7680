import { Buffer } from 'node:buffer';
import { xxh64 } from '@node-rs/xxhash';
import { type DriveId, driveId, type RelativePath, relativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { DriveError } from '../../services/errors.ts';
import type {
  AfterBlock,
  DriveRules,
  DriveStore,
  FoundFile,
  ScannedEntry,
  Sighting,
} from '../../services/media-ports.ts';
import type { Catalogue, Copy, SeenFile } from '../../services/ports.ts';

export const DRIVE: DriveId = driveId('6f1f7a3e-0000-4000-8000-000000000001');
export const hashOf = (bytes: string | Uint8Array): string => xxh64(bytes).toString(16).padStart(16, '0');
export const rel = relativePath;

/** The power goes: whatever was to be written next is not. */
export class PowerCut extends Error {}

interface Stored {
  bytes: Buffer;
  mtimeMs: number;
  /** Of an i-node of its own until the test gives it another. */
  file: string;
}

/** The part of a drive that manifests and checks need, in memory. Writes are whole or not at all, as the port promises. */
export class MemoryDrive implements DriveStore {
  readonly drive: Drive;
  rules: DriveRules = { maxFileBytes: null, restrictedNames: false, verifiedFrom: 'medium' };
  readonly files = new Map<string, Stored>();
  /** What was written, in order. */
  readonly writes: string[] = [];
  /** Writes until the power goes; negative: never. */
  writesLeft = -1;
  /** Files that give an error when they are read back. */
  readonly unreadable = new Map<string, DriveError['reason']>();
  /** Runs before a file is read back. */
  onRead: (path: string) => void = () => undefined;
  /** A paced read is told of so many bytes at once. */
  blockBytes = 1024 * 1024;
  /** Runs between the writing of a manifest and its read-back. */
  afterWrite: (path: string) => void = () => undefined;

  /** What a listing tells beside the files. */
  readonly oddities: ScannedEntry[] = [];
  #inodes = 0;

  constructor(drive: Partial<Drive> = {}) {
    this.drive = {
      id: DRIVE,
      label: 'IMAGETANK',
      uuid: null,
      path: '/drive',
      kind: 'volume',
      sizeBytes: null,
      fsType: 'ext4',
      hardware: null,
      adopted: true,
      writable: true,
      ...drive,
    };
    this.put('.imagetank/drive.json', JSON.stringify({ id: this.drive.id }));
  }

  put(path: string, content: string | Uint8Array, mtimeMs = 1_700_000_000_000): void {
    this.#inodes += 1;
    this.files.set(path, {
      bytes: Buffer.from(content as string),
      mtimeMs,
      file: `${this.drive.id}:${this.#inodes}`,
    });
  }

  text(path: string): string {
    return this.files.get(path)?.bytes.toString() ?? '';
  }

  paths(folder: string): string[] {
    return [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
  }

  #write(path: string, bytes: string): void {
    if (this.writesLeft === 0) throw new PowerCut();
    this.writesLeft -= 1;
    this.put(path, bytes);
    this.writes.push(path);
    this.afterWrite(path);
  }

  async list(folder: RelativePath): Promise<readonly string[]> {
    const names = this.paths(folder).map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
    // As a disk may: in no order.
    return [...new Set(names)].reverse();
  }

  async stat(path: RelativePath): Promise<FoundFile | null> {
    const file = this.files.get(path);
    if (file === undefined) return null;
    return { sizeBytes: file.bytes.length, mtimeMs: file.mtimeMs, file: file.file };
  }

  async readBack(path: RelativePath, afterBlock?: AfterBlock) {
    this.onRead(path);
    const reason = this.unreadable.get(path);
    const file = this.files.get(path);
    if (reason !== undefined || file === undefined)
      throw new DriveError(reason ?? 'drive-failing', `${path}: EIO`);
    for (let at = 0; at < file.bytes.length; at += this.blockBytes) {
      await afterBlock?.(Math.min(this.blockBytes, file.bytes.length - at));
    }
    return { xxh64: hashOf(file.bytes), sizeBytes: file.bytes.length, verifiedFrom: 'medium' } as const;
  }

  async writeNew(paths: readonly RelativePath[], text: Iterable<string>): Promise<RelativePath | null> {
    const whole = [...text].join('');
    const free = paths.find((path) => !this.files.has(path));
    if (free === undefined) return null;
    this.#write(free, whole);
    return free;
  }

  async replaceOwn(path: RelativePath, text: string): Promise<void> {
    this.#write(path, text);
  }

  async appendOwn(path: RelativePath, lines: readonly string[]): Promise<void> {
    this.#write(path, this.text(path) + lines.map((line) => `${line}\n`).join(''));
  }

  async readText(path: RelativePath): Promise<string | null> {
    return this.files.get(path)?.bytes.toString() ?? null;
  }

  async *walk(folder: RelativePath) {
    for (const path of this.paths(folder)) {
      const { bytes, mtimeMs } = this.files.get(path)!;
      yield { path: rel(path), sizeBytes: bytes.length, mtimeMs };
    }
  }

  async *scan(folder: RelativePath): AsyncGenerator<ScannedEntry> {
    for await (const found of this.walk(folder)) yield { kind: 'file', ...found };
    yield* this.oddities;
  }

  async sightAll(paths: readonly RelativePath[]): Promise<(Sighting | null)[]> {
    return paths.map((path) => {
      const stored = this.files.get(path);
      if (stored === undefined) return null;
      const { bytes, mtimeMs, file } = stored;
      return { file, version: `${file}:${bytes.length}:${mtimeMs}`, sizeBytes: bytes.length, mtimeMs };
    });
  }

  freeBytes = (): Promise<number> => Promise.reject(new Error('not asked here'));
  sizeBytes = this.freeBytes;
  readHead = (): Promise<never> => Promise.reject(new Error('not asked here'));
  createIncoming = (): Promise<never> => Promise.reject(new Error('not asked here'));
  writeAll = this.createIncoming;
  flushAll = this.createIncoming;
  readBackAll = this.createIncoming;
  placeAll = this.createIncoming;
  statAll = (paths: readonly RelativePath[]) => Promise.all(paths.map((path) => this.stat(path)));
  clearIncoming = this.freeBytes;
  settle: DriveStore['settle'] = () => Promise.resolve();
  sync = (): Promise<void> => Promise.resolve();
}

/** A verified copy of a file that lies on the drive. */
export function copyOf(drive: MemoryDrive, to: string, changes: Partial<Copy> = {}): Copy {
  const { bytes, mtimeMs } = drive.files.get(to)!;
  return {
    driveId: drive.drive.id,
    to: rel(to),
    sizeBytes: bytes.length,
    xxh64: hashOf(bytes),
    toMtimeMs: mtimeMs,
    state: 'verified',
    verifiedFrom: 'medium',
    backupId: null,
    ...changes,
  };
}

/** A catalogue over a list of rows. */
export class ListCatalogue
  implements
    Pick<Catalogue, 'copyAt' | 'copiesOf' | 'findContent' | 'findEverywhere' | 'findSeen' | 'wasShotSeen'>
{
  rows: Copy[];
  seen: SeenFile[] = [];

  /** `IMG_0231`, whenever it was taken. */
  readonly shots = new Set<string>();

  constructor(rows: readonly Copy[] = []) {
    this.rows = [...rows];
  }

  copyAt(id: DriveId, to: RelativePath): Copy | null {
    return this.rows.find((row) => row.driveId === id && row.to === to) ?? null;
  }

  *copiesOf(scope: Parameters<Catalogue['copiesOf']>[0]): Generator<Copy> {
    const own = this.rows.filter((row) =>
      'driveId' in scope ? row.driveId === scope.driveId : row.backupId === scope.backupId,
    );
    yield* own.sort((a, b) => Buffer.compare(Buffer.from(a.to), Buffer.from(b.to)));
  }

  /** Of all drives. */
  readonly generations = new Set<RelativePath>();

  sealedGenerations(): ReadonlySet<RelativePath> {
    return this.generations;
  }

  findEverywhere(sizeBytes: number, xxh64: string): readonly Copy[] {
    return this.rows.filter((row) => row.sizeBytes === sizeBytes && row.xxh64 === xxh64);
  }

  findContent(id: DriveId, sizeBytes: number, xxh64: string): readonly Copy[] {
    return this.findEverywhere(sizeBytes, xxh64).filter((row) => row.driveId === id);
  }

  wasShotSeen(shot: string): boolean {
    return this.shots.has(shot);
  }

  findSeen(...[id, card, path]: Parameters<Catalogue['findSeen']>): SeenFile | null {
    return (
      this.seen.find((file) => file.copy.driveId === id && file.cardId === card && file.path === path) ?? null
    );
  }
}
