import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Appliance } from '../../services/appliance.ts';
import {
  AdoptBody,
  BackupBody,
  CheckBody,
  FolderBody,
  HistoryQuery,
  HoldBody,
  IndexBody,
  InsertBody,
  JournalQuery,
  NoBody,
  PowerBody,
  PreviewBody,
  RemoveBody,
  TargetBody,
  VerifyBody,
  validated,
} from './bodies.ts';
import { journalLines } from './journal-lines.ts';
import { addPhotoRoutes } from './photo-routes.ts';
import { queueOf } from './queue.ts';
import type { Streams } from './streams.ts';

/** Everything that can be asked of the daemon: a thin skin over `Appliance`, bodies checked by zod. */
export function addRoutes(app: FastifyInstance, appliance: Appliance, streams: Streams): void {
  const stream = (request: FastifyRequest, reply: FastifyReply, begin: () => AsyncIterable<unknown>) =>
    streams.send(request, reply, begin);

  app.get('/status', () => appliance.status());
  app.get('/cards', async () => (await appliance.status()).cards);
  app.get('/history', (request, reply) => {
    const { last } = validated(HistoryQuery, request.query);
    return stream(request, reply, () => each(appliance.history(last === undefined ? {} : { last })));
  });
  app.get('/events', (request, reply) => stream(request, reply, () => queueOf(appliance.lights$)));
  app.get('/journal', (request, reply) => {
    const range = validated(JournalQuery, request.query);
    return stream(request, reply, () => journalLines(appliance, range));
  });

  app.post('/backups', async (request, reply) => {
    const started = await appliance.backup(validated(BackupBody, request.body));
    return reply.code(202).send(started);
  });
  app.get<{ Params: { id: string } }>('/backups/:id/events', (request, reply) =>
    stream(request, reply, () =>
      queueOf(appliance.follow(request.params.id), {
        replaces: (waiting, next) => 'progress' in waiting && 'progress' in next,
      }),
    ),
  );
  // Long work. POST: a check that says no takes green away, verify takes marks away, and both keep a disk busy.
  app.post('/check', (request, reply) => {
    const { card, ...options } = validated(CheckBody, request.body);
    return stream(request, reply, () => appliance.check(card, options));
  });
  app.post('/library/preview', (request, reply) => {
    const { card, ...asked } = validated(PreviewBody, request.body);
    return stream(request, reply, () => appliance.preview(card, asked));
  });
  app.post('/verify', (request, reply) => {
    const { target, ...options } = validated(VerifyBody, request.body);
    return stream(request, reply, () => appliance.verify(target, options));
  });
  app.post('/library/index', (request, reply) => {
    const { dir, ...options } = validated(IndexBody, request.body);
    return stream(request, reply, () => appliance.index(dir, options));
  });
  app.get('/drives', () => appliance.drives());
  app.post('/drives/adopt', (request) => {
    const { target, force } = validated(AdoptBody, request.body);
    return appliance.adopt(target, force);
  });
  app.post('/drives/forget', (request) => appliance.forget(validated(TargetBody, request.body).target));
  app.post('/drives/eject', (request) => appliance.eject(validated(TargetBody, request.body).target));

  app.post('/ack', (request) => {
    validated(NoBody, request.body);
    return done(appliance.acknowledge());
  });
  app.post('/power', (request) => done(appliance.power(validated(PowerBody, request.body).action)));
  addPhotoRoutes(app, appliance);
  addSimRoutes(app, appliance);
}

function addSimRoutes(app: FastifyInstance, appliance: Pick<Appliance, 'sim'>): void {
  app.post('/sim/insert', (request) => {
    const { dir, label } = validated(InsertBody, request.body);
    return appliance.sim.insert(dir, label);
  });
  app.post('/sim/remove', (request) => done(appliance.sim.remove(validated(RemoveBody, request.body).dir)));
  app.post('/sim/drive-in', (request) => appliance.sim.driveIn(validated(FolderBody, request.body).dir));
  app.post('/sim/drive-out', (request) =>
    done(appliance.sim.driveOut(validated(FolderBody, request.body).dir)),
  );
  app.post('/sim/press', (request) => {
    validated(NoBody, request.body);
    return done(appliance.sim.press());
  });
  app.post('/sim/hold', (request) => done(appliance.sim.hold(validated(HoldBody, request.body).ms)));
}

/** What has no answer of its own answers `{ok: true}`: an empty body is easily taken for a broken one. */
async function done(work: Promise<void>): Promise<{ readonly ok: true }> {
  await work;
  return { ok: true };
}

async function* each<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values;
}
