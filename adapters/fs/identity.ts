import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type DriveId, driveId } from '../../machines/ids.ts';
import { OWN_FOLDER } from '../../services/drive-folders.ts';
import { DriveError } from '../../services/errors.ts';
import { makeFolders, syncPath } from './durable.ts';
import { driveErrorOf, isMissing } from './errno.ts';
import { IDENTITY_FILE, INCOMING_FOLDER, MAX_IDENTITY_BYTES } from './names.ts';
import { leadsStraight } from './raw-path.ts';
import { fill, writeAll } from './whole.ts';

/** What `.imagetank/drive.json` says: half of an adoption, the other half is in the journal (`contract.md` section 4). */
const DriveIdentity = z.object({
  format: z.literal(1),
  id: z
    .string()
    .min(1)
    .transform((text): DriveId => driveId(text)),
  uuid: z.string().nullable().describe('of the volume; null for a plain folder'),
  label: z.string(),
  adoptedAt: z.string().describe('ISO 8601 UTC'),
});
export type DriveIdentity = z.infer<typeof DriveIdentity>;

/**
 * Null when there is none. `damaged` when what is there is not understood: such a volume is somebody's drive, not
 * adopted, and never a card. Throws `DriveError` when the drive does not answer.
 */
export async function readDriveIdentity(root: string): Promise<DriveIdentity | 'damaged' | null> {
  try {
    const text = await readSmall(await realpath(root));
    return text === null ? null : parseIdentity(text);
  } catch (error) {
    throw driveErrorOf(error, join(root, IDENTITY_FILE));
  }
}

/** Empty when it is longer than any that we write. */
async function readSmall(root: string): Promise<string | null> {
  if ((await leadsStraight(root, Buffer.from(IDENTITY_FILE))) !== true) return null;
  const handle = await open(
    join(root, IDENTITY_FILE),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const { size } = await handle.stat();
    if (size > MAX_IDENTITY_BYTES) return '';
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, await fill(handle, bytes, 0));
  } finally {
    await handle.close();
  }
}

function parseIdentity(text: string): DriveIdentity | 'damaged' {
  const found = DriveIdentity.safeParse(parsed(text));
  return found.success ? found.data : 'damaged';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Adopts: durable when it returns, and in place of an older identity, for a drive that got a new UUID. Throws
 * `DriveError` `drive-not-writable` when what is there is not understood: it is left as it is.
 */
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
    await refuseForeign(root);
    await rename(part, to);
    await syncPath(to);
    await syncPath(join(root, OWN_FOLDER));
    await syncPath(root);
    // FAT has two names for one file until this one is gone for good, too.
    await syncPath(join(root, INCOMING_FOLDER));
  } catch (error) {
    await unlink(part).catch((gone: unknown) => {
      if (!isMissing(gone)) throw error;
    });
    throw error;
  }
}

async function refuseForeign(root: string): Promise<void> {
  const where = join(root, IDENTITY_FILE);
  const found = await readDriveIdentity(root).catch((error: unknown) => {
    throw new DriveError('drive-not-writable', `${where}: an identity that cannot be read`, error);
  });
  if (found === 'damaged')
    throw new DriveError('drive-not-writable', `${where}: an identity that is not understood`);
}
