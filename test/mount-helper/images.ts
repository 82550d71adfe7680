/**
 * File systems in files, made by their own tools and then changed byte by byte, so that nothing needs a kernel driver.
 * Layouts: Microsoft FAT specification 1.03, exFAT specification (both public), ext4 in Linux' Documentation/filesystems.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';

const make = (image: string, sizeMb: number, file: string, ...args: readonly string[]): void => {
  writeFileSync(image, '');
  truncateSync(image, sizeMb * 1024 * 1024);
  execFileSync(file, [...args, image], { stdio: 'ignore', env: TOOL_ENV });
};

const TOOL_ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

export const hasTool = (file: string): boolean => spawnSync(file, { env: TOOL_ENV }).error === undefined;

/** Reads an image, lets it be changed, writes it. */
export function edit(image: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(image);
  change(bytes);
  writeFileSync(image, bytes);
}

/** A FAT with two files in its root folder, each 8 clusters long. */
export class FatImage {
  readonly path: string;
  readonly bytes: Buffer;
  readonly #bits: 16 | 32;

  constructor(path: string, bits: 16 | 32) {
    this.path = path;
    make(path, bits === 16 ? 16 : 40, 'mkfs.fat', '-F', String(bits), '-s', bits === 16 ? '4' : '1');
    this.bytes = readFileSync(path);
    this.#bits = bits;
    // FAT32 keeps its root folder in cluster 2.
    this.addFile('FIRST   JPG', 0, 10);
    this.addFile('SECOND  JPG', 1, 30);
    this.save();
  }

  addFile(name: string, slot: number, cluster: number): void {
    const at = this.entry(slot);
    this.bytes.write(name, at, 'latin1');
    this.bytes[at + 11] = 0x20;
    this.bytes.writeUInt16LE(0x5c75, at + 24);
    this.bytes.writeUInt16LE(cluster, at + 26);
    this.bytes.writeUInt32LE(8 * this.#clusterBytes, at + 28);
    for (let one = cluster; one < cluster + 8; one++)
      this.link(one, one === cluster + 7 ? this.end : one + 1);
  }

  /** Says that cluster `from` is followed by `to`, in both tables or in one of them. */
  link(from: number, to: number, tables: readonly number[] = [0, 1]): void {
    for (const table of tables) {
      const start = (this.#reserved + table * this.#tableSectors) * this.#sectorBytes;
      if (this.#bits === 16) this.bytes.writeUInt16LE(to, start + from * 2);
      else this.bytes.writeUInt32LE(to, start + from * 4);
    }
  }

  /** Where a root folder's entry lies. */
  entry(slot: number): number {
    return (this.#reserved + 2 * this.#tableSectors) * this.#sectorBytes + slot * 32;
  }

  get end(): number {
    return this.#bits === 16 ? 0xffff : 0x0fffffff;
  }

  /** As it stands when the power goes. */
  soil(): void {
    const at = this.#bits === 16 ? 0x25 : 0x41;
    this.bytes[at] = (this.bytes[at] ?? 0) | 1;
  }

  save(): void {
    writeFileSync(this.path, this.bytes);
  }

  get #sectorBytes(): number {
    return this.bytes.readUInt16LE(11);
  }

  get #clusterBytes(): number {
    return this.#sectorBytes * (this.bytes[13] ?? 0);
  }

  get #reserved(): number {
    return this.bytes.readUInt16LE(14);
  }

  get #tableSectors(): number {
    return this.bytes.readUInt16LE(22) || this.bytes.readUInt32LE(36);
  }
}

/** Attributes of an entry (exFAT specification 7.4.4). */
const FOLDER = 0x10;
const FILE = 0x20;

/** An exFAT with two files in its root folder, each 4 clusters long in a chain. */
export class ExfatImage {
  readonly path: string;
  readonly bytes: Buffer;
  readonly #first: number;

  constructor(path: string) {
    this.path = path;
    make(path, 16, 'mkfs.exfat');
    this.bytes = readFileSync(path);
    const root = this.#cluster(this.bytes.readUInt32LE(96));
    // mkfs.exfat leaves a few entries of its own; a zero ends the folder.
    this.#first = [...Array(8).keys()].map((i) => root + i * 32).find((at) => this.bytes[at] === 0) ?? root;
    this.addFile('FIRST.JPG', 0, 20);
    this.addFile('SECOND.JPG', 1, 30);
    this.save();
  }

