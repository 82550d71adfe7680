import type { BlockNode, Disk } from './disk.ts';
import { hardwareOf } from './hardware.ts';
import { Media } from './media.ts';
import { type SysFiles, sysFiles } from './sys-files.ts';

const CLASS = '/sys/class/block';
/** Bytes in the unit of `size` (kernel, Documentation/ABI/stable/sysfs-block), whatever the disk's own sectors are. */
const SECTOR_BYTES = 512;
/** Memory, floppy, optical (also the "driver CD" that some drives and dongles show), the boot areas of an eMMC. */
const NO_DISK = /^(?:ram\d|zram\d|fd\d|sr\d|mtdblock\d|mmcblk\d+(?:boot|rpmb|gp))/;
/** Of quick readings in a row, one looks at everything: what the quick one does not see, as the read-only flag. */
const FULL_EVERY = 30;

/** udev, as seen from its files: works without asking it, and from a sandbox that shows `/run/udev`. */
export interface UdevState {
  readonly running: boolean;
  /** It has events in its queue. */
  readonly busy: boolean;
}

/** The disks of this moment, those of empty slots left out. Never fails: without sysfs there are none. */
export class BlockTable {
  readonly #files: SysFiles;
  readonly #media = new Media();
  #disks: readonly Disk[] = [];
  /** Names and sizes of all media. */
  #partitions: string | null = null;
  #quickReadings = Number.POSITIVE_INFINITY;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(files: SysFiles = sysFiles()) {
    this.#files = files;
  }

  async udev(): Promise<UdevState> {
    const [running, busy] = await Promise.all(
      ['control', 'queue'].map((name) => this.#files.exists(`/run/udev/${name}`)),
    );
    return { running: running === true, busy: busy === true };
  }

  mediumChanged(disk: string): void {
    this.#media.changed(disk);
  }

  /** `quick`: only looks whether something is different, most of the time. The same array when nothing is. */
  read(depth: 'quick' | 'full'): Promise<readonly Disk[]> {
    // One after the other: an older reading must not replace a newer one.
    const reading = this.#reading.then(() => this.#read(depth));
    this.#reading = reading;
    return reading;
  }

  async #read(depth: 'quick' | 'full'): Promise<readonly Disk[]> {
    const partitions = await this.#files.text('/proc/partitions');
    this.#quickReadings += 1;
    const isQuick = depth === 'quick' && this.#quickReadings < FULL_EVERY;
    if (isQuick && partitions === this.#partitions && (await this.#areSameMedia())) return this.#disks;
    const disks = await this.#scan();
    this.#partitions = partitions;
    this.#quickReadings = 0;
    if (JSON.stringify(disks) !== JSON.stringify(this.#disks)) this.#disks = disks;
    return this.#disks;
  }

  /** Two cards of one size under one name differ in their sequence number only. */
  async #areSameMedia(): Promise<boolean> {
    const same = this.#disks.map(async ({ name, removable, medium }) => {
      const sequence = removable ? await this.#files.text(`${CLASS}/${name}/diskseq`) : null;
      return sequence === null || sequence === medium;
    });
    return (await Promise.all(same)).every((isSame) => isSame);
  }

  async #scan(): Promise<readonly Disk[]> {
    const names = (await this.#files.names(CLASS)).filter((name) => !NO_DISK.test(name));
    const entries = await Promise.all(names.map((name) => this.#entry(name)));
    const present = entries.filter((entry) => entry !== null);
    for (const { node } of present) if (node.partition === null) this.#media.see(node.name, node.sizeBytes);
    this.#media.keepOnly(new Set(present.map(({ node }) => node.name)));
    const whole = present.filter(({ node }) => node.partition === null && node.sizeBytes > 0);
    const disks = whole.map(async ({ node, target }) => {
      const partitions = present.filter(
        (one) => one.node.partition !== null && parentOf(one.target) === target,
      );
      return this.#disk(node, target, partitions.map((one) => one.node).toSorted(byPartition));
    });
    return (await Promise.all(disks)).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  async #entry(name: string): Promise<{ readonly node: BlockNode; readonly target: string } | null> {
    const folder = `${CLASS}/${name}`;
    const [link, size] = await Promise.all([this.#files.link(folder), this.#files.text(`${folder}/size`)]);
    if (link === null || size === null) return null;
    const target = link.replace(/^(?:\.\.\/)+/, '/sys/');
    const sizeBytes = Number(size) * SECTOR_BYTES;
    const empty = {
      name,
      path: `/dev/${name}`,
      device: '',
      readOnly: false,
      partition: null,
      holders: [],
      inode: null,
    };
    if (!Number.isSafeInteger(sizeBytes)) return null;
    // An idle machine has a dozen of these; a partition of size 0 does not exist.
    if (sizeBytes === 0) return { node: { ...empty, sizeBytes }, target };
    const text = (file: string) => this.#files.text(`${folder}/${file}`);
    const [device, ro, partition, mapped, holders, inode] = await Promise.all([
      text('dev'),
      text('ro'),
      text('partition'),
      text('dm/name'),
      this.#files.names(`${folder}/holders`),
      this.#files.inode(folder),
    ]);
    if (device === null) return null;
    const path = mapped === null ? `/dev/${name.replaceAll('!', '/')}` : `/dev/mapper/${mapped}`;
    const node = { name, path, device, sizeBytes, readOnly: ro === '1', holders: holders.toSorted(), inode };
    return { node: { ...node, partition: partition === null ? null : Number(partition) }, target };
  }

  async #disk(node: BlockNode, target: string, partitions: readonly BlockNode[]): Promise<Disk> {
    const [hardware, removable, sequence, slaves] = await Promise.all([
      hardwareOf(this.#files, target),
      this.#files.text(`${CLASS}/${node.name}/removable`),
      this.#files.text(`${CLASS}/${node.name}/diskseq`),
      this.#files.names(`${CLASS}/${node.name}/slaves`),
    ]);
    return {
      ...node,
      medium: sequence ?? this.#media.numberOf(node, partitions),
      removable: removable === '1' || hardware.pluggable,
      hardware,
      partitions,
      slaves: slaves.toSorted(),
    };
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

const byPartition = (one: BlockNode, other: BlockNode): number =>
  (one.partition ?? 0) - (other.partition ?? 0);
