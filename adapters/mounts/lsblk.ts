import * as z from 'zod';
import { clean } from './hardware.ts';
import { type RunTool, runTool } from './run-tool.ts';

/** What is on a block device, and what it says of itself. */
export interface BlockContent {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly fsType: string | null;
  /** GUID (GPT) or `0x…` (MBR). */
  readonly partitionType: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly serial: string | null;
  readonly transport: string | null;
}

const text = z.string().nullish();
const Node = z.object({
  'maj:min': z.string(),
  label: text,
  uuid: text,
  fstype: text,
  parttype: text,
  vendor: text,
  model: text,
  serial: text,
  tran: text,
  get children() {
    return z.array(Node).optional();
  },
});
const Output = z.object({ blockdevices: z.array(Node) });

const COLUMNS = 'NAME,MAJ:MIN,LABEL,UUID,FSTYPE,PARTTYPE,VENDOR,MODEL,SERIAL,TRAN';

/** The content of every block device by its `major:minor`; null when lsblk is missing, fails or prints something else. */
export async function listContents(
  run: RunTool = runTool,
): Promise<ReadonlyMap<string, BlockContent> | null> {
  const output = await run('lsblk', ['-J', '-o', COLUMNS]);
  return output === null ? null : parseLsblk(output);
}

export function parseLsblk(output: string): ReadonlyMap<string, BlockContent> | null {
  try {
    const found = new Map<string, BlockContent>();
    collect(Output.parse(JSON.parse(output)).blockdevices, null, found);
    return found;
  } catch {
    return null;
  }
}

/** Vendor, model and serial stand at the disk only. */
function collect(
  nodes: readonly z.infer<typeof Node>[],
  parent: BlockContent | null,
  found: Map<string, BlockContent>,
): void {
  for (const node of nodes) {
    const content = {
      label: node.label || null,
      uuid: node.uuid || null,
      fsType: node.fstype || null,
      partitionType: node.parttype || null,
      vendor: clean(node.vendor) ?? parent?.vendor ?? null,
      product: clean(node.model) ?? parent?.product ?? null,
      serial: clean(node.serial) ?? parent?.serial ?? null,
      transport: node.tran || (parent?.transport ?? null),
    };
    found.set(node['maj:min'].trim(), content);
    collect(node.children ?? [], content, found);
  }
}
