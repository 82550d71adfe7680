/** What the command line hands to the daemon and to the demo: parsed, checked, resolved. */
import type { ConfigRequest } from '../adapters/config/load.ts';
import type { ConfigProblem, LoadedConfig } from '../services/config/layers.ts';
import type { Places } from '../services/config/places.ts';

/** How a foreground program talks to its terminal. */
interface Voice {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly version: string;
}

export interface RunOptions extends Voice {
  /** Flags are already in it: `config.port` is `--port` when that was given. */
  readonly loaded: LoadedConfig;
  /** Settings of the page that cannot be used, in words. */
  readonly unused: readonly ConfigProblem[];
  /** How it was loaded, to tell what another start would load. */
  readonly configRequest: ConfigRequest;
  /** Standard output is a terminal: `auto` is the simulated board there. */
  readonly terminal: boolean;
  readonly places: Places;
  /** Started by systemd: a damaged journal is then moved aside instead of ending with 65. */
  readonly service: boolean;
  /** `--recover`: move a damaged journal aside in the foreground too. */
  readonly recover: boolean;
}

export interface DemoOptions extends Voice {
  /** Absolute; null for the cards that come with imagetank. */
  readonly card: string | null;
  /** Absolute; null for a drive that is thrown away. */
  readonly drive: string | null;
  readonly keep: boolean;
}

/** Both resolve with the exit code when everything has been let go, and throw `UserError` for what a person can mend. */
export type RunDaemon = (options: RunOptions) => Promise<number>;
export type RunDemo = (options: DemoOptions) => Promise<number>;
