import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const BLOCK_BYTES = 1024 * 1024;
/** `O_DIRECT` wants lengths and positions in multiples of the logical block: 4096 covers every medium. */
const ALIGN_BYTES = 4096;
const WASM_PAGE_BYTES = 65_536;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Node has it, its types name it only as a namespace. */
const { WebAssembly: Wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  };
};

/** Memory of WebAssembly begins at a page; an ordinary Buffer gets EINVAL from `O_DIRECT`. */
function alignedBlock(): Buffer {
  const pages = BLOCK_BYTES / WASM_PAGE_BYTES;
  return Buffer.from(new Wasm.Memory({ initial: pages, maximum: pages }).buffer);
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

/**
 * Hands on a regular file piece by piece, past the page cache where the file system takes `O_DIRECT`, else through it.
 * `make` is called once a try. Returns the bytes read. Throws the system's error.
 */
export async function readPastCache<Sink extends { update(bytes: Uint8Array): unknown }>(
  path: string,
  make: () => Sink,
): Promise<{ readonly sink: Sink; readonly sizeBytes: number }> {
  try {
    return await readFile(path, FLAGS | constants.O_DIRECT, make());
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
    return readFile(path, FLAGS, make());
  }
}

async function readFile<Sink extends { update(bytes: Uint8Array): unknown }>(
  path: string,
  flags: number,
  sink: Sink,
): Promise<{ sink: Sink; sizeBytes: number }> {
  const handle = await open(path, flags);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(`${path}: not a regular file`);
    return { sink, sizeBytes: await pour(handle, stats.size, sink) };
  } finally {
    await handle.close();
  }
}

async function pour(
  handle: FileHandle,
  sizeBytes: number,
  sink: { update(bytes: Uint8Array): unknown },
): Promise<number> {
  const block = alignedBlock();
  let done = 0;
  while (done < sizeBytes) {
    const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, done);
    const atEnd = done + bytesRead >= sizeBytes;
    // After a short read in the middle, go on at the last aligned position.
    const usable = atEnd ? Math.min(bytesRead, sizeBytes - done) : bytesRead - (bytesRead % ALIGN_BYTES);
    if (usable === 0) break;
    sink.update(block.subarray(0, usable));
    done += usable;
  }
  return done;
}
