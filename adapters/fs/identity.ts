import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DriveError } from '../../services/errors.ts';
import { shareOf } from './drive-share.ts';
import { foldersUpTo, makeFolders, moveWithoutReplacing, syncPath } from './durable.ts';
import { driveErrorOf, isMissing } from './errno.ts';
import { leadsStraight } from './raw-path.ts';
import { fill, writeAll } from './whole.ts';

export const OWN_FOLDER = '.imagetank';
/** Files on their way; `clearIncoming` removes what a crash left. */
export const INCOMING_FOLDER = `${OWN_FOLDER}/incoming`;
export const IDENTITY_FILE = `${OWN_FOLDER}/drive.json`;
const MAX_IDENTITY_BYTES = 64 * 1024;

/** What `.imagetank/drive.json` says: half of an adoption, the other half is in the journal (`contract.md` section 4). */
const DriveIdentity = z.object({
  format: z.literal(1),
  id: z.string().min(1),
  uuid: z.string().nullable().describe('of the volume; null for a plain folder'),
  label: z.string(),
  adoptedAt: z.string().describe('ISO 8601 UTC'),
});
export type DriveIdentity = z.infer<typeof DriveIdentity>;

/**
 * Null when there is none, or none that this version understands: such a volume is not adopted.
 * Throws `DriveError` when the drive does not answer.
 */
export async function readDriveIdentity(root: string): Promise<DriveIdentity | null> {
  try {
    const text = await readSmall(await realpath(root));
    return text === null ? null : parseIdentity(text);
  } catch (error) {
    throw driveErrorOf(error, join(root, IDENTITY_FILE));
  }
}

async function readSmall(root: string): Promise<string | null> {
  if ((await leadsStraight(root, Buffer.from(IDENTITY_FILE))) !== true) return null;
  const handle = await open(
    join(root, IDENTITY_FILE),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const { size } = await handle.stat();
    if (size > MAX_IDENTITY_BYTES) return null;
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, await fill(handle, bytes, 0));
  } finally {
    await handle.close();
  }
}

function parseIdentity(text: string): DriveIdentity | null {
  try {
    return DriveIdentity.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Adopts: durable when it returns. Throws `DriveError` `drive-not-writable` when there is a `drive.json` already. */
export async function writeDriveIdentity(root: string, identity: DriveIdentity): Promise<void> {
  try {
    await writeOnce(await realpath(root), identity);
  } catch (error) {
    throw driveErrorOf(error, join(root, IDENTITY_FILE));
  }
}

async function writeOnce(root: string, identity: DriveIdentity): Promise<void> {
  await makeFolders(root, INCOMING_FOLDER);
  // By way of a second name: a power cut must not leave half an identity under the real one.
  const part = join(root, INCOMING_FOLDER, `${randomUUID()}.part`);
  const handle = await open(part, 'wx', 0o644);
  try {
    try {
      await writeAll(handle, Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
      await handle.sync();
    } finally {
      await handle.close();
    }
    const to = join(root, IDENTITY_FILE);
    if ((await moveWithoutReplacing(part, to, shareOf(identity.id).lock)) === 'taken') {
      throw new DriveError('drive-not-writable', `${to}: this drive carries an identity already`);
    }
    await syncPath(to);
    for (const each of foldersUpTo(root, join(root, OWN_FOLDER))) await syncPath(each);
  } catch (error) {
    await unlink(part).catch((gone: unknown) => {
      if (!isMissing(gone)) throw error;
    });
    throw error;
  }
}
