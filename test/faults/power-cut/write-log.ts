/**
 * Everything that machines wrote to several disks, in one order over all of them: only so it can be told what lay on a
 * drive when the journal, on another disk, said that a file is safe. The same content as a log of dm-log-writes has,
 * which knows of one disk alone.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Disk, readFully } from './disk.ts';

/** A campaign writes some 50 MB; more is a mistake. */
const MAX_BYTES = 1 << 30;

/** `at`: its place in the common order. */
export type Entry =
  | { readonly kind: 'write'; readonly at: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'flush'; readonly at: number };

export class WriteLog {
  readonly #disks = new Map<string, Entry[]>();
  #next = 0;
  #bytes = 0;

  /** Where the next entry will stand. */
  get position(): number {
    return this.#next;
  }

  of(disk: string): readonly Entry[] {
    return this.#disks.get(disk) ?? [];
  }

  write(disk: string, offset: number, bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) throw new Error(`the log holds more than ${MAX_BYTES} bytes`);
    this.#add(disk, { kind: 'write', at: this.#next, offset, bytes: Buffer.from(bytes) });
  }

  flush(disk: string): void {
    this.#add(disk, { kind: 'flush', at: this.#next });
  }

  #add(disk: string, entry: Entry): void {
    const entries = this.#disks.get(disk) ?? [];
    entries.push(entry);
    this.#disks.set(disk, entries);
    this.#next += 1;
  }
}

/** A disk in a file; what is written to it is noted in the log. The file is never changed: it is where the log begins. */
export class LoggedDisk implements Disk {
  readonly sizeBytes: number;
  readonly #name: string;
  readonly #log: WriteLog;
  readonly #image: string;
  #file = -1;

  /** `image`: a copy of its own, which follows what is written. */
  constructor(name: string, image: string, sizeBytes: number, log: WriteLog) {
    this.#name = name;
    this.#image = image;
    this.sizeBytes = sizeBytes;
    this.#log = log;
  }

  open(): void {
    this.#file = openSync(this.#image, 'r+');
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  read(offset: number, length: number): Buffer {
    return readFully(this.#file, offset, length);
  }

  write(offset: number, bytes: Buffer): void {
    writeFully(this.#file, bytes, offset);
    this.#log.write(this.#name, offset, bytes);
  }

  flush(): void {
    this.#log.flush(this.#name);
  }
}

function writeFully(file: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, offset + done);
  }
}

/** A disk as it lies in a file, put into any state that the log allows; the changes of one state are taken back by the next. */
export class Replayed {
  readonly #image: string;
  readonly #entries: readonly Entry[];
  readonly #undo: { readonly offset: number; readonly bytes: Buffer }[] = [];
  #file = -1;
  #durable = 0;

  /** `image`: a copy of the disk as it was when the log began. */
  constructor(image: string, entries: readonly Entry[]) {
    this.#image = image;
    this.#entries = entries;
  }

  open(): void {
    this.#file = openSync(this.#image, 'r+');
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  /**
   * The first `durable` entries, then pieces of later ones. Throws when `durable` is less than the last time: states
   * are taken in order, so that nothing has to be written twice.
   */
  show(durable: number, pieces: readonly { readonly offset: number; readonly bytes: Buffer }[]): void {
    for (const { offset, bytes } of this.#undo.splice(0).reverse()) writeFully(this.#file, bytes, offset);
    if (durable < this.#durable) throw new Error('states go forward only');
    for (const entry of this.#entries.slice(this.#durable, durable)) {
      if (entry.kind === 'write') writeFully(this.#file, entry.bytes, entry.offset);
    }
    this.#durable = durable;
    for (const { offset, bytes } of pieces) {
      this.#undo.push({ offset, bytes: this.read(offset, bytes.length) });
      writeFully(this.#file, bytes, offset);
    }
  }

  read(offset: number, length: number): Buffer {
    return readFully(this.#file, offset, length);
  }
}
