import { constants } from 'node:fs';
import { access, lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Places } from '../../services/devices/ports.ts';
import type { Volume } from '../../services/ports.ts';
import type { DeviceTable } from './device-table.ts';
import type { MountTable } from './mount-table.ts';
import { aliasesOf, isBelow, isReadOnly, mountOf } from './mountinfo.ts';
import { type Space, SpaceMeter } from './space.ts';

/** Folders that cameras make, upper case: those of DCF, of XAVC and AVCHD (bare or below PRIVATE) and of XDCAM. */
const CAMERA_FOLDERS = new Set(['DCIM', 'AVCHD', 'XDROOT']);
const CAMERA_FOLDERS_IN_PRIVATE = new Set(['M4ROOT', 'AVCHD']);
/** All that a backup writes to below the top of a drive (contract.md, section 4). */
const OUR_FOLDERS = ['.imagetank', 'Photos', 'Other'] as const;

/** Answers about real folders and mounts. */
export class MountPlaces implements Places {
  readonly #table: MountTable;
  readonly #devices: DeviceTable;
  readonly #meter: SpaceMeter;
  readonly #canWrite: (folder: string) => Promise<boolean>;

  constructor(table: MountTable, devices: DeviceTable, meter = new SpaceMeter(), canWrite = mayCreate) {
    this.#table = table;
    this.#devices = devices;
    this.#meter = meter;
    this.#canWrite = canWrite;
  }

  realPath(path: string): Promise<string> {
    return realpath(path);
  }

  async aliases(path: string): Promise<readonly string[]> {
    return aliasesOf(await this.#table.all(), path);
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
    if (await this.#canWrite(root)) return true;
    // The top of an ext4 drive belongs to root; folders in it may have been made for us.
    const ours = OUR_FOLDERS.map(async (name) => {
      const path = join(root, name);
      return (await isRealFolder(path)) && this.#canWrite(path);
    });
    return (await Promise.all(ours)).every((isOurs) => isOurs);
  }

  async volumeOf(path: string): Promise<Volume> {
    const real = await realpath(path);
    const all = await this.#table.all();
    const mount = mountOf(all, real);
    if (mount === null) throw new Error(`${path} lies on no mount of /proc/self/mountinfo`);
    return this.#devices.volumeOf(mount, all);
  }

  isMounted(mountId: number): Promise<boolean> {
    return this.#devices.isMounted(mountId);
  }

  async mountsBelow(folder: string): Promise<readonly string[]> {
    const points = (await this.#table.all()).map(({ mountPoint }) => mountPoint);
    return [...new Set(points)].filter((point) => point !== folder && isBelow(point, folder));
  }

  async sectorsWritten(node: string): Promise<number | null> {
    // Documentation/block/stat.rst: the seventh field of a disk's or partition's counters.
    const counters = await readFile(`/sys/class/block/${basename(node)}/stat`, 'utf8').catch(() => '');
    const written = Number(counters.trim().split(/\s+/)[6]);
    return Number.isSafeInteger(written) ? written : null;
  }

  space(root: string): Promise<Space | null> {
    return this.#meter.of(root);
  }
}

const mayCreate = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );

/** Latin-1 keeps names apart that are not UTF-8; those that matter here are ASCII. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder, { encoding: 'latin1' });

/** Links are not followed: on a card they may lead anywhere. */
const isRealFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
