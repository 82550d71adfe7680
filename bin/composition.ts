/** What a daemon is made of, and what comes out. */
import type { Drive } from '../machines/media.ts';
import type { Access } from '../services/access/access.ts';
import type { Config } from '../services/config/schema.ts';
import type { Control } from '../services/control/control.ts';
import type { SimButton } from '../services/control/sim.ts';
import type { Daemon } from '../services/daemon.ts';
import type { Mounter } from '../services/devices/ports.ts';
import type { HealthSource } from '../services/health/ports.ts';
import type { OpenInbox } from '../services/inbox/ports.ts';
import type { CardReader, DriveStore } from '../services/media-ports.ts';
import type { PictureMaker } from '../services/pictures/ports.ts';
import type { Board, Clock, PowerSwitch, Store } from '../services/ports.ts';
import type { LightLine, Problem, Status } from '../services/shapes.ts';
import type { OpenUploads } from '../services/uploads/ports.ts';
import type { Visitors } from './visitors.ts';

export interface ComposeOptions {
  readonly version: string;
  readonly config: Config;
  readonly stateDir: string;
  readonly store: Store;
  readonly board: Board;
  /** The finger on the simulated board; null on any other. */
  readonly button: SimButton | null;
  readonly power: PowerSwitch;
  /** False: only folders that are named, no mounted volumes. */
  readonly mounts: boolean;
  /** Runs with the devices before they count as known. */
  readonly prepare?: (control: Control) => Promise<void>;
  readonly onLight: (line: LightLine) => void;
  /** Where the network reaches this box. Default: nowhere. */
  readonly address?: () => Status['address'];
  readonly warn: (text: string) => void;
  /** What a person has to mend and no part of it tells. */
  readonly problems?: () => readonly Problem[];
  /** Stands in for a real adapter: to inject faults around it, to shorten delays. */
  readonly ports?: {
    readonly clock?: Clock;
    readonly cards?: CardReader;
    readonly openDrive?: (drive: Drive) => Promise<DriveStore>;
    readonly openInbox?: OpenInbox;
    readonly openUploads?: OpenUploads;
    readonly pictureMaker?: PictureMaker;
    readonly mounter?: Mounter;
    readonly health?: HealthSource;
  };
}

export interface Composition {
  /** Who may come in over the network. */
  readonly access: Access;
  readonly control: Control;
  readonly daemon: Daemon;
  /** Null where nothing comes in over the network: it costs memory. */
  readonly visitors: Visitors | null;
  /** Something is copied, checked or sent just now. */
  readonly isBusy: () => boolean;
}
