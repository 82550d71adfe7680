import type { BlockEvent, DeviceListing } from '../../services/devices/ports.ts';
import type { Volume } from '../../services/ports.ts';
import type { BlockTable } from './block-table.ts';
import type { Contents } from './contents.ts';
import type { WatchedTable } from './device-watcher.ts';
import { type Disk, type Part, partOf, partsOf } from './disk.ts';
import type { MountTable } from './mount-table.ts';
import type { Mount } from './mountinfo.ts';
import { Settling } from './settling.ts';
import { Ties } from './ties.ts';
import { blockVolume, canBeVolume, mountedVolumes, type Picture, picture, volume } from './volumes.ts';

export interface DeviceTableParts {
  readonly mounts: MountTable;
  readonly blocks: BlockTable;
  readonly contents: Contents;
  readonly systemPaths: readonly string[];
  /** Folders without symbolic links at or below which mounts are cards and drives. */
  readonly roots: readonly string[];
  /** Of a clock that nobody sets: a Pi's wall clock jumps by months when it first hears the time. */
  readonly monoMs: () => number;
}

/** What is attached, as far as it was looked at; and what is not known about it yet. */
export class DeviceTable implements WatchedTable {
  readonly #parts: DeviceTableParts;
  readonly #settling = new Settling();
  readonly #ties = new Ties();
  #now: Picture = picture([], [], [], []);
  #live: readonly Mount[] = [];
  #isTouched = true;

  constructor(parts: DeviceTableParts) {
    this.#parts = parts;
  }

  hear(event: BlockEvent): void {
    if (event.source === 'kernel' && event.mediumChanged) this.#parts.blocks.mediumChanged(event.disk);
    this.#settling.hear(event, this.#parts.monoMs());
    this.#isTouched = true;
  }

  /** The next look goes into every detail. */
  touch(): void {
    this.#isTouched = true;
  }

  /** Reads what is there now. Rejects when there is no /proc. */
  async look(): Promise<void> {
    const { blocks, mounts, systemPaths, roots, contents, monoMs } = this.#parts;
    const depth = this.#isTouched ? 'full' : 'quick';
    this.#isTouched = false;
    // In this order: a card that is changed in between has a mount that is too new, not one that is too old.
    const disks = await blocks.read(depth);
    const { all, live } = await mounts.list((standing) => this.#ties.keepTrue(standing, disks));
    this.#now = picture(disks, all, systemPaths, roots);
    this.#live = live;
    this.#settling.see(disks, await blocks.udev(), monoMs());
    contents.keepOnly(disks.flatMap(partsOf));
  }

  /** Another look soon will tell more. */
  get isWaiting(): boolean {
    return this.#settling.isWaiting;
  }

  /** There are disks that `lookUp` should look into. */
  get isIncomplete(): boolean {
    return this.#now.disks.some((disk) => this.#isOpen(disk));
  }

  #isOpen(disk: Disk): boolean {
    const { contents } = this.#parts;
    if (!this.#settling.isSettled(disk)) return false;
    return this.#settling.isStale(disk) || partsOf(disk).some((part) => contents.of(part) === null);
  }

  /** Never rejects. */
  async lookUp(): Promise<void> {
    const { contents } = this.#parts;
    const open = this.#now.disks.filter((disk) => this.#isOpen(disk));
    if (open.length === 0) return;
    // What is heard from here on makes another look-up necessary.
    for (const disk of open) this.#settling.refreshed(disk);
    await contents.lookUp(open.flatMap(partsOf), () => this.#partsNow());
  }

  async #partsNow(): Promise<readonly Part[]> {
    return (await this.#parts.blocks.read('quick')).flatMap(partsOf);
  }

  listing(): DeviceListing {
    const { contents } = this.#parts;
    const { disks } = this.#now;
    const blocks = disks.flatMap(partsOf).flatMap((part) => {
      const content = canBeVolume(part) ? contents.of(part) : null;
      return content === null ? [] : (blockVolume(part, content, this.#now) ?? []);
    });
    const announced = disks.filter((disk) => disk.removable && this.#isUnknown(disk));
    return {
      announced: announced.map((disk) => disk.path),
      blocks,
      mounts: mountedVolumes(this.#live, this.#now, (part) => contents.of(part)),
    };
  }

  #isUnknown(disk: Disk): boolean {
    const isUnread = partsOf(disk).some((part) => this.#parts.contents.of(part) === null);
    return !this.#settling.isSettled(disk) || isUnread;
  }

  /** The volume of one of the mounts of this moment; asks the device itself when it was not looked into before. */
  async volumeOf(mount: Mount, mounts: readonly Mount[]): Promise<Volume> {
    const { blocks, contents, systemPaths, roots } = this.#parts;
    const disks = await blocks.read('quick');
    const part = partOf(disks, mount);
    if (part !== null && contents.of(part) === null) await contents.lookUp([part], () => this.#partsNow());
    const content = part === null ? null : contents.of(part);
    return volume(mount, { part, content }, picture(disks, mounts, systemPaths, roots));
  }

  /** False once the mount went away, or its device or the medium did. */
  async isMounted(mountId: number): Promise<boolean> {
    const { mounts, blocks } = this.#parts;
    const disks = await blocks.read('quick');
    const all = await mounts.all();
    const isTrue = this.#ties.keepTrue(all, disks).some((mount) => mount.mountId === mountId);
    return isTrue && mounts.isLive(mountId);
  }
}
