import { z } from 'zod';
import type { Mount } from './mountinfo.ts';
import { type RunTool, runTool } from './run-tool.ts';

/** A node of the tree that lsblk prints: a disk, its partitions, what is stacked on them (LVM, LUKS, RAID). */
export interface BlockDevice {
  readonly path: string;
  /** `major:minor`. */
  readonly device: string;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly sizeBytes: number | null;
  readonly fsType: string | null;
  readonly readOnly: boolean;
  readonly children: readonly BlockDevice[];
}

const text = z.string().nullish();
/** util-linux before 2.33 prints numbers and booleans as strings. */
const Node = z.object({
  path: z.string(),
  'maj:min': z.string(),
  label: text,
  uuid: text,
  size: z.union([z.number(), z.string()]).nullish(),
  fstype: text,
  ro: z.union([z.boolean(), z.string()]).nullish(),
  get children() {
    return z.array(Node).optional();
  },
});
const Output = z.object({ blockdevices: z.array(Node) });

const COLUMNS = 'NAME,PATH,MAJ:MIN,LABEL,UUID,SIZE,FSTYPE,RO';

/** Every block device as a tree; empty when lsblk is missing, fails or prints something else. */
export async function listBlockDevices(run: RunTool = runTool): Promise<readonly BlockDevice[]> {
  const output = await run('lsblk', ['-J', '-b', '-o', COLUMNS]);
  return output === null ? [] : parseLsblk(output);
}

export function parseLsblk(output: string): readonly BlockDevice[] {
  try {
    return Output.parse(JSON.parse(output)).blockdevices.map(blockDevice);
  } catch {
    return [];
  }
}

function blockDevice(node: z.infer<typeof Node>): BlockDevice {
  const sizeBytes = Number(node.size ?? Number.NaN);
  return {
    path: node.path,
    device: node['maj:min'].trim(),
    label: node.label || null,
    uuid: node.uuid || null,
    sizeBytes: Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? sizeBytes : null,
    fsType: node.fstype || null,
    readOnly: node.ro === true || node.ro === '1',
    children: (node.children ?? []).map(blockDevice),
  };
}

/** btrfs mounts carry an anonymous number, only their source names the device. */
const isOf = (block: BlockDevice, mount: Mount): boolean =>
  block.device === mount.device || block.path === mount.source;

/** The device that is mounted; null for tmpfs, overlay and others without one. */
export function deviceOf(tree: readonly BlockDevice[], mount: Mount): BlockDevice | null {
  for (const block of tree) {
    const found = isOf(block, mount) ? block : deviceOf(block.children, mount);
    if (found !== null) return found;
  }
  return null;
}

/** Paths of the whole disks below a mount: several for RAID, none for tmpfs. */
export function disksOf(tree: readonly BlockDevice[], mount: Mount): readonly string[] {
  return tree.filter((disk) => deviceOf([disk], mount) !== null).map((disk) => disk.path);
}
