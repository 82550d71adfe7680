import { BlockTable } from '../../adapters/mounts/block-table.ts';
import { Contents } from '../../adapters/mounts/contents.ts';
import { DeviceTable } from '../../adapters/mounts/device-table.ts';
import { MountTable } from '../../adapters/mounts/mount-table.ts';
import { Pulse } from '../../adapters/mounts/pulse.ts';
import { SYSTEM_PATHS } from '../../adapters/mounts/system-disk.ts';
import type { BlockEvent } from '../../services/devices/ports.ts';
import { type FakeDisk, FakeMachine } from './fake-machine.ts';

/** A pulse that finds every mount alive: the fake mounts stand on no folder. */
export const alwaysAlive = (): Pulse =>
  new Pulse({ statfs: async () => ({}), hasDevice: async () => true, setTimer: () => () => undefined });

/** A device table over a fake machine, at a time that the test sets. */
export function bench(...disks: readonly FakeDisk[]) {
  const machine = new FakeMachine(...disks);
  const now = { ms: 1_000_000 };
  const blocks = new BlockTable(machine.files);
  const contents = new Contents(machine.runTool);
  const mounts = new MountTable(['/media'], machine.readMountinfo, alwaysAlive());
  const table = new DeviceTable({
    mounts,
    blocks,
    contents,
    systemPaths: SYSTEM_PATHS,
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
