import { dirname } from 'node:path';
import type { DriveIdentities } from './ports.ts';
import { isADrive } from './targets.ts';

/**
 * Throws `UserError` 64 for a folder that is a drive of any imagetank, or lies in one, attached or not: read as a card it
 * would be held against itself. `path`: absolute, without links.
 */
export async function refuseDrive(path: string, identities: Pick<DriveIdentities, 'read'>): Promise<void> {
  for (let folder = path; ; folder = dirname(folder)) {
    // One that cannot be read is no proof that it is no drive.
    const identity = await identities.read(folder).catch(() => 'unreadable' as const);
    if (identity !== null) throw isADrive(path);
    if (folder === dirname(folder)) return;
  }
}
