import { type RunTool, runTool } from './run-tool.ts';

export interface Superblock {
  readonly label: string | null;
  readonly uuid: string | null;
  readonly fsType: string | null;
  readonly partitionType: string | null;
}

/**
 * Reads label and UUID from the device itself. lsblk only repeats what udev found: where no udev runs (containers,
 * rescue systems) it knows nothing. Needs the right to read the device; all null without it.
 */
export async function probeSuperblock(devicePath: string, run: RunTool = runTool): Promise<Superblock> {
  const output = (await run('blkid', ['-p', '-o', 'export', '--', devicePath])) ?? '';
  const values = new Map(
    output.split('\n').map((line) => {
      const [name = '', ...value] = line.split('=');
      // The format is meant for a shell: `\ ` is a blank.
      return [name, value.join('=').replace(/\\(.)/g, '$1')] as const;
    }),
  );
  const field = (name: string) => values.get(name) || null;
  return {
    label: field('LABEL'),
    uuid: field('UUID'),
    fsType: field('TYPE'),
    partitionType: field('PART_ENTRY_TYPE'),
  };
}
