import { Buffer } from 'node:buffer';
import { mkdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DriveIdentity, writeDriveIdentity } from '../../adapters/fs/identity.ts';
import { driveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { DriveStoreSubject } from '../contracts/drive-store.contract.ts';

export const DRIVE_ID = '6f1d2c9e-3b52-4d0a-9c6e-0f6f7d1c2b3a';

export function identityOf(id: string = DRIVE_ID, uuid: string | null = null): DriveIdentity {
  return { format: 1, id: driveId(id), uuid, label: 'TANK', adoptedAt: '2026-11-21T04:30:00.000Z' };
}

export function driveAt(path: string, id: string = DRIVE_ID, uuid: string | null = null): Drive {
  return {
    id: driveId(id),
    label: 'TANK',
    uuid,
    path,
    kind: uuid === null ? 'folder' : 'volume',
    sizeBytes: null,
    fsType: null,
    hardware: null,
    adopted: true,
    writable: true,
  };
}

/** A folder that carries an identity. */
export async function adoptFolder(path: string, id?: string): Promise<Drive> {
  await mkdir(path, { recursive: true });
  await writeDriveIdentity(path, identityOf(id));
  return driveAt(path, id);
}

/** What a contract needs of a drive in a folder, beside its store. */
export function behindTheBack(root: string): Omit<DriveStoreSubject, 'store' | 'cleanUp'> {
  return {
    content: async (path) => {
      const found = await stat(join(root, path)).catch(() => null);
      return found?.isFile() ? Buffer.from(await readFile(join(root, path))) : null;
    },
    put: async (path, content, mtimeMs) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
      await utimes(join(root, path), mtimeMs / 1000, mtimeMs / 1000);
    },
    swap: async () => {
      await rename(root, `${root}.away`);
      await adoptFolder(root, 'another-drive');
    },
  };
}
