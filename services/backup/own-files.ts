import type { DriveId } from '../../machines/ids.ts';
import { DRIVE_IDENTITY } from '../manifest/names.ts';
import type { DriveStore } from '../media-ports.ts';

const deviceOf = (file: string): string => file.slice(0, file.indexOf(':'));

/**
 * Which drive of a backup counts which file as its copy: folder drives of one file system may share files by hard links,
 * and what is erased or goes bad on one of them is so on the other. Memory: 100 bytes a file, on such drives alone.
 */
export class OwnFiles {
  readonly #owners = new Map<string, DriveId>();
  #shared: ReadonlySet<string> = new Set();

  /** Before anything is claimed. A drive that does not answer is found out by what asks it next. */
  async look(stores: readonly Pick<DriveStore, 'stat'>[]): Promise<void> {
    const devices: string[] = [];
    for (const store of stores.length > 1 ? stores : []) {
      const found = await store.stat(DRIVE_IDENTITY).catch(() => null);
      if (found !== null) devices.push(deviceOf(found.file));
    }
    this.#shared = new Set(devices.filter((device, at) => devices.indexOf(device) !== at));
  }

  /** False for a file (`FoundFile.file`) that is another drive's copy already. */
  claim(file: string, driveId: DriveId): boolean {
    if (!this.#shared.has(deviceOf(file))) return true;
    const owner = this.#owners.get(file) ?? driveId;
    this.#owners.set(file, owner);
    return owner === driveId;
  }
}
