import type { IncomingMessage } from 'node:http';
import type { Access } from '../../services/access/access.ts';
import type { Device } from '../../services/access/book.ts';
import { UserError } from '../../services/errors.ts';

/** `box`: somebody who may use the unix socket. `stranger`: from the network, without a token. */
export type Caller =
  | { readonly kind: 'box' }
  | { readonly kind: 'device'; readonly device: Device }
  | { readonly kind: 'stranger' };

/** Who may ask a route: all from this one on may. */
export type Need = 'anyone' | 'viewer' | 'owner' | 'box';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default: `viewer` to read, `owner` for everything else. */
    readonly need?: Need;
  }
}

/** Filled by the doors, in front of the router. */
const callers = new WeakMap<IncomingMessage, Caller>();

export function announce(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

/** One that came through no door is a stranger. */
export const callerOf = (request: IncomingMessage): Caller => callers.get(request) ?? { kind: 'stranger' };

/** The device that asks; null for the box and for strangers. */
export function deviceOf(request: IncomingMessage): Device | null {
  const caller = callerOf(request);
  return caller.kind === 'device' ? caller.device : null;
}

const RANK = { anyone: 0, viewer: 1, owner: 2, box: 3 } as const satisfies Record<Need, number>;

/** Throws `UserError` 77 when this caller may not ask. A device may have been revoked since it came through the door. */
export function authorize(
  request: IncomingMessage,
  need: Need | undefined,
  access: Pick<Access, 'devices'>,
): void {
  const caller = callerOf(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const needed = need ?? (isRead ? 'viewer' : 'owner');
  if (rankOf(caller, access) >= RANK[needed]) return;
  if (rankOf(caller, access) === 0) throw notPaired();
  if (needed === 'box') {
    throw new UserError(
      'only-on-the-box',
      77,
      'this is done on the box itself',
      'log in there and use the command line',
    );
  }
  throw new UserError(
    'viewer-only-reads',
    77,
    'this device may only read',
    'an owner can pair it anew: imagetank pair',
  );
}

function rankOf(caller: Caller, { devices }: Pick<Access, 'devices'>): number {
  if (caller.kind === 'box') return RANK.box;
  if (caller.kind === 'stranger' || !devices.some(({ id }) => id === caller.device.id)) return RANK.anyone;
  return RANK[caller.device.role];
}

export const notPaired = (): UserError =>
  new UserError(
    'not-paired',
    77,
    'this needs a token',
    'pair this device: run imagetank pair on the box, or press its button three times',
  );
