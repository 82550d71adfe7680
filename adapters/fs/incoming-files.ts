import type { AfterBlock, DriveStore, IncomingFile, ReadBack } from '../../services/media-ports.ts';
import { type IncomingContext, incomingName, PartFile } from './incoming-file.ts';
import type { SmallFile } from './io/small-files.ts';

/** Read back in one call; a larger file has turns of its own, so that no call takes long. */
const MAX_SMALL_BYTES = 4 * 1024 * 1024;

/** Only files of this adapter can be used together. */
export function ownPart(file: IncomingFile): PartFile {
  if (!(file instanceof PartFile)) throw new TypeError(`${file.path} is not a file of this store`);
  return file;
}

/** Whole small files, in one call; leaves none of them when it throws. */
export async function writeParts(
  context: IncomingContext,
  files: Parameters<DriveStore['writeAll']>[0],
): Promise<readonly PartFile[]> {
  const { root, recipe, fence, onNewFolder } = context;
  fence.refuse();
  const parts = files.map(({ bytes }) => new PartFile(context, incomingName(), 'written', bytes.length));
  const shared = toShared(files.map(({ bytes }) => bytes));
  const small = parts.map(
    ({ name }, at): SmallFile => ({
      name,
      bytes: shared[at] ?? new Uint8Array(),
      mtimeMs: files[at]?.mtimeMs ?? 0,
    }),
  );
  try {
    const syncs = recipe === 'each';
    const write = () => root.ask(() => root.lane.call('writeSmall', root.spec, small, syncs));
    const made = await (syncs ? fence.run(write) : write());
    if (made) onNewFolder();
    return parts;
  } catch (error) {
    const names = parts.map(({ name }) => name);
    await root.lane.call('dropParts', root.spec, names).catch(() => undefined);
    for (const part of parts) part.forget();
    throw error;
  }
}

/** What another thread is to see: shared memory as it is, other bytes copied there. */
function toShared(all: readonly Uint8Array[]): Uint8Array[] {
  const isShared = (bytes: Uint8Array): boolean => bytes.buffer instanceof SharedArrayBuffer;
  const copiedBytes = all.reduce((sum, bytes) => sum + (isShared(bytes) ? 0 : bytes.length), 0);
  const memory = new SharedArrayBuffer(copiedBytes);
  let used = 0;
  return all.map((bytes) => {
    // Without the methods of a Buffer, which no clone keeps.
    if (isShared(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    const copy = new Uint8Array(memory, used, bytes.length);
    copy.set(bytes);
    used += bytes.length;
    return copy;
  });
}

/**
 * Makes the content of `writeParts` durable. `sync -f` opens the file system anew and does not see an error of an
 * earlier write-back: whoever calls this reads every file back from the medium before it counts.
 */
export async function flushParts(
  { recipe, fence }: IncomingContext,
  parts: readonly PartFile[],
  syncTogether: () => Promise<void>,
): Promise<void> {
  for (const part of parts) part.require('written');
  const end = (state: 'flushed' | 'failed') => {
    for (const part of parts) part.flushedTogether(state);
  };
  try {
    // Else each was synced when it was written.
    if (recipe === 'together' && parts.length > 0) await fence.run(syncTogether);
    else fence.refuse();
  } catch (error) {
    end('failed');
    throw error;
  }
  end('flushed');
}

/** `readBack` of each, in their order: small ones together. */
export async function readBackParts(
  { root, kind, fence }: IncomingContext,
  parts: readonly PartFile[],
  afterBlock?: AfterBlock,
): Promise<readonly ReadBack[]> {
  for (const part of parts) part.require('flushed');
  const results: ReadBack[] = [];
  for (let next = parts[results.length]; next !== undefined; next = parts[results.length]) {
    const names = smallFrom(parts, results.length).map(({ name }) => name);
    const small = () => root.ask(() => root.reading.call('readBackSmall', root.spec, names, kind));
    if (names.length === 0) results.push(await next.readBack(afterBlock));
    else {
      const backs = await fence.watch(small);
      results.push(...backs);
      await afterBlock?.(backs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    }
  }
  return results;
}

/** As many as fit into one call; none when the first is too large itself. */
function smallFrom(parts: readonly PartFile[], from: number): readonly PartFile[] {
  let bytes = 0;
  let to = from;
  for (let part = parts[to]; part !== undefined; part = parts[to]) {
    bytes += part.sizeBytes;
    if (bytes > MAX_SMALL_BYTES) break;
    to += 1;
  }
  return parts.slice(from, to);
}
