import type { FileHandle } from 'node:fs/promises';
import { DriveError } from '../../services/errors.ts';
import { uninterrupted } from '../../services/interrupted.ts';

/** Every byte or an error: `write` may be short and say nothing, as seen on a disk that was filling up. */
export async function writeAll(
  handle: Pick<FileHandle, 'write'>,
  bytes: Uint8Array,
  position: number | null = null,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
    // Linux has no reason to write nothing; going on for ever would be worse than an error.
    if (bytesWritten === 0) throw new DriveError('drive-failing', 'the drive accepted no byte of a write');
    done += bytesWritten;
  }
}

/** Reads may be short: goes on until the buffer is full or the file ends. Returns the bytes read. */
export async function fill(
  handle: Pick<FileHandle, 'read'>,
  buffer: Uint8Array,
  position: number,
): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const rest = [buffer, filled, buffer.length - filled, position + filled] as const;
    const { bytesRead } = await uninterrupted(() => handle.read(...rest));
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
