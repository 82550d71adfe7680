import fastify, { type FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Access } from '../../services/access/access.ts';
import type { Appliance } from '../../services/appliance.ts';
import type { Settings } from '../../services/config/settings.ts';
import { UserError } from '../../services/errors.ts';
import type { Where } from '../../services/network/reach.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { addAccessRoutes } from './access-routes.ts';
import { Alive, Described } from './answers.ts';
import { Api, type Operation } from './api.ts';
import { addButtonRoutes, addDriveRoutes, addSimRoutes } from './box-routes.ts';
import { authorize, callerOf } from './callers.ts';
import type { Downloads } from './downloads.ts';
import type { Failures } from './failures.ts';
import { addInfoRoutes, type InfoParts } from './info-routes.ts';
import { linesBy } from './lines.ts';
import type { Live } from './live.ts';
import { addMetricsRoute, type MetricsParts } from './metrics-routes.ts';
import { refuserOf } from './named.ts';
import type { OpenApi } from './openapi.ts';
import { addPhotoRoutes } from './photo-routes.ts';
import type { Gallery } from './picture-routes.ts';
import { problemOf } from './problems.ts';
import { addSettingsRoutes } from './settings-routes.ts';
import type { Streams } from './streams.ts';
import { addUploadRoutes } from './upload-routes.ts';
import { addWatchRoutes } from './watch-routes.ts';
import { addWorkRoutes } from './work-routes.ts';

/** A command is a few paths. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** fastify loads its own compilers of schemas (1.6 MB) only where it is not given others; zod does their work. */
const NO_COMPILERS = { buildValidator: noSchemas, buildSerializer: noSchemas };
const PROBLEM = 'application/problem+json; charset=utf-8';

export interface AppParts extends InfoParts, MetricsParts {
  readonly appliance: Appliance;
  readonly access: Access;
  readonly version: string;
  readonly streams: Streams;
  readonly live: Live;
  /** Null while nothing listens on the network. */
  readonly reach: () => Where | null;
  readonly downloads: Downloads;
  /** Null: then nothing is known of its routes. Default: null. */
  readonly gallery?: Gallery | null;
  /** Null where nothing can be uploaded. Default: null. */
  readonly uploads?: Uploads | null;
  /** Between two pieces of an upload's body. */
  readonly pauseMs: number;
  /** Null where nothing can be changed. Default: null. */
  readonly settings?: Settings | null;
}

/** Without routes: `addRoutes` has them. */
export function createApp(failures: Pick<Failures, 'problemOf'>): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: NO_COMPILERS },
  });
  answerInProblems(app, failures);
  return app;
}

/** Everything that can be asked of the daemon: a thin skin over `Appliance`, what comes in checked by zod. */
export function addRoutes(app: FastifyInstance, parts: AppParts): void {
  const { appliance, access, version, streams, reach, uploads, settings, pauseMs, gallery } = parts;
  // Before the body is read, and after it: a device may be revoked while it sends.
  for (const moment of ['onRequest', 'preHandler'] as const) {
    app.addHook(moment, async ({ raw, routeOptions }) => authorize(raw, routeOptions.config.need, access));
  }
  const operations: Operation[] = [];
  const root = new Api(app, operations);
  // Probes ask with whatever they like behind the path.
  const alive = {
    summary: 'Alive',
    need: 'anyone',
    query: z.looseObject({}),
    answer: { json: Alive },
  } as const;
  root.get('/healthz', alive, ({ request }) =>
    // Strangers need not know which holes it has.
    callerOf(request.raw).kind === 'stranger' ? { status: 'ok' } : { status: 'ok', version },
  );
  addMetricsRoute(app, root, parts);
  app.register(
    async (scope) => {
      const api = new Api(scope, operations);
      const send = linesBy(streams);
      const named = refuserOf(appliance);
      addWatchRoutes(api, appliance, parts.live, send);
      addInfoRoutes(api, parts);
      addWorkRoutes(api, appliance, send, named);
      addDriveRoutes(api.about('drives'), appliance, named);
      addPhotoRoutes(api.about('photos'), appliance);
      addButtonRoutes(api, appliance);
      addSimRoutes(api.about('simulated board'), appliance);
      addAccessRoutes(api.about('devices'), { access, streams, reach });
      if (gallery != null) {
        // Not in memory where nobody can come in to look.
        const { addPictureRoutes } = await import('./picture-routes.ts');
        const { library } = appliance;
        addPictureRoutes(api.about('photos'), { ...gallery, library, downloads: parts.downloads });
      }
      if (settings != null) addSettingsRoutes(api, settings);
      if (uploads != null) {
        addUploadRoutes(scope, api.about('uploads'), {
          uploads,
          pauseMs,
          authorize: (raw) => authorize(raw, 'owner', access),
        });
      }
      addDescription(api, version);
    },
    { prefix: '/api/v1' },
  );
}

/** Made when somebody asks for the first time: most boxes are never asked. */
function addDescription(api: Api, version: string): void {
  let made: Promise<OpenApi> | null = null;
  const make = async () => (await import('./openapi.ts')).openApi(api.operations, version);
  const about = { summary: 'This description (OpenAPI 3.1)', answer: { json: Described } };
  api.get('/openapi.json', about, () => {
    made ??= make();
    return made;
  });
}

function answerInProblems(app: FastifyInstance, failures: Pick<Failures, 'problemOf'>): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = failures.problemOf(request, error);
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
}

/** Called by fastify for a route that declares a schema. */
function noSchemas(): never {
  throw new Error('routes declare no schemas: bodies.ts checks what comes in');
}
