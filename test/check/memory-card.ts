import { Buffer } from 'node:buffer';
import { CardError } from '../../services/errors.ts';
import type { CardFile, CardPath, CardReader, ReadBack, ScannedEntry } from '../../services/media-ports.ts';
import { hashOf, rel } from '../manifest/memory-drive.ts';
import { startsByOpening } from '../ports/one-by-one.ts';

interface Stored {
  readonly bytes: Buffer;
  readonly mtimeMs: number;
  /** `CardFile.file`: its own until the test gives it another. */
  readonly file: string;
}

/** A card in memory, with the moods of a real one. */
export class MemoryCard implements CardReader {
  readonly files = new Map<string, Stored>();
  readonly others: ScannedEntry[] = [];
  present = true;
  /** Opens of each path. */
  readonly opened: string[] = [];
  /** Runs before each read of a block. */
  onRead: (path: string) => void = () => undefined;
  /** Opens of this path that end with the file changed. */
  readonly changes = new Map<string, number>();
  /** Ends the file early, as a failing reader does. */
  readonly endsAt = new Map<string, number>();
  readonly unreadable = new Set<string>();
  openFiles = 0;

  put(path: string, content: string | Uint8Array, mtimeMs = 1_700_000_000_000, file = `card:${path}`): void {
    this.files.set(path, { bytes: Buffer.from(content as string), mtimeMs, file });
  }

  /** As the kernel shows it: nothing there, no error. */
  pull(): void {
    this.files.clear();
    this.present = false;
  }

  async *scan(): AsyncGenerator<ScannedEntry> {
    for (const path of [...this.files.keys()].sort()) {
      const file = this.files.get(path);
      if (file === undefined) continue;
      yield { kind: 'file', path: rel(path), sizeBytes: file.bytes.length, mtimeMs: file.mtimeMs };
    }
    yield* this.others;
  }

  async isPresent(): Promise<boolean> {
    return this.present;
  }

  readStarts = startsByOpening(this).readStarts;

  async readBack(_root: string, { path }: CardPath): Promise<ReadBack> {
    const bytes = this.files.get(path)?.bytes ?? Buffer.alloc(0);
    return { xxh64: hashOf(bytes), sizeBytes: bytes.length, verifiedFrom: 'medium' };
  }

  async open(_root: string, { path }: CardPath): Promise<CardFile> {
    this.opened.push(path);
    const file = this.files.get(path);
    if (file === undefined || this.unreadable.has(path)) throw new CardError('unreadable', `${path}: EIO`);
    const left = this.changes.get(path) ?? 0;
    this.changes.set(path, left - 1);
    this.openFiles += 1;
    const { bytes, mtimeMs, file: key } = file;
    return {
      sizeBytes: bytes.length,
      mtimeMs,
      file: key,
      read: async (buffer, position) => {
        this.onRead(path);
        if (!this.present) throw new CardError('gone', `${path}: ENODEV`);
        const end = Math.min(position + buffer.length, this.endsAt.get(path) ?? bytes.length);
        buffer.set(bytes.subarray(position, end));
        return Math.max(0, end - position);
      },
      changed: async () => left > 0,
      close: async () => {
        this.openFiles -= 1;
      },
    };
  }
}
