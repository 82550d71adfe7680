import { probeSuperblock } from './blkid.ts';
import type { Part } from './disk.ts';
import { type BlockContent, listContents } from './lsblk.ts';
import { type RunTool, runTool } from './run-tool.ts';

const NOTHING: BlockContent = {
  label: null,
  uuid: null,
  fsType: null,
  partitionType: null,
  vendor: null,
  product: null,
  serial: null,
  transport: null,
};

/**
 * What is on partitions and disks, kept for as long as the medium is in its slot: a later lsblk that fails must not turn
 * a card into another card in the middle of its backup.
 */
export class Contents {
  readonly #run: RunTool;
  readonly #known = new Map<string, BlockContent>();

  constructor(run: RunTool = runTool) {
    this.#run = run;
  }

  of(part: Part): BlockContent | null {
    return this.#known.get(part.key) ?? null;
  }

  /**
   * Looks these up, also those that are known, and keeps what was found on media that are still there afterwards: of
   * the others it may be what is on the next card in that slot. Takes 15 s at most when lsblk and blkid hang.
   */
  async lookUp(parts: readonly Part[], partsNow: () => Promise<readonly Part[]>): Promise<void> {
    // Once more when it fails: a volume without UUID is a stranger.
    const listed = (await listContents(this.#run)) ?? (await listContents(this.#run));
    const found = await Promise.all(parts.map((part) => this.#complete(part, listed)));
    const keys = new Set((await partsNow()).map((part) => part.key));
    for (const [index, part] of parts.entries()) {
      const content = found[index];
      if (content !== undefined && keys.has(part.key)) this.#learn(part, content);
    }
  }

  /** Forgets the media that are gone. */
  keepOnly(parts: readonly Part[]): void {
    const keys = new Set(parts.map((part) => part.key));
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
  }

  async #complete(part: Part, listed: ReadonlyMap<string, BlockContent> | null): Promise<BlockContent> {
    const found = listed?.get(part.node.device) ?? NOTHING;
    const isNamed = found.fsType !== null || found.uuid !== null;
    if (isNamed) return found;
    const probed = await probeSuperblock(part.node.path, this.#run);
    return { ...found, ...probed, partitionType: found.partitionType ?? probed.partitionType };
  }

  #learn(part: Part, found: BlockContent): void {
    const before = this.#known.get(part.key);
    // Somebody who knew a file system on this very medium knows more than one who could not read it.
    const isLess = before !== undefined && before.fsType !== null && found.fsType === null;
    if (!isLess) this.#known.set(part.key, found);
  }
}
