import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { isDriveError, UserError } from '../../services/errors.ts';
import { UPLOAD_ID, type UploadState } from '../../services/uploads/ports.ts';
import { driveFull, noUpload } from '../../services/uploads/refusals.ts';
import { MAX_UPLOAD_BYTES } from '../../services/uploads/room.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import type { Api } from './api.ts';
import { deviceOf } from './callers.ts';
import { describeUploads, EXTENSIONS, VERSION } from './upload-description.ts';
import { UPLOAD_TYPE, UPLOADS_PATH } from './upload-paths.ts';

export interface UploadParts {
  readonly uploads: Uploads;
  /** Throws `UserError` 77 when this caller may not send any more. */
  readonly authorize: (request: IncomingMessage) => void;
  /** A client that sends nothing for so long is gone; what it sent is kept. */
  readonly pauseMs: number;
}

const count = z.number().int().nonnegative();
const Limits = z
  .object({ maxBytes: count, freeBytes: count, maxFiles: count, open: count })
  .meta({ id: 'UploadLimits' });
const Id = z.object({ id: z.string().regex(UPLOAD_ID) });
const LENGTH = /^\d{1,15}$/;

/** tus 1.0.0 with creation, expiration and termination, for owners. */
export function addUploadRoutes(app: FastifyInstance, api: Api, parts: UploadParts): void {
  const { uploads } = parts;
  const owner = { config: { need: 'owner' } } as const;
  const limits = { summary: 'How large an upload may be now, and how many are open', need: 'owner' } as const;
  api.get('/uploads/limits', { ...limits, answer: { json: Limits } }, () => uploads.limits());
  describeUploads(api);
  app.register(async (scope) => {
    // Left alone: the route reads it at the pace of the drive.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('onRequest', async (request, reply) => {
      reply.headers({ 'tus-resumable': VERSION, 'tus-version': VERSION });
      if (request.method !== 'OPTIONS') speaksTus(request);
    });
    // The words of the reason are about a card. What is thrown here goes on to the handler of all.
    scope.setErrorHandler((error) => {
      throw isDriveError(error) && error.reason === 'drive-full' ? driveFull(error) : error;
    });
    for (const path of ['/uploads', '/uploads/:id']) {
      scope.options(path, owner, (_request, reply) =>
        reply.code(204).headers({ 'tus-extension': EXTENSIONS, 'tus-max-size': MAX_UPLOAD_BYTES }).send(),
      );
    }
    scope.post('/uploads', owner, async (request, reply) => {
      refuseBody(request);
      const made = await uploads.create(senderOf(request), lengthOf(request), metadataOf(request));
      return told(reply, made).code(201).header('location', `${UPLOADS_PATH}/${made.id}`).send();
    });
    scope.head('/uploads/:id', owner, async (request, reply) => {
      const state = await uploads.state(senderOf(request), idOf(request));
      told(reply, state).code(200).header('upload-length', state.sizeBytes);
      if (state.metadata !== '') reply.header('upload-metadata', state.metadata);
      return reply.send();
    });
    scope.patch('/uploads/:id', owner, async (request, reply) => {
      // What is refused is not read to its end.
      const hangUp = () => void reply.header('connection', 'close');
      const state = await receive(request, parts).finally(() => request.raw.complete || hangUp());
      return told(reply, state).code(204).send();
    });
    scope.delete('/uploads/:id', owner, async (request, reply) => {
      refuseBody(request);
      await uploads.cancel(senderOf(request), idOf(request));
      return reply.code(204).send();
    });
  });
}

async function receive(request: FastifyRequest, parts: UploadParts): Promise<UploadState> {
  const { uploads, authorize, pauseMs } = parts;
  const { raw } = request;
  const { socket } = raw;
  if (request.headers['content-type'] !== UPLOAD_TYPE) throw wrongType();
  const cut = () => void socket.destroy();
  socket.setTimeout(pauseMs, cut);
  try {
    return await uploads.receive(senderOf(request), idOf(request), {
      offset: numberOf(request, 'upload-offset'),
      length: request.headers['content-length'] === undefined ? null : numberOf(request, 'content-length'),
      body: raw,
      cut,
      check: () => authorize(raw),
    });
  } finally {
    socket.setTimeout(0);
    socket.removeListener('timeout', cut);
  }
}

function told(reply: FastifyReply, { offset, expiresAt }: UploadState): FastifyReply {
  reply.header('upload-offset', offset);
  // RFC 9110, section 5.6.7.
  if (expiresAt !== null) reply.header('upload-expires', new Date(expiresAt).toUTCString());
  return reply;
}

const senderOf = ({ raw }: FastifyRequest) => deviceOf(raw)?.id ?? null;

/** Throws `UserError` 66: what cannot be an id is none. */
function idOf({ params }: FastifyRequest): string {
  const found = Id.safeParse(params);
  if (!found.success) throw noUpload();
  return found.data.id;
}

function metadataOf({ headers }: FastifyRequest): string {
  const found = headers['upload-metadata'];
  return typeof found === 'string' ? found : (found ?? []).join(',');
}

function lengthOf(request: FastifyRequest): number {
  if (request.headers['upload-defer-length'] === undefined) return numberOf(request, 'upload-length');
  throw badHeader('upload-defer-length', 'an upload says its length at its beginning');
}

function numberOf({ headers }: FastifyRequest, name: string): number {
  const text = headers[name];
  if (typeof text !== 'string' || !LENGTH.test(text)) throw badHeader(name, 'it is missing, or no number');
  return Number(text);
}

function refuseBody({ headers }: FastifyRequest): void {
  const isEmpty = (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;
  if (!isEmpty) throw wrongType();
}

function speaksTus({ headers }: FastifyRequest): void {
  if (headers['tus-resumable'] === VERSION) return;
  throw new UserError('wrong-protocol', 64, 'this is tus 1.0.0', `send tus-resumable: ${VERSION}`);
}

const badHeader = (name: string, what: string) =>
  new UserError('bad-request', 64, `${name}: ${what}`, 'send it as tus 1.0.0 says');

const wrongType = () =>
  new UserError(
    'wrong-upload-type',
    64,
    'bytes come with PATCH alone',
    `send them with content-type: ${UPLOAD_TYPE}`,
  );