  /** `folder`: the cluster of the one it lies in, 0 for the root. */
  addFile(name: string, slot: number, cluster: number, folder = 0): void {
    this.#add(name, FILE, slot, cluster, folder);
  }

  /** A folder without entries, 4 clusters long. */
  addFolder(name: string, slot: number, cluster: number, folder = 0): void {
    this.#add(name, FOLDER, slot, cluster, folder);
    this.bytes.fill(0, this.#cluster(cluster), this.#cluster(cluster + 4));
  }

  #add(name: string, attribute: number, slot: number, cluster: number, folder: number): void {
    const at = this.entry(slot, folder);
    const length = 4 * this.#clusterBytes;
    this.bytes.set([0x85, 2], at);
    this.bytes.writeUInt16LE(attribute, at + 4);
    this.bytes.set([0xc0, 1, 0, name.length], at + 32);
    this.bytes.writeUInt16LE(hashOf(name.toUpperCase()), at + 36);
    this.bytes.writeBigUInt64LE(BigInt(length), at + 40);
    this.bytes.writeUInt32LE(cluster, at + 52);
    this.bytes.writeBigUInt64LE(BigInt(length), at + 56);
    this.bytes[at + 64] = 0xc1;
    this.bytes.write(name, at + 66, 'utf16le');
    for (let one = cluster; one < cluster + 4; one++) {
      this.link(one, one === cluster + 3 ? 0xffffffff : one + 1);
      this.take(one, true);
    }
    this.seal(slot, folder);
  }

  link(from: number, to: number): void {
    this.bytes.writeUInt32LE(to, this.#sectors(80) + from * 4);
  }

  /** Marks a cluster as used or free. The bitmap is the first cluster of the heap. */
  take(cluster: number, used: boolean): void {
    const at = this.#cluster(2) + ((cluster - 2) >> 3);
    const bit = 1 << ((cluster - 2) & 7);
    this.bytes[at] = used ? (this.bytes[at] ?? 0) | bit : (this.bytes[at] ?? 0) & ~bit;
  }

  /** Where a file's entries lie, in the root after those of mkfs.exfat. */
  entry(slot: number, folder = 0): number {
    return (folder === 0 ? this.#first : this.#cluster(folder)) + slot * 96;
  }

  /** Writes the checksum of a file's entries. */
  seal(slot: number, folder = 0): void {
    const at = this.entry(slot, folder);
    let sum = 0;
    for (let i = 0; i < 96; i++) {
      if (i !== 2 && i !== 3) sum = (((sum & 1) << 15) + (sum >> 1) + (this.bytes[at + i] ?? 0)) & 0xffff;
    }
    this.bytes.writeUInt16LE(sum, at + 2);
  }

  soil(): void {
    this.bytes[106] = (this.bytes[106] ?? 0) | 2;
  }

  save(): void {
    writeFileSync(this.path, this.bytes);
  }

  #sectors(at: number): number {
    return this.bytes.readUInt32LE(at) << (this.bytes[108] ?? 0);
  }

  get #clusterBytes(): number {
    return 1 << ((this.bytes[108] ?? 0) + (this.bytes[109] ?? 0));
  }

  #cluster(number: number): number {
    return this.#sectors(88) + (number - 2) * this.#clusterBytes;
  }
}

/** exFAT specification 7.6.4; the name is in capitals already. */
function hashOf(name: string): number {
  return [...Buffer.from(name, 'utf16le')].reduce(
    (hash, byte) => (((hash & 1) << 15) + (hash >> 1) + byte) & 0xffff,
    0,
  );
}

/** An ext file system with a folder and two files. No checksums, so that its bytes can be changed. */
export function extImage(path: string, kind: 'ext2' | 'ext4'): void {
  const content = `${path}.content`;
  mkdirSync(`${content}/folder`, { recursive: true });
  for (const name of ['first', 'second'])
    writeFileSync(`${content}/folder/${name}`, Buffer.alloc(40_000, name));
  make(path, 8, `mkfs.${kind}`, '-q', '-F', '-O', '^metadata_csum,^64bit', '-d', content);
}

/** `s_state`: 1 let go of, 2 errors. */
export const setExtState = (image: string, state: number): void =>
  edit(image, (bytes) => bytes.writeUInt16LE(state, 1024 + 58));

/** A change by e2fsprogs' own editor. */
export const debugfs = (image: string, order: string): void => {
  execFileSync('debugfs', ['-w', '-R', order, image], { stdio: 'ignore', env: TOOL_ENV });
};
