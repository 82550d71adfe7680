/** `O_DIRECT` wants memory, position and length in multiples of the logical block: 4096 covers every medium. */
export const ALIGN_BYTES = 4096;
/** One trip between threads, one system call: `copy-engine.md` says 1–4 MiB. */
export const BLOCK_BYTES = 1024 * 1024;
const WASM_PAGE_BYTES = 65_536;

/** Node has it, its types name it only as a namespace. */
const { WebAssembly: Wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (pages: {
      initial: number;
      maximum: number;
      shared: true;
    }) => { readonly buffer: SharedArrayBuffer };
  };
};

/** Memory of WebAssembly begins at a page of the machine; an ordinary Buffer gets EINVAL from `O_DIRECT`. */
export function makeBlock(): Uint8Array {
  const pages = BLOCK_BYTES / WASM_PAGE_BYTES;
  return new Uint8Array(new Wasm.Memory({ initial: pages, maximum: pages, shared: true }).buffer);
}

export const alignedDown = (bytes: number): number => Math.floor(bytes / ALIGN_BYTES) * ALIGN_BYTES;
export const alignedUp = (bytes: number): number => Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
