import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { VerifiedFrom } from '../../machines/facts.ts';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { IncomingFile, ReadBack } from '../../services/ports.ts';
import type { DriveRoot } from './drive-root.ts';
import type { DriveShare } from './drive-share.ts';
import { makeFolders, moveWithoutReplacing, setWhereAllowed } from './durable.ts';
import { INCOMING_FOLDER } from './identity.ts';
import { readBackFile } from './read-back.ts';
import { writeAll } from './whole.ts';

/** `O_EXCL` never opens what exists, a link included. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export interface IncomingContext {
  readonly root: DriveRoot;
  readonly share: DriveShare;
  readonly kind: VerifiedFrom;
  /** Called when a folder was made on the drive. */
  readonly onNewFolder: () => void;
}

/** Opens a new file under a random name. Throws `DriveError`. */
export async function createIncomingFile(context: IncomingContext): Promise<IncomingFile> {
  const { root, share } = context;
  const path = root.absolute(`${INCOMING_FOLDER}/${randomUUID()}.part`);
  const handle = await root.write(path, async () => {
    await makeFolders(root.path, INCOMING_FOLDER);
    return open(path, CREATE, 0o644);
  });
  share.live.add(path);
  return new PartFile(context, path, handle);
}

type PartState = 'open' | 'flushed' | 'gone' | 'failed';
type PartHandle = Pick<FileHandle, 'write' | 'chmod' | 'utimes' | 'sync' | 'close'>;

/** Goes through its states once, in order; a failed write or flush makes it fit for `discard` only. */
export class PartFile implements IncomingFile {
  readonly path: string;
  readonly #context: IncomingContext;
  readonly #handle: PartHandle;
  #state: PartState = 'open';
  #closed = false;

  constructor(context: IncomingContext, path: string, handle: PartHandle) {
    this.#context = context;
    this.path = path;
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#step('open', 'open', () => writeAll(this.#handle, bytes));
  }

  async flush(mtimeMs: number): Promise<void> {
    await this.#step('open', 'flushed', async () => {
      const seconds = mtimeMs / 1000;
      await setWhereAllowed(() => this.#handle.chmod(0o644));
      await setWhereAllowed(() => this.#handle.utimes(seconds, seconds));
      // Never twice: a failed fsync marks the pages clean, a second one would succeed over lost bytes.
      await this.#handle.sync();
      await this.#close();
    });
  }

  async readBack(): Promise<ReadBack> {
    return this.#step('flushed', 'flushed', () => readBackFile(this.path, this.#context.kind));
  }

  async place(to: RelativePath): Promise<'placed' | 'taken'> {
    const { root, share, onNewFolder } = this.#context;
    const below = relativePath(to);
    await root.ensureSame();
    const end = await this.#step('flushed', 'flushed', async () => {
      if (await makeFolders(root.path, dirname(below))) onNewFolder();
      return moveWithoutReplacing(this.path, root.absolute(below), share.lock);
    });
    if (end === 'placed') this.#gone();
    return end;
  }

  /** Never throws: it cleans up after other errors, and what it leaves `clearIncoming` removes. */
  async discard(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#gone();
    await this.#close().catch(() => undefined);
    await unlink(this.path).catch(() => undefined);
  }

  /** A step that writes leaves `failed` behind when it fails: half a file must never be placed. */
  async #step<T>(from: PartState, to: PartState, action: () => Promise<T>): Promise<T> {
    if (this.#state !== from) throw new Error(`${this.path} is ${this.#state}, not ${from}`);
    if (from === 'open') this.#state = 'failed';
    const result = await this.#context.root.run(this.path, action);
    this.#state = to;
    return result;
  }

  #gone(): void {
    this.#state = 'gone';
    this.#context.share.live.delete(this.path);
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}
