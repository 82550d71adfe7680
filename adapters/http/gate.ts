import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { UserError } from '../../services/errors.ts';
import { problemOf } from './problems.ts';

/**
 * What the network may ask: in this version `/healthz` only. Stands in front of the router, so that a route that is
 * added later is closed to the network until somebody opens it here.
 * Returns true when the request may go on; otherwise it has been answered.
 */
export function passGate(
  request: IncomingMessage,
  response: ServerResponse,
  names: readonly string[],
): boolean {
  if (!isOwnName(request, names)) {
    refuse(response, 421, 'unknown-host', 'this host name is not mine', `use ${names[0] ?? 'the address'}`);
    return false;
  }
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')) return true;
  refuse(response, 401, 'not-paired', 'this needs a token', 'use the command line on the device');
  return false;
}

/** Names under which the box is known on a network. */
export const ownNames = (): readonly string[] => {
  const name = hostname().toLowerCase();
  return [name, `${name}.local`, 'imagetank.local', 'localhost'];
};

/** A page that rebinds its own name to our address (DNS rebinding) still sends its own name as Host. */
function isOwnName(request: IncomingMessage, names: readonly string[]): boolean {
  const host = (request.headers.host ?? '')
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');
  const own = (request.socket.localAddress ?? '').replace(/^::ffff:/, '');
  return host !== '' && (host === own || names.includes(host));
}

function refuse(response: ServerResponse, status: number, code: string, message: string, hint: string): void {
  const body = JSON.stringify({ ...problemOf(new UserError(code, 77, message, hint)), status });
  // The body of the request is not read: the connection cannot be used for another one.
  response.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
