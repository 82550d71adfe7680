import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Access } from '../../services/access/access.ts';
import type { Appliance } from '../../services/appliance.ts';
import type { Settings } from '../../services/config/settings.ts';
import { UserError } from '../../services/errors.ts';
import type { Metrics } from '../../services/metrics.ts';
import type { Certificate } from '../../services/network/ports.ts';
import { Reach } from '../../services/network/reach.ts';
import type { Clock } from '../../services/ports.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { addRoutes, createApp } from './app.ts';
import { announce, deviceOf } from './callers.ts';
import { credentialOf } from './credentials.ts';
import { Downloads } from './downloads.ts';
import { Failures } from './failures.ts';
import { ownNames, passGate, turnAway } from './gate.ts';
import type { Limits } from './guests.ts';
import { hostsForUrls } from './hosts.ts';
import { hurry } from './hurry.ts';
import type { DrawChart } from './info-routes.ts';
import { CLOSE_GRACE_MS, listenOnInherited, listenOnSocket } from './listen.ts';
import { Live } from './live.ts';
import type { NetworkDoor, Patience } from './network-door.ts';
import { Pace, type PaceOptions } from './pace.ts';
import { type Page, PLAIN_PAGE } from './page.ts';
import type { Gallery } from './picture-routes.ts';
import { sendPage } from './send-page.ts';
import { Streams } from './streams.ts';
import { pathOf } from './target.ts';

const PATIENCE: Patience = { headersMs: 10_000, requestMs: 60_000, pauseMs: 60_000, lookMs: 5000 };

export interface HttpServerOptions {
  readonly appliance: Appliance;
  readonly access: Access;
  readonly version: string;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  /** What everybody on the network may read; asked for when a port is opened. Default: a page that says how to pair. */
  readonly page?: () => Page;
  /** Told of what fails in a route and should not. Default: nobody. */
  readonly warn?: (text: string) => void;
  /** Told where the network reaches this server. Default: one that nobody else asks. */
  readonly reach?: Reach;
  /** Default: null; then nothing is known of its routes. */
  readonly gallery?: Gallery | null;
  readonly patience?: Patience;
  readonly limits?: Limits;
  readonly pace?: PaceOptions;
  /** Which kind of board it is. Default `none`. */
  readonly board?: string;
  /** Default: charts cannot be drawn here. */
  readonly draw?: DrawChart;
  /** Default: nothing is measured here. */
  readonly openMetrics?: () => Promise<Metrics>;
  /** Null where nothing can be uploaded. Default: null. */
  readonly uploads?: Uploads | null;
  /** Null where nothing can be changed. Default: null. */
  readonly settings?: Settings | null;
}

export interface HttpServer {
  /** Absolute path, mode 0660. Throws `UserError` 73, 75, 77. */
  listenSocket(path: string): Promise<void>;
  /** A socket that the service manager opened; it stays when the server closes. Throws `UserError` 73. */
  listenInherited(fd: number): Promise<void>;
  /**
   * All addresses; only what `gate.ts` lets through; with a certificate, TLS. Returns the port, which is new when 0 is asked
   * for. Throws 75, 77, 78.
   */
  listenPort(port: number, certificate?: Certificate | null): Promise<number>;
  /** Another certificate from now on, where there is TLS. Throws `UserError` 78; then the one of before goes on. */
  useCertificate(certificate: Certificate): void;
  /** Streams that are open; for tests and for health. */
  openStreams(): number;
  /** Ends open streams. Safe twice and before listening. */
  close(): Promise<void>;
}

/** The API on the unix socket, and behind a gate on TCP: one router, two doors. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const {
    access,
    page = () => PLAIN_PAGE,
    patience = PATIENCE,
    reach = ownReach(options.clock),
    limits,
  } = options;
  const pace = new Pace(options.clock, options.pace);
  const failures = new Failures({ clock: options.clock, warn: options.warn ?? (() => undefined) });
  const streams = new Streams(failures);
  const downloads = new Downloads();
  const live = new Live(options);
  const app = createApp(failures);
  const { board = 'none', draw = cannotDraw, openMetrics = noMetrics } = options;
  addRoutes(app, {
    ...options,
    ...{ board, draw, openMetrics, streams, downloads, live, pauseMs: patience.pauseMs },
    reach: () => reach.now,
  });
  const servers = new Set<Server>();
  const doors = new Map<NetworkDoor, number>();
  const left = access.left$.subscribe((device) => {
    streams.closeOf(device);
    downloads.closeOf(device);
  });
  /** For people of the box: without Host or token. */
  const serveLocally = async (listen: (server: Server) => Promise<void>) => {
    await app.ready();
    const server = createServer((request, response) => {
      announce(request, { kind: 'box' });
      app.routing(request, response);
    });
    await listen(server);
    servers.add(server);
  };
  return {
    listenSocket: (path) => serveLocally((server) => listenOnSocket(server, path)),
    listenInherited: (fd) => serveLocally((server) => listenOnInherited(server, fd)),
    async listenPort(asked, certificate = null) {
      await app.ready();
      // Only here: a daemon without a port does without.
      const { NetworkDoor } = await import('./network-door.ts');
      const gate = { names: () => reach.names, access, page: page() };
      const answer = (request: IncomingMessage, response: ServerResponse) => {
        if (response.destroyed || !passGate(request, response, gate)) return;
        const device = deviceOf(request);
        if (device !== null) {
          door.guests.recognise(request.socket);
          access.sightings.saw(device.id, request.socket.remoteAddress ?? '');
        }
        const file = gate.page.get(pathOf(request));
        if (file === undefined) app.routing(request, response);
        else sendPage(request, response, file);
      };
      const door = new NetworkDoor({
        ...{ certificate, patience, limits, names: gate.names },
        serve: (request, response) => {
          hurry(request, response, patience.requestMs);
          const leave = pace.admit({
            address: request.socket.remoteAddress ?? '',
            device: () => {
              const holder = access.holderOf(credentialOf(request)?.token ?? '');
              // Before its turn: a connection that waits with a good token is not a stranger's, which gives way.
              if (holder !== null) door.guests.recognise(request.socket);
              return holder?.id ?? null;
            },
            run: () => answer(request, response),
            refuse: (seconds) => turnAway(response, seconds),
          });
          // Until somebody reads it, only the end of its connection closes it.
          request.once('close', leave);
        },
      });
      const port = await door.listen(asked);
      doors.set(door, port);
      reach.opened(port, certificate?.fingerprint ?? null);
      return port;
    },
    useCertificate(certificate) {
      for (const [door, port] of doors) {
        door.useCertificate(certificate);
        reach.opened(port, certificate.fingerprint);
      }
    },
    openStreams: () => streams.count,
    async close() {
      left.unsubscribe();
      pace.stop();
      downloads.closeAll();
      await streams.closeAll();
      live.stop();
      reach.closed();
      await Promise.all([...[...servers].map(closeServer), ...[...doors.keys()].map((door) => door.close())]);
      servers.clear();
      doors.clear();
      await app.close();
    },
  };
}

const ownReach = (clock: Pick<Clock, 'monoMs'>) =>
  new Reach({ hosts: hostsForUrls, names: ownNames(), monoMs: () => clock.monoMs() });

async function closeServer(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

async function cannotDraw(): Promise<never> {
  throw new UserError('no-diagram', 69, 'charts cannot be drawn here', 'see the folder diagrams');
}

async function noMetrics(): Promise<never> {
  throw new UserError('no-metrics', 69, 'nothing is measured here', 'see: imagetank status');
}
