import type { BlockNode } from './disk.ts';

interface Slot {
  readonly sizeBytes: number;
  readonly change: number;
}

/**
 * Numbers of media where the kernel has none (before Linux 5.15). Inodes of sysfs are new each time that a device or
 * partition appears; changes in a slot are counted, as far as they are heard of or another size shows them.
 */
export class Media {
  readonly #slots = new Map<string, Slot>();

  /** The kernel said that the medium of this disk changed. */
  changed(name: string): void {
    const slot = this.#slots.get(name);
    if (slot !== undefined) this.#slots.set(name, { ...slot, change: slot.change + 1 });
  }

  /** Also to be called for empty slots, with size 0. */
  see(name: string, sizeBytes: number): void {
    const slot = this.#slots.get(name);
    const isOther = slot !== undefined && slot.sizeBytes !== sizeBytes;
    this.#slots.set(name, { sizeBytes, change: (slot?.change ?? 0) + (isOther ? 1 : 0) });
  }

  numberOf(disk: Pick<BlockNode, 'name' | 'inode'>, partitions: readonly BlockNode[]): string {
    const inodes = [disk, ...partitions.slice(0, 1)].map((node) => node.inode ?? 0);
    return `i${inodes.join('-')}.${this.#slots.get(disk.name)?.change ?? 0}`;
  }

  /** Forgets the disks that are gone. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#slots.keys()) if (!names.has(name)) this.#slots.delete(name);
  }
}
