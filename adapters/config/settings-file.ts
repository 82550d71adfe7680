import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
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

/** Whole or not at all, and synced, also its name: a power cut leaves the old one or the new one. Throws `UserError` 73. */
export function writeSettings(file: string, values: SettingValues): void {
  const fresh = `${file}.new`;
  try {
    rmSync(fresh, { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_RDONLY, O_DIRECTORY } = constants;
    synced(fresh, O_WRONLY | O_CREAT | O_EXCL, (fd) => writeSync(fd, `${JSON.stringify(values, null, 2)}\n`));
    renameSync(fresh, file);
    synced(dirname(file), O_RDONLY | O_DIRECTORY, () => undefined);
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

function synced(path: string, flags: number, use: (fd: number) => unknown): void {
  const fd = openSync(path, flags, 0o640);
  try {
    use(fd);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
