import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { OWN_FOLDER } from '../../services/drive-folders.ts';
import { DriveError } from '../../services/errors.ts';
import type { IncomingFile } from '../../services/media-ports.ts';
import type { DriveRoot } from './drive-root.ts';
import type { Lock } from './drive-share.ts';
import { makeFolders } from './durable.ts';
import { asFailedSync } from './failed-sync.ts';
import { IDENTITY_FILE } from './names.ts';
import { leadsStraight } from './raw-path.ts';
import { fill, writeAll } from './whole.ts';

/** A manifest of 500,000 files; more in one text is no file of ours. */
export const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const BACKWARD_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const APPEND = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The only files that are ever changed once they are there: below `.imagetank/`, the identity excepted, and in folders
 * named `ascmhl`. Throws a `RangeError` for any other path: no photo is ever opened for writing.
 */
export function assertOwn(path: RelativePath): void {
  const folders = relativePath(path).split('/').slice(0, -1);
  const own = folders[0] === OWN_FOLDER || folders.includes('ascmhl');
  if (!own || path === IDENTITY_FILE) throw new RangeError(`not a file that may be replaced: ${path}`);
}

/** Replaces by rename: a reader, or a power cut, sees the old text or the new one. The caller settles. */
export async function replaceFile(
  root: DriveRoot,
  path: RelativePath,
  text: string,
  part: IncomingFile,
): Promise<void> {
  try {
    await part.write(Buffer.from(text));
    await part.flush(Date.now());
    await root.write(path, async () => {
      await makeFolders(root.path, dirname(path));
      await rename(part.path, root.absolute(path));
    });
  } finally {
    // After the rename there is nothing to remove under its old name, only to forget.
    await part.discard();
  }
}

/** Appends whole lines, one caller at a time. Drops a torn last line first: a crash left it, nobody acknowledged it. */
export async function appendLines(
  root: DriveRoot,
  lock: Lock,
  path: RelativePath,
  lines: readonly string[],
): Promise<void> {
  if (lines.some((line) => line.includes('\n'))) throw new RangeError('a line holds a newline');
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  await lock.run(() =>
    root.write(path, async () => {
      await makeFolders(root.path, dirname(path));
      const handle = await open(root.absolute(path), APPEND, 0o644);
      try {
        await appendAfterLastLine(handle, path, bytes);
      } finally {
        await handle.close();
      }
    }),
  );
}

async function appendAfterLastLine(handle: FileHandle, path: string, bytes: Buffer): Promise<void> {
  const stats = await handle.stat();
  // A second name could be a photo's.
  if (!stats.isFile() || stats.nlink > 1) {
    throw new DriveError('drive-not-writable', `${path}: not a plain file of imagetank`);
  }
  const end = await endOfLastLine(handle, stats.size);
  if (end < stats.size) await handle.truncate(end);
  try {
    await writeAll(handle, bytes, end);
  } catch (error) {
    // Half a batch must not be taken for a whole one; where this fails too, the next append drops the torn line.
    await handle.truncate(end).catch(() => undefined);
    throw error;
  }
  await handle.datasync().catch((error: unknown) => {
    throw asFailedSync(error);
  });
}

/** Position after the last newline; 0 when there is none. */
async function endOfLastLine(handle: FileHandle, sizeBytes: number): Promise<number> {
  const block = Buffer.alloc(Math.min(BACKWARD_BYTES, sizeBytes));
  for (let end = sizeBytes; end > 0; ) {
    const start = Math.max(0, end - BACKWARD_BYTES);
    const filled = await fill(handle, block.subarray(0, end - start), start);
    const at = block.subarray(0, filled).lastIndexOf(NEWLINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

/** Null when there is no regular file. Throws `DriveError` `drive-failing` for more than 64 MiB. */
export async function readTextFile(root: DriveRoot, path: RelativePath): Promise<string | null> {
  if ((await leadsStraight(root.path, Buffer.from(relativePath(path)))) !== true) return null;
  const handle = await open(root.absolute(path), READ);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return null;
    const { size } = stats;
    if (size > MAX_TEXT_BYTES) {
      throw new DriveError('drive-failing', `${path}: ${size} bytes, more than ${MAX_TEXT_BYTES} for a text`);
    }
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, await fill(handle, bytes, 0));
  } finally {
    await handle.close();
  }
}
