import { realpath } from 'node:fs/promises';
import { NEVER, type Observable, share } from 'rxjs';
import type { BlockEvent, DeviceListing, Places } from '../../services/devices/ports.ts';
import { BlockTable } from './block-table.ts';
import { Contents } from './contents.ts';
import { DeviceTable } from './device-table.ts';
import { watchDevices } from './device-watcher.ts';
import { MountTable, type ReadMountinfo } from './mount-table.ts';
import { MountPlaces } from './places.ts';
import type { RunTool } from './run-tool.ts';
import type { SysFiles } from './sys-files.ts';
import { SYSTEM_PATHS } from './system-disk.ts';

export interface MountOptions {
  /** Absolute folders at or below which volumes are mounted: `/media`, `/run/media`, … */
  readonly roots: readonly string[];
  /** Its disk counts as a system disk. */
  readonly stateDir: string;
  /** What the kernel and udev say; without it changes are found by polling, and settle after two equal readings. */
  readonly events$?: Observable<BlockEvent>;
  /** Other hints to look at once. */
  readonly rescan$: Observable<void>;
  /** For tests: other sources of truth than this machine. */
  readonly readMountinfo?: ReadMountinfo;
  readonly runTool?: RunTool;
  readonly files?: SysFiles;
}

export interface Mounts {
  /** One watch for all subscribers. See `watchDevices`. */
  readonly listing$: Observable<DeviceListing>;
  readonly places: Places;
}

/** Watches the block devices and mounts of this machine. Nothing runs until `listing$` is subscribed. */
export async function openMounts(options: MountOptions): Promise<Mounts> {
  // mountinfo knows no symbolic links; /media may be one. What does not exist may be made later.
  const real = (path: string) => realpath(path).catch(() => path);
  const roots = await Promise.all(options.roots.map(real));
  const mounts = new MountTable(roots, options.readMountinfo);
  const table = new DeviceTable({
    mounts,
    blocks: new BlockTable(options.files),
    contents: new Contents(options.runTool),
    roots,
    systemPaths: [...SYSTEM_PATHS, await real(options.stateDir)],
    monoMs: () => performance.now(),
  });
  const { events$ = NEVER, rescan$ } = options;
  const listing$ = watchDevices({ table, events$, rescan$ }).pipe(share());
  return { listing$, places: new MountPlaces(mounts, table) };
}
