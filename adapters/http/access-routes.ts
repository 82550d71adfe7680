import type { FastifyReply } from 'fastify';
import { map } from 'rxjs';
import * as z from 'zod';
import type { Access } from '../../services/access/access.ts';
import {
  AdmittedShape,
  DeviceShape,
  ListedDeviceShape,
  PairingMessageShape,
} from '../../services/access/shapes.ts';
import { UserError } from '../../services/errors.ts';
import type { Where } from '../../services/network/reach.ts';
import type { Api } from './api.ts';
import { DeviceParams, InviteBody, PairBody, TokenBody } from './bodies.ts';
import { deviceOf } from './callers.ts';
import { cookieOf, isEncrypted } from './credentials.ts';
import { queueOf } from './queue.ts';
import type { Streams } from './streams.ts';

interface Parts {
  readonly access: Access;
  readonly streams: Streams;
  /** Null while nothing listens on the network. */
  readonly reach: () => Where | null;
}

const Paired = z.object({ device: DeviceShape });

/** The way in, and who has come in. Tokens and codes are made on the box only: a stolen cookie makes no other one. */
export function addAccessRoutes(api: Api, { access, streams, reach }: Parts): void {
  const pair = {
    summary: 'Come in with the six digits, or by the button',
    need: 'anyone',
    body: PairBody,
  } as const;
  api.post('/pair', { ...pair, answer: { status: 201, json: Paired } }, async ({ body, request, reply }) => {
    const { socket } = request.raw;
    const answer = await access.pair({ ...body, address: socket.remoteAddress ?? '' });
    if (answer.type === 'too-many') throw tooMany(reply, answer.retryAfterMs);
    if (answer.type === 'refused') throw REFUSALS[answer.why]();
    const { device, token } = answer;
    reply.header('set-cookie', cookieOf(token, isEncrypted(socket)));
    return { device };
  });
  const leave = { summary: 'Come in no more with this token', need: 'viewer' } as const;
  api.post('/unpair', { ...leave, answer: { json: Paired } }, async ({ request, reply }) => {
    const device = deviceOf(request.raw);
    if (device === null) throw onTheBox();
    await access.unpair(device.id);
    reply.header('set-cookie', cookieOf(null, isEncrypted(request.raw.socket)));
    return { device };
  });
  const devices = { summary: 'Who may come in', need: 'owner' } as const;
  api.get('/devices', { ...devices, answer: { json: z.array(ListedDeviceShape) } }, () =>
    listed(access, streams.readers),
  );
  const revoke = { summary: 'A device may come in no more', params: DeviceParams } as const;
  api.delete('/devices/:id', { ...revoke, answer: { json: DeviceShape } }, ({ params }) =>
    access.unpair(params.id),
  );
  const invite = {
    summary: 'Show a code, until a device has come in or five minutes are over',
    need: 'box',
    body: InviteBody,
    answer: { lines: PairingMessageShape },
  } as const;
  api.post('/pairing', invite, ({ body, request, reply }) => {
    const where = reachable(reach);
    return streams.send(request, reply, () =>
      queueOf(
        access
          .invite(body)
          .pipe(map((message) => ('open' in message ? { open: { ...message.open, ...where } } : message))),
      ),
    );
  });
  const tokens = { summary: 'A token for a script', need: 'box', body: TokenBody } as const;
  api.post('/tokens', { ...tokens, answer: { status: 201, json: AdmittedShape } }, async ({ body }) => {
    const where = reachable(reach);
    return { ...(await access.admit(body)), ...where };
  });
}

/** Whoever has a stream open is there now, however long ago it asked for it. */
function listed(access: Access, readers: ReadonlySet<string>): readonly ListedDeviceShape[] {
  for (const reader of readers) access.sightings.still(reader);
  return access.devices.map((device) => {
    const seen = access.sightings.of(device.id);
    return { ...device, lastSeenAt: seen?.at ?? null, lastSeenOver: seen?.family ?? null };
  });
}

/** Throws `UserError` 78: nobody could come in. */
function reachable(reach: () => Where | null): Where {
  const where = reach();
  if (where !== null) return where;
  throw new UserError(
    'no-port',
    78,
    'nothing can come in: imagetank listens on no TCP port',
    'set port = 8080 in /etc/imagetank/config.toml (or: imagetank run --port 8080) and start it again',
  );
}

function tooMany(reply: FastifyReply, retryAfterMs: number): UserError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  reply.header('retry-after', seconds);
  return new UserError('too-many-guesses', 75, 'too many wrong codes', `try again in ${seconds} s`);
}

const notOpen = () =>
  new UserError(
    'no-pairing',
    1,
    'nobody can come in now',
    'run imagetank pair on the box, or press its button three times; if you did, somebody else was quicker: see imagetank pair list',
  );

const wrongCode = () =>
  new UserError('wrong-code', 77, 'this is not the code', 'type the six digits that imagetank pair shows');

const tooEarly = () =>
  new UserError(
    'asked-too-early',
    77,
    'who asked in vain within ten minutes does not come in by the button',
    'run imagetank pair on the box for a code, or press the button again in ten minutes and ask after that',
  );

const REFUSALS = { 'not-open': notOpen, 'wrong-code': wrongCode, 'too-early': tooEarly } as const;

const onTheBox = () =>
  new UserError(
    'not-a-device',
    64,
    'only a paired device can leave',
    'revoke one by name: imagetank pair revoke NAME',
  );
