import { Buffer } from 'node:buffer';
import type { ManifestHash, VerifiedFrom } from '../../machines/media.ts';
import { type CardError, isCardError, messageOf } from '../errors.ts';
import type { CardFile, CardPath, CardReader, FileStart, ScannedFile } from '../media-ports.ts';
import { type Content, ContentHash } from './content.ts';
import type { StopWhy } from './job.ts';
import { FileProblem, Stopped } from './problems.ts';

/** `copy-engine.md`: 1–4 MiB. A stop takes effect after one block. */
const BLOCK_BYTES = 1024 * 1024;
/** What a bad sector costs of a salvaged file: the smallest piece that media give. */
const SECTOR_BYTES = 4096;
/** A dying card takes seconds for each: after so many bad ones a file is given up. */
const MAX_BAD_SECTORS = 256;

/** Two readings: a file that changed while it was read may hold still the second time. */
const ATTEMPTS = 2;

export interface SourceOptions {
  readonly cards: CardReader;
  readonly root: string;
  readonly stop: () => StopWhy | null;
  /** Bytes that were just read. */
  readonly onBytes: (bytes: number) => void;
  /** Hashed beside XXH64, for the manifest or against the card's own. */
  readonly formatOf: (file: CardPath) => ManifestHash['format'] | null;
  /** `verify = "source-twice"`. */
  readonly twice: boolean;
}

export interface Starts {
  /** In the order of the question. */
  readonly files: readonly (FileStart | FileProblem)[];
  release(): void;
}

/** The card of one backup. Several files may be read at once. */
export class Source {
  readonly #options: SourceOptions;
  /** Blocks of files that are read through; two for each at a time. */
  readonly #spare: Buffer[] = [];
  #allRead = false;
  #secondFrom: VerifiedFrom = 'medium';

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** From now on the card may be pulled. */
  allRead(): void {
    this.#allRead = true;
  }

  /** Whether every second reading came from the medium. */
  get secondFrom(): VerifiedFrom {
    return this.#secondFrom;
  }

  get isReadTwice(): boolean {
    return this.#options.twice;
  }

  /** A small file that was read in one go. */
  contentOf(path: CardPath, { bytes, sizeBytes, mtimeMs, file }: FileStart): Content {
    const hash = new ContentHash(this.#options.formatOf(path));
    hash.update(bytes);
    return { sizeBytes, mtimeMs, file, ...hash.digest() };
  }

  /** Throws `Stopped` when the backup has to end. */
  check(): void {
    const why = this.#options.stop();
    if (why === null || (why === 'card-removed' && this.#allRead)) return;
    throw new Stopped(why, `stopped: ${why}`);
  }

  /** Runs a reading again once when the file changed under it. Throws `FileProblem` or `Stopped`. */
  async attempt<T>(reading: () => Promise<T>): Promise<T> {
    for (let number = 1; ; number += 1) {
      try {
        return await reading();
      } catch (error) {
        if (!(error instanceof FileProblem && error.again && number < ATTEMPTS)) throw error;
      }
    }
  }

  /**
   * Reads a whole file once and hashes it; `sink` gets every block and must be done with it when it resolves. Block
   * N + 1 is read meanwhile. Throws `FileProblem` or `Stopped`, and what `sink` throws.
   */
  async read(file: CardPath, sink: (block: Uint8Array) => Promise<void>): Promise<Content> {
    const content = await this.#withFile(file, async (handle) => {
      const hash = new ContentHash(this.#options.formatOf(file));
      const bytes = await this.#pour(file, handle, async (block) => {
        hash.update(block);
        await sink(block);
      });
      await this.#assertWhole(file, handle, bytes);
      const { sizeBytes, mtimeMs, file: from } = handle;
      return { sizeBytes, mtimeMs, file: from, ...hash.digest() };
    });
    await this.readAgain(file, content);
    return content;
  }

