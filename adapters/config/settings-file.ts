import { constants, readFileSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SettingsRead, SettingValues } from '../../services/config/settings.ts';
import { messageOf, UserError } from '../../services/errors.ts';

/** A few words and a list of at most 64 labels. */
const MAX_BYTES = 64 * 1024;

/** In the state folder. */
export const settingsFile = (stateDir: string): string => join(stateDir, 'settings.json');

/** A missing one has no values; what cannot be read or understood is damage, in words. */
export function readSettings(file: string): SettingsRead {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_BYTES) return { file, damage: `it has more than ${MAX_BYTES} bytes` };
    const values: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      return { file, values: { ...values } };
    }
    return { file, damage: 'it is no JSON object' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { file, values: {} };
    return { file, damage: messageOf(error) };
  }
}

/**
 * Whole or not at all, and synced, also its name: a power cut leaves the old one or the new one. Beside the event loop: a
 * disk may take a second to sync. Not twice at once. Rejects with `UserError` 73.
 */
export async function writeSettings(file: string, values: SettingValues): Promise<void> {
  const fresh = `${file}.new`;
  try {
    await rm(fresh, { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_RDONLY, O_DIRECTORY } = constants;
    const text = `${JSON.stringify(values, null, 2)}\n`;
    await synced(fresh, O_WRONLY | O_CREAT | O_EXCL, (handle) => handle.writeFile(text));
    await rename(fresh, file);
    await synced(dirname(file), O_RDONLY | O_DIRECTORY, async () => undefined);
  } catch (error) {
    throw new UserError(
      'cannot-save',
      73,
      `cannot save the settings, ${file}: ${messageOf(error)}`,
      'make room on the disk of the state folder',
      error,
    );
  }
}

async function synced(
  path: string,
  flags: number,
  use: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags, 0o640);
  try {
    await use(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
