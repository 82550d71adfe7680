import { createServer, type Server } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import type { Appliance } from '../../services/appliance.ts';
import { UserError } from '../../services/errors.ts';
import { ownNames, passGate } from './gate.ts';
import { listenOnInherited, listenOnPort, listenOnSocket } from './listen.ts';
import { problemOf } from './problems.ts';
import { addRoutes } from './routes.ts';
import { Streams } from './streams.ts';

/** A command is a few paths. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** For answers that are on their way; a client that does not read them may not keep the box from shutting down. */
const CLOSE_GRACE_MS = 1000;
/** fastify loads its own compilers of schemas (1.6 MB) only where it is not given others; zod does their work. */
const NO_COMPILERS = { buildValidator: noSchemas, buildSerializer: noSchemas };
const PROBLEM = 'application/problem+json; charset=utf-8';

export interface HttpServer {
  /** Absolute path, mode 0660. Throws `UserError` 73, 75, 77. */
  listenSocket(path: string): Promise<void>;
  /** A socket that the service manager opened; it stays when the server closes. Throws `UserError` 73. */
  listenInherited(fd: number): Promise<void>;
  /** All addresses; only what `gate.ts` lets through. Returns the port, which is new when 0 is asked for. Throws 75, 77. */
  listenPort(port: number): Promise<number>;
  /** Streams that are open; for tests and for health. */
  openStreams(): number;
  /** Ends open streams. Safe twice and before listening. */
  close(): Promise<void>;
}

/** The API on the unix socket, and behind a gate on TCP: one router, two doors. */
export function createHttpServer(options: {
  readonly appliance: Appliance;
  readonly version: string;
}): HttpServer {
  const streams = new Streams();
  const app = createApp(options.appliance, options.version, streams);
  const servers = new Set<Server>();
  /** For people of the box: without Host or token. */
  const serveLocally = async (listen: (server: Server) => Promise<void>) => {
    await app.ready();
    const server = createServer((request, response) => app.routing(request, response));
    await listen(server);
    servers.add(server);
  };
  return {
    listenSocket: (path) => serveLocally((server) => listenOnSocket(server, path)),
    listenInherited: (fd) => serveLocally((server) => listenOnInherited(server, fd)),
    async listenPort(port) {
      await app.ready();
      const names = ownNames();
      const server = createServer((request, response) => {
        if (passGate(request, response, names)) app.routing(request, response);
      });
      await listenOnPort(server, port);
      servers.add(server);
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    openStreams: () => streams.count,
    async close() {
      await streams.closeAll();
      await Promise.all([...servers].map(closeServer));
      servers.clear();
      await app.close();
    },
  };
}

function createApp(appliance: Appliance, version: string, streams: Streams): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: NO_COMPILERS },
  });
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    return reply.code(problem.status).type(PROBLEM).send(JSON.stringify(problem));
  });
  app.setNotFoundHandler((request, reply) => {
    const unknown = new UserError(
      'no-such-route',
      69,
      `the daemon does not know ${request.method} ${request.url.slice(0, 200)}`,
      'restart it: it may be of another version',
    );
    return reply
      .code(404)
      .type(PROBLEM)
      .send(JSON.stringify({ ...problemOf(unknown), status: 404 }));
  });
  app.get('/healthz', () => ({ status: 'ok', version }));
  app.register(
    async (api) => {
      addRoutes(api, appliance, streams);
    },
    { prefix: '/api/v1' },
  );
  return app;
}

async function closeServer(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}

/** Called by fastify for a route that declares a schema. */
function noSchemas(): never {
  throw new Error('routes declare no schemas: bodies.ts checks what comes in');
}
