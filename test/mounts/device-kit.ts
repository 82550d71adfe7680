import { BlockTable } from '../../adapters/mounts/block-table.ts';
import { Contents } from '../../adapters/mounts/contents.ts';
import { DeviceTable } from '../../adapters/mounts/device-table.ts';
import { MountTable } from '../../adapters/mounts/mount-table.ts';
import { Pulse } from '../../adapters/mounts/pulse.ts';
import { SYSTEM_PATHS } from '../../adapters/mounts/system-disk.ts';
import type { BlockEvent } from '../../services/devices/ports.ts';
import { type FakeDisk, FakeMachine } from './fake-machine.ts';

/** A device table over a fake machine, at a time that the test sets. */
export function bench(...disks: readonly FakeDisk[]) {
  const machine = new FakeMachine(...disks);
  /** `alive`: whether file systems answer. */
  const now = { ms: 1_000_000, alive: true };
  // The fake mounts stand on no folder.
  const pulse = new Pulse({
    statfs: async () => {
      if (!now.alive) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    },
    hasDevice: async () => true,
    setTimer: () => () => undefined,
  });
  const blocks = new BlockTable(machine.files);
  const contents = new Contents(machine.runTool);
  const mounts = new MountTable(['/media'], machine.readMountinfo, pulse);
  const table = new DeviceTable({
    mounts,
    blocks,
    contents,
    systemPaths: SYSTEM_PATHS,
    roots: ['/media'],
    monoMs: () => now.ms,
  });
  let sequence = 0;
  return {
    machine,
    table,
    blocks,
    now,
    /** What the watcher does at its start. */
    start: async () => {
      await table.look();
      await table.lookUp();
      return table.listing();
    },
    look: async () => {
      await table.look();
      return table.listing();
    },
    lookUp: async () => {
      await table.lookUp();
      return table.listing();
    },
    /** The kernel says something; gives the number of the event. */
    kernel: (action: BlockEvent['action'], disk: string, mediumChanged = false): number => {
      sequence += 1;
      table.hear({ source: 'kernel', action, disk, sequence, mediumChanged });
      return sequence;
    },
    udev: (action: BlockEvent['action'], disk: string, repeated: number): void =>
      table.hear({ source: 'udev', action, disk, sequence: repeated, mediumChanged: false }),
  };
}
