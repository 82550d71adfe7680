import fs from 'node:fs';
import { promisify } from 'node:util';
import { JournalError, messageOf } from '../../services/errors.ts';

/**
 * Makes commits durable without holding up the event loop: SQLite writes them into its write-ahead log (`-wal` beside
 * the database, https://www.sqlite.org/walformat.html) and does not sync them (`synchronous = NORMAL`); this does.
 * A failed sync is never tried again: the kernel marks the pages clean and the second one would prove nothing.
 */
export class WalSync {
  readonly #path: string;
  /** Open for as long as there are writes, so that no write error is lost between two syncs (fsync(2)). */
  readonly #fd: number;
  #failed: JournalError | null = null;

  /** The log exists from the first read on. Throws the system's error. */
  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
    this.#fd = fs.openSync(this.#path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  }

  get hasFailed(): boolean {
    return this.#failed !== null;
  }

  /** Throws the `JournalError` of the sync that failed, whenever that was. */
  check(): void {
    if (this.#failed !== null) throw this.#failed;
  }

  /** Everything that was committed before this call is on the medium when it resolves. Throws `JournalError` `io`. */
  async sync(): Promise<void> {
    try {
      await promisify(fs.fdatasync)(this.#fd);
    } catch (error) {
      const detail = `${this.#path} could not be made durable: ${messageOf(error)}; check the disk, then restart imagetank`;
      this.#failed ??= new JournalError('io', null, detail, error);
    }
    this.check();
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}
