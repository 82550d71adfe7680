import { realpath } from 'node:fs/promises';
import type { Observable } from 'rxjs';
import type { MountedVolume, Places } from '../../services/devices/ports.ts';
import { MountTable, type ReadMountinfo } from './mount-table.ts';
import { watchVolumes } from './mount-watcher.ts';
import { MountPlaces } from './places.ts';
import type { RunTool } from './run-tool.ts';
import { SYSTEM_PATHS } from './system-disk.ts';
import { VolumeDescriber } from './volume-describer.ts';

export interface MountOptions {
  /** Absolute folders at or below which volumes are mounted: `/media`, `/run/media`, … */
  readonly roots: readonly string[];
  /** Its disk counts as a system disk. */
  readonly stateDir: string;
  readonly rescan$: Observable<void>;
  /** For tests: other sources of truth than this machine. */
  readonly readMountinfo?: ReadMountinfo;
  readonly runTool?: RunTool;
}

export interface Mounts {
  readonly volumes$: Observable<readonly MountedVolume[]>;
  readonly places: Places;
}

/** Watches the mounts of this machine. Nothing runs until `volumes$` is subscribed. */
export async function openMounts(options: MountOptions): Promise<Mounts> {
  // mountinfo knows no symbolic links; /media may be one. What does not exist may be made later.
  const real = (path: string) => realpath(path).catch(() => path);
  const roots = await Promise.all(options.roots.map(real));
  const table = new MountTable(roots, options.readMountinfo);
  const describer = new VolumeDescriber([...SYSTEM_PATHS, await real(options.stateDir)], options.runTool);
  return {
    volumes$: watchVolumes({
      list: () => table.list(),
      describe: ({ live, all }) => describer.describe(live, all),
      rescan$: options.rescan$,
    }),
    places: new MountPlaces(table, describer),
  };
}