  /** `verify = "source-twice"`: a bad reader or cable gives hashes that match and are wrong. Throws `FileProblem`. */
  async readAgain(file: CardPath, { xxh64, sizeBytes }: Pick<Content, 'xxh64' | 'sizeBytes'>): Promise<void> {
    if (!this.#options.twice) return;
    const { cards, root } = this.#options;
    this.check();
    const second = await this.#ask(file, () => cards.readBack(root, file, async () => this.check()));
    if (second.verifiedFrom === 'cache') this.#secondFrom = 'cache';
    if (second.xxh64 === xxh64 && second.sizeBytes === sizeBytes) return;
    throw new FileProblem('card-unreadable', `${file.path}: two readings of the card differ`, true);
  }

  /**
   * The beginnings of many files: up to 4 MiB in all, each as far as it was asked for. Throws `Stopped`.
   */
  async starts(files: readonly ScannedFile[], maxBytes: number): Promise<Starts> {
    this.check();
    const { cards, root } = this.#options;
    const { files: read, release } = await cards.readStarts(root, files, maxBytes);
    const failed = read.find(isCardError);
    if (failed !== undefined && (await this.#isGone(read.filter(isCardError)))) {
      release();
      throw new Stopped('card-removed', messageOf(failed), failed);
    }
    const path = (at: number): string => files[at]?.path ?? '';
    return {
      release,
      files: read.map((start, at) => (isCardError(start) ? unreadable(path(at), start) : start)),
    };
  }

  async #isGone(errors: readonly CardError[]): Promise<boolean> {
    if (this.#allRead) return false;
    const { cards, root } = this.#options;
    return errors.some(({ code }) => code === 'gone') || !(await cards.isPresent(root));
  }

  /**
   * What can still be read of a file with bad sectors; zeros stand for the rest (`threats.md`: 4 KiB steps). Returns
   * the bytes that are lost; null when there is too little to be worth it. Throws `FileProblem` or `Stopped`.
   */
  async salvage(file: CardPath, sink: (block: Uint8Array) => Promise<void>): Promise<number | null> {
    return this.#withFile(file, async (handle) => {
      const block = this.#takeBlock();
      let lost = 0;
      try {
        for (let position = 0; position < handle.sizeBytes; position += BLOCK_BYTES) {
          this.check();
          const piece = block.subarray(0, Math.min(BLOCK_BYTES, handle.sizeBytes - position));
          if (!(await this.#fills(file, handle, piece, position))) {
            lost += await this.#salvagePiece(file, handle, piece, position);
          }
          if (lost > MAX_BAD_SECTORS * SECTOR_BYTES) return null;
          await sink(piece);
        }
        return lost < handle.sizeBytes ? lost : null;
      } finally {
        this.#spare.push(block);
      }
    });
  }

  /** Sector by sector; gives up, with zeros, when too many of them are bad. Returns the bytes that are lost. */
  async #salvagePiece(file: CardPath, handle: CardFile, piece: Buffer, position: number): Promise<number> {
    let lost = 0;
    for (let at = 0; at < piece.length; at += SECTOR_BYTES) {
      const sector = piece.subarray(at, at + SECTOR_BYTES);
      const isTooMuch = lost > MAX_BAD_SECTORS * SECTOR_BYTES;
      if (!isTooMuch && (await this.#fills(file, handle, sector, position + at))) continue;
      sector.fill(0);
      lost += sector.length;
    }
    return lost;
  }

  async #fills(file: CardPath, handle: CardFile, piece: Buffer, position: number): Promise<boolean> {
    try {
      return (await this.#ask(file, () => handle.read(piece, position))) === piece.length;
    } catch (error) {
      if (error instanceof FileProblem) return false;
      throw error;
    }
  }

  /** Returns the bytes that came; fewer than the file's size where it ends early. */
  async #pour(file: CardPath, handle: CardFile, sink: (block: Uint8Array) => Promise<void>): Promise<number> {
    const blocks = [this.#takeBlock(), this.#takeBlock()] as const;
    const readInto = (block: Buffer, position: number): Promise<number> =>
      position < handle.sizeBytes ? this.#ask(file, () => handle.read(block, position)) : Promise.resolve(0);
    let position = 0;
    let next = readInto(blocks[0], 0);
    try {
      for (let turn = 0; ; turn += 1) {
        this.check();
        const count = await next;
        if (count === 0) return position;
        const [block, other] = turn % 2 === 0 ? blocks : [blocks[1], blocks[0]];
        position += count;
        next = readInto(other, position);
        await sink(block.subarray(0, count));
        this.#options.onBytes(count);
      }
    } finally {
      // The block that is still being filled must not be handed to somebody else before it is full.
      await next.catch(() => undefined);
      this.#spare.push(...blocks);
    }
  }

  #takeBlock(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** A false early end of file gives fewer bytes and no error: only the count tells (`threats.md`). */
  async #assertWhole(file: CardPath, handle: CardFile, bytes: number): Promise<void> {
    if (await this.#ask(file, () => handle.changed())) {
      throw new FileProblem('file-changed', `${file.path} changed while it was read`, true);
    }
    if (bytes !== handle.sizeBytes) {
      const detail = `${file.path}: ${bytes} of ${handle.sizeBytes} bytes could be read`;
      throw new FileProblem('card-unreadable', detail, true);
    }
  }

  async #withFile<T>(file: CardPath, use: (handle: CardFile) => Promise<T>): Promise<T> {
    const { cards, root } = this.#options;
    const handle = await this.#ask(file, () => cards.open(root, file));
    try {
      return await use(handle);
    } finally {
      // Nothing was written to it: an error in closing changes nothing.
      await handle.close().catch(() => undefined);
    }
  }

  /** A pulled card fails in many ways: only asking the root tells a bad file from a card that is gone. */
  async #ask<T>(file: CardPath, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (!isCardError(error)) throw error;
      if (await this.#isGone([error])) throw new Stopped('card-removed', messageOf(error), error);
      throw unreadable(file.path, error);
    }
  }
}

const unreadable = (path: string, error: CardError): FileProblem =>
  new FileProblem('card-unreadable', `${path}: ${messageOf(error)}`, false, error);
