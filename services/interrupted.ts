/** A signal may cut a call short, and it is made again; for ever would be a fault of the machine. */
export const MAX_INTERRUPTIONS = 100;

/**
 * A read through libuv, which makes every interrupted call again but reads and `close` (`uv__fs_work`). Throws what
 * `read` throws, EINTR too when it does not end.
 */
export async function uninterrupted<T>(read: () => Promise<T>): Promise<T> {
  for (let left = MAX_INTERRUPTIONS; ; left -= 1) {
    try {
      return await read();
    } catch (error) {
      const isInterrupted = error instanceof Error && 'code' in error && error.code === 'EINTR';
      if (!isInterrupted || left === 0) throw error;
    }
  }
}
