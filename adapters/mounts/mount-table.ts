import { readFile } from 'node:fs/promises';
import { type Mount, parseMountinfo, storageBelow } from './mountinfo.ts';
import { Pulse } from './pulse.ts';

export type ReadMountinfo = () => Promise<Uint8Array>;

const readMountinfo: ReadMountinfo = () => readFile('/proc/self/mountinfo');

/** The mounts of this moment. */
export interface Listing {
  readonly all: readonly Mount[];
  /** Those below the roots that can be a card or drive and still have their device. */
  readonly live: readonly Mount[];
}

export class MountTable {
  readonly #roots: readonly string[];
  readonly #read: ReadMountinfo;
  readonly #pulse: Pulse;
  #bytes = Buffer.alloc(0);
  #mounts: readonly Mount[] = [];

  constructor(roots: readonly string[], read: ReadMountinfo = readMountinfo, pulse = new Pulse()) {
    this.#roots = roots;
    this.#read = read;
    this.#pulse = pulse;
  }

  /** Every mount; parsed again only when the text changed. Rejects when there is no /proc. */
  async all(): Promise<readonly Mount[]> {
    const bytes = Buffer.from(await this.#read());
    if (!bytes.equals(this.#bytes)) {
      this.#bytes = bytes;
      this.#mounts = parseMountinfo(bytes);
    }
    return this.#mounts;
  }

  /** `standing` says which of all mounts are still what they seem to be; a stale one must not hide another. */
  async list(standing: (all: readonly Mount[]) => readonly Mount[] = (all) => all): Promise<Listing> {
    const all = await this.all();
    const storage = storageBelow(standing(all), this.#roots);
    const alive = await Promise.all(storage.map((mount) => this.#pulse.isAlive(mount)));
    return { all, live: storage.filter((_, index) => alive[index]) };
  }

  async isLive(mountId: number): Promise<boolean> {
    const mount = (await this.all()).find((one) => one.mountId === mountId);
    return mount !== undefined && this.#pulse.isAlive(mount);
  }
}
