import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { uninterrupted } from '../../services/interrupted.ts';
import type { AfterBlock } from '../../services/media-ports.ts';

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

/** Of the last file: each memory of WebAssembly takes gigabytes of addresses until it is collected. */
let spare: Buffer | null = null;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

/**
 * Hands on a regular file piece by piece, past the page cache where the file system takes `O_DIRECT`, else through it.
 * `make` is called once a try. Returns the bytes read. Throws the system's error, and what `afterBlock` throws.
 */
export async function readPastCache<Sink extends { update(bytes: Uint8Array): unknown }>(
  path: string,
  make: () => Sink,
  afterBlock?: AfterBlock,
): Promise<{ readonly sink: Sink; readonly sizeBytes: number }> {
  try {
    return await readFile(path, FLAGS | constants.O_DIRECT, make(), afterBlock);
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
    return readFile(path, FLAGS, make(), afterBlock);
  }
}

async function readFile<Sink extends { update(bytes: Uint8Array): unknown }>(
  path: string,
  flags: number,
  sink: Sink,
  afterBlock?: AfterBlock,
): Promise<{ sink: Sink; sizeBytes: number }> {
  const handle = await open(path, flags);
  const block = spare ?? alignedBlock();
  spare = null;
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(`${path}: not a regular file`);
    return { sink, sizeBytes: await pour(handle, { sizeBytes: stats.size, block, sink, afterBlock }) };
  } finally {
    spare = block;
    await handle.close();
  }
}

interface Pouring {
  readonly sizeBytes: number;
  readonly block: Buffer;
  readonly sink: { update(bytes: Uint8Array): unknown };
  readonly afterBlock: AfterBlock | undefined;
}

async function pour(handle: FileHandle, { sizeBytes, block, sink, afterBlock }: Pouring): Promise<number> {
  let done = 0;
  while (done < sizeBytes) {
    const at = done;
    const { bytesRead } = await uninterrupted(() => handle.read(block, 0, BLOCK_BYTES, at));
    const atEnd = done + bytesRead >= sizeBytes;
    // After a short read in the middle, go on at the last aligned position.
    const usable = atEnd ? Math.min(bytesRead, sizeBytes - done) : bytesRead - (bytesRead % ALIGN_BYTES);
    if (usable === 0) break;
    sink.update(block.subarray(0, usable));
    done += usable;
    await afterBlock?.(usable);
  }
  return done;
}
