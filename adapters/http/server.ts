import { createServer, type Server } from 'node:http';
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
import { announce } from './callers.ts';
import { Downloads } from './downloads.ts';
import { Failures } from './failures.ts';
import { ownNames } from './gate.ts';
import type { Limits } from './guests.ts';
import { hostsForUrls } from './hosts.ts';
import type { DrawChart } from './info-routes.ts';
import { CLOSE_GRACE_MS, listenOnInherited, listenOnSocket } from './listen.ts';
import { Live } from './live.ts';
import { Network } from './network.ts';
import type { Patience, Serve } from './network-door.ts';
import type { PaceOptions } from './pace.ts';
import { type Page, PLAIN_PAGE } from './page.ts';
import type { Gallery } from './picture-routes.ts';
import { Streams } from './streams.ts';

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
    clock,
    page = () => PLAIN_PAGE,
    patience = PATIENCE,
    reach = ownReach(clock),
    limits,
  } = options;
  const failures = new Failures({ clock, warn: options.warn ?? (() => undefined) });
  const streams = new Streams(failures);
  const downloads = new Downloads(failures);
  const live = new Live(options);
  const app = createApp(failures);
  const { board = 'none', draw = cannotDraw, openMetrics = noMetrics } = options;
  addRoutes(app, {
    ...options,
    ...{ board, draw, openMetrics, streams, downloads, live, pauseMs: patience.pauseMs },
    reach: () => reach.now,
  });
  const route: Serve = (request, response) => app.routing(request, response);
  const people = new PeopleOfTheBox(route);
  const network = new Network({
    ...{ access, clock, reach, page, patience, limits, route },
    pace: options.pace,
  });
  const left = access.left$.subscribe((device) => {
    streams.closeOf(device);
    downloads.closeOf(device);
  });
  const ready = async () => void (await app.ready());
  return {
    listenSocket: (path) => ready().then(() => people.listen((server) => listenOnSocket(server, path))),
    listenInherited: (fd) => ready().then(() => people.listen((server) => listenOnInherited(server, fd))),
    listenPort: (asked, certificate = null) => ready().then(() => network.listen(asked, certificate)),
    useCertificate: (certificate) => network.useCertificate(certificate),
    openStreams: () => streams.count,
    async close() {
      left.unsubscribe();
      network.forgetWaiting();
      downloads.closeAll();
      await streams.closeAll();
      live.stop();
      reach.closed();
      await Promise.all([people.close(), network.close()]);
      await app.close();
    },
  };
}

/** On sockets of the file system: without Host or token. */
class PeopleOfTheBox {
  readonly #route: Serve;
  readonly #servers = new Set<Server>();

  constructor(route: Serve) {
    this.#route = route;
  }

  async listen(listen: (server: Server) => Promise<void>): Promise<void> {
    const server = createServer((request, response) => {
      announce(request, { kind: 'box' });
      this.#route(request, response);
    });
    await listen(server);
    this.#servers.add(server);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers].map(closeServer));
    this.#servers.clear();
  }
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
