import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { CardError, isCardError } from '../../services/errors.ts';
import type { CardFile, CardPath } from '../../services/media-ports.ts';
import { errnoOf } from './errno.ts';
import { fileKey, mtimeMsOf } from './io/sighting.ts';
import { fromCardPath, joinBytes, leadsStraight } from './raw-path.ts';
import { fill } from './whole.ts';

/** `O_NONBLOCK`: opening a fifo that has taken a file's place must not wait for a writer that never comes. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a regular file of a card. `explain` makes of anything that the system refuses what to throw. */
export async function openCardFile(
  root: string,
  file: CardPath,
  explain: (error: unknown) => Promise<unknown>,
): Promise<CardFile> {
  const fail = async (error: unknown): Promise<never> => {
    throw isCardError(error) ? error : await explain(error);
  };
  let handle: FileHandle | null = null;
  try {
    handle = await openPlain(root, file);
    return await describe(handle, file, fail);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    return fail(error);
  }
}

async function openPlain(root: string, file: CardPath): Promise<FileHandle> {
  const realRoot = await realpath(root);
  const raw = fromCardPath(file);
  // O_NOFOLLOW looks at the last part only; a folder on the way could be a link to anywhere.
  if ((await leadsStraight(realRoot, raw)) === false) {
    throw new CardError('unreadable', `${file.path}: leads through a symbolic link`);
  }
  const path = joinBytes(Buffer.from(realRoot), raw);
  try {
    return await open(path, FLAGS | constants.O_NOATIME);
  } catch (error) {
    // O_NOATIME is for the owner of the file and root only (open(2)).
    if (errnoOf(error) !== 'EPERM') throw error;
    return open(path, FLAGS);
  }
}

async function describe(
  handle: FileHandle,
  file: CardPath,
  fail: (error: unknown) => Promise<never>,
): Promise<CardFile> {
  const before = await handle.stat({ bigint: true });
  if (!before.isFile()) throw new CardError('unreadable', `${file.path}: not a regular file any more`);
  return {
    sizeBytes: Number(before.size),
    mtimeMs: mtimeMsOf(before),
    file: fileKey(before),
    read: (buffer, position) => fill(handle, buffer, position).catch(fail),
    changed: async () => {
      const now = await handle.stat({ bigint: true }).catch(fail);
      return now.size !== before.size || now.mtimeNs !== before.mtimeNs;
    },
    close: () => handle.close(),
  };
}
