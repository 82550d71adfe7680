import { Buffer } from 'node:buffer';
import { isCardError, messageOf } from '../errors.ts';
import type { CardFile, CardPath, CardReader } from '../ports.ts';
import { type Content, ContentHash, HEAD_BYTES } from './content.ts';
import type { StopWhy } from './job.ts';
import { FileProblem, Stopped } from './problems.ts';

/** `copy-engine.md`: 1–4 MiB. A stop takes effect after one block. */
const BLOCK_BYTES = 1024 * 1024;

/** Two readings: a file that changed while it was read may hold still the second time. */
const ATTEMPTS = 2;

/** The card of one backup, read one file at a time. */
export class Source {
  readonly #cards: CardReader;
  readonly #root: string;
  readonly #stop: () => StopWhy | null;
  readonly #onBytes: (bytesOfFile: number) => void;
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #allRead = false;

  constructor(
    cards: CardReader,
    root: string,
    stop: () => StopWhy | null,
    onBytes: (bytesOfFile: number) => void,
  ) {
    this.#cards = cards;
    this.#root = root;
    this.#stop = stop;
    this.#onBytes = onBytes;
  }

  /** From now on the card may be pulled. */
  allRead(): void {
    this.#allRead = true;
  }

  /** Throws `Stopped` when the backup has to end. */
  check(): void {
    const why = this.#stop();
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
   * Reads a whole file once and hashes it; `sink` gets every block and must be done with it when it resolves.
   * Throws `FileProblem` or `Stopped`, and what `sink` throws.
   */
  async read(file: CardPath, sink: (block: Uint8Array) => Promise<void>): Promise<Content> {
    return this.#withFile(file, async (handle) => {
      const hash = new ContentHash();
      let position = 0;
      while (true) {
        this.check();
        const count = await this.#ask(file, () => handle.read(this.#block, position));
        if (count === 0 || position > handle.sizeBytes) break;
        const block = this.#block.subarray(0, count);
        hash.update(block);
        await sink(block);
        position += count;
        this.#onBytes(position);
      }
      await this.#assertWhole(file, handle, position);
      return { sizeBytes: handle.sizeBytes, mtimeMs: handle.mtimeMs, ...hash.digest() };
    });
  }

  /** Hash of the first 64 KiB, with the size and time of this moment. Throws `FileProblem` or `Stopped`. */
  async head(file: CardPath): Promise<Omit<Content, 'xxh64'>> {
    this.check();
    return this.#withFile(file, async (handle) => {
      const hash = new ContentHash();
      const block = this.#block.subarray(0, HEAD_BYTES);
      hash.update(block.subarray(0, await this.#ask(file, () => handle.read(block, 0))));
      const { headXxh64 } = hash.digest();
      return { sizeBytes: handle.sizeBytes, mtimeMs: handle.mtimeMs, headXxh64 };
    });
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
    const handle = await this.#ask(file, () => this.#cards.open(this.#root, file));
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
      const gone = error.code === 'gone' || !(await this.#cards.isPresent(this.#root));
      if (gone && !this.#allRead) {
        throw new Stopped('card-removed', messageOf(error), error);
      }
      throw new FileProblem('card-unreadable', `${file.path}: ${messageOf(error)}`, false, error);
    }
  }
}
