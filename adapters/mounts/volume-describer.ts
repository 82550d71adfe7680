import type { MountedVolume } from '../../services/devices/ports.ts';
import { probeSuperblock } from './blkid.ts';
import { type BlockDevice, deviceOf, listBlockDevices } from './lsblk.ts';
import { isReadOnly, type Mount } from './mountinfo.ts';
import { type RunTool, runTool } from './run-tool.ts';
import { isOnSystemDisk } from './system-disk.ts';

type Description = Pick<MountedVolume, 'label' | 'uuid' | 'device' | 'sizeBytes' | 'system'> & {
  readonly deviceReadOnly: boolean;
};

/**
 * Adds label, UUID and size to mounts. What was found is kept for as long as the mount stands: a later lsblk that
 * fails must not turn a card into another card in the middle of its backup.
 */
export class VolumeDescriber {
  readonly #systemPaths: readonly string[];
  readonly #run: RunTool;
  readonly #known = new Map<string, Description>();

  constructor(systemPaths: readonly string[], run: RunTool = runTool) {
    this.#systemPaths = systemPaths;
    this.#run = run;
  }

  /** Volumes for `wanted`, in its order; `mounts` are all mounts of this moment. Never throws. */
  async describe(wanted: readonly Mount[], mounts: readonly Mount[]): Promise<readonly MountedVolume[]> {
    this.#dropAllBut(mounts);
    const unknown = wanted.filter((mount) => !this.#known.has(keyOf(mount)));
    const tree = unknown.length === 0 ? [] : await this.#blockDevices();
    for (const mount of unknown) this.#known.set(keyOf(mount), await this.#look(mount, mounts, tree));
    return wanted.flatMap((mount) => {
      const found = this.#known.get(keyOf(mount));
      return found === undefined ? [] : volume(mount, found);
    });
  }

  #dropAllBut(mounts: readonly Mount[]): void {
    const standing = new Set(mounts.map(keyOf));
    for (const key of this.#known.keys()) if (!standing.has(key)) this.#known.delete(key);
  }

  /** Once more when it fails: a volume without UUID is a stranger for as long as it is mounted. */
  async #blockDevices(): Promise<readonly BlockDevice[]> {
    const tree = await listBlockDevices(this.#run);
    return tree.length > 0 ? tree : listBlockDevices(this.#run);
  }

  async #look(mount: Mount, mounts: readonly Mount[], tree: readonly BlockDevice[]): Promise<Description> {
    const block = deviceOf(tree, mount);
    const isUnnamed = block !== null && block.uuid === null && block.fsType === null;
    const probed = isUnnamed ? await probeSuperblock(block.path, this.#run) : block;
    return {
      label: probed?.label ?? null,
      uuid: probed?.uuid ?? null,
      device: block?.path ?? null,
      sizeBytes: block?.sizeBytes ?? null,
      system: isOnSystemDisk(mount, mounts, tree, this.#systemPaths),
      deviceReadOnly: block?.readOnly ?? false,
    };
  }
}

function volume(mount: Mount, found: Description): MountedVolume {
  const { deviceReadOnly, ...known } = found;
  return {
    mountId: mount.mountId,
    block: null,
    hardware: null,
    path: mount.mountPoint,
    ...known,
    fsType: mount.fsType,
    readOnly: isReadOnly(mount) || deviceReadOnly,
  };
}

/** Ids of mounts are used again by the kernel, so the id alone is not enough. */
const keyOf = (mount: Mount): string =>
  JSON.stringify([mount.mountId, mount.device, mount.source, mount.root, mount.mountPoint, mount.fsType]);
