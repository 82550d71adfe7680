import { constants } from 'node:fs';
import { access, lstat, readdir, realpath, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Places } from '../../services/devices/ports.ts';
import type { Volume } from '../../services/ports.ts';
import type { MountTable } from './mount-table.ts';
import { isReadOnly, mountOf } from './mountinfo.ts';
import type { VolumeDescriber } from './volume-describer.ts';

/** Folders that cameras make, upper case: those of DCF, of XAVC and AVCHD (bare or below PRIVATE) and of XDCAM. */
const CAMERA_FOLDERS = new Set(['DCIM', 'AVCHD', 'XDROOT']);
const CAMERA_FOLDERS_IN_PRIVATE = new Set(['M4ROOT', 'AVCHD']);

/** Answers about real folders and mounts. */
export class MountPlaces implements Places {
  readonly #table: MountTable;
  readonly #describer: VolumeDescriber;

  constructor(table: MountTable, describer: VolumeDescriber) {
    this.#table = table;
    this.#describer = describer;
  }

  realPath(path: string): Promise<string> {
    return realpath(path);
  }

  async isFolder(path: string): Promise<boolean> {
    return stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
  }

  async cameraFolders(root: string): Promise<boolean> {
    for (const name of await namesIn(root)) {
      const upper = name.toUpperCase();
      if (CAMERA_FOLDERS.has(upper) && (await isRealFolder(join(root, name)))) return true;
      if (upper === 'PRIVATE' && (await this.#privateFolders(join(root, name)))) return true;
    }
    return false;
  }

  async #privateFolders(folder: string): Promise<boolean> {
    if (!(await isRealFolder(folder))) return false;
    for (const name of await namesIn(folder)) {
      const isCameras = CAMERA_FOLDERS_IN_PRIVATE.has(name.toUpperCase());
      if (isCameras && (await isRealFolder(join(folder, name)))) return true;
    }
    return false;
  }

  async writable(root: string): Promise<boolean> {
    const mount = mountOf(await this.#table.all(), root);
    // Root passes every access check, on a read-only mount too.
    if (mount !== null && isReadOnly(mount)) return false;
    return access(root, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
  }

  async volumeOf(path: string): Promise<Volume> {
    const real = await realpath(path);
    const all = await this.#table.all();
    const mount = mountOf(all, real);
    const [volume] = mount === null ? [] : await this.#describer.describe([mount], all);
    if (volume === undefined) throw new Error(`${path} lies on no mount of /proc/self/mountinfo`);
    const { mountId: _, ...rest } = volume;
    return rest;
  }

  isMounted(mountId: number): Promise<boolean> {
    return this.#table.isLive(mountId);
  }

  async space(root: string): Promise<{ freeBytes: number; sizeBytes: number } | null> {
    return statfs(root).then(
      // `bavail`, not `bfree`: what is reserved for root cannot be used for photos.
      ({ bavail, blocks, bsize }) => ({ freeBytes: bavail * bsize, sizeBytes: blocks * bsize }),
      () => null,
    );
  }
}

/** Latin-1 keeps names apart that are not UTF-8; those that matter here are ASCII. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder, { encoding: 'latin1' });

/** Links are not followed: on a card they may lead anywhere. */
const isRealFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
