/** The doors of the daemon: the server with all that it is given, and where a port is, the network. */
import { createHttpServer, type HttpServer } from '../adapters/http/server.ts';
import type { Clock } from '../services/ports.ts';
import type { Composition } from './composition.ts';
import type { Network } from './network.ts';
import type { RunOptions } from './options.ts';
import { createSettings } from './settings.ts';

interface Parts {
  readonly network: Network | null;
  readonly clock: Clock;
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Which kind of board it is. */
  readonly board: string;
}

/** `restarts`: somebody asked for a start after this end. */
export function serve(
  options: RunOptions,
  { control, daemon, access, visitors, isBusy }: Composition,
  { network, clock, info, warn, board }: Parts,
): { readonly server: HttpServer; readonly restarts: () => boolean } {
  let again = false;
  const restart = async () => {
    again = true;
    await daemon.report({ type: 'ShutdownRequested', action: 'stop' });
  };
  const settings = createSettings(options, { restart: options.service ? restart : null, isBusy, info });
  for (const { what, where, hint } of options.unused) warn(`${where}: ${what}: ${hint}`);
  const server = createHttpServer({
    ...{ appliance: control, access, version: options.version, clock, settings, board, warn },
    uploads: visitors?.uploads ?? null,
    gallery: visitors?.gallery ?? null,
    draw: async (machine) => (await import('./diagrams.ts')).drawChart(machine),
    openMetrics: async () => (await import('../adapters/prometheus/prometheus.ts')).createPrometheus(),
    ...(network === null ? {} : { reach: network.reach, page: network.page }),
  });
  return { server, restarts: () => again };
}

/** Loaded only where there is a port: a box without one must not grow. */
export async function networkOf(
  { loaded: { config }, places, service }: RunOptions,
  clock: Clock,
  warn: (text: string) => void,
): Promise<Network | null> {
  if (config.port === null) return null;
  const { Network } = await import('./network.ts');
  const { port, tls, mdns } = config;
  return new Network({ port, tls, mdns, stateDir: places.stateDir, service, clock, warn });
}
