import type { Room } from './ports.ts';
import type { Whole } from './staging.ts';

/** More than the largest card of a phone's camera; a length above it is a mistake. */
export const MAX_UPLOAD_BYTES = 64 * 1024 ** 3;
/** As of backups: of a small drive the reserve takes this share at most. */
const MAX_RESERVE_SHARE = 0.05;

/**
 * How large one more upload may be, in bytes. It needs its size twice, staged and in the library, for what is taken out of
 * an inbox stays for an hour; so do those that are open, and what waits in the inbox needs it once more.
 */
export function largestUpload(
  room: Room,
  reserveBytes: number,
  open: readonly Whole[],
  waitingBytes: number,
): number {
  const kept = Math.min(reserveBytes, room.sizeBytes * MAX_RESERVE_SHARE);
  const promised = open.reduce((sum, { record, bytes }) => sum + 2 * record.sizeBytes - bytes, 0);
  const fits = Math.floor((room.freeBytes - kept - promised - waitingBytes) / 2);
  return Math.max(0, Math.min(fits, MAX_UPLOAD_BYTES, room.maxFileBytes ?? MAX_UPLOAD_BYTES));
}
