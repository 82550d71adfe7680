import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunTool } from '../../adapters/mounts/run-tool.ts';
import type { SysFiles } from '../../adapters/mounts/sys-files.ts';

export interface FakeContent {
  readonly label?: string;
  readonly uuid?: string;
  readonly fstype?: string;
  readonly parttype?: string;
}

export interface FakePartition extends FakeContent {
  readonly name: string;
  readonly dev: string;
  readonly number: number;
  readonly sectors?: number;
  readonly holders?: readonly string[];
}

export interface FakeDisk extends FakeContent {
  readonly name: string;
  readonly dev: string;
  /** Below `/sys/devices`, without the name. */
  readonly at: string;
  readonly sectors?: number;
  readonly removable?: boolean;
  readonly ro?: boolean;
  readonly diskseq?: number;
  /** Attributes of the device behind it, and of folders above it by their path. */
  readonly device?: Readonly<Record<string, string>>;
  readonly above?: Readonly<Record<string, string>>;
  readonly partitions?: readonly FakePartition[];
  readonly slaves?: readonly string[];
  readonly dm?: string;
}

/** sysfs, /proc and lsblk of a machine that exists in memory only. */
export class FakeMachine {
  readonly calls: string[] = [];
  udev: 'none' | 'idle' | 'busy' = 'idle';
  mountinfo = '';
  /** Answers of lsblk that are not its usual one: null is a failure. */
  readonly lsblkAnswers: (string | null)[] = [];
  /** Of blkid, by device node. */
  readonly blkid = new Map<string, string>();
  /** Runs while lsblk does. */
  duringLsblk: () => void = () => undefined;
  #disks = new Map<string, FakeDisk>();
  #inodes = new Map<string, number>();
  #lastInode = 1000;
  #tree: ReadonlyMap<string, string> = new Map();
  #links: ReadonlyMap<string, string> = new Map();

  constructor(...disks: readonly FakeDisk[]) {
    for (const disk of disks) this.put(disk);
  }

  /** Plugs a disk in, or changes what is in its slot. */
  put(disk: FakeDisk): void {
    const old = this.#disks.get(disk.name);
    for (const part of old?.partitions ?? []) this.#inodes.delete(part.name);
    this.#disks.set(disk.name, disk);
    for (const name of [disk.name, ...(disk.partitions ?? []).map((part) => part.name)]) {
      if (!this.#inodes.has(name)) this.#inodes.set(name, ++this.#lastInode);
    }
    this.#build();
  }

  pull(name: string): void {
    for (const one of [name, ...(this.#disks.get(name)?.partitions ?? []).map((part) => part.name)]) {
      this.#inodes.delete(one);
    }
    this.#disks.delete(name);
    this.#build();
  }

  mount(...lines: readonly string[]): void {
    this.mountinfo = lines.map((line) => `${line}\n`).join('');
  }

  readonly readMountinfo = async (): Promise<Uint8Array> => Buffer.from(this.mountinfo);

  readonly files: SysFiles = {
    text: async (path) => this.#tree.get(this.#resolve(path)) ?? null,
    names: async (folder) => {
      const start = `${this.#resolve(folder)}/`;
      const below = [...this.#tree.keys(), ...this.#links.keys()].filter((path) => path.startsWith(start));
      return [...new Set(below.map((path) => path.slice(start.length).split('/')[0] ?? ''))];
    },
    link: async (path) => this.#links.get(path) ?? null,
    inode: async (path) => this.#inodes.get(path.split('/').at(-1) ?? '') ?? null,
    exists: async (path) =>
      (path === '/run/udev/control' && this.udev !== 'none') ||
      (path === '/run/udev/queue' && this.udev === 'busy'),
  };

  readonly runTool: RunTool = async (file, args) => {
    this.calls.push(file);
    if (file === 'blkid') return this.blkid.get(args.at(-1) ?? '') ?? null;
    const answer = this.lsblkAnswers.length > 0 ? this.lsblkAnswers.shift() : this.#lsblk();
    this.duringLsblk();
    return answer ?? null;
  };

  /** The same as real files. */
  async writeTo(root: string): Promise<void> {
    for (const [path, text] of this.#tree) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), `${text}\n`);
    }
    for (const [path, target] of this.#links) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(target, join(root, path));
    }
  }

  #resolve(path: string): string {
    const [, name = '', rest = ''] = /^\/sys\/class\/block\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const link = this.#links.get(`/sys/class/block/${name}`);
    return link === undefined ? path : `${link.replace('../../', '/sys/')}${rest}`;
  }

  #build(): void {
    const tree = new Map<string, string>();
    const links = new Map<string, string>();
    const blocks: string[] = ['major minor  #blocks  name', ''];
    for (const disk of this.#disks.values()) {
      const path = `devices/${disk.at}/${disk.name}`;
      const node = (name: string, below: string, texts: Readonly<Record<string, string | undefined>>) => {
        links.set(`/sys/class/block/${name}`, `../../${below}`);
        for (const [file, text] of Object.entries(texts)) {
          if (text !== undefined) tree.set(`/sys/${below}/${file}`, text);
        }
      };
      const list = (folder: string, names: readonly string[] = []) =>
        Object.fromEntries(names.map((name) => [`${folder}/${name}`, '']));
      const prefixed = (folder: string, texts: Readonly<Record<string, string>> = {}) =>
        Object.fromEntries(Object.entries(texts).map(([file, text]) => [`${folder}/${file}`, text]));
      node(disk.name, path, {
        dev: disk.dev,
        size: String(disk.sectors ?? 2_000_000),
        ro: disk.ro ? '1' : '0',
        removable: disk.removable ? '1' : '0',
        diskseq: disk.diskseq?.toString(),
        'dm/name': disk.dm,
        ...prefixed('device', disk.device),
        ...list('slaves', disk.slaves),
      });
      for (const [file, text] of Object.entries(disk.above ?? {})) tree.set(`/sys/devices/${file}`, text);
      blocks.push(`${disk.dev} ${disk.sectors ?? 2_000_000} ${disk.name}`);
      for (const part of disk.partitions ?? []) {
        node(part.name, `${path}/${part.name}`, {
          dev: part.dev,
          size: String(part.sectors ?? 1_900_000),
          ro: '0',
          partition: String(part.number),
          ...list('holders', part.holders),
        });
        blocks.push(`${part.dev} ${part.sectors ?? 1_900_000} ${part.name}`);
      }
    }
    tree.set('/proc/partitions', blocks.join('\n'));
    this.#tree = tree;
    this.#links = links;
  }

  #lsblk(): string {
    const row = (one: FakeDisk | FakePartition) => ({
      'maj:min': one.dev,
      label: one.label ?? null,
      uuid: one.uuid ?? null,
      fstype: one.fstype ?? null,
      parttype: one.parttype ?? null,
    });
    const blockdevices = [...this.#disks.values()].map((disk) => ({
      ...row(disk),
      vendor: disk.device?.['vendor'] ?? null,
      model: disk.device?.['model'] ?? null,
      children: (disk.partitions ?? []).map(row),
    }));
    return JSON.stringify({ blockdevices });
  }
}
