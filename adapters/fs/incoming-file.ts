import { randomUUID } from 'node:crypto';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { VerifiedFrom } from '../../machines/media.ts';
import type { AfterBlock, IncomingFile, ReadBack } from '../../services/media-ports.ts';
import { blocks } from './blocks.ts';
import type { DriveRoot } from './drive-root.ts';
import type { DriveShare } from './drive-share.ts';
import type { SyncRecipe } from './file-system-kind.ts';
import { toError } from './io/messages.ts';
import { INCOMING_FOLDER } from './names.ts';
import type { SyncFence } from './sync-fence.ts';
import { inTurns } from './turns.ts';

/** `copy-engine.md`: one block is filled while the other is on its way to the drive. */
const MAX_BLOCKS = 2;

export interface IncomingContext {
  readonly root: DriveRoot;
  readonly share: DriveShare;
  readonly kind: VerifiedFrom;
  readonly recipe: SyncRecipe;
  readonly fence: SyncFence;
  /** Called when a folder was made on the drive. */
  readonly onNewFolder: () => void;
}

export const incomingName = (): string => `${randomUUID()}.part`;

/** Opens a new file under a random name. Throws `DriveError`. */
export async function createIncomingFile(context: IncomingContext): Promise<IncomingFile> {
  const { root, kind, fence, onNewFolder } = context;
  fence.refuse();
  // The thread must not end as idle while the file is open there.
  const file = new PartFile(context, incomingName(), 'open', 0, root.lane.keep());
  try {
    if (await root.ask(() => root.lane.call('openPart', root.spec, file.name, kind))) onNewFolder();
    return file;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

type PartState = 'open' | 'written' | 'flushed' | 'placed' | 'gone' | 'failed';

/** Goes through its states once, in order; a failed write or flush makes it fit for `discard` only. */
export class PartFile implements IncomingFile {
  readonly name: string;
  readonly path: string;
  readonly #context: IncomingContext;
  #state: PartState;
  #sizeBytes: number;
  /** Being filled; null before the first byte and after a whole block. */
  #block: Uint8Array | null = null;
  #filledBytes = 0;
  #placedAt: RelativePath | null = null;
  /** On their way to the drive, in order. */
  readonly #sent: { readonly block: Uint8Array; readonly done: Promise<void> }[] = [];
  readonly #letGo: () => void;

  /** `written`: whole already, by a batch that is not synced yet. */
  constructor(
    context: IncomingContext,
    name: string,
    state: 'open' | 'written',
    sizeBytes = 0,
    letGo: () => void = () => undefined,
  ) {
    this.#context = context;
    this.#state = state;
    this.#sizeBytes = sizeBytes;
    this.#letGo = letGo;
    this.name = name;
    this.path = livePath(context, name);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#step('open', 'open', async () => {
      this.#context.fence.refuse();
      for (let done = 0; done < bytes.length; ) {
        this.#block ??= await this.#freeBlock();
        const part = bytes.subarray(done, done + this.#block.length - this.#filledBytes);
        this.#block.set(part, this.#filledBytes);
        this.#filledBytes += part.length;
        done += part.length;
        if (this.#filledBytes === this.#block.length) this.#send(this.#block);
      }
      this.#sizeBytes += bytes.length;
    });
  }

  async flush(mtimeMs: number): Promise<void> {
    await this.#step('open', 'flushed', async () => {
      for (const { done } of this.#sent) await done;
      const { root, recipe, fence } = this.#context;
      const tail = this.#block?.subarray(0, this.#filledBytes) ?? new Uint8Array();
      // Where `settle` syncs everything once more, times can wait for it.
      const sync = recipe === 'together' ? 'data' : 'all';
      await fence.run(() => root.lane.call('finishPart', root.spec, this.name, tail, mtimeMs, sync));
      this.#release();
    });
  }

  /** The file system was synced after it was written; `failed` when that did not go well. */
  flushedTogether(end: 'flushed' | 'failed'): void {
    this.require('written');
    this.#state = end;
  }

  async readBack(afterBlock?: AfterBlock): Promise<ReadBack> {
    const { root, kind, fence } = this.#context;
    return this.#step('flushed', 'flushed', () =>
      fence.watch(() =>
        readBackInTurns(root, this.name, `${INCOMING_FOLDER}/${this.name}`, kind, afterBlock),
      ),
    );
  }

  async place(to: RelativePath): Promise<'placed' | 'taken'> {
    const [end = 'taken'] = await placeParts(this.#context, [{ file: this, to }]);
    return end;
  }

  /** Never throws: it cleans up after other errors, and what it leaves `clearIncoming` removes. */
  async discard(): Promise<void> {
    if (this.#state === 'gone' || this.#state === 'placed') return;
    this.#state = 'gone';
    const { root } = this.#context;
    await root.lane.call('dropParts', root.spec, [this.name]).catch(() => undefined);
    this.#release();
    this.forget();
  }

  /** Throws unless it is in this state. */
  require(state: PartState): void {
    if (this.#state !== state) throw new Error(`${this.path} is ${this.#state}, not ${state}`);
  }

  get placedAt(): RelativePath | null {
    return this.#placedAt;
  }

  placed(to: RelativePath): void {
    this.#state = 'placed';
    this.#placedAt = to;
    this.forget();
  }

  forget(): void {
    this.#context.share.live.delete(this.path);
  }

  /** A step that writes leaves `failed` behind when it fails: half a file must never be placed. */
  async #step<T>(from: PartState, to: PartState, action: () => Promise<T>): Promise<T> {
    this.require(from);
    if (from === 'open') this.#state = 'failed';
    const result = await this.#context.root.ask(action);
    this.#state = to;
    return result;
  }

  async #freeBlock(): Promise<Uint8Array> {
    const [first] = this.#sent;
    if (first === undefined || this.#sent.length < MAX_BLOCKS) return blocks.take();
    await first.done;
    this.#sent.shift();
    return first.block;
  }

  /** Not waited for: the next write or the flush tells of its error. */
  #send(block: Uint8Array): void {
    const { root } = this.#context;
    const done = root.lane.call('writePart', root.spec, this.name, block);
    done.catch(() => undefined);
    this.#sent.push({ block, done });
    this.#block = null;
    this.#filledBytes = 0;
  }

  /** Only when nothing is on its way any more: memory must not get new bytes under a write. */
  #release(): void {
    for (const { block } of this.#sent.splice(0)) blocks.giveBack(block);
    if (this.#block !== null) blocks.giveBack(this.#block);
    this.#block = null;
    this.#letGo();
  }
}

function livePath({ root, share }: IncomingContext, name: string): string {
  const path = root.absolute(`${INCOMING_FOLDER}/${name}`);
  // Before there is a file: nobody must clear it away in the moment after.
  share.live.add(path);
  return path;
}

/** Moves files under their names in one call, in their order; stops at the first error. */
export async function placeParts(
  context: IncomingContext,
  moves: readonly { readonly file: PartFile; readonly to: RelativePath }[],
): Promise<readonly ('placed' | 'taken')[]> {
  const { root, fence, onNewFolder } = context;
  fence.refuse();
  for (const { file } of moves) if (file.placedAt === null) file.require('flushed');
  const named = moves.map(({ file, to }) => ({ name: file.name, from: file.placedAt, to: relativePath(to) }));
  const { ends, made, error } = await root.ask(() => root.lane.call('placeAll', root.spec, named));
  if (made) onNewFolder();
  for (const [at, move] of moves.entries()) if (ends[at] === 'placed') move.file.placed(move.to);
  if (error !== null) throw toError(error);
  return ends;
}

/** `key` names the reading; see `inTurns`. */
export function readBackInTurns(
  root: DriveRoot,
  key: string,
  path: string,
  kind: VerifiedFrom,
  afterBlock?: AfterBlock,
): Promise<ReadBack> {
  const turn = () => root.ask(() => root.lane.call('readBack', key, root.spec, path, kind));
  return inTurns(root.lane, key, turn, afterBlock);
}
